"""Images that lie in no file here: in a registry, in a Docker engine (``docker:NAME``), in containerd (``containerd:NAME``).

A name without such a word is asked of its registry and of nothing else: which image is meant does not depend on what happens to
run on the machine.
"""

from typing import TYPE_CHECKING

from seawall.formats.image_reference import ImageReference, ImageReferenceError, parse_image_reference
from seawall.model.errors import SourceError, UsageError
from seawall.sources.images.port import ImageStore
from seawall.sources.images.targets import CONTAINERD, DOCKER

if TYPE_CHECKING:
    from seawall.sources.registry.settings import RegistrySettings


def open_elsewhere(target: str, settings: "RegistrySettings") -> ImageStore:
    """Open the image that `target` names. Raises `UsageError` for what is no reference, `SourceError` where there is none."""
    if target.startswith(DOCKER):
        return _open_docker(target)
    if target.startswith(CONTAINERD):
        from seawall.sources.images.containerd import open_containerd_image

        return open_containerd_image(_reference(target.removeprefix(CONTAINERD)), name=target)
    from seawall.sources.registry.image import open_registry_image  # TLS and HTTP, only where something is pulled

    return open_registry_image(_reference(target), settings, name=target)


def _open_docker(target: str) -> ImageStore:
    from seawall.sources.images.docker_engine import open_docker_image

    name = target.removeprefix(DOCKER)
    if not name:
        raise UsageError("docker: names no image", remedy="write docker:NAME, as `docker images` lists it")
    try:
        return open_docker_image(name, shown=target)
    except SourceError as error:
        if ":" in name or "/" in name:
            raise
        # Docker Hub has an image of this name, whose tags read like ours.
        remedy = f"{error.remedy}; for the image docker of Docker Hub: docker.io/{target}"
        raise SourceError(error.message, place=error.place, remedy=remedy) from None


def _reference(text: str) -> ImageReference:
    try:
        return parse_image_reference(text)
    except ImageReferenceError as error:
        raise UsageError(str(error), remedy="write it like registry.example/team/app:1.2") from None
