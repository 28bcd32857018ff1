"""The lines that every commit of a repository added and took away, newest commit first: ``git log`` as a stream.

    for change in read_changes(repository, "services/shop"): ...

Nothing of the repository is run, as `sources.git` says; no text conversion, external diff or signature program either, and
attributes that somebody wrote into the repository do not hide a file. Of a merge those lines are shown that none of its
parents has. What is held at a time is the change of one file, and of a long one a piece.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from typing import IO

import msgspec

from seawall.model.errors import SourceError
from seawall.sources.git import OPTIONS, Repository, environment

MAX_PIECE = 4 << 20
"""Bytes of the lines of one file in one commit that are handed on at once."""

_MAX_LINE = 1 << 20
_OPTIONS = (
    "-c", "log.showSignature=false",
    "-c", "log.follow=false",
    "-c", "core.quotePath=false",
)  # fmt: skip
_LOG = (
    "log", "--all", "--patch", "--cc", "--unified=0", "--inter-hunk-context=0", "--no-renames", "--no-ext-diff", "--no-textconv",
    "--no-color", "--no-notes", "--no-relative", "--no-indent-heuristic", "--ignore-submodules=all", "--src-prefix=a/",
    "--dst-prefix=b/", "--format=%x00%H%x00%an%x00%as",
)  # fmt: skip
_HUNK = re.compile(rb"@@+ (?:-(?P<old>\d+)(?:,\d+)? )(?:-\d+(?:,\d+)? )*\+(?P<new>\d+)")
_EMPTY_TREES = {
    b"sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    b"sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}


class Commit(msgspec.Struct, frozen=True):
    """Who made it and when (the author's day, ISO 8601)."""

    name: str
    author: str
    date: str


class Change(msgspec.Struct, frozen=True):
    """Lines that `commit` added to the file at `path` below the top of the repository, or took away.

    `starts` says of the first line of each run of lines its number in `data` (from 0) and in the file (from 1).
    """

    commit: Commit
    path: str
    added: bool
    data: bytes
    starts: list[tuple[int, int]]

    def line(self, line: int) -> int:
        """Return the line of the file for a line of `data`, which counts from 1."""
        number = 1
        for own, in_file in self.starts:
            if own > line - 1:
                break
            number = in_file + line - 1 - own
        return number


def read_changes(repository: Repository, below: str = "") -> Iterator[Change]:
    """Yield the changes of all commits that any reference leads to, of files at or below the path `below` alone.

    Raises `SourceError` where git cannot read them.
    """
    command = [repository.program, *OPTIONS, *_OPTIONS, "-C", repository.top, *_LOG, "--", below or "."]
    empty = _EMPTY_TREES.get(repository.object_format())
    variables = environment(os.environ) | ({"GIT_ATTR_SOURCE": empty} if empty else {})
    process = subprocess.Popen(
        command, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with process:
        if process.stdout is None:
            raise RuntimeError("the pipe was asked for")
        try:
            yield from _parse(process.stdout)
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        raise SourceError(
            "git cannot read the whole history",
            place=repository.top,
            remedy="git fsck says what is missing; a partial clone lacks objects: clone without --filter",
        )


def _parse(stream: IO[bytes]) -> Iterator[Change]:
    commit = Commit("", "", "")
    collected = _Lines(commit, "")
    in_header, width = True, 1
    while True:
        line = stream.readline(_MAX_LINE)
        if not line or line.startswith((b"\0", b"diff ")):
            yield from collected.changes()
            collected = _Lines(commit, "")
            if not line:
                return
            in_header = True
            if line[:1] == b"\0":
                _, name, author, date = line.rstrip(b"\n").split(b"\0", 3)
                commit = Commit(name.decode(), author.decode("utf-8", "replace"), date.decode())
        elif line.startswith(b"@@"):
            hunk = _HUNK.match(line)
            in_header = False
            width = len(line) - len(line.lstrip(b"@")) - 1
            if hunk is not None:
                collected.start(int(hunk["old"]), int(hunk["new"]))
        elif in_header:
            if line.startswith((b"--- ", b"+++ ")) and line.rstrip() != b"+++ /dev/null":
                collected = _Lines(commit, _path_of(line[4:].rstrip(b"\n")) or collected.path)
        elif line[:1] in b"+- ":
            marks = line[:width]
            while not line.endswith(b"\n") and len(line) < MAX_PIECE:
                rest = stream.readline(_MAX_LINE)
                if not rest:
                    break
                line += rest
            if b"+" in marks or b"-" in marks:
                collected.add(line[width:], added=b"+" in marks)
                if collected.size > MAX_PIECE:
                    yield from collected.changes()


def _path_of(written: bytes) -> str:
    """Return the path of a line ``--- a/path``; git writes one with odd characters in quotes."""
    text = written.rstrip(b"\t")
    if text.startswith(b'"') and text.endswith(b'"'):
        text = re.sub(rb"\\([0-7]{3}|.)", _unescape, text[1:-1])
    return os.fsdecode(text[2:]) if text[:2] in (b"a/", b"b/") else ""


def _unescape(found: "re.Match[bytes]") -> bytes:
    code = found[1]
    return bytes([int(code, 8)]) if len(code) == 3 else {b"n": b"\n", b"t": b"\t", b"r": b"\r"}.get(code, code)


class _Lines:
    """The lines of one file in one commit that are being read."""

    def __init__(self, commit: Commit, path: str) -> None:
        self.path = path
        self.size = 0
        self._commit = commit
        self._at = {False: 1, True: 1}
        self._parts: dict[bool, list[bytes]] = {False: [], True: []}
        self._starts: dict[bool, list[tuple[int, int]]] = {False: [], True: []}

    def start(self, old: int, new: int) -> None:
        for added, at in ((False, old), (True, new)):
            if self._parts[added]:
                self._parts[added].append(b"\n")  # lines that do not stand together are no text
            self._at[added] = at
            self._starts[added].append((len(self._parts[added]), at))

    def add(self, line: bytes, *, added: bool) -> None:
        self._parts[added].append(line)
        self._at[added] += 1
        self.size += len(line)

    def changes(self) -> Iterator[Change]:
        """Yield what was collected, and begin anew at the line that comes next."""
        for added in (True, False):
            parts = self._parts[added]
            if parts and self.path:
                yield Change(self._commit, self.path, added, b"".join(parts), self._starts[added])
            self._parts[added] = []
            self._starts[added] = [(0, self._at[added])]
        self.size = 0
