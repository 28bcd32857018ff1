"""The checked expression that the official front end serialises, as a tree of ours.

The bytes are a `google.protobuf.Any` around `cel.expr.CheckedExpr` (cel-spec's `checked.proto` and `syntax.proto`). They are
read with a small decoder of the wire format, because the protobuf library costs more at start than the whole compiler.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from seawall.cel.values import Uint


@dataclass(slots=True)
class Node:
    """One expression. `id` is the key of its type and its position; `type` is as CEL writes it (`list(string)`, `dyn`)."""

    id: int
    type: str = "dyn"


@dataclass(slots=True)
class Const(Node):
    """A literal."""

    value: Any = None


@dataclass(slots=True)
class Ident(Node):
    """A variable, or the name of a type."""

    name: str = ""


@dataclass(slots=True)
class Select(Node):
    """`operand.field`, or `has(operand.field)` when `test` is set."""

    operand: Node = field(default_factory=lambda: Node(0))
    field: str = ""
    test: bool = False


@dataclass(slots=True)
class Call(Node):
    """A function, a method (`target` is set) or an operator; `function` is the resolved, full name."""

    target: Node | None = None
    function: str = ""
    args: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class ListNode(Node):
    """`[…]`; `optional` holds the indices of the `?` elements."""

    elements: list[Node] = field(default_factory=list)
    optional: frozenset[int] = frozenset()


@dataclass(slots=True)
class MapNode(Node):
    """`{…}`: (key, value, whether the entry is optional); `message` is set when it builds a message."""

    entries: list[tuple[Node, Node, bool]] = field(default_factory=list)
    message: str = ""


@dataclass(slots=True)
class Comprehension(Node):
    """A macro such as `all`, as the loop that it stands for."""

    var: str = ""
    var2: str = ""
    range: Node = field(default_factory=lambda: Node(0))
    accu: str = ""
    init: Node = field(default_factory=lambda: Node(0))
    condition: Node = field(default_factory=lambda: Node(0))
    step: Node = field(default_factory=lambda: Node(0))
    result: Node = field(default_factory=lambda: Node(0))


@dataclass(slots=True)
class Checked:
    """A checked expression: its tree, and the offset in code points at which each node (by id) stands in the text."""

    root: Node
    positions: dict[int, int]


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """The fields of a message: numbers as `int`, the rest as `bytes`."""
    at, end = 0, len(data)
    while at < end:
        tag, at = _varint(data, at)
        kind = tag & 7
        value: Any
        if kind == 0:
            value, at = _varint(data, at)
        elif kind == 2:
            size, at = _varint(data, at)
            value = data[at : at + size]
            at += size
        elif kind == 1:
            value = data[at : at + 8]
            at += 8
        elif kind == 5:
            value = data[at : at + 4]
            at += 4
        else:
            raise ValueError(f"wire type {kind} in a checked expression")
        yield tag >> 3, value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, at
        shift += 7


def _signed(number: int) -> int:
    return number - (1 << 64) if number >= 1 << 63 else number


def decode(data: bytes) -> Checked:
    """The checked expression in `data`, which `Expression.serialize()` gave."""
    reader = _Reader()
    body = next(value for number, value in _fields(data) if number == 2)
    root = b""
    for number, value in _fields(body):
        if number == 2:
            entry = dict(_fields(value))
            reader.names[entry.get(1, 0)] = dict(_fields(entry.get(2, b""))).get(1, b"").decode()
        elif number == 3:
            entry = dict(_fields(value))
            reader.types[entry.get(1, 0)] = _type(entry.get(2, b""))
        elif number == 4:
            root = value
        elif number == 5:
            for part, content in _fields(value):
                if part == 4:
                    entry = dict(_fields(content))
                    reader.positions[entry.get(1, 0)] = entry.get(2, 0)
    return Checked(reader.node(root), reader.positions)


_PRIMITIVES = {1: "bool", 2: "int", 3: "uint", 4: "double", 5: "string", 6: "bytes"}
_WELL_KNOWN = {1: "any", 2: "timestamp", 3: "duration"}


def _type(data: bytes) -> str:
    for number, value in _fields(data):
        if number == 1:
            return "dyn"
        if number == 2:
            return "null_type"
        if number == 3:
            return _PRIMITIVES.get(value, "dyn")
        if number == 4:
            return f"wrapper({_PRIMITIVES.get(value, 'dyn')})"
        if number == 5:
            return _WELL_KNOWN.get(value, "dyn")
        if number == 6:
            return f"list({_type(dict(_fields(value)).get(1, b''))})"
        if number == 7:
            entry = dict(_fields(value))
            return f"map({_type(entry.get(1, b''))}, {_type(entry.get(2, b''))})"
        if number == 9:
            return str(value, "utf-8")
        if number == 11:
            return "type"
        if number == 14:
            name, *parameters = ((n, v) for n, v in _fields(value))
            inner = ", ".join(_type(v) for _, v in parameters)
            return str(name[1], "utf-8") + (f"({inner})" if inner else "")
    return "dyn"


class _Reader:
    """Builds nodes; holds the tables that a message keeps beside its tree."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self.types: dict[int, str] = {}
        self.positions: dict[int, int] = {}

    def node(self, data: bytes) -> Node:
        identity, kind, body = 0, 0, b""
        for number, value in _fields(data):
            if number == 2:
                identity = value
            else:
                kind, body = number, value
        type_ = self.types.get(identity, "dyn")
        if kind == 3:
            return Const(identity, type_, _constant(body))
        if kind == 4:
            name = self.names.get(identity) or dict(_fields(body)).get(1, b"").decode()
            return Ident(identity, type_, name)
        if kind == 5:
            entry = dict(_fields(body))
            if self.names.get(identity):  # a qualified name, such as google.protobuf.Timestamp
                return Ident(identity, type_, self.names[identity])
            return Select(identity, type_, self.node(entry[1]), entry[2].decode(), bool(entry.get(3)))
        if kind == 6:
            return self._call(identity, type_, body)
        if kind == 7:
            elements, optional = [], set[int]()
            for number, value in _fields(body):
                if number == 1:
                    elements.append(self.node(value))
                elif isinstance(value, int):
                    optional.add(value)
                else:
                    at = 0
                    while at < len(value):
                        place, at = _varint(value, at)
                        optional.add(place)
            return ListNode(identity, type_, elements, frozenset(optional))
        if kind == 8:
            return self._struct(identity, type_, body)
        if kind == 9:
            entry = dict(_fields(body))
            texts = {n: entry.get(n, b"").decode() for n in (1, 3, 8)}
            nodes = [self.node(entry.get(n, b"")) for n in (2, 4, 5, 6, 7)]
            return Comprehension(identity, type_, texts[1], texts[8], nodes[0], texts[3], *nodes[1:])
        raise ValueError(f"expression kind {kind} in a checked expression")

    def _call(self, identity: int, type_: str, body: bytes) -> Node:
        target, function, args = None, "", []
        for number, value in _fields(body):
            if number == 1:
                target = value
            elif number == 2:
                function = value.decode()
            else:
                args.append(self.node(value))
        resolved = self.names.get(identity) or function
        if resolved != function and "." in resolved:  # lists.range(3): the "target" was a part of the name
            return Call(identity, type_, None, resolved, args)
        return Call(identity, type_, self.node(target) if target is not None else None, function, args)

    def _struct(self, identity: int, type_: str, body: bytes) -> Node:
        message, entries = "", []
        for number, value in _fields(body):
            if number == 1:
                message = value.decode()
                continue
            entry = dict(_fields(value))
            key = self.node(entry[3]) if 3 in entry else Const(0, "string", entry.get(2, b"").decode())
            entries.append((key, self.node(entry[4]), bool(entry.get(5))))
        return MapNode(identity, type_, entries, message)


def _constant(data: bytes) -> Any:
    for number, value in _fields(data):
        if number == 1:
            return None
        if number == 2:
            return bool(value)
        if number == 3:
            return _signed(value)
        if number == 4:
            return Uint(value)
        if number == 5:
            return struct.unpack("<d", value)[0]
        if number == 6:
            return value.decode()
        if number == 7:
            return value
    raise ValueError("a constant of an unknown kind in a checked expression")
