"""Compressed layers and archives to their bytes, as a stream within bounds: gzip (by igzip), zstd, or none.

What the media type of a layer says is not trusted: the first bytes tell how it is compressed. `CompressionError` says what
is wrong: a checksum, an early end, or more bytes than anybody needs (a decompression bomb).
"""

from collections.abc import Generator, Iterable, Iterator
from typing import IO, cast

import msgspec

from seawall.formats.zstd_frames import ZstdFrames

CHUNK = 256 * 1024
"""Bytes that are handed over at a time: small enough for the processor's cache, large enough that calls do not count."""

MAX_WINDOW = 64 * 1024 * 1024
"""Largest window of zstd, which is held in memory. Builders use up to 8 MB; ``zstd --long=27`` needs twice this."""

_CUT_OFF = "is cut off: its compressed data has no end"
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"  # behind a byte 0x50 to 0x5f
_OTHERS = {b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x04\x22\x4d\x18": "lz4"}


class CompressionError(ValueError):
    """The bytes cannot be decompressed, or there are too many of them. `args[0]` is a sentence without its subject."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much one stream may become: `most` bytes, and `ratio` times its compressed size once it is past `free` bytes.

    A layer of 32 GB is larger than any image in the public registries. The ratio stands below what gzip can reach (1032) and far
    above what file systems have (2 to 20); the first 512 MB are free of it, so that a file of zeros is no bomb.
    """

    most: int = 32 * 1024 * 1024 * 1024
    ratio: int = 400
    free: int = 512 * 1024 * 1024


class _Compressed:
    """The chunks as the file that decompressors want; counts what they took."""

    def __init__(self, first: bytes, chunks: Iterator[bytes], frames: ZstdFrames | None = None) -> None:
        """`frames` sees the bytes too."""
        self._rest = memoryview(first)
        self._chunks = chunks
        self._frames = frames
        self.taken = 0

    def read(self, size: int = -1, /) -> bytes:
        return bytes(self._take(size))

    def readinto(self, target: memoryview) -> int:
        piece = self._take(len(target))
        target[: len(piece)] = piece
        return len(piece)

    def _take(self, size: int) -> memoryview:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return self._rest
            self._rest = memoryview(chunk)
        piece = self._rest[:size] if size >= 0 else self._rest
        self._rest = self._rest[len(piece) :]
        self.taken += len(piece)
        if self._frames is not None:
            self._frames.feed(piece)
        return piece


def compression_of(head: bytes) -> str:
    """Return ``gzip``, ``zstd`` or ``none`` by the first bytes. Raises `CompressionError` for kinds that are not read."""
    if head.startswith(_GZIP):
        return "gzip"
    if head.startswith(_ZSTD) or (head[1:4] == _ZSTD_SKIPPABLE and 0x50 <= head[0] <= 0x5F):
        return "zstd"
    for magic, name in _OTHERS.items():
        if head.startswith(magic):
            raise CompressionError(f"is compressed with {name}, which is not read")
    return "none"


def decompressed(chunks: Iterable[bytes], limits: Limits | None = None) -> Generator[bytes, None, None]:
    """Yield what `chunks` are when decompressed, all members and frames of them. Raises `CompressionError`."""
    limits = limits or Limits()
    source = iter(chunks)
    first = b""
    while len(first) < 8 and (chunk := next(source, None)) is not None:
        first += chunk
    kind = compression_of(first)
    size = 0
    if kind == "none":
        while first:
            size += len(first)
            if size > limits.most:
                raise CompressionError(f"holds more than {limits.most:,} bytes")
            yield first
            first = next(source, b"")
            while not first and (chunk := next(source, None)) is not None:
                first = chunk
        return
    frames = ZstdFrames() if kind == "zstd" else None
    compressed = _Compressed(first, source, frames)
    read = _gzip(compressed) if frames is None else _zstd(compressed)
    for chunk in read:
        size += len(chunk)
        if size > limits.most:
            raise CompressionError(f"holds more than {limits.most:,} bytes")
        if size > limits.free and size > compressed.taken * limits.ratio:
            raise CompressionError(f"holds more than {limits.ratio} times its size: a decompression bomb")
        yield chunk
    while compressed.read(CHUNK):  # what is behind the end belongs to the digest
        pass
    if frames is not None and not frames.is_between:
        raise CompressionError(_CUT_OFF)


def _gzip(compressed: _Compressed) -> Iterator[bytes]:
    from isal import igzip
    from isal.isal_zlib import error as isal_error

    stream: IO[bytes] = igzip.IGzipFile(fileobj=compressed, mode="rb")  # type: ignore[no-untyped-call, assignment, unused-ignore]
    try:
        while chunk := stream.read(CHUNK):
            yield chunk
    except EOFError:
        raise CompressionError(_CUT_OFF) from None
    except (OSError, isal_error) as error:  # type: ignore[misc]  # its stub says an instance
        raise CompressionError(f"is damaged: {_sentence(error)}") from error


def _zstd(compressed: _Compressed) -> Iterator[bytes]:
    import zstandard

    decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
    stream = decompressor.stream_reader(cast("IO[bytes]", compressed), read_across_frames=True)
    try:
        while chunk := stream.read(CHUNK):
            yield chunk
    except zstandard.ZstdError as error:
        raise CompressionError(f"is damaged: {_sentence(error)}") from error


def _sentence(error: Exception) -> str:
    return str(error).strip().rstrip(".") or type(error).__name__
