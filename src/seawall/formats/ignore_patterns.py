"""Patterns of ``.gitignore`` and ``.seawallignore`` files, with git's meaning (gitignore(5)).

The last pattern that matches decides; ``!`` takes back; a pattern with a ``/`` in front or within is bound to the directory of
its file; one that ends in ``/`` matches directories only; ``**`` crosses directories. The judge is ``git check-ignore``.
"""

import re
from dataclasses import dataclass

MAX_PATTERN = 1_000
"""Longest pattern that is compiled: longer than any path that matters, and a bound on what a regular expression costs."""


@dataclass(frozen=True, slots=True)
class IgnorePattern:
    """One line of an ignore file: `regex` matches the path relative to the file's directory."""

    regex: re.Pattern[str]
    negated: bool
    directories_only: bool


def parse_ignore_file(text: str) -> list[IgnorePattern]:
    """Return the patterns of an ignore file, in their order. Lines that git does not take as a pattern are left out."""
    patterns = []
    for line in text.removeprefix("\ufeff").split("\n"):
        pattern = _parse_line(line.removesuffix("\r"))
        if pattern is not None:
            patterns.append(pattern)
    return patterns


def decide(patterns: list[IgnorePattern], path: str, *, is_directory: bool) -> bool | None:
    """Return whether `path` is ignored, or None when no pattern speaks of it."""
    for pattern in reversed(patterns):
        if (is_directory or not pattern.directories_only) and pattern.regex.fullmatch(path):
            return not pattern.negated
    return None


def _parse_line(line: str) -> IgnorePattern | None:
    line = _strip_trailing_spaces(line)
    if not line or line.startswith("#") or len(line) > MAX_PATTERN:
        return None
    negated = line.startswith("!")
    if negated:
        line = line[1:]
    directories_only = line.endswith("/")
    line = line.removesuffix("/")
    if not line:
        return None
    anchored = "/" in line
    expression = _translate(line.removeprefix("/"))
    if expression is None:
        return None
    regex = re.compile(expression if anchored else f"(?:.*/)?{expression}", re.DOTALL)
    return IgnorePattern(regex, negated, directories_only)


def _strip_trailing_spaces(line: str) -> str:
    """Trailing spaces do not count, unless a backslash stands in front of them."""
    stripped = line.rstrip(" ")
    backslashes = len(stripped) - len(stripped.rstrip("\\"))
    return stripped + " " if backslashes % 2 and len(stripped) < len(line) else stripped


def _translate(pattern: str) -> str | None:
    """Return the regular expression for the glob `pattern`, or None where git takes it to match nothing."""
    parts: list[str] = []
    position = 0
    while position < len(pattern):
        character = pattern[position]
        position += 1
        if character == "*":
            start = position - 1
            while position < len(pattern) and pattern[position] == "*":
                position += 1
            at_start = start == 0 or pattern[start - 1] == "/"
            at_end = position == len(pattern)
            if position - start != 2 or not at_start or not (at_end or pattern[position] == "/"):
                parts.append("[^/]*")
            elif at_end:
                parts.append(".+" if start else ".*")
            else:
                parts.append("(?:.*/)?")
                position += 1
        elif character == "?":
            parts.append("[^/]")
        elif character == "[":
            bracket = _translate_bracket(pattern, position)
            if bracket is None:
                return None
            expression, position = bracket
            parts.append(expression)
        elif character == "\\":
            if position == len(pattern):
                return None
            parts.append(re.escape(pattern[position]))
            position += 1
        else:
            parts.append(re.escape(character))
    return "".join(parts)


_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "lower": "a-z",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
    "space": r"\s",
    "punct": r"!-/:-@\[-`{-~",
}


def _translate_bracket(pattern: str, position: int) -> tuple[str, int] | None:
    """Return the regular expression for the bracket that opens before `position`, and where the pattern goes on."""
    negated = pattern[position : position + 1] in ("!", "^")
    if negated:
        position += 1
    members: list[str] = []
    first = True
    while position < len(pattern) and (first or pattern[position] != "]"):
        first = False
        named = re.compile(r"\[:(\w+):\]").match(pattern, position)
        if named is not None:
            if named[1] not in _CLASSES:
                return None
            members.append(_CLASSES[named[1]])
            position = named.end()
            continue
        low, position = _bracket_character(pattern, position)
        high = low
        if pattern[position : position + 1] == "-" and pattern[position + 1 : position + 2] not in ("", "]"):
            high, position = _bracket_character(pattern, position + 1)
        if low <= high:
            members.append(f"{re.escape(low)}-{re.escape(high)}")
    if position >= len(pattern):
        return None
    if not members:
        return ("[^/]" if negated else r"(?!)"), position + 1
    return f"(?![/])[{'^' if negated else ''}{''.join(members)}]", position + 1


def _bracket_character(pattern: str, position: int) -> tuple[str, int]:
    if pattern[position] == "\\" and position + 1 < len(pattern):
        position += 1
    return pattern[position], position + 1
