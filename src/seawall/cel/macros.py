"""Which macro a comprehension came from: the checker hands over the loop, generated code wants its meaning."""

from dataclasses import dataclass
from enum import Enum

from seawall.cel.checked import Call, Comprehension, Const, ListNode, MapNode, Node


class Shape(Enum):
    """The meanings that a loop can have."""

    ALL = "all"
    EXISTS = "exists"
    EXISTS_ONE = "exists_one"
    LIST = "list"  # map, filter, transformList: appends `element` where `condition` holds
    MAP = "map"  # transformMap: inserts `element` under the first variable
    ENTRY = "entry"  # transformMapEntry: inserts the entries of the map `element`
    BIND = "bind"  # cel.bind, optMap: gives `range` a name


@dataclass(slots=True)
class Macro:
    """A loop with its meaning. `condition` is the macro's predicate, `element` what it collects; None where it has none."""

    shape: Shape
    source: Node
    condition: Node | None = None
    element: Node | None = None


def recognise(loop: Comprehension) -> Macro | None:
    """The macro that `loop` stands for; None for a loop that no macro of the environment makes."""
    step, init = loop.step, loop.init
    if isinstance(loop.condition, Const) and loop.condition.value is False:
        return Macro(Shape.BIND, init, element=loop.result)
    if not isinstance(step, Call):
        return None
    if step.function == "_&&_":
        return Macro(Shape.ALL, loop.range, condition=step.args[1])
    if step.function == "_||_":
        return Macro(Shape.EXISTS, loop.range, condition=step.args[1])
    condition: Node | None = None
    if step.function == "_?_:_":
        condition, step = step.args[0], step.args[1]
        if isinstance(init, Const):
            return Macro(Shape.EXISTS_ONE, loop.range, condition=condition)
    if not isinstance(step, Call):
        return None
    if isinstance(init, ListNode) and step.function == "_+_" and isinstance(step.args[1], ListNode):
        return Macro(Shape.LIST, loop.range, condition, step.args[1].elements[0])
    if isinstance(init, MapNode) and step.function == "cel.@mapInsert":
        shape = Shape.MAP if len(step.args) == 3 else Shape.ENTRY
        return Macro(shape, loop.range, condition, step.args[-1])
    return None
