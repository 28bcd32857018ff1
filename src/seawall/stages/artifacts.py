"""Files in and out of registries as OCI artifacts: the advisory database, and what is attached to images.

reference = parse_image_reference("registry.example/seawall/advisories:latest")
push_artifact(reference, [ArtifactFile(path=path, name="advisories.sqlite")], TYPE, {}, RegistrySettings())
pull_artifact(reference, folder, TYPE, RegistrySettings())
"""

from collections.abc import Callable, Mapping, Sequence

from seawall.actions.publish_artifact import ArtifactFile, publish_artifact
from seawall.formats.image_reference import ImageReference
from seawall.model.image import Descriptor
from seawall.sources.registry.artifacts import Artifact, PulledFile, pull_artifact
from seawall.sources.registry.client import Repository
from seawall.sources.registry.referrers import Referrer, list_referrers
from seawall.sources.registry.settings import RegistrySettings

__all__ = [
    "Artifact",
    "ArtifactFile",
    "PulledFile",
    "Referrer",
    "RegistrySettings",
    "pull_artifact",
    "push_artifact",
    "referrers",
]


def push_artifact(
    reference: ImageReference,
    files: Sequence[ArtifactFile],
    artifact_type: str,
    annotations: Mapping[str, str],
    settings: RegistrySettings,
    *,
    subject: Descriptor | None = None,
    progress: Callable[[int], None] = lambda _bytes: None,
) -> Descriptor:
    """Push `files` under the tag of `reference` and return the manifest's descriptor. Mirrors are not written to.

    `subject` is the image that they are about. Raises `SourceError`; then the tag names what it named before.
    """
    repository = Repository(reference.host, reference.repository, settings, actions="pull,push")
    try:
        return publish_artifact(
            repository, reference.tag, files, artifact_type, annotations, subject=subject, progress=progress
        )
    finally:
        repository.close()


def referrers(
    reference: ImageReference, digest: str, settings: RegistrySettings, artifact_type: str = ""
) -> tuple[Referrer, ...]:
    """Return what refers to the image `digest` in the repository of `reference`. Raises `SourceError`."""
    repository = Repository(reference.host, reference.repository, settings)
    try:
        return list_referrers(repository, digest, artifact_type)
    finally:
        repository.close()
