"""Kubernetes' quantity library: amounts such as `1.5Gi`, as apimachinery's `resource.Quantity` reads and compares them.

A quantity is held in one of two forms, as there: a 64-bit number with a decimal scale, or an exact decimal where that does
not fit (large numbers, fractions of binary units, less than a billionth). Which form it is shows: `isInteger` and
`asInteger` know the first one only. Two traits of the API server are reproduced because they change verdicts: a
comparison turns the left side into the second form when the right side has it, and `add` and `sub` change a left side of
the second form in place. So a quantity belongs to one evaluation and must not be kept for the next.
"""

from typing import Any, Final

from seawall.cel.errors import CelError
from seawall.cel.functions.core import text_of
from seawall.cel.operators import no_overload, over_limit
from seawall.cel.values import INT_MAX, INT_MIN, Opaque

_FORMAT_ERROR: Final = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_DECIMAL: Final = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY: Final = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_OF: Final = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_BINARY_OF: Final = {exponent: suffix for suffix, exponent in _BINARY.items()}
_SMALLEST: Final = -9  # nothing below a billionth is kept
# Go would build a number of that many digits to compare two quantities; no quantity of a resource comes near.
_SCALE_LIMIT: Final = 100_000
_TEXT_LIMIT: Final = 4_000  # below Python's own limit for numbers in text


class _Decimal:
    """An exact number, `unscaled` times ten to the power `scale`; changed in place by `add` and `sub`."""

    __slots__ = ("scale", "unscaled")

    def __init__(self, unscaled: int, scale: int) -> None:
        self.unscaled = unscaled
        self.scale = scale

    def at(self, scale: int) -> int:
        """The number as whole multiples of ten to the power `scale`, which is not above its own."""
        if self.scale - scale > _SCALE_LIMIT:
            raise over_limit()
        return int(self.unscaled * 10 ** (self.scale - scale))


class Quantity(Opaque):
    """A quantity (`kubernetes.Quantity`). `notation` is how it was written: `decimal`, `exponent` or `binary`."""

    cel_type = "kubernetes.Quantity"
    __slots__ = ("derived", "exact", "notation", "number", "scale")

    def __init__(self, number: int, scale: int, notation: str, exact: _Decimal | None = None) -> None:
        self.number = number
        self.scale = scale
        self.notation = notation
        self.exact = exact
        self.derived = False

    def decimal(self) -> _Decimal:
        """The exact decimal, without changing the form."""
        return self.exact or _Decimal(self.number, self.scale)

    def sign(self) -> int:
        number = self.exact.unscaled if self.exact else self.number
        return (number > 0) - (number < 0)

    def same(self, other: Any) -> bool:
        if other.derived:
            # The API server's `==` does not know the results of `add` and `sub` on its right side.
            raise CelError("no such overload")
        return _order(self.decimal(), other.decimal()) == 0

    def __str__(self) -> str:
        """The canonical form."""
        if not self.sign():
            return "0"
        number, scale = _without_tens(self.decimal().unscaled, self.decimal().scale)
        if self.notation == "binary" and scale >= 0 and not -1024 < (units := _Decimal(number, scale).at(0)) < 1024:
            times = 0
            while units % 1024 == 0:
                units, times = units // 1024, times + 1
            return f"{units}{_BINARY_OF.get(times * 10, '')}"
        number, scale = number * 10 ** (scale % 3), scale - scale % 3
        if self.notation == "exponent":
            return f"{number}e{scale}" if scale else str(number)
        return f"{number}{_DECIMAL_OF.get(scale, '')}"


def _without_tens(unscaled: int, scale: int) -> tuple[int, int]:
    while unscaled and unscaled % 10 == 0:
        unscaled, scale = unscaled // 10, scale + 1
    return unscaled, scale


def _order(a: _Decimal, b: _Decimal) -> int:
    scale = min(a.scale, b.scale)
    left, right = a.at(scale), b.at(scale)
    return (left > right) - (left < right)


