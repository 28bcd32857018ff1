"""Files that a registry keeps as an OCI artifact: what it holds, and its verified bytes.

The manifest is that of the image specification 1.1, "Guidelines for artifact usage"; those of before 1.1, whose type is that of
their configuration, are read alike. What writes them is `seawall.actions.publish_artifact`.
"""

import contextlib
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from seawall.formats.image_reference import ImageReference
from seawall.formats.oci_digests import DigestError, verified
from seawall.model.errors import SourceError
from seawall.model.image import Descriptor
from seawall.sources.registry.image import RegistryImage, open_registry_image
from seawall.sources.registry.settings import RegistrySettings

TITLE: Final = "org.opencontainers.image.title"


class PulledFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of an artifact: its plain name, and what names its bytes."""

    name: str
    blob: Descriptor


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """An artifact: the digest of its manifest, its type, annotations and files."""

    digest: str
    artifact_type: str
    annotations: Mapping[str, str]
    files: tuple[PulledFile, ...]


class _Part(msgspec.Struct, rename="camel"):
    digest: str = ""
    size: int = -1
    media_type: str = ""
    annotations: dict[str, str] | None = None


class _Manifest(msgspec.Struct, rename="camel"):
    artifact_type: str = ""
    config: _Part | None = None
    layers: list[_Part] | None = None
    annotations: dict[str, str] | None = None
    manifests: list[_Part] | None = None


def pull_artifact(
    reference: ImageReference,
    folder: Path,
    artifact_type: str,
    settings: RegistrySettings,
    *,
    progress: Callable[[int, int], None] = lambda _done, _size: None,
) -> Artifact:
    """Pull the files of the artifact into `folder`, each under its name once its bytes are verified; older ones are replaced.

    `progress` gets the bytes that arrived and those there are, of all files. Raises `SourceError`: for what is no artifact of
    `artifact_type`, for bytes that are not those named, and where `folder` cannot be written.
    """
    with open_registry_image(reference, settings) as store:
        artifact = read_artifact(store, artifact_type)
        size = sum(max(file.blob.size, 0) for file in artifact.files)
        done = 0

        def count(arrived: int) -> None:
            nonlocal done
            done += arrived
            progress(done, size)

        for file in artifact.files:
            _save(store, file, folder, count)
    return artifact


def read_artifact(store: RegistryImage, artifact_type: str) -> Artifact:
    """Return what the artifact holds. Raises `SourceError` where it is none of `artifact_type`."""
    root = store.root()
    try:
        with store.open(root) as chunks:
            document = msgspec.json.decode(b"".join(verified(chunks, root)), type=_Manifest)
    except (msgspec.DecodeError, msgspec.ValidationError, DigestError) as error:
        raise SourceError(f"{store.name} is no artifact: {error}", remedy="check the reference") from None
    found = document.artifact_type or (document.config.media_type if document.config else "")
    if document.manifests is not None or found != artifact_type:
        kind = "an index of several" if document.manifests is not None else found or "something without a type"
        raise SourceError(f"{store.name} holds {kind[:200]} and not {artifact_type}", remedy="check the reference")
    files = []
    for layer in document.layers or []:
        name = (layer.annotations or {}).get(TITLE, "")
        if not name:
            continue  # the empty layer of an artifact without files
        if name in (".", "..") or any(character in name for character in "/\\\0") or len(name.encode()) > 255:
            raise SourceError(f"{store.name} has a file whose name is a path", remedy="do not use this artifact")
        blob = Descriptor(digest=layer.digest, size=layer.size, media_type=layer.media_type)
        files.append(PulledFile(name=name, blob=blob))
    return Artifact(digest=root.digest, artifact_type=found, annotations=document.annotations or {}, files=tuple(files))


def _save(store: RegistryImage, file: PulledFile, folder: Path, count: Callable[[int], None]) -> None:
    temporary = ""
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=".seawall-", dir=folder)
        with os.fdopen(descriptor, "wb") as stream, store.open(file.blob) as chunks:
            for chunk in verified(chunks, file.blob):
                stream.write(chunk)
                count(len(chunk))
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, folder / file.name)
    except DigestError as error:
        raise SourceError(f"{store.name} is broken: {error}", remedy="pull it again, or check the registry") from None
    except OSError as error:
        raise SourceError(
            f"{file.name} cannot be written: {error.strerror}", place=str(folder), remedy="check room and permissions"
        ) from None
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)  # gone already where it was renamed
