"""The words of an instruction and what the variables in them stand for.

``$NAME``, ``${NAME}``, ``${NAME:-default}``, ``${NAME:+other}`` and their forms without a colon are replaced; single quotes and
the escape character keep what follows as it is. A variable that nobody set, and the forms that cut text out of a value, are not
known: the word is then None, never a guess.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

import msgspec

Variables: TypeAlias = Mapping[str, "str | None"]
"""What is set: a value, or None where it is set to something that nobody knows."""

_VARIABLE: Final = re.compile(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(:?[-+?])?([^{}$]*)\})")
_ANY_BRACE: Final = re.compile(r"\$\{[^}]*\}?")


class Word(msgspec.Struct, frozen=True):
    """A word as written, between two offsets, and its value: quotes and escapes taken away, variables replaced, or None."""

    text: str
    start: int
    end: int
    value: str | None


def split(text: str, escape: str, variables: Variables | None) -> list[Word]:
    """Return the words of `text`. With `variables` None, a ``$`` is a character like others (the shell will replace it)."""
    return [
        Word(text[start:end], start, end, expand(text[start:end], escape, variables))
        for start, end in _bounds(text, escape)
    ]


def _bounds(text: str, escape: str) -> Iterator[tuple[int, int]]:
    position, length = 0, len(text)
    while position < length:
        if text[position].isspace():
            position += 1
            continue
        start, quote = position, ""
        while position < length and (quote or not text[position].isspace()):
            character = text[position]
            if character == escape and quote != "'" and position + 1 < length:
                position += 1
            elif quote:
                quote = "" if character == quote else quote
            elif character in "'\"":
                quote = character
            position += 1
        yield start, position


def expand(text: str, escape: str, variables: Variables | None) -> str | None:
    """Return what `text`, a word as written, stands for; None where that is not known."""
    parts: list[str] = []
    position, quote = 0, ""
    while position < len(text):
        character = text[position]
        if character == escape and quote != "'" and position + 1 < len(text):
            following = text[position + 1]
            if quote == '"' and following not in ('"', "$", escape):
                parts.append(character)
            parts.append(following)
            position += 2
        elif character in "'\"" and (not quote or quote == character):
            quote = "" if quote else character
            position += 1
        elif character == "$" and quote != "'" and variables is not None:
            found = _VARIABLE.match(text, position)
            if found is None:
                if _ANY_BRACE.match(text, position):
                    return None
                parts.append(character)
                position += 1
                continue
            value = _value(found, variables)
            if value is None:
                return None
            parts.append(value)
            position = found.end()
        else:
            parts.append(character)
            position += 1
    return "".join(parts)


def _value(found: "re.Match[str]", variables: Variables) -> str | None:
    if found[1]:
        return variables.get(found[1])
    name, operator, other = found[2], found[3] or "", found[4]
    if other and not operator:
        return None  # text is cut out of the value: ${NAME#pattern}
    known = name in variables
    value = variables.get(name)
    if known and value is None:
        return None
    is_set = known and (bool(value) or not operator.startswith(":"))
    if operator.endswith("-"):
        return value if is_set else other
    if operator.endswith("+"):
        return other if is_set else ""
    return value
