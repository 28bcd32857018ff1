"""Numbers as text, in both directions, as Go writes and reads them (CEL's results are Go's)."""

import math
import re

# Compiled where they are needed: few rules read numbers out of text.
_DECIMAL = (
    r"[+-]?(?:[0-9](?:_?[0-9])*(?:\.(?:[0-9](?:_?[0-9])*)?)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9](?:_?[0-9])*)?\Z"
)
_HEXADECIMAL = r"[+-]?0[xX][0-9a-fA-F]*\.?[0-9a-fA-F]*[pP][+-]?[0-9]+\Z"
_SPECIAL = {"inf": math.inf, "infinity": math.inf, "nan": math.nan}


def parse_double(text: str) -> float | None:
    """The number in `text` as Go's `strconv.ParseFloat` reads it; None where it refuses, overflow included."""
    lowered = text.lower()
    sign = -1.0 if lowered.startswith("-") else 1.0
    special = _SPECIAL.get(lowered.lstrip("+-") if lowered[1:2] not in ("+", "-") else lowered)
    if special is not None:
        return sign * special
    if re.match(_DECIMAL, text):
        number = float(text)
    elif re.match(_HEXADECIMAL, text) and re.search("[0-9a-fA-F]", text.lower().split("x")[1].split("p")[0]):
        try:
            number = float.fromhex(text)
        except OverflowError:
            return None
    else:
        return None
    return None if math.isinf(number) else number


def format_double(value: float) -> str:
    """The shortest text that reads back as `value`, in the form of Go's `%g`."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    digits, _, exponent = f"{value!r}".partition("e")
    sign = "-" if digits.startswith("-") else ""
    whole, _, part = digits.lstrip("-").partition(".")
    part = "" if part == "0" else part
    place = int(exponent or 0) + len(whole)  # where the point stands, counted from the first digit of `whole`
    figures = whole + part
    stripped = figures.lstrip("0")
    place -= len(figures) - len(stripped)
    stripped = stripped.rstrip("0")
    power = place - 1
    if power < -4 or power >= 6:
        mantissa = stripped[0] + ("." + stripped[1:] if len(stripped) > 1 else "")
        return f"{sign}{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"
    if place <= 0:
        return f"{sign}0.{'0' * -place}{stripped}"
    if place >= len(stripped):
        return f"{sign}{stripped}{'0' * (place - len(stripped))}"
    return f"{sign}{stripped[:place]}.{stripped[place:]}"