def _split(text: str) -> tuple[str, str, str, str]:
    """The sign, the digits before and behind the point, and the suffix. Raises `CelError`."""
    sign, rest = (text[0], text[1:]) if text[0] in "+-" else ("", text)
    rest = rest.lstrip("0")
    whole = rest[: _digits(rest)]
    rest = rest[len(whole) :]
    part = ""
    if rest.startswith("."):
        part = rest[1 : 1 + _digits(rest[1:])]
        rest = rest[1 + len(part) :]
    letters = len(rest) - len(rest.lstrip("eEinumkKMGTP"))
    exponent = rest[letters:]
    if exponent[:1] in ("+", "-"):
        exponent = exponent[1:]
    if _digits(exponent) != len(exponent):
        raise CelError(_FORMAT_ERROR)
    return sign, whole, part, rest


def _digits(text: str) -> int:
    """How many digits stand at the start."""
    return len(text) - len(text.lstrip("0123456789"))


def _suffix(suffix: str) -> tuple[str, int]:
    """The notation and the exponent that a suffix means. Raises `CelError`."""
    if suffix in _DECIMAL:
        return "decimal", _DECIMAL[suffix]
    if suffix in _BINARY:
        return "binary", _BINARY[suffix]
    digits = suffix[1:].lstrip("+-")
    if suffix[0] in "eE" and digits.isdigit() and len(digits) < 20 and INT_MIN <= int(suffix[1:]) <= INT_MAX:
        return "exponent", _int32(int(suffix[1:]))
    raise CelError("unable to parse quantity's suffix")


def _int32(number: int) -> int:
    return (number + 2**31) % 2**32 - 2**31


def _int64(number: int) -> int:
    return (number + 2**63) % 2**64 - 2**63


def parse_quantity(text: str) -> Quantity:
    """The quantity in `text`. Raises `CelError` with the words of `resource.ParseQuantity`."""
    if len(text) > _TEXT_LIMIT:
        raise over_limit()
    if not text:
        raise CelError(_FORMAT_ERROR)
    sign, whole, part, suffix = _split(text)
    notation, exponent = _suffix(suffix)
    # The words `num` and `denom` of the original: an empty number counts as one digit.
    length = len(whole or "0") + len(part)
    if not whole and not part and not suffix:
        return Quantity(0, 0, notation)
    if notation == "binary":
        fits = not part and 15 - length - int(exponent * 3 / 10) - 1 >= 0
        scale, factor = 0, 1 << exponent
    else:
        fits = 18 - length >= 0
        scale, factor = exponent - len(part), 1
    negative = -1 if sign == "-" else 1
    if fits and scale >= _SMALLEST:
        number = int(whole + part or "0") * factor
        if number <= INT_MAX:
            return Quantity(negative * number, scale, notation)
    if not whole and not part and not any(character in "0123456789" for character in text[: len(text) - len(suffix)]):
        raise CelError("unable to parse numeric part of quantity")
    return _exact(negative * int(whole + part or "0"), -len(part), notation, exponent)


