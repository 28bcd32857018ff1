"""Files, directories and standard input: the manifests of a repository.

    for entry in read("examples/shop"):
        match entry:
            case SourceFile(path, data): ...
            case Unscanned(path, reason): ...

A directory is walked in the order of its names. `IgnoreRules` says what is honoured; ``.git`` and ``node_modules`` are left
out. Nothing is read without a bound, nothing but regular files is opened, no link is followed out of the directory, and what
should have been read and could not be is an `Unscanned`. In a directory, a file that cannot be a Kubernetes manifest is
passed by in silence (`seawall.formats.manifest_text`): a repository is full of other YAML and JSON.
"""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from seawall.formats.manifest_text import can_be_manifest
from seawall.model.errors import UsageError
from seawall.model.resource import Unscanned

if TYPE_CHECKING:
    from seawall.sources.ignore_files import IgnoreRules

MAX_FILE_BYTES = 16 * 1024 * 1024
"""Largest file that is read. An object in etcd has at most 1.5 MB, and the largest published bundles stay below 10 MB; as Python
values 16 MB of ordinary manifests take about 110 MB, which fits the scan's bound of 300 MB."""

EXTENSIONS = (".yaml", ".yml", ".json")
"""What is read from a directory. A file that is named on the command line is read whatever its name."""

SKIPPED_DIRECTORIES = frozenset({".git", "node_modules"})
"""Never walked: git's own data, and other people's packages. `respect_ignores=False` walks the packages too."""

_NOISE = (".#", "._")
"""Starts of names that editors (a lock, which is a dangling link) and macOS (a file's attributes) put beside a manifest."""

Claim: TypeAlias = Callable[[str, frozenset[str]], bool]

Wanted: TypeAlias = Callable[[str, str], bool]
"""Tells by its directory and its name whether a file is wanted from a walk."""


class SourceFile(msgspec.Struct, frozen=True):
    """A file's bytes. `path` is as the user would name it: below the target as it was written, ``-`` for standard input.

    `optional` marks a file of a chart within a chart, which the values may have left out.
    """

    path: str
    data: bytes
    optional: bool = False


class Found(msgspec.Struct, frozen=True):
    """A file of a directory that was not read yet: where to open it, its path without links, and how a report names it."""

    file: str
    real: str
    path: str


def read(
    target: str | os.PathLike[str], *, respect_ignores: bool = True, claim: Claim | None = None
) -> Iterator[SourceFile | Unscanned]:
    """Yield the files of `target`: a directory, a file of any name, or ``-``.

    Raises `UsageError` when `target` does not exist.
    """
    name = os.fspath(target)
    if name == "-":
        yield _read_stream()
        return
    try:
        mode = os.stat(name).st_mode
    except (OSError, ValueError) as error:
        raise UsageError(
            f"cannot read {show(name)!r}: {_why(error)}", remedy="name a file or a directory, or - for input"
        ) from None
    if not stat.S_ISDIR(mode):
        yield _read_file(name, show(name), explicit=True, pipe=stat.S_ISFIFO(mode))
        return
    for entry in walk(name, respect_ignores=respect_ignores, claim=claim):
        outcome = load(entry) if isinstance(entry, Found) else entry
        if outcome is not None:
            yield outcome


def walk(
    directory: str, *, respect_ignores: bool = True, claim: Claim | None = None, wanted: Wanted | None = None
) -> Iterator[Found | Unscanned]:
    """Yield the files below `directory` that may be manifests by their names, unread: hand each to `load`.

    `wanted` chooses other files in their place: hand those to `load_whole`.

    `claim` is asked once for each directory, with its path and the names in it, before anything below is visited; where it
    returns True the directory is left to the caller (the templates of a chart), who reads and reports it, and finds the
    path to show with `show`. The directory itself is asked for too.
    """
    return _Walk(directory, respect_ignores=respect_ignores, claim=claim, wanted=wanted or is_manifest).run()


def load(found: Found) -> SourceFile | Unscanned | None:
    """Read a file of a directory; None where it cannot be a manifest."""
    outcome = _read_file(found.file, found.path, explicit=False)
    if isinstance(outcome, SourceFile) and not can_be_manifest(outcome.data):
        return None
    return outcome


