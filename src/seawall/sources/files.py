"""Files, directories and standard input: the manifests of a repository.

    for entry in read("examples/shop"):
        match entry:
            case SourceFile(path, data): ...
            case Unscanned(path, reason): ...

A directory is walked in the order of its names; ``.gitignore`` (of the whole repository, also above the directory),
``.git/info/exclude`` and ``.seawallignore`` are honoured, ``.git`` and ``node_modules`` left out. Nothing is read without a
bound, no link is followed out of the directory, and what should have been read and could not be is an `Unscanned`.
"""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import msgspec

from seawall.model.errors import UsageError
from seawall.model.resource import Unscanned
from seawall.sources.ignore_files import IgnoreRules

MAX_FILE_BYTES = 16 * 1024 * 1024
"""Largest file that is read. An object in etcd has at most 1.5 MB, and the largest published bundles stay below 10 MB; as Python
values 16 MB of YAML take about 200 MB, which still fits the scan's bound of 300 MB."""

EXTENSIONS = (".yaml", ".yml", ".json")
"""What is read from a directory. A file that is named on the command line is read whatever its name."""

SKIPPED_DIRECTORIES = frozenset({".git", "node_modules"})
"""Never walked: git's own data, and other people's packages."""

Claim: TypeAlias = Callable[[Path, frozenset[str]], bool]


class SourceFile(msgspec.Struct, frozen=True):
    """A file's bytes. `path` is as the user would name it: below the target as it was written, ``-`` for standard input."""

    path: str
    data: bytes


def read(
    target: str | Path, *, respect_ignores: bool = True, claim: Claim | None = None
) -> Iterator[SourceFile | Unscanned]:
    """Yield the files of `target`: a directory, a file of any name, or ``-``.

    `claim` is asked once for each directory, with its path and the names in it, before anything below is read; where it returns
    True the directory is left to the caller (a chart with ``Chart.yaml``, a ``kustomization.yaml``), who reads and
    reports it, and finds the path to show with `show`. The target itself is asked for too.

    Raises `UsageError` when `target` does not exist.
    """
    name = os.fspath(target)
    if name == "-":
        yield _read_stream()
        return
    try:
        mode = os.stat(name).st_mode
    except OSError as error:
        raise UsageError(
            f"cannot read {name!r}: {_why(error)}", remedy="name a file or a directory, or - for input"
        ) from None
    if stat.S_ISDIR(mode):
        yield from _Walk(name, respect_ignores=respect_ignores, claim=claim).read()
    else:
        yield _read_file(name, show(name), explicit=True)


def show(path: str) -> str:
    """Return `path` as a report shows it: forward slashes, no ``./`` in front, and printable where its bytes are no text."""
    text = os.fsencode(path).decode("utf-8", "replace").replace(os.sep, "/")
    while text.startswith("./") and len(text) > 2:
        text = text[2:].lstrip("/")
    return text


