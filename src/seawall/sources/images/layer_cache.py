"""What was read of layers, kept by the digests of their blobs: a base that many images share is read once.

By the blob's digest and not by the diff id, which an image's configuration merely claims: who makes images must not be able to
change, or to borrow, what is said of the layers of others (ADR 0030).

It holds data, never code, under the protections of `seawall.sources.code_cache`: files of this user that nobody else may write,
replaced atomically. What cannot be trusted or understood does not exist. The directory is bounded; what was used longest ago
goes.
"""

import contextlib
import os
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec

import seawall
from seawall.model.image_contents import LayerContents
from seawall.sources import code_cache

_CODE: Final = ("formats", "formats/packages", "model")
"""What decides what is found in a layer, and how it is written down."""

MAX_BYTES: Final = 512 * 1024 * 1024
"""Most bytes of all layers that are kept. A layer takes 0.1 to 1 MB, so some thousand of them stay."""


@cache
def _readers() -> str:
    """Return what stands for the code that reads layers: what another version of a parser found must not be served.

    Seawall's version alone would not do, since parsers change between versions; nor the files' times, which are new wherever a
    pipeline installs Seawall anew beside a cache that it kept. Reading them takes 2 ms.
    """
    package = os.path.dirname(seawall.__file__)
    code = blake2b(seawall.__version__.encode())
    for folder in _CODE:
        for name in sorted(os.listdir(os.path.join(package, folder))):
            if name.endswith(".py"):
                with open(os.path.join(package, folder, name), "rb") as file:
                    code.update(f"\0{folder}/{name}\0".encode() + file.read())
    return code.hexdigest()


class LayerCache:
    """The layers kept in `directory`; None: in ``layers`` below the cache directory."""

    def __init__(self, directory: Path | None = None, *, most: int = MAX_BYTES) -> None:
        self._directory = directory or code_cache.directory() / "layers"
        self._most = most
        self._decoder = msgspec.msgpack.Decoder(LayerContents)

    def get(self, blob: str, diff_id: str = "") -> LayerContents | None:
        """Return what was read of `blob`; None where that is not known, or was not held against a `diff_id` that is given."""
        path = self._path(blob)
        data = code_cache.read(path)
        if data is None:
            return None
        try:
            contents = self._decoder.decode(data)
        except (msgspec.DecodeError, ValueError):
            return None
        if contents.blob != blob or (diff_id and contents.diff_id != diff_id):
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # used just now
        return contents

    def put(self, contents: LayerContents) -> None:
        """Keep `contents`, which must be those of verified bytes."""
        data = msgspec.msgpack.encode(contents)
        if len(data) <= min(code_cache.MAX_CACHE_BYTES, self._most):
            code_cache.write(self._path(contents.blob), data)
            self._forget()

    def _path(self, blob: str) -> str:
        key = blake2b(f"{_readers()}\0{blob}".encode(), digest_size=20).hexdigest()
        return str(self._directory / f"layer-{key}.bin")

    def _forget(self) -> None:
        """Remove what was used longest ago, until the rest is small enough."""
        try:
            kept = []
            for entry in os.scandir(self._directory):
                status = entry.stat(follow_symlinks=False)
                kept.append((status.st_mtime, status.st_size, entry.path))
            total = sum(size for _, size, _ in kept)
            for _, size, path in sorted(kept):
                if total <= self._most:
                    return
                os.unlink(path)
                total -= size
        except OSError:
            return  # another process is at it
