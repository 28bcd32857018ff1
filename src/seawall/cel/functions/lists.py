"""Lists: Kubernetes' own library, cel-go's `ext.Lists` version 3, and sets."""

from collections.abc import Container
from functools import cmp_to_key
from itertools import pairwise
from typing import Any

from seawall.cel.arithmetic import add
from seawall.cel.errors import CelError, CelUnknown, NoOverload
from seawall.cel.operators import ITERATION_LIMIT, compare, contains, found_equal, no_overload, over_limit
from seawall.cel.unknown import UNKNOWN
from seawall.cel.values import NONE, Duration, Optional, Timestamp, Uint, type_name


def _list(value: Any, *others: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    raise no_overload(value, *others)


_ORDERED = frozenset((int, Uint, float, bool, str, bytes, Duration, Timestamp))
_ZEROS = {int: 0, Uint: Uint(0), float: 0.0, Duration: Duration(0)}


def _list_of(values: Any, kinds: Container[type]) -> list[Any]:
    """`values` if it is a list whose first element is of one of `kinds`: more than that, cel-go does not look at."""
    items = _list(values)
    if items and type(items[0]) not in kinds:
        raise no_overload(items[0])
    return items


def _order(a: Any, b: Any) -> int:
    """The order of `a` and `b`; 0 where they have none, for searches go on then."""
    try:
        return compare(a, b)
    except CelError:
        return 0


def _comparable(item: Any) -> Any:
    if type(item) not in _ORDERED and not isinstance(item, str):
        raise CelError(str(no_overload(item)))
    return item


def is_sorted(values: Any) -> bool:
    return all(_order(a, _comparable(b)) <= 0 for a, b in pairwise(_list_of(values, _ORDERED)))


def total(values: Any) -> Any:
    """`sum()`; of nothing it is 0."""
    items = _list_of(values, _ZEROS)
    result = _ZEROS[type(items[0])] if items else 0
    try:
        for item in items:
            result = add(result, item)
    except NoOverload as error:  # an error of `+`, which does not name `sum`
        raise CelError(str(error)) from None
    return result


def lowest(values: Any) -> Any:
    return _extreme(values, "min", 1)


def highest(values: Any) -> Any:
    return _extreme(values, "max", -1)


def _extreme(values: Any, name: str, replaces: int) -> Any:
    items = _list_of(values, _ORDERED)
    if not items:
        raise CelError(f"{name} called on empty list")
    result = items[0]
    for item in items[1:]:
        if _order(result, _comparable(item)) == replaces:
            result = item
    return result


def first_index(items: list[Any], item: Any) -> int:
    return next((place for place, other in enumerate(items) if found_equal(other, item)), -1)


def last_index(items: list[Any], item: Any) -> int:
    return next((place for place in range(len(items) - 1, -1, -1) if found_equal(items[place], item)), -1)


def cut(values: Any, start: Any, end: Any) -> list[Any]:
    """`slice(start, end)`."""
    items = _list(values, start, end)
    if type(start) is not int or type(end) is not int:
        raise no_overload(start, end)
    what = f"cannot slice({start}, {end}), "
    if start < 0 or end < 0:
        raise CelError(what + "negative indexes not supported")
    if start > end:
        raise CelError(what + "start index must be less than or equal to end index")
    if len(items) < end:
        raise CelError(what + f"list is length {len(items)}")
    return items[start:end]


def flatten(values: Any, depth: Any = 1) -> list[Any]:
    items = _list(values, depth)
    if type(depth) is not int:
        raise no_overload(depth)
    if depth < 0:
        raise CelError("level must be non-negative")
    result: list[Any] = []
    for item in items:
        if isinstance(item, list) and depth:
            result += flatten(item, depth - 1)
        else:
            result.append(item)
    return result


def sort_list(values: Any) -> list[Any]:
    return sort_by_keys(values, values)


def sort_by_keys(values: Any, keys: Any) -> list[Any]:
    """The elements of `values` in the order of `keys`, which must all be of one type that has an order."""
    items, order = _list(values, keys), _list(keys)
    if not items:
        return items
    if type_name(order[0]) not in ("int", "uint", "double", "bool", "string", "bytes") and "google" not in type_name(
        order[0]
    ):
        raise CelError("list elements must be comparable")
    if any(type(key) is not type(order[0]) for key in order):
        if any(key is UNKNOWN for key in order):
            raise CelUnknown
        raise CelError("list elements must have the same type")
    by_key = cmp_to_key(_order)
    return [items[place] for place in sorted(range(len(items)), key=lambda place: by_key(order[place]))]


def number_range(count: Any) -> list[int]:
    """`lists.range(count)`."""
    if type(count) is not int:
        raise no_overload(count)
    if count > ITERATION_LIMIT:
        raise over_limit()
    return list(range(count))


def distinct(values: Any) -> list[Any]:
    items = _list(values)
    if all(type(item) is str for item in items):
        return list(dict.fromkeys(items))
    if len(items) > 1000:
        raise over_limit()
    result: list[Any] = []
    for item in items:
        if not any(found_equal(item, other) for other in result):
            result.append(item)
    return result


def reverse_list(values: Any) -> list[Any]:
    return _list(values)[::-1]


def first(values: Any) -> Optional:
    items = _list(values)
    return Optional(items[0]) if items else NONE


def last(values: Any) -> Optional:
    items = _list(values)
    return Optional(items[-1]) if items else NONE


def set_contains(values: Any, others: Any) -> bool:
    """`sets.contains(values, others)`: every one of `others` is in `values`."""
    items = _list(values, others)
    return all(contains(other, items) for other in _list(others))


def set_equivalent(values: Any, others: Any) -> bool:
    return set_contains(values, others) and set_contains(others, values)


def set_intersects(values: Any, others: Any) -> bool:
    items = _list(others, values)
    return any(contains(value, items) for value in _list(values))