class _Walk:
    """One walk of one directory."""

    def __init__(self, root: str, *, respect_ignores: bool, claim: Claim | None) -> None:
        self._root = root
        self._real_root = os.path.realpath(root)
        self._rules = IgnoreRules(self._real_root) if respect_ignores else None
        self._claim = claim

    def read(self) -> Iterator[SourceFile | Unscanned]:
        pending = [self._root]  # a stack, not recursion: no nesting of directories can exhaust it
        while pending:
            directory = pending.pop()
            try:
                with os.scandir(directory) as found:
                    entries = sorted(found, key=lambda entry: entry.name)
            except OSError as error:
                yield Unscanned(show(directory), f"cannot read the directory: {_why(error)}")
                continue
            names = frozenset(entry.name for entry in entries)
            if self._claim is not None and self._claim(Path(directory), names):
                continue
            ignored = self._ignored_in(directory, entries, names)
            below = []
            for entry in entries:
                if entry.name in ignored:
                    continue
                if entry.is_symlink():
                    outcome = self._follow(entry)
                    if outcome is not None:
                        yield outcome
                elif entry.is_dir(follow_symlinks=False):
                    if entry.name not in SKIPPED_DIRECTORIES:
                        below.append(entry.path)
                elif entry.name.endswith(EXTENSIONS):
                    yield _read_file(entry.path, show(entry.path), explicit=False)
            pending.extend(reversed(below))

    def _ignored_in(self, directory: str, entries: list[os.DirEntry[str]], names: frozenset[str]) -> frozenset[str]:
        if self._rules is None:
            return frozenset()
        relative = os.path.relpath(directory, self._root)
        return self._rules.ignored(
            "" if relative == "." else relative,
            [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries],
            names,
            self._real_root,
        )

    def _follow(self, link: os.DirEntry[str]) -> SourceFile | Unscanned | None:
        """Judge a symbolic link. What it points to inside the directory is read under its own name, and only once."""
        relevant = link.name.endswith(EXTENSIONS)
        try:
            real = os.path.realpath(link.path, strict=True)
            is_directory = os.path.isdir(real)
        except OSError as error:
            return Unscanned(show(link.path), f"cannot follow the link: {_why(error)}") if relevant else None
        if not relevant and not is_directory:
            return None
        inside = os.path.join(self._real_root, "")
        if real != self._real_root and not real.startswith(inside):
            if is_directory and self._real_root.startswith(os.path.join(real, "")):
                return Unscanned(show(link.path), "the link leads back to a directory that holds it: a loop")
            return Unscanned(
                show(link.path), "the link leads out of the scanned directory: scan its target by its own name"
            )
        if is_directory:
            here = os.path.join(os.path.realpath(os.path.dirname(link.path)), "")
            if here.startswith(os.path.join(real, "")):
                return Unscanned(show(link.path), "the link leads back to a directory that holds it: a loop")
            return None
        return None if real.endswith(EXTENSIONS) else _read_file(real, show(link.path), explicit=False)


def _read_file(path: str, shown: str, *, explicit: bool) -> SourceFile | Unscanned:
    try:
        # O_NONBLOCK: a pipe that took the place of a file must not hang the scan.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | (0 if explicit else os.O_NONBLOCK))
    except OSError as error:
        return Unscanned(shown, f"cannot read the file: {_why(error)}")
    with os.fdopen(descriptor, "rb", buffering=0) as stream:
        status = os.fstat(descriptor)
        pipe = explicit and stat.S_ISFIFO(status.st_mode)  # seawall scan <(helm template .)
        if not stat.S_ISREG(status.st_mode) and not pipe:
            return Unscanned(shown, "not a regular file: a device, a socket or a pipe is not read")
        if status.st_size > MAX_FILE_BYTES:
            return Unscanned(shown, _too_large(status.st_size))
        try:
            data = _read_bounded(stream.read, 0 if pipe else status.st_size)
        except OSError as error:
            return Unscanned(shown, f"cannot read the file: {_why(error)}")
    return Unscanned(shown, _too_large(None)) if data is None else SourceFile(shown, data)


def _read_stream() -> SourceFile | Unscanned:
    data = _read_bounded(sys.stdin.buffer.read, 0)
    return Unscanned("-", _too_large(None)) if data is None else SourceFile("-", data)


def _read_bounded(read_some: Callable[[int], bytes | None], expected: int) -> bytes | None:
    """Return everything there is, or None when it is more than `MAX_FILE_BYTES`."""
    data = read_some(expected + 1 if expected else 65536) or b""
    if expected and len(data) == expected:
        return data  # one read told the end of a file of a known size
    parts, size = [data], len(data)
    while data and size <= MAX_FILE_BYTES:
        data = read_some(1 << 20) or b""
        parts.append(data)
        size += len(data)
    return None if size > MAX_FILE_BYTES else b"".join(parts)


def _too_large(size: int | None) -> str:
    limit = MAX_FILE_BYTES // (1024 * 1024)
    amount = "more" if size is None else f"{size / (1024 * 1024):.0f} MiB"
    return f"too large ({amount}; at most {limit} MiB are read): split it, or add it to .seawallignore"


def _why(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
