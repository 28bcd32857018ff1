"""`format`: text with `%s %d %f %e %b %x %X %o` clauses, version 2 of cel-go's strings library."""

import math
import re
from typing import Any

from seawall.cel.errors import CelError, CelUnknown
from seawall.cel.functions.core import text_of, to_string
from seawall.cel.operators import SIZE_LIMIT, is_map, no_overload, over_limit
from seawall.cel.unknown import UNKNOWN
from seawall.cel.values import Duration, Timestamp, Uint, from_key, type_name

_CLAUSE = re.compile(r"%(?:(%)|(?:\.([0-9]+))?(.?))", re.DOTALL)
_PRECISION_LIMIT = 1000
_INFINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def format_text(template: Any, arguments: Any) -> str:
    """`template.format(arguments)`."""
    text = text_of(template, arguments)
    if not isinstance(arguments, list):
        raise no_overload(arguments)
    parts, at, used = list[str](), 0, 0
    for clause in _CLAUSE.finditer(text):
        parts.append(text[at : clause.start()])
        at = clause.end()
        if clause[1]:
            parts.append("%")
            continue
        if not clause[3]:
            raise CelError(
                "unexpected end of format string" if clause[2] is None else "unable to find end of precision specifier"
            )
        if used >= len(arguments):
            raise CelError(f"index {used} out of range")
        parts.append(_write(clause[3], None if clause[2] is None else int(clause[2]), arguments[used]))
        used += 1
    parts.append(text[at:])
    if sum(map(len, parts)) > SIZE_LIMIT:
        raise over_limit()
    return "".join(parts)


def _write(verb: str, precision: int | None, value: Any) -> str:
    if value is UNKNOWN:
        raise CelUnknown
    if verb not in "sdfebxXo":
        raise CelError(f'could not parse formatting clause: unrecognized formatting clause "{verb}"')
    if precision is not None and precision > _PRECISION_LIMIT:
        raise CelError(f"precision {precision} is above the limit of {_PRECISION_LIMIT}")
    try:
        if verb == "s":
            return _string(value)
        if verb == "d":
            return _decimal(value)
        if verb in "fe":
            return _float(verb, 6 if precision is None else precision, value)
        return _based(verb, value)
    except _WrongType as wrong:
        raise CelError(
            f"error during formatting: {wrong.args[0]} clause can only be used on {wrong.args[1]}, was given "
            f"{type_name(value)}"
        ) from None


class _WrongType(Exception):  # noqa: N818 (internal: carries the clause and the types that it takes)
    pass


def _string(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_element(item) for item in value) + "]"
    if is_map(value):
        entries = [(_element(from_key(key)), _element(value[key])) for key in value]
        return "{" + ", ".join(f"{key}:{item}" for key, item in sorted(entries, key=lambda entry: entry[0])) + "}"
    if value is None:
        return "null"
    if isinstance(value, str | bool | int | float | bytes | Duration | Timestamp):
        return to_string(value)
    if type_name(value) == "type":
        return str(value)
    raise _WrongType("string", "strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps")


def _element(value: Any) -> str:
    """A value inside a list or a map, written as CEL writes its literal."""
    if value is UNKNOWN:
        raise CelUnknown
    if isinstance(value, str):
        return go_quote(value)
    if type(value) is bytes:
        return "b" + go_quote(_string(value))
    if type(value) is float:
        if not math.isfinite(value):
            return f'"{to_string(value)}"'
        return f"{value:.6f}"
    if isinstance(value, Timestamp):
        return f'timestamp("{to_string(value)}")'
    if isinstance(value, Duration):
        return f'duration("{to_string(value)}")'
    return _string(value)


_GO_ESCAPES = {7: "\\a", 8: "\\b", 12: "\\f", 10: "\\n", 13: "\\r", 9: "\\t", 11: "\\v", 92: "\\\\", 34: '\\"'}


def go_quote(text: str) -> str:
    """`text` as Go's `%q` writes it."""
    parts = []
    for character in text:
        code = ord(character)
        if code in _GO_ESCAPES:
            parts.append(_GO_ESCAPES[code])
        elif character.isprintable():
            parts.append(character)
        elif code < 0x80:
            parts.append(f"\\x{code:02x}")
        else:
            parts.append(f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
    return '"' + "".join(parts) + '"'


def _decimal(value: Any) -> str:
    if type(value) in (int, Uint):
        return str(int(value))
    raise _WrongType("decimal", "integers")


def _float(verb: str, precision: int, value: Any) -> str:
    if isinstance(value, str) and value in _INFINITE:
        value = _INFINITE[value]
    if type(value) is not float:
        raise _WrongType("fixed-point" if verb == "f" else "scientific", "doubles")
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "-∞"
    if verb == "f":
        return f"{value:,.{precision}f}"
    mantissa, _, exponent = f"{value:.{precision}e}".partition("e")
    return f"{mantissa}\u202f\u00d7\u202f10{_superscript(int(exponent))}"


def _superscript(exponent: int) -> str:
    digits = f"{abs(exponent):02d}".translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return ("⁻" if exponent < 0 else "") + digits


def _based(verb: str, value: Any) -> str:
    kind = type(value)
    if kind in (int, Uint):
        return format(int(value), verb)
    if verb == "b":
        if kind is bool:
            return "1" if value else "0"
        raise _WrongType("binary", "integers and bools")
    if verb == "o":
        raise _WrongType("octal", "integers")
    if isinstance(value, str) or kind is bytes:
        text = (value.encode() if isinstance(value, str) else value).hex()
        return text.upper() if verb == "X" else text
    raise _WrongType("hex", "integers, byte buffers, and strings")
