"""Kubernetes' semver library: semantic versions, as `github.com/blang/semver/v4` reads and orders them."""

from typing import Any, Final

from seawall.cel.errors import CelError
from seawall.cel.functions.core import text_of
from seawall.cel.functions.formatting import go_quote
from seawall.cel.operators import no_overload
from seawall.cel.values import UINT_MAX, Opaque

_DIGITS: Final = frozenset("0123456789")
_IDENTIFIER: Final = _DIGITS | set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-")


class Semver(Opaque):
    """A version (`kubernetes.Semver`). Equality and order leave the build metadata out of account."""

    cel_type = "kubernetes.Semver"
    __slots__ = ("build", "numbers", "prerelease")

    def __init__(
        self, numbers: tuple[int, int, int], prerelease: tuple[int | str, ...], build: tuple[str, ...]
    ) -> None:
        self.numbers = numbers
        self.prerelease = prerelease
        self.build = build

    @property
    def key(self) -> Any:
        """What versions are ordered by: a release after its prereleases, numbers before words."""
        words = tuple((isinstance(part, str), part) for part in self.prerelease)
        return self.numbers, not words, words

    def same(self, other: Any) -> bool:
        return bool(self.key == other.key)

    def __str__(self) -> str:
        text = ".".join(map(str, self.numbers))
        if self.prerelease:
            text += "-" + ".".join(map(str, self.prerelease))
        return text + ("+" + ".".join(self.build) if self.build else "")


def _number(text: str, what: str) -> int:
    if not _DIGITS.issuperset(text):
        raise CelError(f"Invalid character(s) found in {what} number {go_quote(text)}")
    if len(text) > 1 and text[0] == "0":
        raise CelError(f"{what.capitalize()} number must not contain leading zeroes {go_quote(text)}")
    return _parse_uint(text)


def _parse_uint(text: str) -> int:
    if not text:
        raise CelError('strconv.ParseUint: parsing "": invalid syntax')
    if len(text) > 20 or int(text) > UINT_MAX:
        raise CelError(f"strconv.ParseUint: parsing {go_quote(text)}: value out of range")
    return int(text)


def _prerelease(text: str) -> int | str:
    if not text:
        raise CelError("Prerelease is empty")
    if _DIGITS.issuperset(text):
        if len(text) > 1 and text[0] == "0":
            raise CelError(f"Numeric PreRelease version must not contain leading zeroes {go_quote(text)}")
        return _parse_uint(text)
    if not _IDENTIFIER.issuperset(text):
        raise CelError(f"Invalid character(s) found in prerelease {go_quote(text)}")
    return text


def _build(text: str) -> str:
    if not text:
        raise CelError("Build meta data is empty")
    if not _IDENTIFIER.issuperset(text):
        raise CelError(f"Invalid character(s) found in build meta data {go_quote(text)}")
    return text


def parse_semver(text: str) -> Semver:
    """The version in `text`. Raises `CelError`."""
    if not text:
        raise CelError("Version string empty")
    parts = text.split(".", 2)
    if len(parts) != 3:
        raise CelError("No Major.Minor.Patch elements found")
    major, minor = _number(parts[0], "major"), _number(parts[1], "minor")
    rest, plus, build = parts[2].partition("+")
    patch, dash, prerelease = rest.partition("-")
    numbers = (major, minor, _number(patch, "patch"))
    words = tuple(_prerelease(word) for word in prerelease.split(".")) if dash else ()
    return Semver(numbers, words, tuple(_build(word) for word in build.split(".")) if plus else ())


def _normalised(text: str) -> str:
    """`text` without `v` and leading zeros, filled up to three numbers."""
    parts = text.removeprefix("v").split(".", 2)
    for place, part in enumerate(parts):
        if len(part.encode("utf-8", "surrogateescape")) > 1:  # Go counts bytes
            short = part.lstrip("0")
            parts[place] = short if short[:1] in _DIGITS and short else "0" + short
    if len(parts) < 3:
        if "+" in parts[-1] or "-" in parts[-1]:
            raise CelError("short version cannot contain PreRelease/Build meta data")
        parts += ["0"] * (3 - len(parts))
    return ".".join(parts)


def to_semver(value: Any, normalise: Any = False) -> Semver:
    """`semver(text)`, `semver(text, normalise)`."""
    text = text_of(value, normalise)
    if type(normalise) is not bool:
        raise no_overload(value, normalise)
    return parse_semver(_normalised(text) if normalise else text)


def is_semver(value: Any, normalise: Any = False) -> bool:
    """`isSemver(text)`, `isSemver(text, normalise)`."""
    text = text_of(value, normalise)
    if type(normalise) is not bool:
        raise no_overload(value, normalise)
    try:
        parse_semver(_normalised(text) if normalise else text)
    except CelError:
        return False
    return True


def _numbers(value: Any) -> tuple[int, int, int]:
    if not isinstance(value, Semver):
        raise no_overload(value)
    return value.numbers


def _signed(number: int) -> int:
    return number - 2**64 if number >= 2**63 else number  # Go converts an unsigned number without a check


def major(value: Any) -> int:
    """`major()`."""
    return _signed(_numbers(value)[0])


def minor(value: Any) -> int:
    """`minor()`."""
    return _signed(_numbers(value)[1])


def patch(value: Any) -> int:
    """`patch()`."""
    return _signed(_numbers(value)[2])
