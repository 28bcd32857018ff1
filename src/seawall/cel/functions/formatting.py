"""`format`: text with `%s %d %f %e %b %x %X %o` clauses, version 2 of cel-go's strings library, in its locale (en_US)."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from seawall.cel.errors import CelError, CelUnknown
from seawall.cel.functions.core import text_of, to_string
from seawall.cel.operators import SIZE_LIMIT, is_map, no_overload, over_limit
from seawall.cel.unknown import UNKNOWN
from seawall.cel.values import Timestamp, Uint, from_key, type_name

_PRECISION_LIMIT: Final = 1000
_INFINITE: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_STRINGS: Final = "strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps"
# The types that a clause takes when they are known before it runs, and what it says of all others.
_CLAUSES: Final = {
    "s": (
        "list map int uint double bool string google.protobuf.Timestamp bytes google.protobuf.Duration type null_type",
        f"string clause can only be used on {_STRINGS}",
    ),
    "d": ("int uint", "decimal clause can only be used on integers"),
    "f": ("double string", "fixed-point clause can only be used on doubles"),
    "e": ("double string", "scientific clause can only be used on doubles"),
    "b": ("int uint bool", "only integers and bools can be formatted as binary"),
    "x": ("int uint string bytes", "only integers, byte buffers, and strings can be formatted as hex"),
    "o": ("int uint", "octal clause can only be used on integers"),
}


def wrong_type(verb: str, kind: str) -> CelError:
    """The error of a clause that got a value of the CEL type `kind`."""
    return CelError(f"error during formatting: {_CLAUSES[verb.lower()][1]}, was given {kind}")


def takes(verb: str, kind: str) -> bool:
    """Whether a clause takes values of the CEL type `kind`, as far as the type tells."""
    return kind in _CLAUSES[verb.lower()][0].split()


def fill(template: str, arguments: Sequence[Any], write: Callable[[str, int | None, Any], str]) -> tuple[str, int]:
    """`template` with its clauses replaced by what `write(verb, precision, argument)` gives, and how many arguments it took."""
    parts, at, used = list[str](), 0, 0
    while (place := template.find("%", at)) >= 0:
        parts.append(template[at:place])
        at = place + 1
        if template[at : at + 1] == "%":
            parts.append("%")
            at += 1
            continue
        if used >= len(arguments):
            raise CelError(f"index {used} out of range")
        if at >= len(template):
            raise CelError("unexpected end of string")
        precision, at = _precision(template, at)
        verb = template[at]
        if verb.lower() not in _CLAUSES or verb not in "sdfebxXo":
            shown = verb.encode("utf-8", "surrogateescape").decode("latin-1")[0]  # Go looks at the first byte only
            raise CelError(f'could not parse formatting clause: unrecognized formatting clause "{shown}"')
        parts.append(write(verb, precision, arguments[used]))
        used, at = used + 1, at + 1
    parts.append(template[at:])
    return "".join(parts), used


def _precision(template: str, at: int) -> tuple[int | None, int]:
    if template[at] != ".":
        return None, at
    end = at + 1
    while end < len(template) and "0" <= template[end] <= "9":
        end += 1
    what = "could not parse formatting clause: error while parsing precision: "
    if end == len(template):
        raise CelError(what + "could not find end of precision specifier")
    digits = template[at + 1 : end]
    if not digits:
        reason = 'strconv.Atoi: parsing "": invalid syntax'
        raise CelError(f"{what}error while converting precision to integer: {reason}")
    if len(digits) > 4 or int(digits) > _PRECISION_LIMIT:
        raise over_limit()
    return int(digits), end


def format_text(template: Any, arguments: Any) -> str:
    """`template.format(arguments)`."""
    text = text_of(template, arguments)
    if not isinstance(arguments, list):
        raise no_overload(arguments)
    result, _ = fill(text, arguments, _write)
    if len(result) > SIZE_LIMIT:
        raise over_limit()
    return result


def _write(verb: str, precision: int | None, value: Any) -> str:
    if value is UNKNOWN:
        raise CelUnknown
    if verb == "s":
        return _string(value)
    if verb == "d":
        if type(value) in (int, Uint):
            return str(int(value))
    elif verb in "fe":
        number = _INFINITE.get(value) if isinstance(value, str) else value
        if type(number) is float:
            return _float(verb, precision, number)
    else:
        written = _based(verb, value)
        if written is not None:
            return written
    raise wrong_type(verb, type_name(value))


def _string(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_element(item) for item in value) + "]"
    if is_map(value):
        entries = [(_key(from_key(key)), _element(value[key])) for key in value]
        return "{" + ", ".join(f"{key}:{item}" for key, item in sorted(entries, key=lambda entry: entry[0])) + "}"
    if value is None:
        return "null"
    kind = type_name(value)
    if kind == "type":
        return str(value)
    if not takes("s", kind):
        raise wrong_type("s", kind)
    try:
        return to_string(value)
    except CelError as error:
        raise CelError(
            f"error during formatting: could not convert argument {go_quote(str(error))} to string"
        ) from None


def _key(value: Any) -> str:
    kind = type_name(value)
    if kind not in ("string", "bool", "int", "uint"):
        raise CelError(f"error during formatting: no formatting function for map key of type {kind}")
    return go_quote(value) if kind == "string" else to_string(value)


def _element(value: Any) -> str:
    """A value inside a list or a map, written as CEL writes its literal."""
    if value is UNKNOWN:
        raise CelUnknown
    kind = type_name(value)
    if not takes("s", kind):
        raise CelError(f"error during formatting: no formatting function for {kind}")
    if kind == "string":
        return go_quote(value)
    if kind == "bytes":
        return "b" + go_quote(_string(value))
    if kind == "double":
        return f"{value:.6f}" if math.isfinite(value) else f'"{to_string(value)}"'
    if kind.startswith("google.protobuf."):
        return f'{"timestamp" if isinstance(value, Timestamp) else "duration"}("{to_string(value)}")'
    return _string(value)


_GO_ESCAPES: Final = {7: "\\a", 8: "\\b", 12: "\\f", 10: "\\n", 13: "\\r", 9: "\\t", 11: "\\v", 92: "\\\\", 34: '\\"'}


def go_quote(text: str) -> str:
    """`text` as Go's `%q` writes it."""
    parts = []
    for character in text:
        code = ord(character)
        if code in _GO_ESCAPES:
            parts.append(_GO_ESCAPES[code])
        elif character.isprintable():
            parts.append(character)
        elif code < 0x80 or 0xDC80 <= code <= 0xDCFF:  # a byte that is no UTF-8 is held as a lone surrogate
            parts.append(f"\\x{code & 0xFF:02x}")
        else:
            parts.append(f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
    return '"' + "".join(parts) + '"'


def _float(verb: str, precision: int | None, value: float) -> str:
    if not math.isfinite(value):
        text = "NaN" if math.isnan(value) else "∞" if value > 0 else "-∞"
    elif verb == "f":
        return f"{value + 0.0:,.{6 if precision is None else precision}f}"  # without the sign of zero
    else:
        mantissa, _, exponent = f"{value + 0.0:.6e}".partition("e")
        text = f"{mantissa}\u00d710{_superscript(int(exponent))}"
    # cel-go takes the precision of `%e` for a width; `%f` has none.
    return text.rjust(6 if precision is None else precision) if verb == "e" else text


def _superscript(exponent: int) -> str:
    digits = f"{abs(exponent):02d}".translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return ("⁻" if exponent < 0 else "") + digits


def _based(verb: str, value: Any) -> str | None:
    kind = type(value)
    if kind in (int, Uint):
        return format(int(value), verb)
    if verb == "b":
        return str(int(value)) if kind is bool else None
    if verb == "o" or not (isinstance(value, str) or kind is bytes):
        return None
    text = (value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value).hex()
    return text.upper() if verb == "X" else text
