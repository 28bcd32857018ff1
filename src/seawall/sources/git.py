"""Git, asked what a repository held at an earlier commit: read-only, offline, and nothing of the repository is run.

The repository's own configuration is data that somebody else may have written, so that everything in it that starts a program
for the commands used here is switched off: hooks, the file system monitor, and every transport (a partial clone would
fetch what it lacks). Filters and external diffs play no part: objects are read as they are stored. The user's own
configuration counts, because ``safe.directory`` stands in it.
"""

import os
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from seawall.model.errors import SourceError, UsageError
from seawall.sources.programs import Output, find_program, run_program

GIT_SECONDS = 120.0
"""For one command. Listing a tree of 500,000 files takes 2 s, reading 32 MiB of objects below 1 s."""

MAX_LISTING_BYTES = 512 * 1024 * 1024
"""Some four million files; the largest public repositories have half a million."""

BATCH_BYTES = 32 * 1024 * 1024
BATCH_OBJECTS = 20_000
"""What is asked for at once: below the bound of a program's output (`programs.MAX_OUTPUT_BYTES`)."""

OPTIONS = (
    "--no-pager",
    "--no-replace-objects",
    "--no-optional-locks",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "protocol.allow=never",
)
_KEPT = ("HOME", "PATH", "XDG_CONFIG_HOME", "TMPDIR", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM")
_KEPT_PREFIXES = ("GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")
DEEPEN = "fetch the history: git fetch --unshallow, or fetch-depth: 0 for actions/checkout"


class TreeEntry(msgspec.Struct, frozen=True):
    """A file of a commit. `mode` is git's (``100644``, ``120000`` for a link, ``160000`` for a submodule)."""

    mode: str
    object: str
    size: int
    path: str


class Repository:
    """The repository that holds a directory. `top` is the real path of its working tree."""

    def __init__(self, directory: str, option: str = "--since", otherwise: str = "use --baseline") -> None:
        """Find it; `option` is what needs it, and `otherwise` the way out without.

        Raises `UsageError` where there is no git, no repository, or one that git does not trust.
        """
        program = find_program("git")
        if program is None:
            raise UsageError(f"{option} needs git, and it is not on PATH", remedy=f"install git, or {otherwise}")
        self.program = program
        self._option, self._otherwise = option, otherwise
        self._directory = directory
        output = self._run("rev-parse", "--show-toplevel")
        if output.status != 0:
            raise self._explain(output)
        self.top = os.path.realpath(os.fsdecode(output.out.rstrip(b"\n")))
        self._directory = self.top

    def base_of(self, ref: str) -> str:
        """Return the commit where the change since `ref` starts: the merge base of `ref` and HEAD.

        Raises `UsageError` where `ref` names no commit here, or has no history in common with HEAD.
        """
        if self._commit("HEAD") is None:
            raise UsageError("--since: there is no commit yet", remedy="use --baseline")
        commit = self._commit(ref)
        if commit is None:
            remedy = DEEPEN if self.is_shallow() else f"fetch it first: git fetch origin {ref.removeprefix('origin/')}"
            raise UsageError(f"--since {ref}: git knows no commit of that name here", remedy=remedy)
        output = self._run("merge-base", commit, "HEAD")
        base = output.out.decode("ascii", "replace").strip()
        if output.status != 0 or not base:
            remedy = DEEPEN if self.is_shallow() else "name a commit of the same history"
            raise UsageError(f"--since {ref}: it has no commit in common with HEAD", remedy=remedy)
        return base

    def files(self, commit: str) -> list[TreeEntry]:
        """Return the files of `commit`. Raises `SourceError` where git cannot list them."""
        output = self._run("ls-tree", "-r", "-l", "-z", "--full-tree", commit)
        if output.status != 0:
            raise self._unreadable(output)
        entries = []
        for line in output.out.split(b"\0"):
            if line:
                about, _, path = line.partition(b"\t")
                mode, _kind, name, size = about.decode("ascii", "replace").split()
                entries.append(TreeEntry(mode, name, int(size) if size.isdecimal() else 0, os.fsdecode(path)))
        return entries

    def contents(self, entries: Sequence[TreeEntry]) -> Iterator[tuple[TreeEntry, bytes]]:
        """Yield the content of each of `entries`. Raises `SourceError` where an object is missing."""
        for batch in _batches(entries):
            names = "".join(f"{entry.object}\n" for entry in batch).encode()
            output = self._run("cat-file", "--batch", data=names)
            position = 0
            for entry in batch:
                end = output.out.find(b"\n", position)
                head = output.out[position:end].split()
                if output.status != 0 or end < 0 or len(head) != 3:
                    raise self._unreadable(output)
                size = int(head[2])
                yield entry, output.out[end + 1 : end + 1 + size]
                position = end + 1 + size + 1

    def _commit(self, ref: str) -> str | None:
        if ref.startswith("-") or "\0" in ref or not ref:  # never an option; no ref starts so
            return None
        output = self._run("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        return output.out.decode("ascii", "replace").strip() if output.status == 0 else None

    def object_format(self) -> bytes:
        """Return the hash by which objects are named; nothing where git is too old to say."""
        return self._run("rev-parse", "--show-object-format").out.strip()

    def is_shallow(self) -> bool:
        """Say whether the history is cut off."""
        return self._run("rev-parse", "--is-shallow-repository").out.strip() == b"true"

    def _run(self, *arguments: str, data: bytes = b"") -> Output:
        try:
            return run_program(
                [self.program, *OPTIONS, "-C", self._directory, *arguments],
                GIT_SECONDS,
                environment=environment(os.environ),
                data=data,
                most=MAX_LISTING_BYTES,
            )
        except SourceError as error:
            raise SourceError(error.message, place=self._directory, remedy="use --baseline") from None

    def _explain(self, output: Output) -> UsageError:
        if "dubious ownership" in output.errors:
            return UsageError(
                f"git does not trust {self._directory}, which belongs to another user",
                remedy=f"if you do: git config --global --add safe.directory {self._directory}",
            )
        if "not a git repository" in output.errors:
            return UsageError(
                f"{self._option} needs a git repository, and {self._directory} is in none", remedy=self._otherwise
            )
        return UsageError(f"{self._option}: git says: {_first_line(output)}", remedy=self._otherwise)

    def _unreadable(self, output: Output) -> SourceError:
        return SourceError(
            f"git cannot read the earlier files: {_first_line(output)}",
            place=self.top,
            remedy="a partial clone lacks them: clone without --filter, or use --baseline",
        )


def environment(outside: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that git gets: where its configuration is, and that it asks nobody for anything."""
    kept = {name: value for name, value in outside.items() if name in _KEPT or name.startswith(_KEPT_PREFIXES)}
    return kept | {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
    }


def _batches(entries: Sequence[TreeEntry]) -> Iterator[list[TreeEntry]]:
    batch: list[TreeEntry] = []
    size = 0
    for entry in entries:
        if batch and (size + entry.size > BATCH_BYTES or len(batch) >= BATCH_OBJECTS):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += entry.size
    if batch:
        yield batch


def _first_line(output: Output) -> str:
    return (output.errors.strip().splitlines() or [f"status {output.status}"])[0].removeprefix("fatal: ")[:300]
