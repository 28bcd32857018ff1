"""The tree of an earlier commit as a directory of its own, outside of the repository: what a scan of it needs, and no more.

Charts and kustomizations need a real directory. Written are manifests, ignore files, the configuration, and everything in the
directory of a chart or a kustomization. A commit may have been made by anybody: no name leads out of the directory, files
are created and never opened through a link, and links are made last, where they stay inside.
"""

import contextlib
import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from seawall.model.errors import SourceError, UsageError
from seawall.sources.detect import KUSTOMIZATION_NAMES
from seawall.sources.files import EXTENSIONS
from seawall.sources.git import Repository, TreeEntry
from seawall.sources.ignore_files import IGNORE_FILES, MAX_IGNORE_BYTES
from seawall.sources.lock_files import BESIDE, MAX_LOCK_FILE, lock_kind

MAX_TREE_BYTES = 1024 * 1024 * 1024
"""All manifests of the largest public repositories of them have some 100 MB."""

_LINK, _SUBMODULE = "120000", "160000"
_MAX_LINK_BYTES = 4096
# Upwards first and downwards then: such a target is inside where its text is, whatever links it passes.
_INNER_LINK = re.compile(r"(?:\.\./)*(?:(?!\.\.?(?:/|\Z))[^/]+/)*(?!\.\.(?:/|\Z))[^/]+/?\Z")


def write_tree(repository: Repository, commit: str, directory: str, wanted: Collection[str]) -> list[str]:
    """Write the files of `commit` that a scan needs below the empty `directory`; `wanted` are paths needed whatever their name.

    Returns the paths of submodules, whose files git does not have here. Raises `UsageError` where the tree is too large,
    `SourceError` where git cannot read it.
    """
    entries = [entry for entry in repository.files(commit) if _is_safe(entry.path)]
    chosen = _choose(entries, frozenset(wanted))
    if sum(entry.size for entry in chosen) > MAX_TREE_BYTES:
        raise UsageError(
            f"the manifests of {commit[:12]} are larger than {MAX_TREE_BYTES >> 30} GiB", remedy="use --baseline"
        )
    try:
        _write_all(repository.contents(chosen), directory)
        _mark_root(repository, directory)
    except OSError as error:
        raise SourceError(
            f"the files of {commit[:12]} cannot be written: {error.strerror}", place=directory, remedy="set TMPDIR"
        ) from None
    return [entry.path for entry in entries if entry.mode == _SUBMODULE]


def _write_all(contents: Iterable[tuple[TreeEntry, bytes]], directory: str) -> None:
    made: set[str] = {directory}
    links: list[tuple[str, str]] = []
    for entry, data in contents:
        path = os.path.join(directory, entry.path)
        # A crafted tree may hold a name twice, as a file, a link and a directory: the first one stays. What is left out here
        # only lets a finding count as new.
        with contextlib.suppress(FileExistsError, NotADirectoryError):
            _make_directory(os.path.dirname(path), made)
            if entry.mode == _LINK:
                links.append((path, os.fsdecode(data)))
            else:
                _write(path, data)
    for path, target in links:
        if is_inner_link(os.path.relpath(path, directory), target) and not os.path.lexists(path):
            os.symlink(target, path)


def is_inner_link(path: str, target: str) -> bool:
    """Tell whether a link at the relative `path` with the text `target` leads to a place in the same tree."""
    if not _INNER_LINK.match(target.removeprefix("./")):
        return False
    return not os.path.normpath(os.path.join(os.path.dirname(path), target)).startswith("..")


def _is_safe(path: str) -> bool:
    parts = path.split("/")
    return not any(part in ("", ".", "..") or part.lower() == ".git" for part in parts) and "\\" not in path


def _choose(entries: Sequence[TreeEntry], wanted: Collection[str]) -> list[TreeEntry]:
    roots = {
        os.path.dirname(entry.path)
        for entry in entries
        if os.path.basename(entry.path) in KUSTOMIZATION_NAMES or os.path.basename(entry.path) == "Chart.yaml"
    }
    return [
        entry
        for entry in entries
        if entry.mode != _SUBMODULE
        and entry.size <= (_MAX_LINK_BYTES if entry.mode == _LINK else MAX_LOCK_FILE)
        and (
            entry.mode == _LINK
            or lock_kind(f"/{entry.path}") is not None
            or entry.path.endswith((*EXTENSIONS, ".tgz"))
            or os.path.basename(entry.path) in (*IGNORE_FILES, *BESIDE)
            or entry.path in wanted
            or not roots.isdisjoint(_above(entry.path))
        )
    ]


def _above(path: str) -> Iterator[str]:
    while path:
        path = os.path.dirname(path)
        yield path


def _make_directory(path: str, made: set[str]) -> None:
    missing: list[str] = []
    while path not in made:
        missing.append(path)
        path = os.path.dirname(path)
    for directory in reversed(missing):
        os.mkdir(directory, 0o700)
        made.add(directory)


def _write(path: str, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(path, flags, 0o600), "wb") as stream:
        stream.write(data)


def _mark_root(repository: Repository, directory: str) -> None:
    """Make `directory` the root of a repository for ignore files, with the exclusions of the real one."""
    information = os.path.join(directory, ".git", "info")
    os.makedirs(information, 0o700)
    try:
        with open(os.path.join(repository.top, ".git", "info", "exclude"), "rb") as stream:
            data = stream.read(MAX_IGNORE_BYTES)
    except OSError:
        return  # there is none, or the repository is a linked working tree: then the scan of today reads none either
    _write(os.path.join(information, "exclude"), data)
