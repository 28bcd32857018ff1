"""The operators of CEL on values whose types are only known when they run.

Every function checks its operands as cel-go does, returns a value of CEL and raises `CelError` with cel-go's words. `UNKNOWN`
operands raise `CelUnknown`. Generated code uses these where the checker could not tell the types, and again for the exact
outcome when its fast form met something unexpected.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any, Final

from seawall.cel.errors import CelError, CelLimitError, CelUnknown, NoOverload
from seawall.cel.unknown import UNKNOWN
from seawall.cel.values import (
    INT_MAX,
    INT_MIN,
    NONE,
    UINT_MAX,
    BoolKey,
    CelType,
    Duration,
    Opaque,
    Optional,
    Timestamp,
    Uint,
    from_key,
    type_name,
)

# The most iterations and the largest string or list that one evaluation may reach. Kubernetes stops an expression at a
# cost of 1,000,000, where one iteration costs at least 1, so no policy that works there meets these limits.
ITERATION_LIMIT: Final = 1_000_000
SIZE_LIMIT: Final = 10_000_000
MISSING: Final = object()


def no_overload(*operands: Any) -> NoOverload:
    """The error of an operation that is not defined on these operands (an unknown among them comes first)."""
    if any(operand is UNKNOWN for operand in operands):
        raise CelUnknown
    return NoOverload("no such overload")


def over_limit() -> CelLimitError:
    """The error of an evaluation that grew too large."""
    return CelLimitError("operation cancelled: actual cost limit exceeded")


def is_map(value: Any) -> bool:
    """Whether `value` is a map: a `dict`, or a mapping that works its values out when they are asked for."""
    return isinstance(value, dict) or (value is not UNKNOWN and hasattr(type(value), "keys"))


def show(value: Any) -> str:
    """`value` as cel-go prints it in an error message."""
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is float and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return str(value)


def equals(a: Any, b: Any) -> bool:
    """CEL's `==`: numbers by value over all numeric types, everything else only within its own type."""
    ta, tb = type(a), type(b)
    if ta is tb:
        if ta is list:
            return len(a) == len(b) and all(map(_no_difference, a, b))
        if ta is dict:
            return _maps_equal(a, b)
        return bool(a == b)
    if a is UNKNOWN or b is UNKNOWN:
        raise CelUnknown
    if isinstance(a, int | float) and isinstance(b, int | float):
        return ta is not bool and tb is not bool and order(a, b) == 0
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_no_difference, a, b))
    if is_map(a) and is_map(b):
        return _maps_equal(a, b)
    if isinstance(a, Opaque) and b is not None:
        return bool(a == b)
    return bool(a == b) if isinstance(a, str) and isinstance(b, str) else False


def _no_difference(a: Any, b: Any) -> bool:
    # Within lists and maps cel-go asks whether a pair is not unequal: an error, which Kubernetes' own types can give, passes.
    try:
        return equals(a, b)
    except CelError:
        return True


def found_equal(a: Any, b: Any) -> bool:
    """Whether `a == b` is true in a search (`in`, `indexOf`): an error is no match."""
    try:
        return equals(a, b)
    except CelError:
        return False


def _maps_equal(a: Any, b: Any) -> bool:
    if len(a) != len(b):
        return False
    for key in a:
        other = find(b, from_key(key))
        if other is MISSING or not _no_difference(a[key], other):
            return False
    return True


def order(a: Any, b: Any) -> int | None:
    """-1, 0 or 1 as the number `a` is below, equal to or above the number `b`; None where one is NaN."""
    if isinstance(a, float) or isinstance(b, float):
        if math.isnan(a) or math.isnan(b):
            return None
        if not isinstance(a, float):
            a = _clip(a, b)
        elif not isinstance(b, float):
            b = _clip(b, a)
    return int(a > b) - int(a < b)


def _clip(whole: int, other: float) -> float | int:
    # cel-go compares an integer with a double as doubles, unless the double is outside the integer's range.
    # Its bounds are doubles, too: 2^63 is not above the largest integer.
    low, high = (0.0, float(UINT_MAX)) if type(whole) is Uint else (float(INT_MIN), float(INT_MAX))
    return whole if other < low or other > high else float(whole)


