"""What a YAML scalar means to Kubernetes.

kubectl and the API server read YAML with ``sigs.k8s.io/yaml``: goyaml v2 resolves the scalars (a part of YAML 1.1), and the
result is written as JSON and read again, so that only JSON's values remain. This module does both steps at once:

>>> resolve_plain("yes"), resolve_plain("0777"), resolve_plain("1_000"), resolve_plain("1.0"), resolve_plain("22:22")
(True, 511, 1000, 1, '22:22')

Source of the rules: ``resolve.go`` of go.yaml.in/yaml/v2 and ``yaml.go`` of sigs.k8s.io/yaml; the judge is the former, run
on generated scalars (``tests/conformance/yaml``).
"""

import math
import re
import struct
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None

TAG_PREFIX = "tag:yaml.org,2002:"
MERGE_TAG = TAG_PREFIX + "merge"

WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
"""Plain scalars that are no strings, numbers aside."""

# What ParseInt of Go takes in base 0, once the underscores are gone.
_INTEGER = re.compile(
    r"(?P<sign>[-+]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<bin>[01]+)|0[oO]?(?P<oct>[0-7]+)|(?P<dec>0|[1-9][0-9]*))\Z"
)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_DOTTED = re.compile(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?\Z")
_BINARY_WITH_SIGN = re.compile(r"0b[-+]?[01]+\Z")  # goyaml parses what follows "0b" with its own sign
_FIRST = frozenset("+-0123456789.yYnNtTfFoO~")
_MIN_INT64, _MAX_INT64, _MAX_UINT64 = -(2**63), 2**63 - 1, 2**64 - 1


class ScalarError(ValueError):
    """The scalar cannot be what its tag says, or has no form in JSON."""


def resolve_plain(text: str) -> Scalar:
    """Return the value of the plain, untagged scalar `text`.

    Raises `ScalarError` for infinities and NaN, which JSON cannot hold.
    """
    return _as_json_value(_resolve(text)[1])


def resolve_tagged(tag: str, text: str) -> Scalar:
    """Return the value of `text` under `tag` (in its long form). Raises `ScalarError` where they do not agree."""
    short = tag.removeprefix(TAG_PREFIX)
    if short == tag or short not in ("str", "bool", "int", "float", "null", "timestamp", "binary"):
        return text  # goyaml: any other tag leaves a string
    if short == "str" or short == "timestamp":
        return text
    if short == "binary":
        import base64
        import binascii

        try:
            return base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            raise ScalarError("!!binary value contains invalid base64 data") from None
    kind, value = _resolve(text)
    if kind != short and (kind, short) != ("int", "float"):
        raise ScalarError(f"cannot decode !!{kind} {text[:40]!r} as a !!{short}")
    return _as_json_value(value)


def resolve_key(text: str) -> str:
    """Return the map key that the plain, untagged scalar `text` is; a key that is no string is written as one.

    Raises `ScalarError` for null and for integers above 64 signed bits, which Kubernetes refuses as keys.
    """
    value = _resolve(text)[1]
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and _MIN_INT64 <= value <= _MAX_INT64:
        return str(value)
    if isinstance(value, float):
        return _format_float32(value)
    raise ScalarError("a map key must be a string" if value is not None else "a map key must not be null")


def _resolve(text: str) -> tuple[str, Scalar]:
    """Return goyaml's type of `text` and its value, before anything is written as JSON."""
    if text and text[0] not in _FIRST and text not in WORDS:
        return "str", text
    if text in WORDS:
        word = WORDS[text]
        return ("null" if word is None else "bool" if isinstance(word, bool) else "float"), word
    if text[0] == ".":  # goyaml leaves the underscores here to Go's ParseFloat, which takes them between digits
        return _parse_float(text.replace("_", "") if _DOTTED.match(text) else text)
    if text[0] not in "+-0123456789":
        return "str", text
    plain = text.replace("_", "")
    match = _INTEGER.match(plain)
    if match is not None:
        number = _parse_integer(match)
        if _MIN_INT64 <= number <= _MAX_INT64 or (number <= _MAX_UINT64 and number > 0 and not match["sign"]):
            return "int", number
    kind, value = _parse_float(plain)
    if kind == "float":
        return kind, value
    if _BINARY_WITH_SIGN.match(plain):
        number = int(plain[2:], base=2)  # noqa: FURB166  (the sign stands behind the prefix)
        if _MIN_INT64 <= number <= _MAX_UINT64:
            return "int", number
    return "str", text


def _parse_integer(match: re.Match[str]) -> int:
    digits, base = next((match[name], base) for name, base in _BASES if match[name] is not None)
    digits = digits.lstrip("0") or "0"
    if len(digits) > 70:  # 64 binary digits are the longest that fit; do not convert a megabyte of digits
        return _MAX_UINT64 + 1
    number = int(digits, base)
    return -number if match["sign"] == "-" else number


_BASES = (("hex", 16), ("bin", 2), ("oct", 8), ("dec", 10))


def _parse_float(text: str) -> tuple[str, Scalar]:
    if not _FLOAT.match(text):
        return "str", text
    number = float(text)
    if math.isinf(number):  # out of range: an error of Go's ParseFloat, so the text stays a string
        return "str", text
    return "float", number


def _as_json_value(value: Scalar) -> Scalar:
    """Return `value` as Go's JSON writes it and the API server reads it again.

    1.0 is written as 1, an integer; what does not fit 64 signed bits is read as a float.
    """
    if isinstance(value, float):
        if math.isinf(value) or math.isnan(value):
            raise ScalarError("infinities and NaN have no form in JSON")
        number = _written_integer(value) if value.is_integer() and abs(value) < 1e21 else _MAX_UINT64
        return number if _MIN_INT64 <= number <= _MAX_INT64 else value
    if isinstance(value, int) and value > _MAX_INT64:
        return float(value)
    return value


def _written_integer(value: float) -> int:
    """Return the integer that Go writes for `value`: the shortest digits that tell it from its neighbours, and zeros."""
    mantissa, _, exponent = repr(value).partition("e")
    whole, _, fraction = mantissa.partition(".")
    return int(whole + fraction) * 10 ** (int(exponent) - len(fraction)) if exponent else int(value)


def json_float(text: str) -> Scalar:
    """Return the value of JSON's number `text` with a fraction or an exponent. Raises `ScalarError` where it is out of range."""
    return _as_json_value(float(text))


def json_integer(text: str) -> Scalar:
    """Return the value of JSON's number `text` without a fraction. Raises `ScalarError` where it is out of range."""
    if len(text) <= 20:
        number = int(text)
        if _MIN_INT64 <= number <= _MAX_INT64:
            return number
    return _as_json_value(float(text))


def _format_float32(number: float) -> str:
    """Format as Go's ``FormatFloat(number, 'g', -1, 32)``, which is what a float key becomes."""
    if math.isnan(number):
        return ".nan"
    try:
        (single,) = struct.unpack("f", struct.pack("f", number))
    except OverflowError:
        single = math.copysign(math.inf, number)
    if math.isinf(single):
        return "-.inf" if single < 0 else ".inf"
    for precision in range(1, 18):
        text = f"{single:.{precision - 1}e}"
        if struct.pack("f", float(text)) == struct.pack("f", single):
            break
    mantissa, exponent_text = text.split("e")
    exponent = int(exponent_text)
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    if exponent < -4 or exponent >= 6:  # Go's rule for the shortest form
        return f"{mantissa}e{exponent:+03d}"
    digits = len(mantissa.replace(".", "").replace("-", ""))
    return f"{float(text):.{max(digits - 1 - exponent, 0)}f}"
