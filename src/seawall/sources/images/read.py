"""An image to what is in it: every layer that can be read is read, verified, and kept for the next scan.

    with open_image("image.tar") as store:
        read = read_image(store)

Procedure, for an image:
1. Follow the root to the manifest for the platform; verify each document against its digest.
2. Read the configuration; it says the diff id of each layer.
3. A layer whose blob is in the cache is not opened.
4. Another is opened, and its blob verified against the manifest while it is read; where it was asked for, its uncompressed bytes
   against the diff id too (ADR 0030). What fails is `Unscanned`, with the layer's number and digest; nothing of it is kept, and
   the other layers go on.
"""

import platform as machine
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

import msgspec

from seawall.formats.compression import CompressionError, Limits, decompressed
from seawall.formats.image_layers import LayerReader
from seawall.formats.oci import (
    MADE_UP_MANIFEST,
    MAX_DOCUMENT,
    ImageFormatError,
    Manifest,
    PlatformError,
    build_image,
    choose,
    fits,
    go_architecture,
    is_elsewhere,
    is_encrypted,
    parse_document,
)
from seawall.formats.oci_digests import DigestError, verified
from seawall.formats.tar_extensions import TarError
from seawall.formats.tar_members import TarReader
from seawall.model.errors import SourceError
from seawall.model.image import Descriptor, Image, ImageLayer, Platform
from seawall.model.image_contents import LayerContents, ReadImage
from seawall.model.resource import Unscanned
from seawall.sources.images.ahead import ahead
from seawall.sources.images.layer_cache import LayerCache
from seawall.sources.images.port import ImageStore
from seawall.sources.images.rootfs import RootfsStore
from seawall.sources.images.spool import mapped

MAX_INDEXES: Final = 4
"""Deepest nesting of indexes: builders write one in an index.json, which makes two."""

MAX_IMAGE: Final = 64 * 1024 * 1024 * 1024
"""Most uncompressed bytes of all layers of an image."""

Progress = Callable[[int, int], None]
"""Is told how many of how many layers are read."""


def read_image(
    store: ImageStore | RootfsStore,
    platform: Platform | None = None,
    *,
    limits: Limits | None = None,
    cache: LayerCache | None = None,
    progress: Progress | None = None,
    verify_diff_ids: bool = False,
) -> ReadImage:
    """Read the image of `store` for `platform` (by default this machine's, on Linux).

    Raises `SourceError` where its manifest or configuration cannot be had. `cache` is that of this user by default. With
    `verify_diff_ids` a layer counts only where its uncompressed bytes are those that the configuration names.
    """
    limits = limits or Limits()
    if isinstance(store, RootfsStore):
        return _read_rootfs(store, limits)
    image = read_description(store, platform)
    cache = cache or LayerCache()
    left = MAX_IMAGE
    contents: list[LayerContents | None] = []
    unscanned: list[Unscanned] = []
    for layer in image.layers:
        read = cache.get(layer.blob.digest, layer.diff_id if verify_diff_ids else "")
        if read is None:
            reason = _reason_not_to_read(layer, left)
            if not reason:
                try:
                    read = _read_layer(store, layer, limits, verify=verify_diff_ids)
                    cache.put(read)
                except (DigestError, CompressionError, TarError) as error:
                    reason = str(error)
                except SourceError as error:
                    reason = _foreign(layer.blob, error) if is_elsewhere(layer.blob) else str(error)
            if reason:
                unscanned.append(
                    Unscanned(
                        store.name, f"layer {layer.number} of {len(image.layers)} ({layer.blob.digest}): {reason}"
                    )
                )
        left -= read.size if read is not None else 0
        contents.append(read)
        if progress is not None:
            progress(layer.number, len(image.layers))
    return ReadImage(image=image, kind=store.kind, contents=tuple(contents), unscanned=tuple(unscanned))


def host_platform() -> Platform:
    """Return the platform of this machine, on Linux: images are made for it."""
    return Platform("linux", go_architecture(machine.machine() or "amd64"))


