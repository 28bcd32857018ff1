"""Functions that the fast form writes as native Python instead of a call, and the functions whose result type is certain."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from seawall.cel.checked import Const, Node

if TYPE_CHECKING:
    from seawall.cel.generate_fast import FastWriter

_RESULTS: Final = {
    "bool": (
        "_&&_ _||_ !_ _==_ _!=_ _<_ _<=_ _>_ _>=_ @in startsWith endsWith contains matches hasValue bool isSorted isURL isIP"
        " ip.isCanonical isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast isCIDR containsIP"
        " containsCIDR isQuantity isInteger isSemver isGreaterThan isLessThan allowed errored"
        " sets.contains sets.equivalent sets.intersects"
    ),
    "int": (
        "size int indexOf lastIndexOf family prefixLength sign asInteger compareTo major minor patch getFullYear getMonth"
        " getDayOfYear getDayOfMonth getDate getDayOfWeek getHours getMinutes getSeconds getMilliseconds"
    ),
    "uint": "uint",
    "double": "double asApproximateFloat",
    "string": (
        "string charAt join lowerAscii upperAscii replace substring trim strings.quote format find getScheme getHost"
        " getHostname getPort getEscapedPath error reason"
    ),
    "bytes": "bytes",
    "list": "split findAll slice flatten sort @sortByAssociatedKeys lists.range distinct reverse optional.unwrap unwrapOpt",
    "map": "getQuery",
    "duration": "duration",
    "timestamp": "timestamp",
    "optional_type": "optional.of optional.none optional.ofNonZeroValue first last validate format.named _?._ _[?_]",
}
_RESULT_OF: Final = {name: kind for kind, names in _RESULTS.items() for name in names.split()}


def result_type(function: str) -> str:
    """The type that `function` always gives when it gives a value; `dyn` where that depends on its operands."""
    return _RESULT_OF.get(function, "dyn")


def _size(writer: "FastWriter", operands: Sequence[Node]) -> str:
    return f"len({writer.expression(operands[0])})"


def _prefix(method: str) -> Callable[["FastWriter", Sequence[Node]], str | None]:
    def write(writer: "FastWriter", operands: Sequence[Node]) -> str | None:
        if writer.kind(operands[1]) != "string":
            return None
        return f"{writer.operand(operands[0])}.{method}({writer.expression(operands[1])})"

    return write


def _holds(writer: "FastWriter", operands: Sequence[Node]) -> str | None:
    if writer.kind(operands[0]) == writer.kind(operands[1]) == "string":
        return f"({writer.expression(operands[1])} in {writer.expression(operands[0])})"
    if isinstance(operands[1], Const):
        part, name = writer.literal(operands[1]), writer.fresh()
        slow = f"{writer.use('holds_text')}({name}, {part})"
        return f"({part} in {name} if ({name} := {writer.expression(operands[0])}).__class__ is str else {slow})"
    return None


def _join(writer: "FastWriter", operands: Sequence[Node]) -> str | None:
    separator = operands[1] if len(operands) == 2 else None
    if writer.kind(operands[0]) != "list" or not isinstance(separator, Const) or writer.loops:
        return None
    return f"{writer.literal(separator)}.join({writer.expression(operands[0])})"  # what is no string raises


def _matches(writer: "FastWriter", operands: Sequence[Node]) -> str | None:
    expression = operands[1]
    if not isinstance(expression, Const) or not isinstance(expression.value, str):
        return None
    compiled = writer.constant("P", f"{writer.use('pattern')}({expression.value!r})")
    return f"{compiled}({writer.expression(operands[0])})"


def _dyn(writer: "FastWriter", operands: Sequence[Node]) -> str:
    return writer.expression(operands[0])


INLINE: Final[dict[tuple[str, int], Callable[..., Any]]] = {
    ("size", 1): _size,
    ("startsWith", 2): _prefix("startswith"),
    ("endsWith", 2): _prefix("endswith"),
    ("contains", 2): _holds,
    ("join", 2): _join,
    ("matches", 2): _matches,
    ("dyn", 1): _dyn,
}
