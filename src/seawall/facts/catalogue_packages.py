"""The facts about packages and their flaws, as rules may read them. Part of `facts.catalogue`."""

from seawall.facts.fact_kind import FactKind

PACKAGE_KINDS = (
    FactKind(
        name="Package",
        scope="package",
        function="inventory:derive_packages",
        about="A package that a lockfile names or that is installed in an image.",
        fields={
            "purl": "its package URL",
            "name": "its name as its ecosystem writes it",
            "version": "its version, empty where the file does not fix one",
            "ecosystem": "the OSV ecosystem without its release, empty where there is none",
            "distro": "the distribution and its release, for a distribution's package",
            "sourceName": "the distribution source package that it was built from",
            "sourceVersion": "and that one's version",
            "architecture": "the architecture that it is built for, empty where none is stated",
            "licences": "the licences that the file states",
            "path": "the file that names it, with ! between an archive and what is in it",
            "line": "the line, 0 in a file without lines",
            "required": "directly, indirectly or unknown",
            "parents": "the purls of what requires it",
            "chain": "the purls from what is required directly down to it",
            "imageLayer": "the image layer that brings it",
            "instruction": "the build instruction that brings it",
            "buildLine": "its place in a Dockerfile that is scanned with the image (Dockerfile:7), empty where there is none",
            "scope": "dev, optional or empty",
        },
    ),
    FactKind(
        name="Vulnerability",
        scope="package",
        function="vulnerabilities:derive_vulnerabilities",
        about="A flaw of a package, from the advisory database: how bad it is, who exploits it, and what fixes it.",
        fields={
            "id": "its best known name: the CVE where it has one",
            "aliases": "its other names",
            "title": "package, version, who brings it in, and the flaw, in words",
            "rating": "KEV, CVSS or the publisher's word, and EPSS, in words; not rated where there is none of them",
            "remedy": "the way out in words: upgrade to a version, or none is known",
            "summary": "the advisory's own summary, empty where it has none",
            "priority": (
                "known-exploited, likely-exploited, critical, high, medium, low or unrated: the first that holds of KEV, EPSS"
                " (from the parameter of the rule vulnerability-likely-exploited on) and CVSS or the publisher's word"
            ),
            "cvss": "the CVSS score from 0.0 to 10.0, -1.0 where there is none",
            "cvssVector": "the vector that it was computed from",
            "publisherSeverity": "the publisher's word in lower case, empty where there is none",
            "epss": "FIRST's estimate from 0.0 to 1.0 that it is exploited in the next 30 days, -1.0 where there is none",
            "epssPercentile": "its rank among all CVEs, -1.0 where there is none",
            "kev": "whether CISA knows it to be exploited",
            "kevSince": "the day on which CISA listed it, empty where it did not",
            "ransomware": "whether CISA knows it from a ransomware campaign",
            "fixedVersion": "the first version without it, empty where none is known",
            "package": "the package, with the fields of the fact Package",
        },
    ),
    FactKind(
        name="AdvisoryDatabase",
        scope="package",
        function="vulnerabilities:derive_databases",
        about="The advisory database that the packages of this scan were held against.",
        fields={
            "built": "when it was built, ISO 8601, empty where it does not say",
            "sources": "where its advisories are from, each with name, newest (day of its newest record) and ageDays",
            "ageDays": "days since the source that was read longest ago was read, -1 where a source does not say",
            "oldest": "the name of that source",
        },
    ),
    FactKind(
        name="DependencyUse",
        scope="project",
        function="dependency_use:derive_dependency_uses",
        about="A run-time dependency that a project declares, and whether anything in the repository uses it.",
        fields={
            "name": "the package, as the project writes it",
            "ecosystem": "PyPI or npm",
            "path": "the file that declares it",
            "line": "its line there",
            "use": "imported, named (in a configuration or a script), implied (another package loads it), unknown or none",
            "where": "the file that names it, the package that loads it, or the import that may be it",
        },
    ),
)
