"""Versions of Alpine, Wolfi and Chainguard packages: ``1.2.3b_rc1-r4``, in the order of apk-tools.

    compare_apk("1.2_rc1", "1.2")    # -1
    compare_apk("1.2_p1", "1.2")     # 1

Well formed versions are ``number{.number}[letter]{_suffix[number]}[-rnumber]``. A malformed one is older from where it is
malformed, as in the current apk: tests/conformance/versions has the cases.
"""

from functools import lru_cache
from typing import Final

_DIGIT_OR_ZERO, _DIGIT, _LETTER, _SUFFIX, _SUFFIX_NUMBER, _REVISION, _END, _INVALID = range(8)
"""Kinds of token in the order that they may come in; of two versions that were the same so far, the one whose next token is of
the earlier kind is the newer: there is more to say about it, and what is malformed is the oldest."""

_SUFFIXES: Final = {"alpha": -4, "beta": -3, "pre": -2, "rc": -1, "cvs": 0, "svn": 1, "git": 2, "hg": 3, "p": 4}
"""Those below 0 come before the release that they are a suffix of."""

_MAY_GO_BACK: Final = {(_DIGIT, _DIGIT_OR_ZERO), (_SUFFIX_NUMBER, _SUFFIX), (_LETTER, _DIGIT)}
_DIGITS: Final = frozenset("0123456789")

_Token = tuple[int, int]  # kind, value


def compare_apk(left: str, right: str) -> int:
    """Compare two versions as apk does; every text has a place in the order."""
    for (kind_a, a), (kind_b, b) in zip(_tokens(left), _tokens(right), strict=False):
        if kind_a == kind_b and a == b:
            continue
        if kind_a == kind_b:
            return -1 if a < b else 1
        # The rest of one is of another kind: a suffix before the release makes it the older, otherwise having more to say wins.
        if kind_a == _SUFFIX and a < 0:
            return -1
        if kind_b == _SUFFIX and b < 0:
            return 1
        return -1 if kind_a > kind_b else 1
    return 0


@lru_cache(maxsize=65536)
def _tokens(text: str) -> tuple[_Token, ...]:
    """Return the tokens of a version, closed by one of kind `_END` or `_INVALID`."""
    tokens: list[_Token] = []
    kind, at = _DIGIT, 0
    while kind not in (_END, _INVALID):
        read = _value(kind, text, at)
        if read is None:
            kind = _INVALID
            break
        value, end, next_kind = read
        # A number without digits, as between two points, is malformed, yet what follows it counts.
        tokens.append((_INVALID if end == at and kind == _DIGIT_OR_ZERO else kind, value))
        at = end
        if at >= len(text):
            kind = _END
        elif next_kind is not None:
            kind = next_kind
        else:
            kind, at = _next_kind(kind, text, at)
    tokens.append((kind, 0))
    return tuple(tokens)


def _value(kind: int, text: str, at: int) -> tuple[int, int, int | None] | None:
    """Return the value at `at`, where it ends, and the kind that must follow; None where there is no value of that kind."""
    if at >= len(text):
        return 0, at, _END
    if kind == _LETTER:
        return ord(text[at]), at + 1, None
    if kind == _SUFFIX:
        for suffix, rank in _SUFFIXES.items():
            if text.startswith(suffix, at):
                return rank, at + len(suffix), None
        return None
    end = at
    if kind == _DIGIT_OR_ZERO and text[at] == "0":
        # Zeros after a point are the digits of a fraction: 1.05 is older than 1.5, and 1.005 than 1.05.
        while end < len(text) and text[end] == "0":
            end += 1
        return at - end, end, _DIGIT
    while end < len(text) and text[end] in _DIGITS:
        end += 1
    return int(text[at:end] or "0"), end, None


def _next_kind(kind: int, text: str, at: int) -> tuple[int, int]:
    """Return the kind of the token after one of `kind`, and where its value begins."""
    character = text[at]
    if kind in (_DIGIT, _DIGIT_OR_ZERO) and "a" <= character <= "z":
        following = _LETTER
    elif kind == _LETTER and character in _DIGITS:
        following = _DIGIT
    elif kind == _SUFFIX and character in _DIGITS:
        following = _SUFFIX_NUMBER
    elif character == "-" and text.startswith("r", at + 1) and not text[at + 2 : at + 3].isalpha():
        following, at = _REVISION, at + 2
    else:
        following, at = {".": _DIGIT_OR_ZERO, "_": _SUFFIX}.get(character, _INVALID), at + 1
    if following < kind and (kind, following) not in _MAY_GO_BACK:
        following = _INVALID
    return following, at