def compare(a: Any, b: Any, operator: str = "") -> int:
    """The order of two values that CEL can order; raises for all others. `operator` is named where `a` has no order at all."""
    ta, tb = type(a), type(b)
    if ta is tb or (isinstance(a, str) and isinstance(b, str)):
        if ta is str or isinstance(a, str):
            return int(a > b) - int(a < b)
        if ta in (bool, bytes):
            return int(a > b) - int(a < b)
        if ta in (Duration, Timestamp):
            return int(a.nanos > b.nanos) - int(a.nanos < b.nanos)
    if ta in _NUMBERS and tb in _NUMBERS:
        result = order(a, b)
        if result is None:
            raise CelError("NaN values cannot be ordered")
        return result
    error = no_overload(a, b)
    if operator and ta not in _ORDERED and not isinstance(a, str):
        raise NoOverload(f"{error}: {operator}")
    raise error


_NUMBERS: Final = frozenset((int, Uint, float))
_ORDERED: Final = _NUMBERS | {bool, bytes, Duration, Timestamp}


def less(a: Any, b: Any) -> bool:
    return compare(a, b, "_<_") < 0


def less_equal(a: Any, b: Any) -> bool:
    return compare(a, b, "_<=_") <= 0


def greater(a: Any, b: Any) -> bool:
    return compare(a, b, "_>_") > 0


def greater_equal(a: Any, b: Any) -> bool:
    return compare(a, b, "_>=_") >= 0


def truth(value: Any) -> bool:
    """`value` if it is a bool; an error if it is anything else."""
    if value is True or value is False:
        return bool(value)
    raise no_overload(value)


def negate_truth(value: Any) -> bool:
    """CEL's `!`."""
    return not truth(value)


def select(value: Any, field: str) -> Any:
    """`value.field`: a map's entry, or the optional entry of an optional map."""
    if isinstance(value, Optional):
        return NONE if value is NONE else optional_select(value.content, field)
    if is_map(value):
        try:
            return value[field]
        except KeyError:
            raise CelError(f"no such key: {field}") from None
    if isinstance(value, list):
        raise CelError("unsupported index type 'string' in list")
    if value is UNKNOWN:
        raise CelUnknown
    raise CelError(f"no such key: {field}")


def has_field(value: Any, field: str) -> bool:
    """`has(value.field)`; something that is no map has no fields, except that a list refuses the question."""
    if isinstance(value, Optional):
        return value is not NONE and has_field(value.content, field)
    if is_map(value):
        return field in value
    if isinstance(value, list):
        raise CelError("unsupported index type 'string' in list")
    if value is UNKNOWN:
        raise CelUnknown
    return False


def optional_select(value: Any, field: str) -> Optional:
    """`value.?field`."""
    if isinstance(value, Optional):
        return NONE if value is NONE else optional_select(value.content, field)
    return Optional(value[field]) if has_field(value, field) else NONE


def find(mapping: Any, key: Any) -> Any:
    """The entry of a map under the CEL key `key`, or `MISSING`."""
    kind = type(key)
    if kind is str:
        return mapping.get(key, MISSING)
    if kind is bool:
        return mapping.get(BoolKey(key), MISSING)
    if kind is float:
        if key.is_integer() and INT_MIN <= key <= UINT_MAX:
            key = int(key)
    elif kind is not int and kind is not Uint:
        if key is UNKNOWN:
            raise CelUnknown
        return MISSING
    return mapping.get(key, MISSING)


def position(key: Any) -> int:
    """The list index that a number means; raises for other values."""
    kind = type(key)
    if kind is int:
        return int(key)
    if kind is Uint:
        if key <= INT_MAX:
            return int(key)
    elif kind is float:
        if key.is_integer() and INT_MIN <= key <= INT_MAX:
            return int(key)
    elif key is UNKNOWN:
        raise CelUnknown
    else:
        raise CelError(f"unsupported index type '{type_name(key)}' in list")
    raise CelError(f"unsupported index value {show(key)} in list")


