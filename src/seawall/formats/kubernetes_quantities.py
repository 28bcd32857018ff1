"""Resource quantities in the form in which the API server writes them back: ``0.5`` is ``500m``, ``1024Mi`` is ``1Gi``.

Source: apimachinery pkg/api/resource/quantity.go (``CanonicalizeBytes``).
"""

import re
from typing import Final

_QUANTITY = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>\d*)(\.(?P<part>\d*))?((?P<binary>[KMGTPE]i)|(?P<decimal>[numkMGTPE]?)|[eE](?P<exponent>[+-]?\d+))\Z"
)
_DECIMAL: Final = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_SUFFIXES: Final = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_BINARY: Final = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")


def canonical_quantity(text: str | int | float, *, smallest: int = -9) -> str:
    """Return `text` as the API server writes it, or as it is where it is no quantity.

    `smallest` is the power of ten to which a smaller part is rounded up: thousandths in a list of resources.
    """
    text = str(text)
    found = _QUANTITY.match(text)
    if found is None or not (found["whole"] or found["part"]):
        return text
    part = found["part"] or ""
    number = int(found["whole"] + part) if found["whole"] + part else 0
    exponent = -len(part)
    if found["binary"]:
        number *= 1024 ** _BINARY.index(found["binary"])
    else:
        exponent += int(found["exponent"]) if found["exponent"] else _DECIMAL[found["decimal"] or ""]
    number, exponent = _round_up(number, exponent, smallest)
    sign = "-" if found["sign"] == "-" and number else ""
    # Numbers below 1024 are written without a binary suffix.
    if found["binary"] and not _less_than_1024(number, exponent):
        whole, _ = _round_up(number, exponent, 0)
        return sign + _binary(whole * 10 ** max(exponent, 0))
    while number and number % 10 == 0:
        number //= 10
        exponent += 1
    if not number:
        return "0"
    while exponent % 3 or (exponent > 18 and not found["exponent"]):
        number *= 10
        exponent -= 1
    if found["exponent"]:
        return f"{sign}{number}e{exponent}" if exponent else f"{sign}{number}"
    return f"{sign}{number}{_SUFFIXES[exponent]}"


def _binary(number: int) -> str:
    power = 0
    while number and number % 1024 == 0 and power < len(_BINARY) - 1:
        number //= 1024
        power += 1
    return f"{number}{_BINARY[power]}"


def add_quantities(first: str, second: str) -> str:
    """Return the sum of two canonical, positive quantities, in the form of the first one that is not zero."""
    whole = _nanos(first) + _nanos(second)
    in_form_of = first if first != "0" else second
    if in_form_of.endswith("i") and whole % _NANOS == 0 and whole >= 1024 * _NANOS:
        return _binary(whole // _NANOS)
    return canonical_quantity(f"{whole}n")


def larger_quantity(first: str, second: str) -> str:
    """Return the larger of two canonical quantities, the first where they are equal."""
    return second if _nanos(second) > _nanos(first) else first


_NANOS: Final = 10**9


def _nanos(text: str) -> int:
    """The billionths of a canonical quantity; 0 where it is none."""
    found = _QUANTITY.match(text)
    if found is None or not (found["whole"] or found["part"]):
        return 0
    number = int(found["whole"] + (found["part"] or ""))
    sign = -1 if found["sign"] == "-" else 1
    if found["binary"]:
        number *= 1024 ** _BINARY.index(found["binary"])
        exponent = 9
    else:
        exponent = 9 + (int(found["exponent"]) if found["exponent"] else _DECIMAL[found["decimal"] or ""])
    exponent -= len(found["part"] or "")
    return sign * int(number * 10**exponent if exponent >= 0 else -(-number // 10**-exponent))


def _round_up(number: int, exponent: int, smallest: int) -> tuple[int, int]:
    """Return the number with no part below ``10**smallest``; rounding goes away from zero."""
    if exponent >= smallest:
        return number, exponent
    scale = 10 ** (smallest - exponent)
    return -(-number // scale), smallest


def _less_than_1024(number: int, exponent: int) -> bool:
    return bool(number * 10**exponent < 1024 if exponent >= 0 else number < 1024 * 10**-exponent)
