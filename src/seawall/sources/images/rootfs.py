"""A root file system without an image around it: a directory, or a tar archive of one. It is read as a single layer.

The directory is walked without following a link, and files are opened so that a link put in their place meanwhile is refused:
what is scanned may belong to somebody else. Other file systems that are mounted below are left out.
"""

import errno
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
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC

MAX_DEPTH = 400
"""Deepest folder that is walked: each keeps a file open while what is below it is read."""

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
    """The members of a directory, in the order of their names. Each is opened by its name in a folder that is open."""

    def __init__(self, root: str) -> None:
        self.unscanned: list[Unscanned] = []
        self._root = root
        self._device = -1
        self._file = -1
        self._size = 0

    def __iter__(self) -> Iterator[Member]:
        directory = os.open(self._root, _FOLDER & ~os.O_NOFOLLOW)  # the user may name a link
        try:
            self._device = os.fstat(directory).st_dev
            yield from self._walk(directory, b"", 0)
        finally:
            os.close(directory)

    def _walk(self, directory: int, folder: bytes, depth: int) -> Iterator[Member]:
        try:
            with os.scandir(directory) as found:
                names = sorted(os.fsencode(entry.name) for entry in found)
        except OSError as error:
            self._refuse(folder, error)
            return
        for name in names:
            path = b"%b/%b" % (folder, name) if folder else name
            try:
                status = os.stat(name, dir_fd=directory, follow_symlinks=False)
                kind = _KINDS.get(stat.S_IFMT(status.st_mode))
                if kind is None or (kind == tar_members.DIRECTORY and status.st_dev != self._device):
                    continue  # a socket, or another file system
                yield from self._hand_out(directory, name, path, kind, status)
                if kind == tar_members.DIRECTORY:
                    if depth == MAX_DEPTH:
                        raise OSError(errno.ELOOP, f"it lies {MAX_DEPTH} folders deep")
                    below = os.open(name, _FOLDER, dir_fd=directory)
                    try:
                        yield from self._walk(below, path, depth + 1)
                    finally:
                        os.close(below)
            except OSError as error:
                self._refuse(path, error)

    def _hand_out(
        self, directory: int, name: bytes, path: bytes, kind: bytes, status: os.stat_result
    ) -> Iterator[Member]:
        link = os.readlink(name, dir_fd=directory) if kind == tar_members.SYMLINK else b""
        size, capability = 0, b""
        try:
            if kind == tar_members.FILE:
                self._file = os.open(name, _FILE, dir_fd=directory)
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