def load_whole(path: str, shown: str, *, most: int, explicit: bool = False) -> SourceFile | Unscanned:
    """Read the regular file at `path` of any content, of at most `most` bytes. `explicit`: the user named it."""
    return _read_file(path, shown, explicit=explicit, most=most)


def show(path: str) -> str:
    """Return `path` as a report shows it: forward slashes, no ``./`` in front, and printable where its bytes are no text."""
    text = os.fsencode(path).decode("utf-8", "replace").replace(os.sep, "/")
    while text.startswith("./") and len(text) > 2:
        text = text[2:].lstrip("/")
    return text


def _ignore_rules(root: str) -> "IgnoreRules":
    from seawall.sources.ignore_files import IgnoreRules  # only for who walks directories

    return IgnoreRules(root)


class _Walk:
    """One walk of one directory."""

    def __init__(self, root: str, *, respect_ignores: bool, claim: Claim | None, wanted: Wanted) -> None:
        self._root = root
        self._is_relevant = wanted
        self._real_root = os.path.realpath(root)
        self._rules = _ignore_rules(self._real_root) if respect_ignores else None
        self._claim = claim
        self._seen: set[str] = set()  # real paths below the root, of directories and of files
        self._links: list[tuple[str, str]] = []  # links to what is inside: their path, and the real one behind it

    def run(self) -> Iterator[Found | Unscanned]:
        yield from self._descend("", "")
        # What a link leads to is visited under its own name, if it is visited at all: then once is enough.
        for link, real in self._links:
            if real in self._seen:
                continue
            whole = os.path.join(self._real_root, real)
            if os.path.isdir(whole):
                yield from self._descend(link, real)
            else:
                self._seen.add(real)
                path = os.path.join(self._root, link)
                yield Found(path, whole, show(path))

    def _descend(self, start: str, real_start: str) -> Iterator[Found | Unscanned]:
        pending = [(start, real_start)]  # a stack, not recursion: no nesting of directories can exhaust it
        while pending:
            here, real = pending.pop()
            if real in self._seen:
                continue
            self._seen.add(real)
            directory = os.path.join(self._root, here) if here else self._root
            try:
                with os.scandir(directory) as found:
                    entries = sorted(found, key=_name)
            except OSError as error:
                yield Unscanned(show(directory), f"cannot read the directory: {_why(error)}; {_REMEDY}")
                continue
            names = frozenset(entry.name for entry in entries)
            if self._claim is not None and self._claim(directory, names):
                continue
            below = []
            for entry in self._wanted(directory, here, entries, names):
                if entry.is_symlink():
                    outcome = self._judge_link(directory, _join(here, entry.name), entry)
                    if outcome is not None:
                        yield outcome
                elif entry.is_dir(follow_symlinks=False):
                    if entry.name not in SKIPPED_DIRECTORIES or (self._rules is None and entry.name != ".git"):
                        below.append((_join(here, entry.name), _join(real, entry.name)))
                elif self._is_relevant(directory, entry.name):
                    inner = _join(real, entry.name)
                    self._seen.add(inner)
                    yield Found(entry.path, os.path.join(self._real_root, inner), show(entry.path))
            pending.extend(reversed(below))

    def _wanted(
        self, directory: str, here: str, entries: list[os.DirEntry[str]], names: frozenset[str]
    ) -> list[os.DirEntry[str]]:
        """Return the entries that matter at all and are not ignored."""
        relevant = [
            entry
            for entry in entries
            if self._is_relevant(directory, entry.name) or entry.is_dir(follow_symlinks=False) or entry.is_symlink()
        ]
        if self._rules is None:
            return relevant
        ignored = self._rules.ignored(
            here, [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in relevant], names
        )
        return [entry for entry in relevant if entry.name not in ignored]

    def _judge_link(self, directory: str, path: str, link: os.DirEntry[str]) -> Unscanned | None:
        """Judge a symbolic link: remember one that stays inside, explain one that does not."""
        relevant = self._is_relevant(directory, link.name)
        try:
            real = os.path.realpath(link.path, strict=True)
            is_directory = os.path.isdir(real)
        except OSError as error:
            return Unscanned(show(link.path), f"cannot follow the link: {_why(error)}") if relevant else None
        if not relevant and not is_directory:
            return None
        inside = os.path.join(self._real_root, "")
        if is_directory and os.path.join(os.path.realpath(os.path.dirname(link.path)), "").startswith(
            os.path.join(real, "")
        ):
            return Unscanned(show(link.path), "the link leads back to a directory that holds it: a loop; remove it")
        if not real.startswith(inside):
            return Unscanned(
                show(link.path), "the link leads out of the scanned directory: scan its target by its own name"
            )
        self._links.append((path, real[len(inside) :]))
        return None