def _exact(unscaled: int, scale: int, notation: str, exponent: int) -> Quantity:
    if notation == "binary":
        unscaled <<= exponent
    else:
        scale += exponent
    number = abs(unscaled)
    if number and scale < _SMALLEST:  # rounded away from zero: who asks for something gets something
        drop = _SMALLEST - scale
        number, scale = (1 if drop > _SCALE_LIMIT else -(-number // 10**drop)), _SMALLEST
    elif number:  # always held in billionths, which shows in the rounding of asApproximateFloat
        number, scale = _Decimal(number, scale).at(_SMALLEST), _SMALLEST
    if notation == "binary":
        whole = number >= 10**-scale
        if number > INT_MAX * 10**-scale:
            number, scale = INT_MAX, 0
        elif number and not whole:
            notation = "decimal"
    return Quantity(0, 0, notation, _Decimal(number if unscaled >= 0 else -number, scale))


def _quantity(value: Any, *others: Any) -> Quantity:
    if isinstance(value, Quantity):
        return value
    raise no_overload(value, *others)


def to_quantity(text: Any) -> Quantity:
    """`quantity(text)`."""
    return parse_quantity(text_of(text))


def is_quantity(text: Any) -> bool:
    """`isQuantity(text)`."""
    try:
        parse_quantity(text_of(text))
    except CelError:
        if not isinstance(text, str):
            raise
        return False
    return True


def sign(value: Any) -> int:
    """`sign(quantity)`: -1, 0 or 1."""
    return _quantity(value).sign()


def compare_quantities(a: Quantity, b: Quantity) -> int:
    """`a.compareTo(b)`; see the module for what it does to `a`."""
    if b.exact and not a.exact:
        a.exact = a.decimal()
    return _order(a.decimal(), b.decimal())


def as_float(value: Any) -> float:
    """`asApproximateFloat()`: nearest but for the rounding of one multiplication, infinite where too large."""
    decimal = _quantity(value).decimal()
    try:
        base = float(decimal.unscaled)
    except OverflowError:
        base = float("inf") if decimal.unscaled > 0 else float("-inf")
    return base if decimal.scale == 0 else base * _power_of_ten(decimal.scale)


def _power_of_ten(exponent: int) -> float:
    """Ten to that power as Go's `math.Pow10` gives it: a product of two table entries."""
    if exponent > 308:
        return float("inf")
    if exponent < -323:
        return 0.0
    if exponent >= 0:
        return float(f"1e{exponent // 32 * 32}") * float(f"1e{exponent % 32}")
    return float(f"1e-{-exponent // 32 * 32}") / float(f"1e{-exponent % 32}")


def _whole(value: Quantity) -> int | None:
    if value.exact or value.scale < 0:
        return None
    if value.scale > 18 and value.number:
        return None
    number = value.number * 10 ** min(value.scale, 18)
    return number if INT_MIN <= number <= INT_MAX else None


def as_integer(value: Any) -> int:
    """`asInteger()`; an error where `isInteger` is false."""
    number = _whole(_quantity(value))
    if number is None:
        raise CelError("cannot convert value to integer")
    return number


def is_integer(value: Any) -> bool:
    """`isInteger()`: whether the quantity is held as a 64-bit number without a fraction (`1.0` is not)."""
    return _whole(_quantity(value)) is not None


def add_quantity(value: Any, other: Any) -> Quantity:
    """`add(quantity or int)`."""
    return _add(value, other, 1)


def sub_quantity(value: Any, other: Any) -> Quantity:
    """`sub(quantity or int)`."""
    return _add(value, other, -1)


def _add(value: Any, other: Any, direction: int) -> Quantity:
    left = _quantity(value, other)
    right = Quantity(other, 0, "exponent") if type(other) is int else _quantity(other)
    result = Quantity(left.number, left.scale, left.notation, left.exact)
    result.derived = True
    if not left.sign():
        result.notation = right.notation
    if not left.exact and not right.exact and _add_numbers(result, _int64(direction * right.number), right.scale):
        return result
    if result.exact is None:
        result.exact = result.decimal()
    exact, term = result.exact, right.decimal()
    scale = min(exact.scale, term.scale)
    exact.unscaled, exact.scale = exact.at(scale) + direction * term.at(scale), scale
    return result


def _add_numbers(result: Quantity, number: int, scale: int) -> bool:
    """Add to the 64-bit form; False, and no change, where it would not fit."""
    if not number:
        return True
    if not result.number:
        result.number, result.scale = number, scale
        return True
    common = min(result.scale, scale)
    if max(result.scale, scale) - common > 18:
        return False
    left, right = result.number * 10 ** (result.scale - common), number * 10 ** (scale - common)
    if not all(INT_MIN <= part <= INT_MAX for part in (left, right, left + right)):
        return False
    result.number, result.scale = left + right, common
    return True
