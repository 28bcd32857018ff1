"""The fact about credentials, as rules may read it. Part of `facts.catalogue`."""

from seawall.facts.fact_kind import FactKind

CREDENTIAL_KINDS = (
    FactKind(
        name="Credential",
        scope="file",
        function="credentials:derive_credentials",
        about="A credential that stands in a file, or stood in one in the history. The value is in no field.",
        fields={
            "detector": "the shape that it has: an id of detectors/credentials",
            "title": "what it is, in words",
            "provider": "who issues it, or what it belongs to",
            "group": "cloud, code-hosting, package-registries, payment, messaging, delivery, monitoring, ai, databases, keys,"
            " kubernetes, tokens, services or assigned",
            "severity": "high, medium or low: what it opens",
            "confidence": "high for a shape that is certain, medium where a name says what it is",
            "name": "the name that it is assigned to, empty where there is none",
            "shown": "what may be shown of it: first and last characters, or ***",
            "identity": "a short digest, the same wherever the value stands",
            "path": "the file, with ! between an archive and what is in it",
            "line": "its line",
            "forTests": "whether the file belongs to tests or examples by its path",
            "encoded": "whether it stands in base64",
            "revoke": "how to take it back",
            "where": "name, encoding and commits in words, for messages",
            "firstCommit": "the commit that brought it, empty outside the history",
            "lastCommit": "the last commit that touched it, empty outside the history",
            "author": "who wrote the first commit",
            "date": "the day of it, ISO 8601",
        },
    ),
)
