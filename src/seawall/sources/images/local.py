"""Images on disk, as stores: OCI layouts in a directory or a tar archive, and what ``docker save`` writes.

Specification of the layout: https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md. Docker's archive has no
specification: ``manifest.json`` lists images with the paths of their configuration and layers
(https://github.com/moby/moby/tree/master/image/tarexport). New versions of Docker write both into one archive; then the layout is
read, whose blobs have digests.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import msgspec

from seawall.formats.compression import CompressionError, Limits, compression_of, decompressed
from seawall.formats.oci import MADE_UP_MANIFEST, OCI_INDEX
from seawall.formats.oci_digests import DigestError, algorithm_of, digest_of
from seawall.formats.untyped import table, tables, text, texts
from seawall.model.errors import SourceError
from seawall.model.image import Descriptor
from seawall.sources.images.containers import Archive, Container, Directory, read_document
from seawall.sources.images.names import Candidate, select

_NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
_INDEX, _LAYOUT, _DOCKER = "index.json", "oci-layout", "manifest.json"


class LocalStore:
    """One image of a layout or an archive. `made` are documents that the source does not hold as blobs of their own."""

    def __init__(self, name: str, kind: str, container: Container, root: Descriptor, made: dict[str, bytes]) -> None:
        self._name, self._kind, self._root = name, kind, root
        self._container = container
        self._made = made
        self.names: tuple[str, ...] = ()
        """What the layout or archive calls the image."""
        self.paths: dict[str, str] = {}
        """Where blobs are that do not lie in ``blobs/``, by their digest."""

    @property
    def name(self) -> str:
        return self._name

    @property
    def kind(self) -> str:
        return self._kind

    def root(self) -> Descriptor:
        return self._root

    @contextmanager
    def open(self, descriptor: Descriptor) -> Iterator[Iterator[bytes]]:
        try:
            algorithm_of(descriptor.digest)
        except DigestError as error:
            raise SourceError(f"names a blob by a bad digest: {error}") from error
        if descriptor.digest in self._made:
            yield iter((self._made[descriptor.digest],))
        elif descriptor.digest in self.paths:
            yield self._plain(self.paths[descriptor.digest])
        else:
            algorithm, _, encoded = descriptor.digest.partition(":")
            path = f"blobs/{algorithm}/{encoded}"
            if self._container.size(path) is None:
                raise SourceError(f"has no blob {descriptor.digest}")
            yield self._container.chunks(path)

    def _plain(self, path: str) -> Iterator[bytes]:
        """Hand over a layer of Docker's archive as it was before it was compressed, which is what its diff id names."""
        chunks = self._container.chunks(path)
        first = next(chunks, b"")
        try:
            compression = compression_of(first[:8])
            whole = _chain(first, chunks)
            yield from whole if compression == "none" else decompressed(whole)
        except CompressionError as error:
            raise SourceError(f"{path} {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._container.close()


def open_layout(path: str, chosen: str = "", *, name: str = "") -> LocalStore:
    """Open the OCI layout in a directory. Raises `SourceError`."""
    return open_container(Directory(path), name or path, chosen, prefix=f"oci:{path}:")


def open_archive(
    path: str, chosen: str = "", *, name: str = "", kind: str = "", limits: Limits | None = None
) -> LocalStore:
    """Open a tar archive of either form, compressed by gzip, zstd or not at all. Raises `SourceError`.

    `kind` is that of the store, where the archive is only the way that an image came.
    """
    store = open_container(Archive(path, limits or Limits()), name or path, chosen, prefix=f"{path}#")
    store._kind = kind or store._kind
    return store


def open_container(container: Container, name: str, chosen: str, *, prefix: str) -> LocalStore:
    """Open the image `chosen` in a layout or archive whose files are in `container`; it is closed when there is none.

    `prefix` stands before the name of an image where a user writes one. Raises `SourceError`.
    """
    try:
        docker = container.size(_DOCKER) is not None
        if container.size(_INDEX) is not None:
            kind = "oci-layout" if isinstance(container, Directory) else "docker-archive" if docker else "oci-archive"
            return _open_oci(container, name, kind, chosen, prefix)
        if docker:
            return _open_docker(container, name, chosen, prefix)
        raise SourceError(
            "is no image: it has neither an index.json (OCI layout) nor a manifest.json (docker save)",
            remedy="scan a root file system with rootfs:PATH",
        )
    except SourceError as error:
        container.close()
        raise SourceError(error.message, place=error.place or name, remedy=error.remedy) from error
    except BaseException:
        container.close()
        raise


def _open_oci(container: Container, name: str, kind: str, chosen: str, prefix: str) -> LocalStore:
    if container.size(_LAYOUT) is None:
        raise SourceError("is no OCI layout: it has an index.json and no oci-layout")
    index = table(_parse(read_document(container, _INDEX), _INDEX))
    entries = tables(index, "manifests")
    candidates = [
        Candidate(
            number,
            tuple(dict.fromkeys(text(entry, "annotations", key) for key in _NAMES if text(entry, "annotations", key))),
            (text(entry, "digest"),),
        )
        for number, entry in enumerate(entries)
    ]
    selected = select(candidates, chosen, prefix=prefix)
    store = LocalStore(name, kind, container, *_root_of([entries[candidate.number] for candidate in selected]))
    store.names = tuple(dict.fromkeys(name for candidate in selected for name in candidate.names))
    return store


def _root_of(entries: Sequence[dict[str, Any]]) -> tuple[Descriptor, dict[str, bytes]]:
    """Return the only entry, or an index of all of them, which is the platforms of one image."""
    by_digest = {text(entry, "digest"): entry for entry in entries}
    if len(by_digest) == 1:
        (entry,) = by_digest.values()
        size = entry.get("size")
        descriptor = Descriptor(
            digest=text(entry, "digest"),
            size=size if isinstance(size, int) else -1,
            media_type=text(entry, "mediaType"),
            annotations={key: value for key, value in table(entry, "annotations").items() if isinstance(value, str)},
        )
        return descriptor, {}
    return _make({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": list(by_digest.values())}, OCI_INDEX)


def _open_docker(container: Container, name: str, chosen: str, prefix: str) -> LocalStore:
    listed = _parse(read_document(container, _DOCKER), _DOCKER)
    images = [table(image) for image in listed] if isinstance(listed, list) else []
    configs = [read_document(container, text(image, "Config")) for image in images]
    candidates = [
        Candidate(number, tuple(texts(image, "RepoTags")), (digest_of(config),))
        for number, (image, config) in enumerate(zip(images, configs, strict=True))
    ]
    selected = select(candidates, chosen, prefix=prefix)[0]
    number = selected.number
    config, paths = configs[number], texts(images[number], "Layers")
    diff_ids = texts(_parse(config, "configuration"), "rootfs", "diff_ids")
    if len(diff_ids) != len(paths):
        raise SourceError(f"lists {len(paths)} layers, and the image's configuration {len(diff_ids)}")
    for path in paths:
        if container.size(path) is None:
            raise SourceError(f"has no {path}, which is a layer of the image")
    document = {
        "schemaVersion": 2,
        "mediaType": MADE_UP_MANIFEST,
        "config": {"digest": digest_of(config), "size": len(config)},
        "layers": [{"digest": diff_id} for diff_id in diff_ids],
    }
    root, made = _make(document, MADE_UP_MANIFEST)
    store = LocalStore(name, "docker-archive", container, root, {**made, digest_of(config): config})
    store.names = selected.names
    store.paths = dict(zip(diff_ids, paths, strict=True))
    return store


def _make(document: dict[str, Any], media_type: str) -> tuple[Descriptor, dict[str, bytes]]:
    data = msgspec.json.encode(document)
    return Descriptor(digest=digest_of(data), size=len(data), media_type=media_type), {digest_of(data): data}


def _parse(data: bytes, path: str) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError(f"has a broken {path}: {error}") from error


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest
