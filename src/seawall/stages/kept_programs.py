"""Generated code that is kept for the next run, by the digest of all that it was generated from."""

import marshal
from typing import Final

import seawall
from seawall.cel.linking import ENGINE_VERSION
from seawall.sources import code_cache

KEY_BYTES: Final = 20
"""Length of the digests that are keys: no two texts meet by chance or by design."""


class KeptPrograms:
    """The programs under `name` in the user's cache; beyond `most_bytes` the first that were added go.

    What is damaged, or was written by another version, is as if it were not there.
    """

    def __init__(self, name: str, most_bytes: int) -> None:
        self._path = code_cache.path_for(name, f"{seawall.__version__}\0{ENGINE_VERSION}")
        self._most_bytes = most_bytes
        self._entries: dict[bytes, bytes] = {}
        self._new = False
        data = code_cache.read(self._path)
        if data is not None:
            try:
                entries = marshal.loads(data)  # noqa: S302  # read only from a file that nobody else can write (code_cache)
            except (ValueError, EOFError, TypeError):
                entries = None
            if isinstance(entries, dict):
                self._entries = entries

    def get(self, key: bytes) -> bytes | None:
        """Return what is kept under `key`."""
        return self._entries.get(key)

    def put(self, key: bytes, program: bytes) -> None:
        """Keep `program` under `key` from the next `save` on."""
        self._entries[key] = program
        self._new = True

    def save(self) -> None:
        """Write the cache back if something was added."""
        if self._new:
            while sum(map(len, self._entries.values())) > self._most_bytes:
                del self._entries[next(iter(self._entries))]
            code_cache.write(self._path, marshal.dumps(self._entries))