def index(value: Any, key: Any) -> Any:
    """`value[key]` on a list, a map, or an optional of one."""
    if isinstance(value, list):
        at = position(key)
        if 0 <= at < len(value):
            return value[at]
        raise CelError(f"index out of bounds: {at}")
    if isinstance(value, Optional):
        return NONE if value is NONE else optional_index(value.content, key)
    if key is UNKNOWN or value is UNKNOWN:
        raise CelUnknown
    if is_map(value):
        found = find(value, key)
        if found is not MISSING:
            return found
    raise CelError(f"no such key: {show(key)}")


def optional_index(value: Any, key: Any) -> Optional:
    """`value[?key]`."""
    if isinstance(value, list):
        at = position(key)
        return Optional(value[at]) if 0 <= at < len(value) else NONE
    if isinstance(value, Optional):
        return NONE if value is NONE else optional_index(value.content, key)
    if key is UNKNOWN or value is UNKNOWN:
        raise CelUnknown
    if is_map(value):
        found = find(value, key)
        return NONE if found is MISSING else Optional(found)
    return NONE


def contains(item: Any, collection: Any) -> bool:
    """`item in collection`: an element of a list, a key of a map."""
    if isinstance(collection, list):
        if item is UNKNOWN:
            raise CelUnknown
        return _holds(collection, item)
    if is_map(collection):
        return find(collection, item) is not MISSING
    raise no_overload(item, collection)


def _holds(collection: list[Any], item: Any) -> bool:
    if type(item) is str:
        return item in collection  # nothing but a string equals a string
    return any(found_equal(item, other) for other in collection)


def elements(value: Any) -> Iterable[Any]:
    """What a comprehension over `value` runs through: the elements of a list, the keys of a map."""
    if isinstance(value, list):
        return value
    if is_map(value):
        return [from_key(key) for key in value]
    raise _no_range(value, "got '{}', expected iterable type")


# How cel-go names the Go types of values that are no range.
_GO_NAMES: Final = {
    bool: "types.Bool",
    int: "types.Int",
    Uint: "types.Uint",
    float: "types.Double",
    bytes: "types.Bytes",
    type(None): "types.Null",
    Duration: "types.Duration",
    Timestamp: "types.Timestamp",
    Optional: "*types.Optional",
    CelType: "*types.Type",
}


def _no_range(value: Any, message: str) -> CelError:
    if value is UNKNOWN:
        raise CelUnknown
    name = "types.String" if isinstance(value, str) else _GO_NAMES.get(type(value))
    return CelError(message.format(name or "cel." + type_name(value).rpartition(".")[2]))


def pairs(value: Any) -> Iterator[tuple[Any, Any]]:
    """What a comprehension of two variables runs through: index and element, or key and value."""
    if isinstance(value, list):
        return enumerate(value)
    if is_map(value):
        return iter([(from_key(key), value[key]) for key in value])
    raise _no_range(value, "unsupported comprehension range type: {}")


def set_entry(mapping: dict[Any, Any], key: Any, value: Any) -> None:
    """Put an entry into a map that a literal builds; of two entries with one key the last one stands, as in cel-go."""
    kind = type(key)
    if kind is bool:
        key = BoolKey(key)
    elif kind is not str and kind is not int and kind is not Uint:
        if key is UNKNOWN:
            raise CelUnknown
        if kind is list or is_map(key):
            raise CelError(f"unsupported key type: {type_name(key)}")
    mapping[key] = value


def insert(mapping: dict[Any, Any], key: Any, value: Any) -> None:
    """Put an entry into the map that `transformMap` builds; a second entry of one key is an error."""
    if find(mapping, key) is not MISSING:
        raise CelError(f"insert failed: key {show(key)} already exists")
    set_entry(mapping, key, value)


def unwrap_entry(value: Any) -> Optional:
    """The optional of `[?e]` or `{?k: e}`; anything else is an error."""
    if isinstance(value, Optional):
        return value
    if value is UNKNOWN:
        raise CelUnknown
    raise CelError(f"cannot initialize optional list element from non-optional value {show(value)}")


def not_equals(a: Any, b: Any) -> bool:
    """CEL's `!=`: true wherever `==` is not true, also where it is an error."""
    return not found_equal(a, b)
