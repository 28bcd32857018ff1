"""A root file system without an image around it: a directory, or a tar archive of one. It is read as a single layer.

The directory is walked without following a link, and files are opened so that a link put in their place meanwhile is refused:
what is scanned may belong to somebody else. Other file systems that are mounted below are left out.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from seawall.formats import tar_members
from seawall.formats.compression import CompressionError, Limits, decompressed
from seawall.formats.image_layers import Members
from seawall.formats.tar_extensions import TarError
from seawall.formats.tar_members import Member, TarReader
from seawall.model.errors import SourceError
from seawall.model.resource import Unscanned
from seawall.sources.files import show
from seawall.sources.images.spool import file_chunks

_CHUNK = 512 * 1024
_CAPABILITY = "security.capability"
_KINDS = {
    stat.S_IFREG: tar_members.FILE,
    stat.S_IFDIR: tar_members.DIRECTORY,
    stat.S_IFLNK: tar_members.SYMLINK,
    stat.S_IFCHR: tar_members.CHARACTER_DEVICE,
    stat.S_IFBLK: tar_members.BLOCK_DEVICE,
    stat.S_IFIFO: tar_members.FIFO,
}


class RootfsStore:
    """A root file system at `path`. `kind` is ``rootfs``."""

    kind = "rootfs"

    def __init__(self, path: str, name: str = "") -> None:
        self._path = path
        self.name = name or f"rootfs:{show(path)}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is open."""

    @contextmanager
    def members(self, limits: Limits) -> Iterator[tuple[Members, list[Unscanned]]]:
        """Lend the members, and a list to which is added what could not be read. Raises `SourceError`."""
        try:
            mode = os.stat(self._path).st_mode
        except OSError as error:
            raise SourceError(f"cannot be read: {error.strerror}", place=show(self._path)) from error
        if stat.S_ISDIR(mode):
            walk = Walk(self._path)
            yield walk, walk.unscanned
        elif stat.S_ISREG(mode):
            with open(self._path, "rb") as file:
                try:
                    yield TarReader(decompressed(file_chunks(file, 0, os.fstat(file.fileno()).st_size), limits)), []
                except (CompressionError, TarError) as error:
                    raise SourceError(str(error), place=show(self._path)) from error
        else:
            raise SourceError("is neither a directory nor an archive", place=show(self._path))


class Walk:
    """The members of a directory, in the order of their names."""

    def __init__(self, root: str) -> None:
        self.unscanned: list[Unscanned] = []
        self._root = os.fsencode(root)
        self._file = -1
        self._size = 0

    def __iter__(self) -> Iterator[Member]:
        device = os.stat(self._root).st_dev
        pending = [b""]
        while pending:
            folder = pending.pop()
            try:
                with os.scandir(os.path.join(self._root, folder)) as found:
                    entries = sorted(found, key=lambda entry: entry.name)
            except OSError as error:
                self._refuse(folder, error)
                continue
            folders = []
            for entry in entries:
                path = os.path.join(folder, entry.name)
                try:
                    status = entry.stat(follow_symlinks=False)
                    kind = _KINDS.get(stat.S_IFMT(status.st_mode))
                    if kind is None:
                        continue  # a socket
                    if kind == tar_members.DIRECTORY:
                        if status.st_dev != device:
                            continue
                        folders.append(path)
                    yield from self._hand_out(path, entry.path, kind, status)
                except OSError as error:
                    self._refuse(path, error)
            pending.extend(reversed(folders))

    def _hand_out(self, path: bytes, place: bytes, kind: bytes, status: os.stat_result) -> Iterator[Member]:
        link = os.readlink(place) if kind == tar_members.SYMLINK else b""
        size, capability = 0, b""
        if kind == tar_members.FILE:
            self._file = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if kind == tar_members.FILE:
                status = os.fstat(self._file)
                if not stat.S_ISREG(status.st_mode):
                    return
                size = self._size = status.st_size
                capability = self._capability()
            yield Member(
                path, kind, stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, size, link, capability, 0
            )
        finally:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1

    def _capability(self) -> bytes:
        try:
            return os.getxattr(self._file, _CAPABILITY)
        except OSError:
            return b""

    def peek(self, count: int) -> bytes:
        return os.pread(self._file, count, 0)

    def read(self, limit: int) -> bytes:
        if self._size > limit:
            raise RuntimeError(f"{self._size} bytes were asked for, at most {limit} may be")
        return b"".join(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        at = 0
        while at < self._size and (piece := os.pread(self._file, min(_CHUNK, self._size - at), at)):
            at += len(piece)
            yield piece

    def _refuse(self, path: bytes, error: OSError) -> None:
        self.unscanned.append(Unscanned(path.decode("utf-8", "replace"), f"cannot be read: {error.strerror}"))
