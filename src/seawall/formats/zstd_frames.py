"""Where frames of zstd end (RFC 8878, section 3): whether compressed bytes stop at the end of a frame, or in the middle of one.

The decompressor that reads a stream of frames takes an early end for the end of all; `ZstdFrames` looks at the same bytes, at
three of each block, and knows better.
"""

import struct

_MAGIC, _SKIPPABLE = 0xFD2FB528, 0x184D2A50
_CHECKSUM = 4
_CONTENT_SIZE = (0, 2, 4, 8)
_DICTIONARY = (0, 1, 2, 4)


class ZstdFrames:
    """Is fed the compressed bytes piece by piece; `is_between` tells whether all frames that began have ended."""

    def __init__(self) -> None:
        self._read = self._magic
        self._wanted = 4
        self._head = b""
        self._skip = 0
        self._behind = 0

    @property
    def is_between(self) -> bool:
        """Whether a frame may begin here."""
        return self._read == self._magic and not self._head and not self._skip

    def feed(self, data: bytes | memoryview) -> None:
        """Look at the next bytes. What is no zstd is for the decompressor to refuse."""
        at, size = 0, len(data)
        while at < size:
            if self._skip:
                step = min(self._skip, size - at)
                self._skip -= step
                at += step
                continue
            piece = data[at : at + self._wanted - len(self._head)]
            at += len(piece)
            self._head += bytes(piece)
            if len(self._head) == self._wanted:
                head, self._head = self._head, b""
                self._read(head)

    def _magic(self, head: bytes) -> None:
        (magic,) = struct.unpack("<I", head)
        if magic & 0xFFFFFFF0 == _SKIPPABLE:
            self._read = self._skippable
        elif magic == _MAGIC:
            self._read, self._wanted = self._descriptor, 1

    def _skippable(self, head: bytes) -> None:
        (self._skip,) = struct.unpack("<I", head)
        self._read = self._magic

    def _descriptor(self, head: bytes) -> None:
        flags = head[0]
        single = flags >> 5 & 1
        content_size = _CONTENT_SIZE[flags >> 6] or single
        self._skip = (1 - single) + _DICTIONARY[flags & 3] + content_size
        self._behind = _CHECKSUM if flags & 4 else 0
        self._read, self._wanted = self._block, 3

    def _block(self, head: bytes) -> None:
        value = int.from_bytes(head, "little")
        is_last, is_run, size = value & 1, (value >> 1 & 3) == 1, value >> 3
        self._skip = 1 if is_run else size
        if is_last:
            self._skip += self._behind
            self._read, self._wanted = self._magic, 4
