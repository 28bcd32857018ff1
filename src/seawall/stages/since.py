"""``--since REF``: the findings that were there before the change, found by scanning the files of then with the rules of now."""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import msgspec

from seawall.model.errors import UsageError
from seawall.sources.git import Repository
from seawall.sources.git_tree import write_tree
from seawall.sources.scan_root import ScanRoot, is_on_disk
from seawall.stages.configuration import Configured, load


class EarlierTree(msgspec.Struct, frozen=True):
    """The files of a commit in a directory that lasts as long as the context. `top` is the real repository's.

    `targets` are those targets that there were; none where the change added them all.
    """

    directory: str
    top: str
    targets: tuple[str, ...]

    def path_of(self, path: str) -> str | None:
        """Return where the file or directory `path` of today is in the tree; None where it is outside, or was not there."""
        relative = _below(self.top, path)
        if relative is None:
            return None
        earlier = os.path.normpath(os.path.join(self.directory, relative))
        return earlier if os.path.exists(earlier) else None

    def root(self) -> ScanRoot:
        """Return the root that gives the files of the tree the paths that they had in the repository."""
        return ScanRoot(self.targets, self.directory)


def earlier_configuration(tree: EarlierTree, configured: Configured) -> Configured:
    """Return the configuration as it was in `tree`; `configured` itself where it is from elsewhere.

    One that was not there then, or was wrong, declares nothing.
    """
    if configured.path is None or _below(tree.top, configured.path) is None:
        return configured
    path = tree.path_of(configured.path)
    if path is None:
        return Configured()
    try:
        return load(path, ())
    except UsageError:
        return Configured()


@contextmanager
def earlier_tree(
    ref: str, targets: Sequence[str], files: Sequence[str], warn: Callable[[str], None]
) -> Iterator[EarlierTree]:
    """Yield the tree where the change since `ref` starts. `files` are further paths that the scan reads, such as values.

    Raises `UsageError` where the targets are not in one repository, or it does not know `ref`.
    """
    if not all(is_on_disk(target) for target in targets):
        raise UsageError(
            "--since compares files in a git repository, and a cluster or standard input is none",
            remedy="use --baseline",
        )
    start = os.path.realpath(targets[0])
    repository = Repository(start if os.path.isdir(start) else os.path.dirname(start))
    top = repository.top
    inner = [_below(top, target) for target in targets]
    for target, relative in zip(targets, inner, strict=True):
        if relative is None:
            raise UsageError(
                f"--since: {target} is not in the repository {top}", remedy="run a scan for each repository"
            )
    commit = repository.base_of(ref)
    wanted = {path for path in (*inner, *(_below(top, file) for file in files)) if path}
    with tempfile.TemporaryDirectory(prefix="seawall-since-") as made:
        directory = os.path.realpath(made)
        submodules = write_tree(repository, commit, directory, wanted)
        for path in submodules:
            if any(relative in (".", path) or path.startswith(f"{relative}/") for relative in inner):
                warn(f"{path} is a submodule: all that is found in it counts as new")
        earlier = (os.path.normpath(os.path.join(directory, relative or ".")) for relative in inner)
        yield EarlierTree(directory, top, tuple(path for path in earlier if os.path.exists(path)))


def _below(top: str, path: str) -> str | None:
    """Return `path` relative to the real directory `top`; None where it is not below it."""
    parent, name = os.path.split(os.path.abspath(path))
    relative = os.path.relpath(os.path.join(os.path.realpath(parent), name), top)
    return None if relative == ".." or relative.startswith("../") else relative
