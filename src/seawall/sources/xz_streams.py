"""Streams that are compressed with xz, within a bound of memory.

The library's own file has none: the header of an xz file says how much memory its reader has to set aside, up to 4 GB.
"""

import io
import lzma
from typing import IO, Any, Final

MAX_MEMORY: Final = 256 * 1024 * 1024
"""Most memory that is set aside; ``xz -9`` asks for 65 MB."""

_CHUNK: Final = 1 << 16


class XzStream(io.RawIOBase):
    """The content of `packed`, one xz stream after the other. Raises `lzma.LZMAError` for a broken or too greedy one, and
    `EOFError` for one that is cut off."""

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = packed
        self._unpack = self._fresh()
        self._waiting = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer, as far as there is anything; 0 at the end."""
        view = memoryview(buffer).cast("B")
        while True:
            if self._unpack.eof:
                rest = self._unpack.unused_data or self._packed.read(_CHUNK)
                rest = rest.lstrip(b"\0")  # streams may be padded
                if not rest:
                    return 0
                self._unpack, self._waiting = self._fresh(), rest
            if self._unpack.needs_input and not self._waiting:
                self._waiting = self._packed.read(_CHUNK)
                if not self._waiting:
                    raise EOFError("the file is cut off")
            data = self._unpack.decompress(self._waiting, len(view))
            self._waiting = b""
            if data:
                view[: len(data)] = data
                return len(data)

    def _fresh(self) -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_MEMORY)
