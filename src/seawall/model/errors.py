"""The errors that Seawall raises on purpose.

Three outcomes have three types (``docs/architecture.md``): a *finding* says that the world is bad, a `SeawallError` says
that we could not tell, and a `RuntimeError` says that the caller made a mistake. Each `SeawallError` names the thing,
the place and the way out.
"""


class SeawallError(Exception):
    """Something that Seawall was asked to do could not be done.

    `place` is where (``path:line`` or a resource), `remedy` what the reader can do about it; both may be empty.
    """

    def __init__(self, message: str, *, place: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.remedy = remedy

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        return f"{text} ({self.remedy})" if self.remedy else text


class UsageError(SeawallError):
    """The command line or the configuration asks for something that does not exist or does not fit together."""


class RuleError(SeawallError):
    """A rule, a policy or a rule set cannot be loaded or compiled. It stops the program and is never a finding."""


class SourceError(SeawallError):
    """A source (file, chart, cluster, registry) could not hand over what it was asked for."""
