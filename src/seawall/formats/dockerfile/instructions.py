"""The instructions of a Dockerfile: continued lines joined, heredocs and flags taken off, with the place of every character.

A line that ends in the escape character goes on in the next one; comment lines and empty lines in between are dropped, as the
builder drops them. Parser directives (``# escape=```) stand before everything else.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from seawall.formats.build_steps import KEYWORDS
from seawall.formats.text_places import Span
from seawall.model.resource import Unscanned

MAX_PROBLEMS: Final = 10
"""Most lines of one file that are told as not read: a file of many is none."""

MAX_LINE: Final = 1 << 20
"""Characters of one instruction; BuildKit itself stops at 64 KiB a line."""

_DIRECTIVE: Final = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*\Z")
_FLAG: Final = re.compile(r"--([a-zA-Z][a-zA-Z-]*)(?:=(?:\"((?:[^\"\\]|\\.)*)\"|(\S*)))?(?=\s|\Z)")
_HEREDOC: Final = re.compile(r"(?<!<)\d*<<(-?)\s*(?:\"(\w+)\"|'(\w+)'|(\w+))")
_HAS_FLAGS: Final = frozenset(("ADD", "COPY", "FROM", "HEALTHCHECK", "RUN"))
_HAS_HEREDOCS: Final = frozenset(("ADD", "COPY", "RUN"))


class Heredoc(msgspec.Struct, frozen=True):
    """The lines that follow an instruction up to `name`; `line` is that of the first. Variables in it are expanded unless the
    name was quoted."""

    name: str
    text: str
    line: int
    expanded: bool


class Flag(msgspec.Struct, frozen=True):
    """``--name=value``, empty where it has none, and where it stands."""

    name: str
    value: str
    span: Span


class Instruction(msgspec.Struct, frozen=True):
    """One instruction. `text` is what follows keyword and flags, continued lines joined; `keyword` is in capitals.

    `starts` are the offsets in `text` at which another place of the file begins, `places` these places.
    """

    keyword: str
    text: str
    flags: tuple[Flag, ...]
    heredocs: tuple[Heredoc, ...]
    span: Span
    starts: Sequence[int]
    places: Sequence[tuple[int, int]]

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column of the character at `offset` of `text`."""
        index = max(bisect_right(self.starts, offset) - 1, 0)
        line, column = self.places[index]
        return line, column + offset - self.starts[index]

    def span_of(self, start: int, end: int) -> Span:
        """Return where ``text[start:end]`` stands."""
        if end <= start:
            return Span(*self.place(start), *self.place(start))
        line, column = self.place(end - 1)
        return Span(*self.place(start), line, column + 1)


class ReadInstructions(msgspec.Struct, frozen=True):
    """The instructions of a file in their order, its escape character, and what could not be read."""

    instructions: tuple[Instruction, ...]
    escape: str
    unscanned: tuple[Unscanned, ...]


def read_instructions(path: str, lines: Sequence[str]) -> ReadInstructions:
    """Return the instructions in `lines`. What is no instruction is told with its line, and the rest goes on."""
    escape, first = _directives(lines)
    reader = _Reader(path, lines, escape)
    return ReadInstructions(tuple(reader.run(first)), escape, tuple(reader.unscanned))


def _directives(lines: Sequence[str]) -> tuple[str, int]:
    """Return the escape character and the number of lines that are directives."""
    escape = "\\"
    for number, line in enumerate(lines):
        found = _DIRECTIVE.match(line.strip())
        if found is None or found[1].lower() not in ("escape", "syntax", "check"):
            return escape, number
        if found[1].lower() == "escape" and found[2] in ("\\", "`"):
            escape = found[2]
    return escape, len(lines)


