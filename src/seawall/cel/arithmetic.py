"""Arithmetic of CEL: 64 bits, an error on overflow, no mixing of numeric types."""

import math
from typing import Any, Final

from seawall.cel.errors import CelError, NoOverload
from seawall.cel.operators import SIZE_LIMIT, no_overload, over_limit
from seawall.cel.values import INT_MAX, INT_MIN, UINT_MAX, Duration, Timestamp, Uint

TIMESTAMP_MIN: Final = -62_135_596_800 * 10**9
TIMESTAMP_MAX: Final = 253_402_300_799 * 10**9 + 999_999_999


def to_int(value: int) -> int:
    """`value` if it fits 64 bits; raises on overflow."""
    if INT_MIN <= value <= INT_MAX:
        return value
    raise CelError("integer overflow")


def to_uint(value: int) -> Uint:
    """`value` as an unsigned integer if it fits; raises on overflow."""
    if 0 <= value <= UINT_MAX:
        return Uint(value)
    raise CelError("unsigned integer overflow")


def to_duration(nanos: int) -> Duration:
    """A duration of that many nanoseconds if it is in range."""
    if INT_MIN <= nanos <= INT_MAX:
        return Duration(nanos)
    raise CelError("integer overflow")


def to_timestamp(nanos: int, offset: int = 0) -> Timestamp:
    """The timestamp of that many nanoseconds since 1970 if it is in range."""
    if TIMESTAMP_MIN <= nanos <= TIMESTAMP_MAX:
        return Timestamp(nanos, offset)
    raise CelError("timestamp overflow")


_WHOLE: Final = frozenset((int, Uint))
_MULTIPLIED: Final = _WHOLE | {float}
_SUBTRACTED: Final = _MULTIPLIED | {Duration, Timestamp}
_ADDED: Final = _SUBTRACTED | {str, bytes, list}


def _undefined(a: Any, b: Any, operator: str, kinds: frozenset[type]) -> NoOverload:
    """The error of an operator; it is named where no value of the type of `a` knows it, nor any method."""
    error = no_overload(a, b)
    plain = type(a) in kinds or isinstance(a, str | Duration | Timestamp)
    return error if plain else NoOverload(f"{error}: {operator}")


def add(a: Any, b: Any) -> Any:
    """`a + b`."""
    ta, tb = type(a), type(b)
    if ta is tb:
        if ta is int:
            return to_int(a + b)
        if ta is str or ta is list or ta is bytes:
            if len(a) + len(b) > SIZE_LIMIT:
                raise over_limit()
            return a + b
        if ta is float:
            return a + b
        if ta is Uint:
            return to_uint(int(a) + int(b))
        if ta is Duration:
            return to_duration(a.nanos + b.nanos)
    elif (ta is Timestamp and tb is Duration) or (ta is Duration and tb is Timestamp):
        return to_timestamp(a.nanos + b.nanos, (a if ta is Timestamp else b).offset)
    raise _undefined(a, b, "_+_", _ADDED)


def subtract(a: Any, b: Any) -> Any:
    """`a - b`."""
    ta, tb = type(a), type(b)
    if ta is tb:
        if ta is int:
            return to_int(a - b)
        if ta is float:
            return a - b
        if ta is Uint:
            return to_uint(int(a) - int(b))
        if ta is Duration or ta is Timestamp:
            return to_duration(a.nanos - b.nanos)
    elif ta is Timestamp and tb is Duration:
        return to_timestamp(a.nanos - b.nanos, a.offset)
    raise _undefined(a, b, "_-_", _SUBTRACTED)


def multiply(a: Any, b: Any) -> Any:
    """`a * b`."""
    ta = type(a)
    if ta is type(b):
        if ta is int:
            return to_int(a * b)
        if ta is float:
            return a * b
        if ta is Uint:
            return to_uint(int(a) * int(b))
    raise _undefined(a, b, "_*_", _MULTIPLIED)


def divide(a: Any, b: Any) -> Any:
    """`a / b`; integers are cut towards zero."""
    ta = type(a)
    if ta is type(b):
        if ta is float:
            if b != 0.0:
                return a / b
            if a == 0.0 or math.isnan(a):
                return math.nan
            return math.copysign(math.inf, a) * math.copysign(1.0, b)
        if ta is int or ta is Uint:
            if b == 0:
                raise CelError("division by zero")
            quotient = abs(int(a)) // abs(int(b))
            return Uint(quotient) if ta is Uint else to_int(quotient if (a < 0) == (b < 0) else -quotient)
    raise _undefined(a, b, "_/_", _MULTIPLIED)


def modulo(a: Any, b: Any) -> Any:
    """`a % b`, with the sign of `a`."""
    ta = type(a)
    if ta is type(b) and (ta is int or ta is Uint):
        if b == 0:
            raise CelError("modulus by zero")
        if ta is Uint:
            return Uint(int(a) % int(b))
        if a == INT_MIN and b == -1:
            raise CelError("integer overflow")
        remainder = abs(a) % abs(b)
        return -remainder if a < 0 else remainder
    raise _undefined(a, b, "_%_", _WHOLE)


def negate(a: Any) -> Any:
    """`-a`."""
    kind = type(a)
    if kind is int:
        return to_int(-a)
    if kind is float:
        return -a
    if kind is Duration:
        return to_duration(-a.nanos)
    raise no_overload(a)
