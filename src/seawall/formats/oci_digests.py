"""Digests of the OCI specifications: whether bytes are those that a descriptor names, decided while they stream.

Specification: https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md#digests
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Final

from seawall.model.image import Descriptor

_LENGTHS: Final = {"sha256": 64, "sha512": 128}
_HEX: Final = re.compile(r"[0-9a-f]+\Z")


class DigestError(ValueError):
    """The bytes are not those that were named, or the digest is none. `args[0]` is a sentence that says which."""


def algorithm_of(digest: str) -> str:
    """Return ``sha256`` or ``sha512``. Raises `DigestError` for what is no registered digest."""
    algorithm, _, text = digest.partition(":")
    if len(text) != _LENGTHS.get(algorithm) or not _HEX.match(text):
        raise DigestError(f"{digest[:160]!r} is no sha256 or sha512 digest")
    return algorithm


def digest_of(data: bytes) -> str:
    """Return the sha256 digest of `data`."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def verified(chunks: Iterable[bytes], descriptor: Descriptor) -> Iterator[bytes]:
    """Yield `chunks` as they are, and raise `DigestError` where they turn out not to be what `descriptor` names.

    More bytes than it says are refused as soon as they come. What was yielded before the end is not verified yet: the reader must
    finish before it keeps anything.
    """
    hasher = hashlib.new(algorithm_of(descriptor.digest))
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if 0 <= descriptor.size < size:
            raise DigestError(f"{descriptor.digest} has more than the {descriptor.size:,} bytes that were announced")
        hasher.update(chunk)
        yield chunk
    if 0 <= descriptor.size != size:
        raise DigestError(f"{descriptor.digest} has {size:,} bytes and not the {descriptor.size:,} that were announced")
    found = f"{hasher.name}:{hasher.hexdigest()}"
    if found != descriptor.digest:
        raise DigestError(f"the bytes of {descriptor.digest} are those of {found}")
