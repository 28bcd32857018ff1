"""Checks of literals that Kubernetes makes when it compiles: one kind in a list or map, well-formed durations and patterns."""

from seawall.cel.checked import Call, Const, ListNode, MapNode, Node
from seawall.cel.errors import CelError
from seawall.cel.generate import Unsupported
from seawall.cel.scopes import children


def check_literals(node: Node, *, exact: bool = False, mixed: bool = False) -> None:
    """Raise `Unsupported` for the first literal below `node` that Kubernetes refuses.

    `exact`: a `dyn` beside another type is refused too, as in the API server; without it, what is `dyn` here may have a type
    there. `mixed` allows lists of several types.
    """
    if isinstance(node, ListNode) and not mixed:
        _same([element for place, element in enumerate(node.elements) if place not in node.optional], exact)
    elif isinstance(node, MapNode) and not mixed:
        _same([key for key, _, _ in node.entries], exact)
        _same([value for _, value, optional in node.entries if not optional], exact)
    elif isinstance(node, Call):
        _check_call(node)
        if node.function == "format":  # its list of arguments is of any types
            if node.target is not None:
                check_literals(node.target, exact=exact)
            for argument in node.args:
                check_literals(argument, exact=exact, mixed=True)
            return
    for child in children(node):
        check_literals(child, exact=exact, mixed=mixed)


def _same(nodes: list[Node], exact: bool) -> None:
    kind = None
    for node in nodes:
        if not exact and (node.type == "dyn" or "dyn" in node.type):
            continue
        if kind is not None and node.type != kind:
            raise Unsupported(f"expected type '{kind}' but found '{node.type}'", node)
        kind = node.type


def _check_call(node: Call) -> None:
    operands = ([node.target] if node.target is not None else []) + node.args
    literal = operands[-1] if operands else None
    if not isinstance(literal, Const) or not isinstance(literal.value, str):
        return
    if node.function == "matches":
        from seawall.cel.functions.regex import compiled

        try:
            compiled(literal.value)
        except CelError as error:
            raise Unsupported(f"invalid matches argument: {error}", literal) from None
    elif node.function in ("duration", "timestamp"):
        from seawall.cel.functions.times import to_duration_value, to_timestamp_value

        try:
            (to_duration_value if node.function == "duration" else to_timestamp_value)(literal.value)
        except CelError:
            raise Unsupported(f"invalid {node.function} argument", literal) from None
