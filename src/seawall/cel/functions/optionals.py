"""Optional values."""

from typing import Any

from seawall.cel.errors import CelError, CelUnknown
from seawall.cel.operators import is_map, no_overload
from seawall.cel.outcomes import expect_optional
from seawall.cel.unknown import UNKNOWN
from seawall.cel.values import NONE, Duration, Optional, Timestamp


def optional_of(value: Any) -> Optional:
    if value is UNKNOWN:
        raise CelUnknown
    return Optional(value)


def optional_none() -> Optional:
    return NONE


def of_non_zero(value: Any) -> Optional:
    """`optional.ofNonZeroValue(value)`: none for zero, empty, false and null."""
    if value is UNKNOWN:
        raise CelUnknown
    if isinstance(value, Duration):
        zero = value.nanos == 0
    elif isinstance(value, Timestamp):
        zero = value.nanos == -62_135_596_800 * 10**9  # Go's zero time
    elif value is None or isinstance(value, bool | int | float | str | bytes | list) or is_map(value):
        zero = not value
    else:
        zero = False
    return NONE if zero else Optional(value)


def value_of(value: Any) -> Any:
    """`optional.value()`."""
    optional = expect_optional(value)
    if optional is NONE:
        raise CelError("optional.none() dereference")
    return optional.content


def has_content(value: Any) -> bool:
    """`optional.hasValue()`."""
    return expect_optional(value) is not NONE


def unwrap_all(values: Any) -> list[Any]:
    """The contents of the optionals in a list that have one."""
    if not isinstance(values, list):
        raise no_overload(values)
    return [optional.content for optional in map(expect_optional, values) if optional is not NONE]
