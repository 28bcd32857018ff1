"""The regular expressions of detectors: the whole one for Python's engine, and its trigger for Hyperscan.

A named detector (``names`` and ``value``) becomes an expression for a name that holds one of the words, an operator of any
language or format that assigns, and the value in quotes or without. All expressions are over bytes.
"""

import re

from seawall.model.credential import Detector

_TAIL = r"""[\w.\- ]{0,30}"""
"""The rest of a name, and a type behind it (``var token string``)."""

_ASSIGNS = (
    r"""(?:\\?["'`]|\])?(?:\)|\])?\s{0,3}(?::\s{0,3}[A-Za-z]{3,6}\s{0,3})?"""
    r"""(?:(?:=>|[?:.+]{0,3}=|:|,|\|\|)[ \t]{0,8}|>\s{0,8})(?:\\?["'`]){0,3}"""
)
_ENDS = r"""(?=\\?["'`]|[\s;,)}<&\]]|\\[nrt]|\Z)"""
_REPEATED = re.compile(r"(?P<of>\[\^?\]?(?:\\.|[^\]\\])*\]|=)\{(?P<least>\d+)(?:,\d*)?\}\??(?P<closing>\)*)\Z")
_ENOUGH = 20
"""So many of the last characters make a place worth a look: more only make the automaton larger."""

_LEFT = r"(?:(?<![0-9A-Za-z])|(?<=\\[nrt])|(?<=%[0-9A-F]{2}))"
_RIGHTS = {"": r"(?![0-9A-Za-z_-])", "none": "", "tilde": r"(?![0-9A-Za-z_~.-])"}


def expression(detector: Detector) -> str:
    """Return the regular expression of `detector`; its first group that takes part, or the whole, is the value."""
    if detector.names:
        return f"(?i:{detector.names}){_TAIL}{_ASSIGNS}({detector.value}){_ENDS}"
    if detector.bounded == "none":
        return detector.regex
    if detector.bounded == "right":
        return f"{detector.regex}{_RIGHTS['']}"
    left = "" if detector.left == "none" else _LEFT
    return f"{left}(?:{detector.regex}){_RIGHTS[detector.ends]}"


def trigger(detector: Detector) -> str:
    """Return an expression for Hyperscan that every match of `detector` contains a match of.

    Hyperscan has no assertions about what stands beside a match, and tells each place where one may end: so those go, and
    what is repeated at the end is taken as often as it must be, or as is enough.
    """
    if detector.trigger:
        return detector.trigger
    text = _without_assertions(expression(detector))
    while found := _REPEATED.search(text):
        least = min(int(found["least"]), _ENOUGH)
        stem = text[: found.start()]
        shorter = (f"{stem}{found['of']}{{{least}}}" if least else stem) + found["closing"]
        if shorter == text or (not least and not found["closing"] and not stem):
            break
        text = shorter
        if least:
            break
    return text


def _without_assertions(text: str) -> str:
    """Return `text` without its groups ``(?=``, ``(?!``, ``(?<=`` and ``(?<!``."""
    parts: list[str] = []
    position = 0
    while position < len(text):
        character = text[position]
        if character == "\\":
            parts.append("" if text[position + 1] == "Z" else text[position : position + 2])
            position += 2
        elif character == "[":
            end = _class_end(text, position)
            parts.append(text[position:end])
            position = end
        elif text.startswith(("(?=", "(?!", "(?<=", "(?<!"), position):
            position = _group_end(text, position)
        else:
            parts.append(character)
            position += 1
    return "".join(parts).replace("(?:||)", "")


def _class_end(text: str, start: int) -> int:
    position = start + 1
    if text[position] == "^":
        position += 1
    if text[position] == "]":
        position += 1
    while text[position] != "]":
        position += 2 if text[position] == "\\" else 1
    return position + 1


def _group_end(text: str, start: int) -> int:
    depth, position = 0, start
    while True:
        character = text[position]
        if character == "\\":
            position += 2
            continue
        if character == "[":
            position = _class_end(text, position)
            continue
        depth += (character == "(") - (character == ")")
        position += 1
        if not depth:
            return position
