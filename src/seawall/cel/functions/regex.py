"""Regular expressions with RE2, whose time is linear in the text: a policy's expression cannot hang the webhook.

RE2 is Google's own library, through its own Python binding; it has the syntax of Go's `regexp`, which Kubernetes uses. It is
imported when the first expression is compiled, and its low-level class is used because the wrapper around it costs
ten times the match. Expressions that Python's `re` matches alike, in bounded time, go there (`regex_subset`).
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from seawall.cel.errors import CelError
from seawall.cel.functions.core import text_of
from seawall.cel.operators import no_overload

# What Go's `regexp` says where RE2 says something else.
_GO_WORDS: Final = {
    "missing ]": "missing closing ]",
    "missing )": "missing closing )",
    "trailing \\": "trailing backslash at end of expression",
    "no argument for repetition operator": "missing argument to repetition operator",
    "invalid repetition size": "invalid repeat count",
    "bad repetition operator": "invalid nested repetition operator",
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "invalid named capture group": "invalid named capture",
}


def _refusal(error: str) -> str:
    what, _, part = error.partition(": ")
    return f"error parsing regexp: {_GO_WORDS.get(what, what)}: `{part}`"


class Pattern:
    """A compiled expression. Raises `CelError` for one that RE2 refuses."""

    __slots__ = ("_anchor", "_expression")

    def __init__(self, source: str) -> None:
        from re2 import _re2  # type: ignore[import-untyped]

        options = _re2.RE2.Options()
        options.log_errors = False
        self._expression = _re2.RE2(source.encode(), options)
        self._anchor = _re2.RE2.Anchor.UNANCHORED
        if not self._expression.ok():
            raise CelError(_refusal(self._expression.error().decode("utf-8", "replace")))

    def test(self, text: str) -> bool:
        """Whether the expression matches anywhere in `text`."""
        data = text.encode()
        return self._match(data, 0)[0] != -1

    def _match(self, data: bytes, start: int) -> tuple[int, int]:
        spans: list[tuple[int, int]] = self._expression.Match(self._anchor, data, start, len(data))
        return spans[0] if spans else (-1, -1)

    def find(self, text: str) -> str:
        """The first match, or an empty string."""
        data = text.encode()
        start, end = self._match(data, 0)
        return "" if start < 0 else data[start:end].decode()

    def find_all(self, text: str, limit: int) -> list[str]:
        """The matches from left to right, at most `limit` of them (all when negative), as Go's `FindAllString` gives them."""
        data, found, at, previous = text.encode(), list[str](), 0, -1
        while at <= len(data) and (limit < 0 or len(found) < limit):
            start, end = self._match(data, at)
            if start < 0:
                break
            if end > start or start != previous:  # an empty match right behind a match does not count
                found.append(data[start:end].decode())
            previous = end
            at = end if end > at else at + 1
            while at < len(data) and data[at] & 0xC0 == 0x80:  # never inside a character
                at += 1
        return found


@lru_cache(maxsize=512)
def compiled(source: str) -> Pattern:
    """The pattern for `source`; the most recent ones are kept."""
    return Pattern(source)


# An expression goes to `re` once it has been asked this often: compiling one there takes as long as six hundred matches here,
# which most scans do not have, for they ask the same texts again and again.
_WORTH_TRANSLATING = 512

# Texts that an expression was asked, with its answers: images, arguments and names repeat a great deal. What is long does not.
_MOST_KNOWN = 1024
_LONGEST_KNOWN = 200


class pattern:  # noqa: N801 (generated code calls it like a function)
    """A literal expression of a program: compiled at its first use, called with the text."""

    __slots__ = ("_asked", "_compiled", "_known", "_limit", "_search", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._compiled: Pattern | None = None
        self._search: Callable[[str], object] | None = None
        self._limit = -1  # the longest text for `_search`
        self._asked = 0
        self._known: dict[str, bool] = {}

    def __call__(self, text: Any) -> bool:
        if text.__class__ is not str:
            return self._ask(text_of(text))
        found = self._known.get(text)
        if found is None:
            found = self._ask(text)
            if len(text) <= _LONGEST_KNOWN:
                if len(self._known) >= _MOST_KNOWN:
                    self._known.clear()
                self._known[text] = found
        return found

    def _ask(self, text: str) -> bool:
        if len(text) <= self._limit and text.isascii():
            return self._search(text) is not None  # type: ignore[misc]  # set together with the limit
        expression = self._compiled
        if expression is None:
            expression = self._compiled = compiled(self.source)
        self._asked += 1
        if self._asked == _WORTH_TRANSLATING:
            from seawall.cel.functions.regex_subset import translate

            if (found := translate(self.source)) is not None:
                self._search, self._limit = found[0].search, found[1]
        return expression.test(text)


def _compile(source: str) -> Pattern:
    try:
        return compiled(source)
    except CelError as error:
        raise CelError(f"Illegal regex: {error}") from None


def find_first(text: Any, expression: Any) -> str:
    """`text.find(expression)`."""
    subject = text_of(text, expression)
    return _compile(text_of(expression)).find(subject)


def find_all(text: Any, expression: Any, limit: Any = -1) -> list[str]:
    """`text.findAll(expression)`, `text.findAll(expression, limit)`."""
    subject, source = text_of(text, expression, limit), text_of(expression, limit)
    if type(limit) is not int:
        raise no_overload(limit)
    return _compile(source).find_all(subject, limit)
