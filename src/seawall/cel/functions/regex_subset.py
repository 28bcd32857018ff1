"""Expressions that Python's own `re` matches exactly as RE2 does, in bounded time, and about ten times faster from Python.

Most expressions of rules are simple: literals, classes, anchors, a repetition or two. `translate` recognises these and gives
the same expression in Python's syntax with a bound on the text's length below which backtracking cannot matter; everything
else stays with RE2. Both agree on ASCII texts only (case folding, `\\w` and `\\b` differ beyond), which `matcher` checks.

Sources: RE2's syntax page and that of Python's `re`. What differs: `$` means the very end in RE2, `\\s` has no vertical tab
there, and `[[:alpha:]]`, `\\pN`, `\\Q…\\E`, flags inside the expression and named groups are written in other ways or not at all.
"""

import re
from typing import Final

# Text lengths up to which an expression with that many unbounded repetitions is tried by backtracking: each repetition may
# multiply the work by the length, and the search for a start does so once more, so that these all stay near a million steps.
_LENGTHS: Final = (1 << 16, 1024, 96, 32)

_SPACE: Final = r"\t\n\f\r "
_ESCAPES: Final = {"s": f"[{_SPACE}]", "S": f"[^{_SPACE}]", "z": r"\Z", "A": r"\A", "b": r"\b", "B": r"\B"}
_SAME: Final = frozenset("dDwWtnrfv")
_REPEAT: Final = re.compile(r"\{(\d{1,3})(,(\d{1,3})?)?\}")
_MOST_REPEATS: Final = 100


class _Refused(Exception):  # noqa: N818 (never leaves this module)
    """The expression is not one of those that both read alike."""


def translate(source: str) -> tuple["re.Pattern[str]", int] | None:
    """The expression `source` of RE2 for Python, and the longest text to try it on; None where RE2 must do it."""
    if not source.isascii():
        return None
    flags = re.ASCII
    body = source
    if body.startswith("(?i)"):
        flags |= re.IGNORECASE
        body = body[4:]
    reader = _Reader(body)
    try:
        text = reader.alternatives()
        if reader.at != len(body) or reader.unbounded >= len(_LENGTHS):
            return None
        return re.compile(text, flags), _LENGTHS[reader.unbounded]
    except (_Refused, re.error, RecursionError, OverflowError):
        return None


class _Reader:
    """Reads an expression from left to right and writes it in Python's syntax."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.unbounded = 0

    def alternatives(self) -> str:
        start, most = self.unbounded, 0
        branches = []
        while True:
            self.unbounded = start  # only one branch is on the way to a match: their work adds up, it does not multiply
            branches.append(self._sequence())
            most = max(most, self.unbounded)
            if self._peek() != "|":
                break
            self.at += 1
        self.unbounded = most
        return "|".join(branches)

    def _peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else ""

    def _sequence(self) -> str:
        parts = []
        while (character := self._peek()) and character not in "|)":
            before = self.unbounded
            atom, repeatable = self._atom(character)
            parts.append(atom + self._repetition(repeatable, self.unbounded > before))
        return "".join(parts)

    def _atom(self, character: str) -> tuple[str, bool]:
        """One thing that a repetition can follow, and whether it may."""
        self.at += 1
        if character == "(":
            opening = "?:"
            if self._peek() == "?":
                opening = next((form for form in ("?:", "?i:") if self.text.startswith(form, self.at)), "")
                if not opening:
                    raise _Refused
                self.at += len(opening)
            inner = self.alternatives()
            if self._peek() != ")":
                raise _Refused
            self.at += 1
            return f"({opening}{inner})", True
        if character == "[":
            return self._class(), True
        if character == "\\":
            escape, is_anchor = self._escape()
            return escape, not is_anchor
        if character == "^":
            return r"\A", False
        if character == "$":
            return r"\Z", False
        if character == ".":
            return ".", True
        if character in "*+?{":
            raise _Refused
        return re.escape(character), True

    def _escape(self) -> tuple[str, bool]:
        letter = self._peek()
        self.at += 1
        if letter in _ESCAPES and letter:
            return _ESCAPES[letter], letter not in "sS"
        if letter in _SAME and letter:
            return "\\" + letter, False
        if not letter or letter.isalnum():
            raise _Refused
        return re.escape(letter), False

    def _class(self) -> str:
        parts = ["["]
        if self._peek() == "^":
            parts.append("^")
            self.at += 1
        first = True
        while (character := self._peek()) != "]" or first:
            if not character or character == "[" or (character == "]" and first):
                raise _Refused  # a POSIX class, or brackets that the two read differently
            first = False
            self.at += 1
            if character == "\\":
                letter = self._peek()
                self.at += 1
                if letter == "s":
                    parts.append(_SPACE)
                elif letter in _SAME and letter:
                    parts.append("\\" + letter)
                elif not letter or letter.isalnum():
                    raise _Refused
                else:
                    parts.append("\\" + letter)
            elif character == "-":
                parts.append("-" if self._is_range(parts) else r"\-")
            else:
                parts.append("\\" + character if character in "&~|^" else character)
        self.at += 1
        return "".join(parts) + "]"

    def _is_range(self, parts: list[str]) -> bool:
        """Whether a hyphen stands between two plain characters; RE2 and Python differ on most other uses."""
        following = self._peek()
        if len(parts) == 1 or parts[-1] == "^" or following == "]":
            return False
        if not (parts[-1].isalnum() and len(parts[-1]) == 1 and following.isalnum()):
            raise _Refused
        return True

    def _repetition(self, repeatable: bool, holds_unbounded: bool) -> str:
        character = self._peek()
        if character not in ("*", "+", "?", "{") or not character:
            return ""
        text, unbounded = character, character in "*+"
        if character == "{":
            found = _REPEAT.match(self.text, self.at)
            if found is None:
                raise _Refused
            if max(int(found[1]), int(found[3] or 0)) > _MOST_REPEATS:
                raise _Refused
            text, unbounded = found[0], bool(found[2]) and not found[3]
        if not repeatable or (holds_unbounded and text != "?"):
            raise _Refused  # a repetition within a repetition is where backtracking explodes
        self.at += len(text)
        self.unbounded += unbounded
        if self._peek() == "?":
            text += "?"
            self.at += 1
        if self._peek() and self._peek() in "*+?{":
            raise _Refused
        return text
