"""Checks that Kubernetes makes when it compiles: literals of one kind, and calls whose operands are all literals.

An expression that the API server refuses is refused here with its words: cel-go's AST validators for aggregate, duration,
timestamp, regular expression and format literals, and the conversions and patterns that it works out ahead.
"""

import math
import re
from collections.abc import Callable
from typing import Any, Final

from seawall.cel.checked import Call, Const, ListNode, MapNode, Node, Select
from seawall.cel.errors import CelError
from seawall.cel.generate import Unsupported
from seawall.cel.scopes import children
from seawall.cel.values import to_key

_CONVERSIONS: Final = ("bool", "bytes", "double", "duration", "dyn", "int", "string", "timestamp", "type", "uint")
_FIELD: Final = re.compile("[_a-zA-Z][_a-zA-Z0-9]*")
_PATTERNS: Final = ("matches", "find", "findAll")


class _Varies(Exception):  # noqa: N818 (not an error: the value is known only when the expression runs)
    pass


def check_literals(node: Node, *, exact: bool = False, mixed: bool = False) -> None:
    """Raise `Unsupported` for the first literal below `node` that Kubernetes refuses.

    `exact`: a `dyn` beside another type is refused too, as in the API server; without it, what is `dyn` here may have a type
    there. `mixed` allows lists of several types.
    """
    if isinstance(node, ListNode) and not mixed:
        _same([(element, place in node.optional) for place, element in enumerate(node.elements)], exact)
    elif isinstance(node, MapNode) and not mixed:
        _same([(key, False) for key, _, _ in node.entries], exact)
        _same([(value, optional) for _, value, optional in node.entries], exact)
    elif isinstance(node, Select):
        if not _FIELD.fullmatch(node.field):
            raise Unsupported("unsupported syntax: '`'", node)
    elif isinstance(node, Const):
        if isinstance(node.value, float) and not math.isfinite(node.value):
            raise Unsupported("invalid double literal", node)
    elif isinstance(node, Call):
        _check_call(node)
        if node.function == "format":  # its list of arguments is of any types
            _check_format(node)
            mixed = True
    for child in children(node):
        check_literals(child, exact=exact, mixed=mixed)


def _same(nodes: list[tuple[Node, bool]], exact: bool) -> None:
    kind = None
    for node, optional in nodes:
        found = node.type.removeprefix("optional_type(").removesuffix(")") if optional else node.type
        if not exact and "dyn" in found:
            continue
        if kind is not None and found != kind:
            raise Unsupported(f"expected type '{kind}' but found '{found}'", node)
        kind = found


def _check_call(node: Call) -> None:
    operands = ([node.target] if node.target is not None else []) + node.args
    if node.function in ("duration", "timestamp") and isinstance(operands[0], Const) and operands[0].type == "string":
        try:
            _value(node)
        except CelError:
            raise Unsupported(f"invalid {node.function} argument", operands[0]) from None
    elif node.function == "flatten" and not node.args and node.target is not None:
        inner = node.target.type.removeprefix("list(")
        if inner != node.target.type and not inner.startswith(("list(", "dyn")):
            raise Unsupported(f"found no matching overload for 'flatten' applied to '{node.target.type}.()'", node)
    elif node.function == "matches" and isinstance(operands[-1], Const):
        _check_pattern(node, operands[-1], "invalid matches argument")
    elif node.function in _PATTERNS and len(operands) > 1:
        _check_pattern(node, operands[1], "program instantiation failed: {}")
    elif node.function in _CONVERSIONS:
        try:
            _value(node)
        except _Varies:
            pass
        except CelError as error:
            raise Unsupported(f"program instantiation failed: {error}", node) from None


def _check_pattern(node: Call, pattern: Node, message: str) -> None:
    from seawall.cel.functions.regex import compiled

    try:
        source = _value(pattern)
        if isinstance(source, str):
            compiled(source)
    except _Varies:
        pass
    except CelError as error:
        raise Unsupported(message.format(error), node) from None


def _value(node: Node) -> Any:
    """What a literal, or a conversion of one, is. Raises `_Varies` for all else and `CelError` where a conversion fails."""
    if isinstance(node, Const):
        return node.value
    if isinstance(node, ListNode) and not node.optional:
        return [_value(element) for element in node.elements]
    if isinstance(node, MapNode) and not node.message and not any(optional for _, _, optional in node.entries):
        return {to_key(_value(key)): _value(value) for key, value, _ in node.entries}
    if isinstance(node, Call) and node.function in _CONVERSIONS and node.target is None and len(node.args) == 1:
        from seawall.cel.names import load, resolve_function
        from seawall.cel.outcomes import invoke

        name = resolve_function(node.function, 1, member=False)
        convert: Callable[[Any], Any] = load(name or "")
        return invoke(convert, node.function, _value(node.args[0]))
    raise _Varies


def _check_format(node: Call) -> None:
    """A literal template is held to the types of its arguments where these are a list literal."""
    arguments = node.args[0]
    if not isinstance(node.target, Const) or not isinstance(arguments, ListNode):
        return
    from seawall.cel.functions.formatting import fill

    try:
        _, used = fill(str(node.target.value), arguments.elements, _check_clause)
    except CelError as error:
        raise Unsupported(str(error), node) from None
    if used < len(arguments.elements):
        counts = f"(expected {used}, got {len(arguments.elements)})"
        raise Unsupported(f"too many arguments supplied to string.format {counts}", node)


_RUNTIME_NAMES: Final = {"timestamp": "google.protobuf.Timestamp", "duration": "google.protobuf.Duration"}


def _check_clause(verb: str, _precision: int | None, argument: Any) -> str:
    from seawall.cel.functions.formatting import takes, wrong_type

    kind = argument.type.partition("(")[0]
    if kind == "dyn":
        return ""
    kind = _RUNTIME_NAMES.get(kind, kind)
    if not takes(verb, kind):
        raise wrong_type(verb, kind)
    if verb == "s" and isinstance(argument, ListNode | MapNode):
        for part in children(argument):
            _check_clause(verb, None, part)
    return ""
