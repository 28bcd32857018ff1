"""The values of CEL that plain Python data has no type for.

A CEL `int` is a Python `int`, `double` is `float`, `string`, `bytes`, `bool` and `null` are themselves, a list is a `list`
and a map is a `dict` (keys: see `MapKey`). The rest is here, each an immutable value with the equality of CEL.
"""

from collections.abc import Hashable
from typing import Any, Final

from seawall.cel.errors import CelError

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1
UINT_MAX: Final = 2**64 - 1


class Uint(int):
    """CEL's 64-bit unsigned integer; equal to the `int` and `double` of the same number, as in CEL."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{int(self)}u"

    __str__ = int.__repr__


class BoolKey:
    """A bool as key of a map that an expression built: in Python `True` and `1` would be one key, in CEL they are two."""

    __slots__ = ("value",)

    def __init__(self, value: bool) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BoolKey) and other.value is self.value

    def __hash__(self) -> int:
        return 7 + self.value

    def __repr__(self) -> str:
        return str(self.value)


class Duration:
    """A span of time in whole nanoseconds, within ±2^63 ns as in the API server."""

    __slots__ = ("nanos",)

    def __init__(self, nanos: int) -> None:
        self.nanos = nanos

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Duration) and other.nanos == self.nanos

    def __hash__(self) -> int:
        return hash(("duration", self.nanos))

    def __repr__(self) -> str:
        return f"Duration({self.nanos})"


class Timestamp:
    """A point in time in nanoseconds since 1970-01-01T00:00:00Z, from year 1 to year 9999.

    `offset` is the time zone in which it was written, in seconds east of UTC: only its text shows it.
    """

    __slots__ = ("nanos", "offset")

    def __init__(self, nanos: int, offset: int = 0) -> None:
        self.nanos = nanos
        self.offset = offset

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timestamp) and other.nanos == self.nanos

    def __hash__(self) -> int:
        return hash(("timestamp", self.nanos))

    def __repr__(self) -> str:
        return f"Timestamp({self.nanos})"


class Optional:
    """`optional.of(value)`, or `optional.none()` which is the one instance `NONE`."""

    __slots__ = ("content",)

    def __init__(self, content: Any) -> None:
        self.content = content

    def __eq__(self, other: object) -> bool:
        from seawall.cel.operators import equals

        if not isinstance(other, Optional):
            return False
        if self is NONE or other is NONE:
            return self is other
        return bool(equals(self.content, other.content))

    def __hash__(self) -> int:
        return hash(("optional", self.content if isinstance(self.content, Hashable) else 0))

    def __repr__(self) -> str:
        return "optional.none()" if self is NONE else f"optional.of({self.content!r})"


NONE: Final = Optional(None)


class CelType:
    """A type as a value, as `type(x)` gives it; types are equal when their names are."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CelType) and other.name == self.name

    def __hash__(self) -> int:
        return hash(("type", self.name))

    def __repr__(self) -> str:
        return self.name


class Opaque:
    """Base of the Kubernetes library's own types (quantity, url, ip, cidr, semver, format, authorizer).

    A subclass names its CEL type in `cel_type` and says in `same` when it equals another value of its type. The API server's
    `==` with one of these on its left and a value of another type on its right is an error, so `==` raises here, too.
    """

    __slots__ = ()
    cel_type: str = ""

    def same(self, other: Any) -> bool:
        """Whether `other`, which is of the same type, is equal."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        if type(other) is type(self):
            return self.same(other)
        raise CelError("no such overload")

    def __hash__(self) -> int:
        return id(self)


_TYPE_NAMES: Final[dict[type, str]] = {
    bool: "bool",
    int: "int",
    Uint: "uint",
    float: "double",
    str: "string",
    bytes: "bytes",
    list: "list",
    dict: "map",
    type(None): "null_type",
    Duration: "google.protobuf.Duration",
    Timestamp: "google.protobuf.Timestamp",
    Optional: "optional_type",
    CelType: "type",
}


def type_name(value: Any) -> str:
    """CEL's name for the type of `value`."""
    name = _TYPE_NAMES.get(type(value))
    if name is not None:
        return name
    if isinstance(value, Opaque):
        return value.cel_type
    for base in (list, dict, str):
        if isinstance(value, base):
            return _TYPE_NAMES[base]
    return "map" if hasattr(value, "keys") else type(value).__name__


def to_key(value: Any) -> Any:
    """The Python key under which a map that an expression built holds the CEL key `value`."""
    return BoolKey(value) if type(value) is bool else value


def from_key(key: Any) -> Any:
    """The CEL value of a Python key; the inverse of `to_key`."""
    return key.value if type(key) is BoolKey else key
