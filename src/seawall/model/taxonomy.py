"""The closed vocabularies: severities, layers, stages, verdicts and enforcement.

Every word here is the field's own (``docs/glossary.md``). Each is a string on the wire and in a rule file.
"""

from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is. Never multiplied with `Confidence`: they answer different questions."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Position in the order of urgency, 0 for `INFO` to 4 for `CRITICAL`."""
        return _SEVERITY_RANK[self]


_SEVERITY_RANK: dict[Severity, int] = {severity: rank for rank, severity in enumerate(Severity)}


class Confidence(StrEnum):
    """How sure the rule is that what it saw is what it names."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Layer(StrEnum):
    """Which of the four layers of the system a rule protects. The parent folder of a rule names it."""

    CLOUD = "cloud"
    CLUSTER = "cluster"
    CONTAINER = "container"
    CODE = "code"


class Stage(StrEnum):
    """Which stage of the pipeline holds a rule."""

    BUILD = "build"
    DEPLOY = "deploy"
    RUNTIME = "runtime"


class RuleStatus(StrEnum):
    """Where a rule stands in its life. A deprecated rule keeps its id, so that suppressions still resolve."""

    PREVIEW = "preview"
    STABLE = "stable"
    DEPRECATED = "deprecated"


class Verdict(StrEnum):
    """What one rule says of one item. `ERROR` and `UNKNOWN` are never a pass."""

    PASS = "pass"
    FAIL = "fail"
    ERROR = "error"
    SKIP = "skip"
    UNKNOWN = "unknown"


class Enforcement(StrEnum):
    """What a gate does with a fail; the values of ``validationActions`` in lower case."""

    DENY = "deny"
    WARN = "warn"
    AUDIT = "audit"