def read_description(store: ImageStore, platform: Platform | None = None) -> Image:
    """Return what the image says of itself, without reading a layer. Raises `SourceError`."""
    descriptor = store.root()
    annotations: dict[str, str] = {}
    try:
        for _ in range(MAX_INDEXES):
            document = parse_document(_document(store, descriptor), descriptor.media_type)
            if isinstance(document, Manifest):
                return _describe(store, descriptor, document, platform, annotations)
            annotations.update(document.annotations)
            descriptor = choose(document, platform, host_platform()).descriptor
            annotations.update(descriptor.annotations)
    except SourceError as error:
        error.place = error.place or store.name
        raise
    except PlatformError as error:
        raise SourceError(
            str(error), place=store.name, remedy=f"choose one: --platform {error.there[0]}" if error.there else ""
        ) from error
    except (ImageFormatError, DigestError) as error:
        raise SourceError(str(error), place=store.name) from error
    raise SourceError(f"has indexes in indexes, more than {MAX_INDEXES} deep", place=store.name)


def _describe(
    store: ImageStore,
    descriptor: Descriptor,
    manifest: Manifest,
    platform: Platform | None,
    annotations: dict[str, str],
) -> Image:
    made_up = descriptor.media_type == MADE_UP_MANIFEST
    config = _document(store, manifest.config)
    image = build_image(store.name, "" if made_up else descriptor.digest, manifest, config, annotations)
    if platform is not None and not fits(image.platform, platform):
        raise PlatformError(f"is not there for {platform}; it is for {image.platform}", (image.platform,))
    return image


def _document(store: ImageStore, descriptor: Descriptor) -> bytes:
    """Return a manifest, index or configuration, verified."""
    if descriptor.size > MAX_DOCUMENT:
        raise ImageFormatError(f"has a document of {descriptor.size:,} bytes")
    parts: list[bytes] = []
    size = 0
    with store.open(descriptor) as chunks:
        for chunk in verified(chunks, descriptor):
            size += len(chunk)
            if size > MAX_DOCUMENT:
                raise ImageFormatError(f"has a document of more than {MAX_DOCUMENT // 1024 // 1024} MB")
            parts.append(chunk)
    return b"".join(parts)


def _reason_not_to_read(layer: ImageLayer, left: int) -> str:
    if is_encrypted(layer.blob):
        return "it is encrypted"
    if left <= 0:
        return f"the layers before it have more than {MAX_IMAGE // 1024**3} GB"
    return ""


def _foreign(blob: Descriptor, error: SourceError) -> str:
    """Say why a foreign layer was not read. What a manifest calls its address may lie in anybody's network: nobody goes there."""
    hosts = sorted({host for url in blob.urls if (host := _host_of(url))})
    where = f" (at {', '.join(hosts[:3])}, its manifest says)" if hosts else ""
    return (
        f"it is a foreign layer, which is kept elsewhere{where} and not fetched from there: {error}; "
        "push the image with its foreign layers, or scan what docker save writes"
    )


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _read_layer(store: ImageStore, layer: ImageLayer, limits: Limits, *, verify: bool) -> LayerContents:
    reader = LayerReader(layer.blob.digest, mapped)
    with _members(store, layer, limits, verify=verify) as members:
        contents = reader.read(members)
        size = members.position
    if reader.linked:
        with _members(store, layer, limits, verify=verify) as members:
            contents = reader.complete(contents, members)
    verified_id = layer.diff_id if verify or layer.diff_id == layer.blob.digest else ""
    return msgspec.structs.replace(contents, size=size, diff_id=verified_id)


@contextmanager
def _members(store: ImageStore, layer: ImageLayer, limits: Limits, *, verify: bool) -> Iterator[TarReader]:
    """Lend the members of a layer; when all of them were taken, its digests hold or `DigestError` was raised.

    The blob is hashed and inflated in one thread, and its bytes are looked at (and hashed) in the other.
    """
    with store.open(layer.blob) as stored, ahead(decompressed(verified(stored, layer.blob), limits)) as chunks:
        if verify and layer.diff_id != layer.blob.digest:
            yield TarReader(verified(chunks, Descriptor(digest=layer.diff_id)))
        else:
            yield TarReader(chunks)


def _read_rootfs(store: RootfsStore, limits: Limits) -> ReadImage:
    reader = LayerReader("", mapped)
    try:
        with store.members(limits) as (members, unscanned):
            contents = reader.read(members)
        if reader.linked:
            with store.members(limits) as (members, _):
                contents = reader.complete(contents, members)
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", place=store.name) from error
    layer = ImageLayer(number=1, blob=Descriptor(digest=""), diff_id="")
    image = Image(name=store.name, digest="", config_digest="", platform=Platform("linux", ""), layers=(layer,))
    problems = tuple(Unscanned(f"{store.name}!/{problem.path}", problem.reason) for problem in unscanned)
    return ReadImage(image=image, kind=store.kind, contents=(contents,), unscanned=problems)
