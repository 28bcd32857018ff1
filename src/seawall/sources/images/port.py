"""The port of every source of images: it hands over bytes by their digest, and knows what the user's name stands for.

    store = layouts.open_layout(path)
    with store:
        root = store.root()                  # the manifest, or an index of several platforms
        with store.open(root) as chunks:     # what is stored, compressed as it is, and NOT yet verified
            data = b"".join(verified(chunks, root))

What a store hands over is not trusted: readers pass it through `seawall.formats.oci_digests.verified`. Simulators for tests
implement this port and are held to the real source.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Protocol, Self

from seawall.model.image import Descriptor


class ImageStore(Protocol):
    """An open source of one image. A context manager."""

    @property
    def name(self) -> str:
        """The image as the user named it, for reports."""
        ...

    @property
    def kind(self) -> str:
        """What it is in a report's ``targets[].type``: ``image``, ``oci-layout``, ``oci-archive``, ``docker-archive``."""
        ...

    def root(self) -> Descriptor:
        """Return what the user's name stands for: a manifest or an index. Raises `SourceError` where there is none."""
        ...

    def open(self, descriptor: Descriptor) -> AbstractContextManager[Iterator[bytes]]:
        """Hand over the bytes of a manifest, index, configuration or layer, in chunks of up to 1 MB.

        A store that can resume a broken transfer does so within. Raises `SourceError` on entry or while iterating.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
