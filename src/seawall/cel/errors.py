"""What can go wrong with an expression: before it runs, while it runs, and because a value is not known.

The words of a `CelError` are those of the Kubernetes API server's evaluator, so that a message in a report and a message
of the API server read alike.
"""


class CompileError(Exception):
    """The text is not a valid expression of the environment. `line` is 1-based, `column` 1-based; 0 where not known."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.message}" if self.line else self.message


class CelError(Exception):
    """The evaluation of an expression ended in CEL's error value."""


class NoOverload(CelError):  # noqa: N818 (CEL's own word)
    """An operation is not defined on the types of its operands."""


class CelLimitError(CelError):
    """The evaluation was stopped because it grew too large; `&&` and `||` do not absorb this error."""


class CelUnknown(Exception):  # noqa: N818 (an unknown is a third outcome, not an error)
    """An unknown value reached the result, so the expression has no answer."""

    def __init__(self, message: str = "the result depends on a value that is not known") -> None:
        super().__init__(message)
