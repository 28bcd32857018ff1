"""What generated code does with errors and optionals, beyond the operators."""

from collections.abc import Callable
from typing import Any, Final

from seawall.cel.errors import CelError, CelLimitError, CelUnknown, NoOverload
from seawall.cel.operators import insert, is_map, no_overload, set_entry, unwrap_entry
from seawall.cel.unknown import UNKNOWN
from seawall.cel.values import NONE, Optional, from_key, type_name

FAULTS: Final = (CelError, CelUnknown)
EMPTY: Final[dict[str, Any]] = {}  # what an absent map reads as; nothing writes to it
NO_ITEMS: Final[list[Any]] = []  # what an absent list reads as; nothing writes to it
CONTAINERS: Final = frozenset((list, dict))


def merge_faults(first: Exception | None, second: Exception) -> Exception:
    """The fault of an operation with two of them: an unknown before an error, the first before the second.

    A limit is raised at once, for nothing may absorb it.
    """
    if isinstance(second, CelLimitError):
        raise second
    if first is None or (isinstance(second, CelUnknown) and not isinstance(first, CelUnknown)):
        return second
    return first


def insert_all(mapping: dict[Any, Any], entries: Any) -> None:
    """Put the entries that `transformMapEntry` made into its map."""
    if not is_map(entries):
        raise NoOverload(f"{no_overload(entries)}: cel.@mapInsert(map, {type_name(entries)})")
    for key in entries:
        insert(mapping, from_key(key), entries[key])


def set_optional_entry(mapping: dict[Any, Any], key: Any, value: Any) -> None:
    """`{?key: value}`."""
    optional = unwrap_entry(value)
    if optional is not NONE:
        set_entry(mapping, key, optional.content)


def spread(value: Any) -> tuple[Any, ...]:
    """`[?value]`: the elements that it adds, one or none."""
    optional = unwrap_entry(value)
    return () if optional is NONE else (optional.content,)


def to_optional(value: Any) -> Optional:
    """The optional that `or` and `orValue` work on: cel-go lets a value that is none pass for one that is there."""
    if isinstance(value, Optional):
        return value
    if value is UNKNOWN:
        raise CelUnknown
    return Optional(value)


def expect_optional(value: Any) -> Optional:
    """`value` if it is an optional; an error if it is not."""
    if isinstance(value, Optional):
        return value
    raise no_overload(value)


def has_value(value: Any) -> bool:
    """`value.hasValue()`."""
    return expect_optional(value) is not NONE


def invoke(function: Callable[..., Any], name: str, *operands: Any) -> Any:
    """The result of a library function; when it is not defined on the operands, the error says which function and types."""
    try:
        return function(*operands)
    except NoOverload:
        raise NoOverload("no such overload" + _of_which(name, operands)) from None


def _of_which(name: str, operands: tuple[Any, ...]) -> str:
    kinds = [type_name(operand) for operand in operands]
    if name == "flatten" and len(operands) == 1:
        return f": {'map(dyn, dyn)' if kinds[0] == 'map' else kinds[0]}.flatten()"
    if name in ("size", "sort"):  # the types that have methods of their own are asked for this one, and say less
        return "" if kinds[0] in ("string", "google.protobuf.Duration", "google.protobuf.Timestamp") else f": {name}"
    return f": {name}({', '.join(kinds)})"
