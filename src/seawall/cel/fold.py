"""Work out at compile time what literals alone decide: a rule's parameters enter its expressions as literals.

Only what gives the same value, and an error exactly where the whole would, is folded: comparisons of whole numbers, the size
of a literal list, `!`, `?:` on a known condition, and `&&` and `||` where the other side is certainly a bool.
"""

import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from seawall.cel.checked import Call, Comprehension, Const, ListNode, MapNode, Node, Select

_COMPARISONS: Final[dict[str, Callable[[int, int], bool]]] = {
    "_<_": operator.lt,
    "_<=_": operator.le,
    "_>_": operator.gt,
    "_>=_": operator.ge,
    "_==_": operator.eq,
    "_!=_": operator.ne,
}


def fold(node: Node) -> Node:
    """A tree with the same meaning as `node`, which is not changed."""
    if isinstance(node, Call):
        target = fold(node.target) if node.target is not None else None
        return _call(replace(node, target=target, args=[fold(argument) for argument in node.args]))
    if isinstance(node, Select):
        return replace(node, operand=fold(node.operand))
    if isinstance(node, ListNode):
        return replace(node, elements=[fold(element) for element in node.elements])
    if isinstance(node, MapNode):
        return replace(node, entries=[(fold(key), fold(value), optional) for key, value, optional in node.entries])
    if isinstance(node, Comprehension):
        return replace(
            node,
            range=fold(node.range),
            init=fold(node.init),
            condition=node.condition,
            step=_fold_within(node.step),
            result=fold(node.result),
        )
    return node


def _fold_within(step: Node) -> Node:
    """A loop's step with its operands folded; the call itself stays, for it says which macro made the loop."""
    if isinstance(step, Call):
        return replace(step, args=[fold(argument) for argument in step.args])
    return fold(step)


def _call(node: Call) -> Node:
    function, args = node.function, node.args
    if function in ("_&&_", "_||_"):
        decisive = function == "_||_"
        for side, other in (args, args[::-1]):
            known = _bool(side)
            if known is decisive:
                return _known(node, decisive)
            if known is (not decisive) and other.type == "bool":
                return other
    elif function == "_?_:_":
        known = _bool(args[0])
        if known is not None:
            return args[1] if known else args[2]
    elif function == "!_":
        known = _bool(args[0])
        if known is not None:
            return _known(node, not known)
    elif function in _COMPARISONS and len(args) == 2:
        numbers = [_number(argument) for argument in args]
        if numbers[0] is not None and numbers[1] is not None:
            return _known(node, _COMPARISONS[function](numbers[0], numbers[1]))
    return node


def _known(node: Node, value: bool) -> Const:
    return Const(node.id, "bool", value)


def _bool(node: Node) -> bool | None:
    value: Any = node.value if isinstance(node, Const) else None
    return value if isinstance(value, bool) else None


def _number(node: Node) -> int | None:
    """The whole number that `node` certainly is: a literal, or the size of a literal list of literals."""
    if isinstance(node, Const) and type(node.value) is int:
        return node.value
    if isinstance(node, Call) and node.function == "size":
        (listed,) = ([node.target] if node.target is not None else []) + node.args
        if isinstance(listed, ListNode) and not listed.optional and all(isinstance(e, Const) for e in listed.elements):
            return len(listed.elements)
    return None
