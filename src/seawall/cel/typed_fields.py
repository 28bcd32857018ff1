"""Fields whose CEL type is known although their variable is plain data: `request.dryRun` is a bool, `variables.limit` an int.

The official checker knows typed fields only of protobuf messages, which plain data is not. So an expression is parsed once
with everything `dyn`, the paths that have a declared type are found in its tree, and it is checked again with each of them
written as one identifier of that type (and of the same length, so that places in the text stay true). In the resulting tree
they are selections again. `has(path)` keeps its meaning: it asks the data.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from seawall.cel.checked import Call, Checked, Comprehension, Ident, ListNode, MapNode, Node, Select, decode
from seawall.cel.environment import Environment, front_end
from seawall.cel.errors import CompileError
from seawall.cel.scopes import children


class FieldEnvironment(Environment):
    """An environment in which `fields` (a dotted path -> its CEL type) of the variables are known.

    A path that has declared fields below it, or stands in `closed`, has no others: naming one is an error when compiled. Where
    a variable `a_b` is declared, the field `a.b` is that variable.
    """

    exact_literals = True

    def __init__(
        self,
        variables: tuple[str, ...],
        *,
        types: Mapping[str, str],
        fields: Mapping[str, str],
        closed: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(variables, types=types)
        self.fields = dict(fields)
        self.closed = closed | {path[: path.rindex(".")] for path in fields}

    @property
    def key(self) -> str:
        """A text that is equal for equal environments, for caches."""
        return f"{super().key};{','.join(f'{path}:{kind}' for path, kind in sorted(self.fields.items()))}"

    @cached_property
    def typed_front_end(self) -> Any:
        """The official environment with an identifier for each field, beside the variables."""
        return front_end(
            self.variables, {**self.types, **{_identifier(path): kind for path, kind in self.fields.items()}}
        )

    @cached_property
    def untyped_front_end(self) -> Any:
        """The official environment in which every variable is `dyn`: a field can be selected from all of them."""
        return front_end(self.variables, {})

    def check(self, text: str) -> Checked:
        """Parse and check `text`. Raises `RuntimeError` as the front end does, and `CompileError` for an undefined field."""
        plain = decode(self.untyped_front_end.compile(text).serialize())
        edits: dict[int, tuple[int, str]] = {}
        for root, path, node in _paths(plain.root, frozenset(self.variables)):
            typed = self._longest(path, text, plain, node)
            start = plain.positions.get(root.id, -1)
            if typed is None or start < 0:
                continue
            found = re.compile(r"\s*\.\s*".join(typed.split("."))).match(text, start)
            # A comprehension variable of that very name keeps the field untyped; nothing else could tell the two apart.
            if found and not re.search(rf"\b{_identifier(typed)}\b", text):
                edits[start] = (found.end(), _identifier(typed).ljust(found.end() - start))
        if not edits:
            return decode(self.front_end.compile(text).serialize()) if self.types else plain
        for start in sorted(edits, reverse=True):
            end, replacement = edits[start]
            text = text[:start] + replacement + text[end:]
        checked = decode(self.typed_front_end.compile(text).serialize())
        names = {_identifier(path): path for path in self.fields if _identifier(path) not in self.variables}
        return Checked(_restore(checked.root, names), checked.positions)

    def _longest(self, path: tuple[str, ...], text: str, plain: Checked, node: Select) -> str | None:
        """The longest typed prefix of `path` that is not the very field that `has` asks for."""
        found = None
        for end in range(2, len(path) + 1):
            prefix = ".".join(path[:end])
            if prefix in self.fields:
                if not (node.test and end == len(path)):
                    found = prefix
                return found
            if prefix not in self.closed:
                if ".".join(path[: end - 1]) in self.closed:
                    from seawall.cel.program import place

                    raise CompileError(
                        f"undefined field '{path[end - 1]}'", *place(text, plain.positions.get(node.id, 0))
                    )
                return found
        return found


def _identifier(path: str) -> str:
    return path.replace(".", "_")


def _paths(node: Node, names: frozenset[str]) -> Iterator[tuple[Ident, tuple[str, ...], Select]]:
    """Yield each longest selection from a variable: its root, the names from there on, and the node."""
    if isinstance(node, Select):
        steps: list[str] = []
        inner: Node = node
        while isinstance(inner, Select):
            steps.append(inner.field)
            inner = inner.operand
        if isinstance(inner, Ident):
            if inner.name in names:
                yield inner, (inner.name, *reversed(steps)), node
            return
        yield from _paths(inner, names)
    elif isinstance(node, Comprehension):
        yield from _paths(node.range, names)
        yield from _paths(node.init, names)
        yield from _paths(node.result, names - {node.accu})
        hidden = names - {node.accu, node.var, node.var2}
        yield from _paths(node.condition, hidden)
        yield from _paths(node.step, hidden)
    else:
        for child in children(node):
            yield from _paths(child, names)


def _restore(node: Node, names: Mapping[str, str]) -> Node:
    """Put the selections back where the identifiers of fields stand."""
    if isinstance(node, Ident):
        path = names.get(node.name)
        if path is None:
            return node
        first, *steps = path.split(".")
        result: Node = Ident(node.id, "dyn", first)
        for step in steps:
            result = Select(node.id, "dyn", result, step)
        result.type = node.type
        return result
    if isinstance(node, Select):
        node.operand = _restore(node.operand, names)
    elif isinstance(node, Call):
        node.target = None if node.target is None else _restore(node.target, names)
        node.args = [_restore(argument, names) for argument in node.args]
    elif isinstance(node, ListNode):
        node.elements = [_restore(element, names) for element in node.elements]
    elif isinstance(node, MapNode):
        node.entries = [(_restore(key, names), _restore(value, names), flag) for key, value, flag in node.entries]
    elif isinstance(node, Comprehension):
        for part in ("range", "init", "condition", "step", "result"):
            setattr(node, part, _restore(getattr(node, part), names))
    return node
