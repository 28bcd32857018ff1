"""The facts about application code, as rules may read them. Part of `facts.catalogue`."""

from seawall.facts.fact_kind import FactKind

CODE_KINDS = (
    FactKind(
        name="CodePattern",
        scope="file",
        function="code_patterns:derive_code_patterns",
        about="A place in source code that has one of the forms of detectors/code.",
        fields={
            "detector": "the detector whose form it has",
            "language": "python, javascript, typescript, tsx, go or java",
            "path": "the file",
            "line": "the line where it begins",
            "text": "its text, *** where that may be a credential",
            "captures": "what each metavariable of the form stands for, by name",
            "says": "what is wrong with it, in words",
        },
    ),
    FactKind(
        name="Endpoint",
        scope="tree",
        function="endpoints:derive_endpoints",
        about="A route of a web application: what it answers to, whether its callers are authenticated, and who reaches it.",
        fields={
            "framework": "flask, fastapi, django, express, spring or net/http, each with those that are written like it",
            "language": "python, javascript, typescript, tsx, go or java",
            "path": "the file",
            "line": "the line of its declaration",
            "route": "the path that it answers to, with the prefix of its router",
            "methods": "the methods that it answers to; none: any",
            "title": "methods and route in words",
            "auth": "seen, none, or unknown where the text cannot tell",
            "guardedBeside": "how many routes of the same file are authenticated",
            "forStrangers": "whether its name says that it must answer anybody: login, health, static…",
            "forOperators": "whether its name says that it is for those who run the system: debug, actuator, admin…",
            "changes": "whether a method other than GET, HEAD and OPTIONS is answered",
            "reachedThrough": "the Ingresses and Services by which outsiders reach it, as far as the scan's manifests tell",
        },
    ),
    FactKind(
        name="ServedPorts",
        scope="tree",
        function="endpoints:derive_endpoints",
        about="The ports of a container whose image is named like a directory of the code, beside those that it listens on.",
        fields={
            "title": "the workload in words",
            "container": "name of the container",
            "code": "the directory whose name the image has",
            "listens": "the ports that the code listens on",
            "ports": "the container's ports, each with port, and served: whether the code listens on it",
        },
    ),
)
