"""Files without a name in the cache directory, for what must be sought in and is too large for memory.

They are gone when they are closed, whatever happens to the process.
"""

import contextlib
import mmap
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, cast

from seawall.model.errors import SourceError
from seawall.sources import code_cache

WINDOW = 4 * 1024 * 1024
"""Bytes that are searched at a time: what is searched counts as memory of this process."""


def open_nameless() -> IO[bytes]:
    """Return an empty file without a name in the cache directory, or in the system's where that cannot be written."""
    try:
        directory = code_cache.directory()
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return tempfile.TemporaryFile(dir=directory)
    except OSError:
        return tempfile.TemporaryFile()


def fill(file: IO[bytes], chunks: Iterable[bytes]) -> None:
    """Write `chunks` to `file`. Raises `SourceError` where there is no room, and what `chunks` raises."""
    for chunk in chunks:
        try:
            file.write(chunk)
        except OSError as error:
            raise SourceError(
                f"no room to unpack: {error.strerror}",
                remedy="free some space, or set SEAWALL_CACHE_DIR to where there is some",
            ) from error
    file.flush()


class _Mapping(mmap.mmap):
    """A mapping whose pages do not stay in memory once they were searched."""

    def find(self, text: bytes, start: int = 0, end: int | None = None, /) -> int:  # type: ignore[override]  # of its stub
        """Return where `text` begins, or -1, as `bytes.find` does."""
        start, end, _ = slice(start, end).indices(len(self))
        while start < end:
            stop = min(start + WINDOW, end)
            found = super().find(text, start, min(stop + len(text) - 1, end))
            if found >= 0 or stop == end:
                return found
            first = start - start % mmap.PAGESIZE
            if hasattr(mmap, "MADV_DONTNEED"):
                self.madvise(mmap.MADV_DONTNEED, first, stop - first - stop % mmap.PAGESIZE)
            start = stop
        return -1


@contextmanager
def mapped(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Lend the bytes of `pieces`, `size` in all, as a mapping: only what is looked at is in memory.

    The mapping passes for `bytes` with those who index, slice, search and unpack it, as the readers of executables and
    of archives do.
    """
    with open_nameless() as file:
        fill(file, pieces)
        mapping = _Mapping(file.fileno(), size, access=mmap.ACCESS_READ)
    try:
        yield cast("bytes", mapping)
    finally:
        with contextlib.suppress(BufferError):  # a view of it is alive, and the mapping goes with that
            mapping.close()


def file_chunks(file: IO[bytes], start: int, size: int, *, step: int = 512 * 1024) -> Iterator[bytes]:
    """Yield the `size` bytes at `start`, whatever else is read from `file` in between."""
    descriptor = file.fileno()
    end = start + size
    while start < end:
        chunk = os.pread(descriptor, min(step, end - start), start)
        if not chunk:
            return
        start += len(chunk)
        yield chunk
