"""The module of many tests: see `fuse`. What several of them read gets a name, in the loop where it can first be read."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from seawall.cel.checked import Call, Const, Ident, ListNode, MapNode, Node, Select
from seawall.cel.environment import Environment
from seawall.cel.fold import fold
from seawall.cel.fuse import FusedTest, Walk
from seawall.cel.generate_fast import FastWriter

Key = tuple[Any, ...]


@dataclass
class FusedWriter(FastWriter):
    """Writes the module. In a first pass it counts what the tests share; in a second, `chosen` of it gets names."""

    present: frozenset[str] = frozenset()
    chosen: set[Key] = field(default_factory=set)
    definitions: dict[Key, tuple[Node, str]] = field(default_factory=dict)
    seen: Counter[Key] = field(default_factory=Counter)
    names: dict[Key, str] = field(default_factory=dict)

    def write(self, tests: Sequence[FusedTest], environment: Environment, walk: Walk | None) -> str:
        """The text of the module."""
        value, element, outer = (f"v_{name}" for name in environment.variables)
        self.depth = 1
        self._define(0)
        if walk is None:
            self._tests(tests, environment, "None, None, ()")
        else:
            self._loop(value, walk.outer, outer if walk.inner is not None else element, "i")
            if walk.inner is not None:
                self._define(1)
                self._loop(outer, walk.inner, element, "j")
            self._define(2)
            held = f"{element}, {outer}, (i, j)" if walk.inner is not None else f"{element}, None, (i,)"
            self._tests(tests, environment, held)
        head = [f"{name} = {text}" for text, name in self.constants.items()]
        return "\n".join([*head, f"def program({value}, failures, doubts):", *self.lines, "    return None"]) + "\n"

    def _loop(self, root: str, path: Sequence[str], variable: str, position: str) -> None:
        *before, last = path
        steps = "".join(f".get({step!r}, {self.use('EMPTY')})" for step in before)
        self.emit(f"l_{position} = {root}{steps}.get({last!r}, {self.use('NO_ITEMS')})")
        self.emit(f"if l_{position}.__class__ is not list: raise TypeError")
        self.emit(f"{position} = -1")
        self.emit(f"for {variable} in l_{position}:")
        self.depth += 1
        self.emit(f"{position} += 1")

    def _tests(self, tests: Sequence[FusedTest], environment: Environment, held: str) -> None:
        from seawall.cel.program import check

        for number, test in enumerate(tests):
            outer, self.lines = self.lines, []
            start = self.depth
            self.depth += 1
            self.counts = False
            applies = True
            for condition in test.conditions:
                text = self.truth(fold(check(condition, environment).root))
                if text == "False":
                    applies = False
                    break
                if text != "True":
                    self.emit(f"if {text}:")
                    self.depth += 1
            if applies:
                text = self.truth(fold(check(test.text, environment).root))
                applies = text != "True"
                self.emit(f"if not {text}: failures.append(({number}, {held}))")
            body, self.lines = self.lines, outer
            self.depth = start
            if applies:
                self.emit("try:")
                if self.counts:
                    self.emit("    n = 0")
                self.lines += body
                self.emit(f"except Exception: doubts.append(({number}, {held}))")

    # ---- what is shared

    def _level(self, key: Key) -> int:
        """How deep in the loops a shared value can first be read: beside the value, the outer element or the element."""
        if key[0] in ("+", "join"):
            return max(self._level(part) for part in key[1:] if isinstance(part, tuple))
        return (0, 2, 1)[self.variables.index(key[0])]

    def _define(self, level: int) -> None:
        """Give names to the chosen values that can be read as soon as the variables of `level` are there."""
        for key in sorted((k for k in self.chosen if self._level(k) == level), key=lambda k: (_weight(k), repr(k))):
            node, default = self.definitions[key]
            text = self._write(node, default)
            name = self.fresh("h")
            self.emit(f"{name} = {text}")
            if key[-1] == "NO_ITEMS":
                self.emit(f"if {name}.__class__ is not list: raise TypeError")
            self.names[key] = name

    def _write(self, node: Node, default: str) -> str:
        if default:
            return super().chain(node, default)
        if isinstance(node, Select):
            return super()._select(node)
        return super().expression(node)

    def _share(self, key: Key | None, node: Node, default: str) -> str:
        if key is None:
            return self._write(node, default)
        self.seen[key] += 1
        self.definitions.setdefault(key, (node, default))
        return self.names.get(key) or self._write(node, default)

    def chain(self, node: Node, default: str) -> str:
        path = self._path(node)
        return self._share(None if path is None else (*path, default), node, default)

    def _select(self, node: Select) -> str:
        path = None if self.is_chain(node.operand) else self._path(node)
        return self._share(None if path is None else (*path, ""), node, "")

    def kind(self, node: Node) -> str:
        # A shared list was found to be one when it got its name, and sums of lists are lists.
        key = self._sum(node)
        if key is not None and key[0] != "join":
            return "list" if key in self.names or key[0] == "+" else "dyn"
        return super().kind(node)

    def expression(self, node: Node) -> str:
        if isinstance(node, Call) and node.function in ("_+_", "join"):
            return self._share(self._sum(node), node, "")
        if isinstance(node, Call) and node.function == "_!=_":
            return self._share(self._first_names(node), node, "")
        return super().expression(node)

    def _path(self, node: Node) -> Key | None:
        """The variable and the keys that lead to `node`, where nothing on the way can be absent unnoticed."""
        if isinstance(node, Ident):
            return (node.name,) if self.scope.get(node.name) == f"v_{node.name}" else None
        base: Node
        if isinstance(node, Select) and not node.test:
            base, step = node.operand, node.field
            if not self.is_chain(base):
                known = isinstance(base, Ident) and base.name == self.variables[0] and step in self.present
                return (base.name, step) if known and self._path(base) else None  # type: ignore[attr-defined]
        elif isinstance(node, Call) and node.function in ("_?._", "_[?_]", "_[_]") and self.is_chain(node):
            base, key = node.args
            if not isinstance(key, Const):
                return None
            step = key.value
        else:
            return None
        path = self._path(base)
        return None if path is None else (*path, step)

    def _sum(self, node: Node) -> Key | None:
        """The key of lists that are put together from shared ones, and of the text that they are joined to."""
        if isinstance(node, Call) and node.function == "_+_":
            parts = [self._sum(argument) for argument in node.args]
            return None if None in parts else ("+", *parts)
        if isinstance(node, Call) and node.function == "join" and node.target is not None:
            inner, separators = self._sum(node.target), [a.value for a in node.args if isinstance(a, Const)]
            return None if inner is None or len(separators) != len(node.args) else ("join", inner, *separators)
        if isinstance(node, Call) and node.function == "orValue" and node.target is not None:
            empty = isinstance(node.args[0], ListNode | MapNode) and not list(_parts(node.args[0]))
            path = self._path(node.target) if empty and self.is_chain(node.target) else None
            return None if path is None else (*path, self.use("NO_ITEMS"))
        return None

    def _first_names(self, node: Call) -> Key | None:
        """The key of `item.name != object.list[0].name`: how rules that speak once a value know its first element."""
        left, right = node.args
        if not (isinstance(left, Select) and isinstance(right, Select) and isinstance(right.operand, Call)):
            return None
        index = right.operand
        path = self._path(index.args[0]) if index.function == "_[_]" else None
        named = isinstance(left.operand, Ident) and left.operand.name == self.variables[1] and self._path(left.operand)
        if path is None or not named or left.test or right.test or not isinstance(index.args[1], Const):
            return None
        return ("+", (self.variables[1], left.field), path, (self.variables[0], index.args[1].value, right.field))


def _parts(node: Node) -> Iterator[Any]:
    if isinstance(node, ListNode):
        yield from node.elements
    elif isinstance(node, MapNode):
        yield from node.entries


def _weight(key: Key) -> int:
    """Shorter paths come first, for longer ones start from them, and sums after their parts."""
    if key[0] in ("+", "join"):
        return 100 + sum(_weight(part) for part in key[1:] if isinstance(part, tuple))
    return len(key)
