"""What generated code does with errors and optionals, beyond the operators."""

from typing import Any, Final

from seawall.cel.errors import CelError, CelLimitError, CelUnknown
from seawall.cel.operators import insert, is_map, no_overload, set_entry, unwrap_entry
from seawall.cel.unknown import UNKNOWN
from seawall.cel.values import NONE, Optional, from_key

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
        raise no_overload(entries)
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
    """`value` if it is an optional; an error if it is not."""
    if isinstance(value, Optional):
        return value
    if value is UNKNOWN:
        raise CelUnknown
    raise no_overload(value)


def has_value(value: Any) -> bool:
    """`value.hasValue()`."""
    return to_optional(value) is not NONE
