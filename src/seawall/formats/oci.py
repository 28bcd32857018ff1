"""Manifests, indexes and configurations of images, in OCI's form and in Docker's second: JSON to the words of `model.image`.

Specifications: https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md, image-index.md and config.md;
https://distribution.github.io/distribution/spec/manifest-v2-2/. Fields that the specifications do not know are passed over, and
what is needed and missing is an `ImageFormatError`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from seawall.formats.oci_digests import DigestError, algorithm_of
from seawall.formats.untyped import flag, table, tables, text, texts
from seawall.model.image import BuildStep, Descriptor, HealthCheck, Image, ImageConfig, ImageLayer, Platform

MAX_DOCUMENT = 8 * 1024 * 1024
"""Largest manifest, index or configuration. Registries take manifests of up to 4 MB; the largest configurations have 0.1 MB."""

MAX_LAYERS = 1024
"""Most layers of an image; file systems that stack them take 128 to 500."""

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
INDEXES = frozenset((OCI_INDEX, DOCKER_INDEX))
MANIFESTS = frozenset((OCI_MANIFEST, DOCKER_MANIFEST))

MADE_UP_MANIFEST = "application/vnd.seawall.made-up.manifest+json"
"""Media type of a manifest that a store put together itself, where its format has none: it has no digest to speak of."""

_SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1"
_NOT_IMAGES = re.compile(r"helm|in-toto|cosign|sigstore|wasm|dsse", re.IGNORECASE)
_ATTESTATION = "vnd.docker.reference.type"
_PLATFORM = re.compile(r"[a-z0-9_.-]+/[a-z0-9_.-]+(?:/[a-z0-9_.-]+)?\Z")
_ARCHITECTURES = {
    "x86_64": "amd64",
    "x86-64": "amd64",
    "aarch64": "arm64",
    "armhf": "arm",
    "armel": "arm",
    "i386": "386",
}
_DEFAULT_VARIANTS = {"arm64": "v8", "arm": "v7", "amd64": "v1"}
"""What a missing variant stands for (containerd's platform normalisation)."""


class ImageFormatError(ValueError):
    """The bytes are no image's, or not of a form that is read. `args[0]` is a sentence without its subject."""


class PlatformError(ImageFormatError):
    """The image is not there for the platform. `there` are those that it is there for."""

    def __init__(self, reason: str, there: Sequence[Platform]) -> None:
        super().__init__(reason)
        self.there = there


class IndexEntry(msgspec.Struct, frozen=True):
    """A manifest (or index) that an index lists; `platform` is None where the index does not say."""

    descriptor: Descriptor
    platform: Platform | None


class Index(msgspec.Struct, frozen=True):
    """Several manifests under one name: one a platform, and attestations beside them."""

    entries: tuple[IndexEntry, ...]
    annotations: Mapping[str, str] = {}


class Manifest(msgspec.Struct, frozen=True):
    """A configuration and the layers, the lowest first."""

    config: Descriptor
    layers: tuple[Descriptor, ...]
    annotations: Mapping[str, str] = {}


def parse_document(data: bytes, media_type: str = "") -> Index | Manifest:
    """Return the index or manifest in `data`. `media_type` is what who handed it over says; the document's own counts more."""
    document = _json(data)
    stated = text(document, "mediaType") or media_type
    if document.get("schemaVersion") == 1 or stated.startswith(_SCHEMA_1):
        raise ImageFormatError(
            "is a manifest of Docker's schema 1, which registries gave up in 2019: push the image anew"
        )
    if stated in INDEXES or ("manifests" in document and stated not in MANIFESTS):
        entries = tuple(
            IndexEntry(_descriptor(entry, "an entry of the index"), _platform_of(table(entry, "platform")))
            for entry in tables(document, "manifests")
        )
        return Index(entries, _texts(table(document, "annotations")))
    if "layers" not in document or "config" not in document:
        raise ImageFormatError("is neither a manifest nor an index of an image")
    sized = stated != MADE_UP_MANIFEST
    layers = tuple(_descriptor(layer, "a layer of the manifest", sized=sized) for layer in tables(document, "layers"))
    if len(layers) > MAX_LAYERS:
        raise ImageFormatError(f"has more than {MAX_LAYERS:,} layers")
    config = _descriptor(table(document, "config"), "the manifest's configuration")
    kind = text(document, "artifactType") or config.media_type
    if _NOT_IMAGES.search(kind):
        raise ImageFormatError(f"is no image but an artifact of type {kind}")
    return Manifest(config, layers, _texts(table(document, "annotations")))


def parse_platform(written: str) -> Platform:
    """Return the platform of ``os/architecture[/variant]``, by Go's names. Raises `ImageFormatError`."""
    lowered = written.strip().lower()
    if not _PLATFORM.match(lowered):
        raise ImageFormatError(f"{written!r} is no platform: write it like linux/arm64 or linux/arm/v7")
    os, architecture, *variant = lowered.split("/")
    return Platform(os, go_architecture(architecture), variant[0] if variant else "")


def go_architecture(machine: str) -> str:
    """Return Go's name of an architecture by which the system may call it (``x86_64``)."""
    return _ARCHITECTURES.get(machine.lower(), machine.lower())


def choose(index: Index, wanted: Platform | None, host: Platform) -> IndexEntry:
    """Return the entry for `wanted`, else for `host`, else the only one. Raises `PlatformError`, which lists what there is.

    Attestations (platform ``unknown/unknown``) are no images and never chosen. An entry without a platform fits any.
    """
    images = [entry for entry in index.entries if not _is_attestation(entry)]
    if not images:
        raise ImageFormatError("is an index that lists no image")
    fitting = [entry for entry in images if entry.platform is None or fits(entry.platform, wanted or host)]
    if fitting:
        exact = [entry for entry in fitting if entry.platform == (wanted or host)]
        return (exact or fitting)[0]
    there = sorted({entry.platform for entry in images if entry.platform is not None})
    if wanted is None and len(images) == 1:
        return images[0]
    listed = ", ".join(map(str, there))
    raise PlatformError(f"is not there for {wanted or host}; it is for {listed}", there)


def fits(offered: Platform, wanted: Platform) -> bool:
    """Tell whether an image for `offered` is one for `wanted`; without a variant any will do."""
    if (offered.os, offered.architecture) != (wanted.os, wanted.architecture):
        return False
    usual = _DEFAULT_VARIANTS.get(wanted.architecture, "")
    return not wanted.variant or wanted.variant == (offered.variant or usual)


def build_image(
    name: str,
    manifest_digest: str,
    manifest: Manifest,
    config: bytes,
    index_annotations: Mapping[str, str] | None = None,
) -> Image:
    """Return the image of a manifest and the bytes of its configuration."""
    document = _json(config)
    diff_ids = texts(document, "rootfs", "diff_ids")
    if len(diff_ids) != len(manifest.layers):
        raise ImageFormatError(
            f"has {len(manifest.layers)} layers in its manifest and {len(diff_ids)} in its configuration"
        )
    for diff_id in diff_ids:
        _refuse_bad_digest(diff_id, "a layer of the configuration")
    history = tuple(
        BuildStep(
            instruction=text(step, "created_by"),
            created=text(step, "created"),
            comment=text(step, "comment"),
            author=text(step, "author"),
            empty=flag(step, "empty_layer"),
        )
        for step in tables(document, "history")
    )
    makers: list[BuildStep | None] = [step for step in history if not step.empty]
    if len(makers) != len(diff_ids):
        makers = [None] * len(diff_ids)  # the history leaves steps out: which made which layer cannot be told
    layers = tuple(
        ImageLayer(number=number, blob=blob, diff_id=diff_id, step=step)
        for number, (blob, diff_id, step) in enumerate(zip(manifest.layers, diff_ids, makers, strict=True), 1)
    )
    return Image(
        name=name,
        digest=manifest_digest,
        config_digest=manifest.config.digest,
        platform=Platform(
            text(document, "os") or "linux", text(document, "architecture") or "unknown", text(document, "variant")
        ),
        created=text(document, "created"),
        author=text(document, "author"),
        annotations={**(index_annotations or {}), **manifest.annotations},
        config=_config(table(document, "config")),
        history=history,
        layers=layers,
    )


def is_elsewhere(layer: Descriptor) -> bool:
    """Tell whether a layer's bytes may be kept outside of registries (foreign and non-distributable layers)."""
    return bool(layer.urls) or "foreign" in layer.media_type or "nondistributable" in layer.media_type


def is_encrypted(layer: Descriptor) -> bool:
    """Tell whether a layer is encrypted (OCIcrypt)."""
    return layer.media_type.endswith("+encrypted")


def _config(config: dict[str, Any]) -> ImageConfig:
    health = config.get("Healthcheck")
    return ImageConfig(
        user=text(config, "User"),
        environment=tuple(_variable(entry) for entry in texts(config, "Env")),
        entrypoint=tuple(texts(config, "Entrypoint")),
        command=tuple(texts(config, "Cmd")),
        exposed_ports=tuple(sorted(table(config, "ExposedPorts"))),
        volumes=tuple(sorted(table(config, "Volumes"))),
        labels=_texts(table(config, "Labels")),
        working_directory=text(config, "WorkingDir"),
        stop_signal=text(config, "StopSignal"),
        shell=tuple(texts(config, "Shell")),
        on_build=tuple(texts(config, "OnBuild")),
        health_check=HealthCheck(tuple(texts(health, "Test"))) if isinstance(health, dict) else None,
    )


def _variable(entry: str) -> tuple[str, str]:
    name, _, value = entry.partition("=")
    return name, value


def _descriptor(value: dict[str, Any], what: str, *, sized: bool = True) -> Descriptor:
    digest = text(value, "digest")
    _refuse_bad_digest(digest, what)
    size = value.get("size", -1)
    if type(size) is not int or (sized and size < 0):
        raise ImageFormatError(f"is broken: {what} has no size")
    return Descriptor(
        digest=digest,
        size=size,
        media_type=text(value, "mediaType"),
        annotations=_texts(table(value, "annotations")),
        urls=tuple(texts(value, "urls")),
    )


def _refuse_bad_digest(digest: str, what: str) -> None:
    try:
        algorithm_of(digest)
    except DigestError as error:
        raise ImageFormatError(f"is broken: {what} has a bad digest: {error}") from None


def _platform_of(value: dict[str, Any]) -> Platform | None:
    os, architecture = text(value, "os"), text(value, "architecture")
    return Platform(os, architecture, text(value, "variant")) if os and architecture else None


def _is_attestation(entry: IndexEntry) -> bool:
    unknown = entry.platform is not None and entry.platform.os == "unknown"
    return unknown or _ATTESTATION in entry.descriptor.annotations


def _texts(value: dict[str, Any]) -> dict[str, str]:
    return {key: item for key, item in value.items() if isinstance(item, str)}


def _json(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_DOCUMENT:
        raise ImageFormatError(f"is larger than {MAX_DOCUMENT // 1024 // 1024} MB")
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ImageFormatError(f"is no JSON: {error}") from None
    if not isinstance(document, dict):
        raise ImageFormatError("is no JSON object")
    return document
