"""Credentials in the history of repositories: each once, with the first and the last commit that has it.

A credential that was taken out of a file is still in the history, and in every clone of it. Commits are read newest first,
the lines that each added and took away; what stands in the files of today is not told twice, but gets its commits.
"""

import os
from collections.abc import Callable, Sequence

import msgspec

from seawall.formats.credentials.leaks import find_leaks, is_for_tests
from seawall.formats.credentials.scan import Scanner
from seawall.formats.credentials.texts import as_text
from seawall.model.credential import Leak
from seawall.model.digests import blake2b
from seawall.model.errors import UsageError
from seawall.model.resource import Unscanned
from seawall.sources.files import Found
from seawall.sources.git import DEEPEN, Repository
from seawall.sources.git_history import Change, read_changes

MAX_LEAKS = 10_000
"""Different credentials of one history: this many are remembered, so that memory has a bound."""


def key_of(leak: Leak, value: bytes) -> bytes:
    """Return what a value is known by while the scan runs."""
    return blake2b(value, digest_size=16, person=leak.detector.id.encode()[:16]).digest()


def examine(
    scanner: Scanner,
    files: Sequence[Found],
    known: dict[bytes, list[int]],
    leaks: list[Leak],
    progress: Callable[[str, int], None],
) -> list[Unscanned]:
    """Add to `leaks` those of the histories of the repositories that hold `files`.

    `known` says where in `leaks` the values of today's files are: they get their commits. Returns what could not be read. Raises
    `UsageError` where the files are in no repository, `SourceError` where git cannot read one.
    """
    unscanned: list[Unscanned] = []
    for directory, shown in _directories(files).items():
        repository = Repository(directory, "--history", "scan without it")
        below = os.path.relpath(os.path.realpath(directory), repository.top)
        if repository.is_shallow():
            unscanned.append(
                Unscanned(shown, f"its history is cut off, so that not all commits were looked into: {DEEPEN}")
            )
        history = _History(scanner, known, leaks, directory, shown, repository.top)
        commits = 0
        last = ""
        for change in read_changes(repository, below):
            if change.commit.name != last:
                last = change.commit.name
                commits += 1
                if not commits % 64:
                    progress("reading the history, commits", commits)
            history.add(change)
        if history.is_full:
            what = f"more than {MAX_LEAKS:,} different credentials are in its history, and the rest is not told"
            unscanned.append(Unscanned(shown, f"{what}: scan its directories one by one"))
    return unscanned


def _directories(files: Sequence[Found]) -> dict[str, str]:
    """Return the directories that hold all of `files`, one a repository, and how a report names each."""
    tops: dict[str, str] = {}
    held: dict[str, list[Found]] = {}
    for found in files:
        held.setdefault(_top_of(os.path.dirname(found.real), tops), []).append(found)
    if "" in held:
        raise UsageError(
            f"--history needs a git repository, and {held[''][0].path} is in none", remedy="scan without --history"
        )
    return {
        os.path.commonpath([os.path.dirname(found.real) for found in own]): os.path.commonpath(
            [os.path.dirname(found.path) or "." for found in own]
        )
        if len({os.path.isabs(found.path) for found in own}) == 1
        else "."
        for own in held.values()
    }


def _top_of(directory: str, known: dict[str, str]) -> str:
    """Return the directory at or above `directory` that holds a ``.git``; nothing where there is none."""
    top = known.get(directory)
    if top is None:
        parent = os.path.dirname(directory)
        if os.path.exists(os.path.join(directory, ".git")):
            top = directory
        else:
            top = "" if parent == directory else _top_of(parent, known)
        known[directory] = top
    return top


class _History:
    """What was found in the commits of one repository so far."""

    def __init__(
        self, scanner: Scanner, known: dict[bytes, list[int]], leaks: list[Leak], directory: str, shown: str, top: str
    ) -> None:
        self._scanner = scanner
        self._known = known
        self._leaks = leaks
        self._start = len(leaks)
        below = os.path.relpath(os.path.realpath(directory), top).replace(os.sep, "/")
        self._below = "" if below == "." else f"{below}/"
        self._shown = "" if shown in ("", ".") else f"{shown.rstrip('/')}/"

    @property
    def is_full(self) -> bool:
        return len(self._leaks) - self._start >= MAX_LEAKS

    def add(self, change: Change) -> None:
        """Look into one change."""
        data = as_text(change.data)
        if data is None:
            return
        path = self._shown + change.path.removeprefix(self._below)
        for leak, value in find_leaks(self._scanner, path, data):
            key = key_of(leak, value)
            if key not in self._known:
                if self.is_full:
                    continue
                self._known[key] = [len(self._leaks)]
                self._leaks.append(self._place(leak, change))
            for index in self._known[key]:
                self._leaks[index] = _dated(self._leaks[index], change)

    def _place(self, leak: Leak, change: Change) -> Leak:
        return msgspec.structs.replace(
            leak,
            line=change.line(leak.line),
            end_line=change.line(leak.line) + leak.end_line - leak.line,
            for_tests=is_for_tests(change.path),
        )


def _dated(leak: Leak, change: Change) -> Leak:
    """Return `leak` with an older commit: the newest is seen first."""
    commit = change.commit
    last = leak.last_commit or commit.name
    if not change.added and leak.first_commit:
        return leak
    return msgspec.structs.replace(
        leak, first_commit=commit.name, last_commit=last, author=commit.author, date=commit.date
    )
