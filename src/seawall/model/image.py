"""Images: the artifact that a container starts from, in the words of the OCI image specification 1.1.

A *layer* of the system is cloud, cluster, container or code; what an image is stacked of is an `ImageLayer`.
"""

from collections.abc import Mapping

import msgspec


class Descriptor(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Names bytes by their digest (``sha256:…``), which every reader verifies. `size` in bytes, -1 where it is not known.

    `urls` are other places where they are kept, by the manifest's word; nothing is fetched from there.
    """

    digest: str
    size: int = -1
    media_type: str = ""
    annotations: Mapping[str, str] = {}
    urls: tuple[str, ...] = ()


class Platform(msgspec.Struct, frozen=True, order=True):
    """What an image runs on: ``Platform("linux", "arm64", "v8")``, written ``linux/arm64/v8``."""

    os: str
    architecture: str
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


class HealthCheck(msgspec.Struct, frozen=True):
    """How Docker asks whether a container is well. `test` is ``("NONE",)``, ``("CMD", …)`` or ``("CMD-SHELL", command)``."""

    test: tuple[str, ...] = ()


class ImageConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How a container of the image is started, unless its pod says otherwise.

    `user` is as written (``1000:1000``, ``app``, empty for root); `exposed_ports` are ``8080/tcp``; `environment` keeps the
    order of the file. `health_check` is None where the image says nothing of it.
    """

    user: str = ""
    environment: tuple[tuple[str, str], ...] = ()
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    exposed_ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    labels: Mapping[str, str] = {}
    working_directory: str = ""
    stop_signal: str = ""
    shell: tuple[str, ...] = ()
    on_build: tuple[str, ...] = ()
    health_check: HealthCheck | None = None


class BuildStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the image's history. `empty` steps made no layer; `created` is RFC 3339 or empty."""

    instruction: str
    created: str = ""
    comment: str = ""
    author: str = ""
    empty: bool = False


class ImageLayer(msgspec.Struct, frozen=True, kw_only=True):
    """One layer: `blob` as it is stored, `diff_id` the digest of its uncompressed bytes, `step` what made it, if that is told."""

    number: int
    blob: Descriptor
    diff_id: str
    step: BuildStep | None = None


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """What an image says of itself, before any layer is read.

    `name` is how the user named it. `digest` is that of the manifest, `config_digest` of the configuration (Docker's image id).
    `digest` is empty where the source has no manifest (``docker save``). `created` is RFC 3339 or empty. `names` are the
    references that stand for it: what the user pulled, or what its archive calls it.
    """

    name: str
    digest: str
    config_digest: str
    platform: Platform
    created: str = ""
    author: str = ""
    annotations: Mapping[str, str] = {}
    config: ImageConfig = ImageConfig()
    history: tuple[BuildStep, ...] = ()
    layers: tuple[ImageLayer, ...] = ()
    names: tuple[str, ...] = ()