_REMEDY = "grant the right to read it, or add it to .seawallignore"


def _join(directory: str, name: str) -> str:
    return f"{directory}/{name}" if directory else name


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def is_manifest(_: str, name: str) -> bool:
    """Tell by its name whether a file of a directory may be a manifest: what a walk wants where nothing else is asked for."""
    return name.endswith(EXTENSIONS) and not name.startswith(_NOISE)


def _read_file(
    path: str, shown: str, *, explicit: bool, pipe: bool = False, most: int = MAX_FILE_BYTES
) -> SourceFile | Unscanned:
    """Read a regular file; where the user named it, also a pipe (``seawall scan <(helm template .)``)."""
    try:
        # O_NONBLOCK: a pipe that took the place of a file must not hang the scan.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | (0 if pipe else os.O_NONBLOCK))
    except FileNotFoundError as error:
        reason = f"cannot read the file: {_why(error)}" if explicit else "the file vanished during the scan: scan again"
        return Unscanned(shown, reason)
    except OSError as error:
        return Unscanned(shown, f"cannot read the file: {_why(error)}; {_REMEDY}")
    with os.fdopen(descriptor, "rb", buffering=0) as stream:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) and not (pipe and stat.S_ISFIFO(status.st_mode)):
            return Unscanned(shown, f"not a regular file: a device, a socket or a pipe is not read; {_REMOVE}")
        if status.st_size > most:
            return Unscanned(shown, _too_large(status.st_size, most))
        try:
            data = _read_bounded(stream.read, 0 if pipe else status.st_size, most)
        except OSError as error:
            return Unscanned(shown, f"cannot read the file: {_why(error)}; {_REMEDY}")
    return Unscanned(shown, _too_large(None, most)) if data is None else SourceFile(shown, data)


_REMOVE = "remove it, or add it to .seawallignore"


def _read_stream() -> SourceFile | Unscanned:
    # Both are None in a process that was started without its standard streams.
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None:
        return Unscanned("-", "standard input is closed: pipe manifests into it")
    try:
        data = _read_bounded(stream.read, 0)
    except OSError as error:
        return Unscanned("-", f"cannot read standard input: {_why(error)}; pipe manifests into it")
    if data is None:
        return Unscanned("-", _too_large(None))
    if not data.strip():
        # `helm template … | seawall scan -` where the first command failed: nothing was looked at, so nothing passes.
        return Unscanned("-", "standard input was empty: check the command in front of the pipe")
    return SourceFile("-", data)


def _read_bounded(read_some: Callable[[int], bytes | None], expected: int, most: int = MAX_FILE_BYTES) -> bytes | None:
    """Return everything there is, or None when it is more than `most`."""
    data = read_some(expected + 1 if expected else 65536) or b""
    if expected and len(data) == expected:
        return data  # one read told the end of a file of a known size
    parts, size = [data], len(data)
    while data and size <= most:
        data = read_some(1 << 20) or b""
        parts.append(data)
        size += len(data)
    return None if size > most else b"".join(parts)


def _too_large(size: int | None, most: int = MAX_FILE_BYTES) -> str:
    limit = most // (1024 * 1024)
    amount = "more" if size is None else f"{size / (1024 * 1024):.0f} MiB"
    return f"too large ({amount}; at most {limit} MiB are read): split it, or add it to .seawallignore"


def _why(error: OSError | ValueError) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
