"""`compareTo`, `isGreaterThan` and `isLessThan`, which quantities and versions share."""

from typing import Any

from seawall.cel.functions.quantities import Quantity, compare_quantities
from seawall.cel.functions.semvers import Semver
from seawall.cel.operators import no_overload


def compare_to(a: Any, b: Any) -> int:
    """`a.compareTo(b)`: -1, 0 or 1."""
    if isinstance(a, Quantity) and isinstance(b, Quantity):
        return compare_quantities(a, b)
    if isinstance(a, Semver) and isinstance(b, Semver):
        return int(a.key > b.key) - int(a.key < b.key)
    raise no_overload(a, b)


def is_greater_than(a: Any, b: Any) -> bool:
    """`a.isGreaterThan(b)`."""
    return compare_to(a, b) > 0


def is_less_than(a: Any, b: Any) -> bool:
    """`a.isLessThan(b)`."""
    return compare_to(a, b) < 0