class _Reader:
    def __init__(self, path: str, lines: Sequence[str], escape: str) -> None:
        self._path = path
        self._lines = lines
        self._continued = re.compile(re.escape(escape) + r"[ \t]*\Z")
        self.unscanned: list[Unscanned] = []

    def run(self, number: int) -> Iterator[Instruction]:
        lines = self._lines
        while number < len(lines):
            stripped = lines[number].strip()
            if not stripped or stripped.startswith("#"):
                number += 1
                continue
            first = number
            text, starts, places, number = self._join(number)
            if len(text) > MAX_LINE:
                self._miss(first, f"an instruction of more than {MAX_LINE:,} characters is not read")
                continue
            keyword, offset = _keyword(text)
            heredocs: tuple[Heredoc, ...] = ()
            if _of_onbuild(keyword, text[offset:]) in _HAS_HEREDOCS and "<<" in text:
                heredocs, number = self._heredocs(text, first, number)
            if keyword not in KEYWORDS:
                self._miss(first, f"{keyword[:60]!r} is no instruction of a Dockerfile; the rest of the file is read")
                continue
            whole = Instruction(keyword, text, (), heredocs, _span(places, starts, text), starts, places)
            yield _without_flags(whole, offset)

    def _miss(self, line: int, reason: str) -> None:
        if len(self.unscanned) < MAX_PROBLEMS:
            self.unscanned.append(Unscanned(f"{self._path}:{line + 1}", reason))

    def _join(self, number: int) -> tuple[str, list[int], list[tuple[int, int]], int]:
        """Join the lines of the instruction at `number`; returns its text, where it stands, and the number of the next line."""
        parts: list[str] = []
        starts: list[int] = []
        places: list[tuple[int, int]] = []
        length = 0
        lines = self._lines
        goes_on = True
        while goes_on and number < len(lines):
            line = lines[number]
            number += 1
            body = line.lstrip()
            if parts and (not body or body.startswith("#")):
                continue
            found = self._continued.search(line)
            goes_on = found is not None
            indent = 0 if parts else len(line) - len(body)
            piece = line[indent : found.start()] if found else line[indent:]
            starts.append(length)
            places.append((number, indent + 1))
            parts.append(piece)
            length += len(piece)
        text = "".join(parts)
        return text.rstrip(), starts, places, number

    def _heredocs(self, text: str, first: int, number: int) -> tuple[tuple[Heredoc, ...], int]:
        heredocs = []
        for found in _HEREDOC.finditer(text):
            name = found[2] or found[3] or found[4]
            start = number
            while number < len(self._lines) and self._end(self._lines[number], found[1]) != name:
                number += 1
            if number == len(self._lines):
                self._miss(first, f"the heredoc {name} has no end; all that follows is taken for it")
            body = "\n".join(self._lines[start:number])
            heredocs.append(Heredoc(name, body, start + 1, expanded=found[4] is not None))
            number = min(number + 1, len(self._lines))
        return tuple(heredocs), number

    @staticmethod
    def _end(line: str, dash: str) -> str:
        return line.lstrip("\t") if dash else line


def _keyword(text: str) -> tuple[str, int]:
    """Return the first word in capitals and where what follows it begins."""
    found = re.match(r"(\S+)\s*", text)
    return (found[1].upper(), found.end()) if found else ("", 0)


def _of_onbuild(keyword: str, rest: str) -> str:
    return _keyword(rest)[0] if keyword == "ONBUILD" else keyword


def _span(places: Sequence[tuple[int, int]], starts: Sequence[int], text: str) -> Span:
    end_line, column = places[-1]
    last = len(text) - starts[-1]
    if last <= 0:  # the last lines were empty
        index = max(bisect_right(starts, max(len(text) - 1, 0)) - 1, 0)
        end_line, column = places[index]
        last = len(text) - starts[index]
    return Span(*places[0], end_line, column + max(last, 0))


def _without_flags(whole: Instruction, offset: int) -> Instruction:
    """Return `whole` with its flags taken off; `offset` is where its text begins behind the keyword."""
    flags = []
    if whole.keyword in _HAS_FLAGS:
        while found := _FLAG.match(whole.text, offset):
            value = found[2] if found[2] is not None else found[3] or ""
            flags.append(Flag(found[1].lower(), value, whole.span_of(found.start(), found.end())))
            offset = found.end()
            while offset < len(whole.text) and whole.text[offset].isspace():
                offset += 1
    return cut(whole, offset, whole.keyword, tuple(flags))


def cut(instruction: Instruction, offset: int, keyword: str, flags: tuple[Flag, ...]) -> Instruction:
    """Return `instruction` as one of `keyword` whose text begins at `offset`."""
    index = max(bisect_right(instruction.starts, offset) - 1, 0)
    line, column = instruction.places[index]
    places = [(line, column + offset - instruction.starts[index]), *instruction.places[index + 1 :]]
    starts = [0, *(start - offset for start in instruction.starts[index + 1 :])]
    return msgspec.structs.replace(
        instruction, keyword=keyword, text=instruction.text[offset:], flags=flags, starts=starts, places=places
    )


def inner(instruction: Instruction) -> Instruction | None:
    """Return the instruction that an ``ONBUILD`` triggers; None where it names none."""
    keyword, offset = _keyword(instruction.text)
    if keyword not in KEYWORDS or keyword in ("ONBUILD", "FROM", "MAINTAINER"):
        return None
    return _without_flags(cut(instruction, 0, keyword, ()), offset)
