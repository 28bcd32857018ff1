"""Standard functions of CEL: sizes, text tests and conversions."""

import math
import re
from typing import Any

from seawall.cel.arithmetic import to_int, to_uint
from seawall.cel.errors import CelError, CelUnknown
from seawall.cel.functions.numbers import format_double, parse_double
from seawall.cel.operators import is_map, no_overload
from seawall.cel.unknown import UNKNOWN
from seawall.cel.values import CelType, Duration, Opaque, Timestamp, Uint, type_name

_DECIMAL = re.compile(r"[+-]?[0-9]+\Z")
_TRUE = frozenset(("1", "t", "T", "TRUE", "true", "True"))
_FALSE = frozenset(("0", "f", "F", "FALSE", "false", "False"))


def text_of(value: Any, *others: Any) -> str:
    """`value` if it is a string; the error of an undefined operation if it is not."""
    if isinstance(value, str):
        return value
    raise no_overload(value, *others)


def size(value: Any) -> int:
    """`size(x)`: code points, bytes, elements or entries."""
    if isinstance(value, str | bytes | list | dict) or is_map(value):
        return len(value)
    raise no_overload(value)


def starts_with(text: Any, prefix: Any) -> bool:
    return text_of(text, prefix).startswith(text_of(prefix))


def ends_with(text: Any, suffix: Any) -> bool:
    return text_of(text, suffix).endswith(text_of(suffix))


def holds_text(text: Any, part: Any) -> bool:
    """`text.contains(part)`."""
    return text_of(part, text) in text_of(text)


def matches(text: Any, expression: Any) -> bool:
    """`text.matches(expression)` in RE2 syntax, anywhere in the text."""
    from seawall.cel.functions.regex import compiled

    subject = text_of(text, expression)
    return bool(compiled(text_of(expression)).test(subject))


def dyn(value: Any) -> Any:
    return value


def type_of(value: Any) -> CelType:
    """`type(x)`."""
    if value is UNKNOWN:
        raise CelUnknown
    return CelType(type_name(value))


def _no_conversion(value: Any, target: str) -> CelError:
    return CelError(f"type conversion error from '{type_name(value)}' to '{target}'")


def to_int_value(value: Any) -> int:
    """`int(x)`."""
    kind = type(value)
    if kind is int:
        return int(value)
    if kind is Uint:
        return to_int(int(value))
    if kind is float:
        if not math.isfinite(value) or not -(2.0**63) < value < 2.0**63:
            raise CelError("integer overflow")
        return int(value)
    if kind is Timestamp:
        return int(value.nanos // 10**9)
    if kind is Duration:
        return int(value.nanos)
    if isinstance(value, str):
        if _DECIMAL.match(value):
            number = int(value)
            if -(2**63) <= number < 2**63:
                return number
        raise _no_conversion(value, "int")
    raise no_overload(value)


def to_uint_value(value: Any) -> Uint:
    """`uint(x)`."""
    kind = type(value)
    if kind is Uint:
        return Uint(value)
    if kind is int:
        return to_uint(value)
    if kind is float:
        if not math.isfinite(value) or not 0 <= value < 2.0**64:
            raise CelError("unsigned integer overflow")
        return Uint(int(value))
    if isinstance(value, str):
        if value.isascii() and value.isdigit() and int(value) < 2**64:
            return Uint(value)
        raise _no_conversion(value, "uint")
    raise no_overload(value)


def to_double(value: Any) -> float:
    """`double(x)`."""
    if type(value) in (int, Uint, float):
        return float(value)
    if isinstance(value, str):
        number = parse_double(value)
        if number is None:
            raise _no_conversion(value, "double")
        return number
    raise no_overload(value)


def to_string(value: Any) -> str:
    """`string(x)`."""
    kind = type(value)
    if kind is str:
        return str(value)
    if kind is bool:
        return "true" if value else "false"
    if kind is int or kind is Uint:
        return str(int(value))
    if kind is float:
        return format_double(value)
    if kind is bytes:
        try:
            return str(value, "utf-8")
        except UnicodeDecodeError:
            raise CelError("invalid UTF-8 in bytes, cannot convert to string") from None
    if kind is Duration or kind is Timestamp:
        from seawall.cel.functions.times import show_duration, show_timestamp

        return show_duration(value) if kind is Duration else show_timestamp(value)
    if isinstance(value, str):
        return value
    if isinstance(value, Opaque) and value.cel_type in ("net.IP", "net.CIDR"):
        return str(value)
    raise no_overload(value)


def to_bytes(value: Any) -> bytes:
    """`bytes(x)`."""
    if type(value) is bytes:
        return bytes(value)
    return text_of(value).encode()


def to_bool(value: Any) -> bool:
    """`bool(x)`."""
    if type(value) is bool:
        return bool(value)
    text = text_of(value)
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise _no_conversion(text, "bool")
