"""The advisory database through a registry: pushed as an OCI artifact, pulled and put in place.

One machine with a network updates and pushes; the others pull from the registry that they have anyway.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from seawall.formats.image_reference import ImageReference, ImageReferenceError, parse_image_reference
from seawall.model.advisory import AdvisorySource
from seawall.model.errors import SourceError, UsageError
from seawall.sources.advisory_database import FORMAT, AdvisoryDatabase
from seawall.sources.advisory_package import FILE_NAME, pack, unpack
from seawall.stages.advisories import alone, clear, downloads_of, sources_of
from seawall.stages.artifacts import ArtifactFile, RegistrySettings, pull_artifact, push_artifact

ARTIFACT_TYPE: Final = "application/vnd.seawall.advisories.v1"
MEDIA_TYPE: Final = "application/vnd.seawall.advisories.db+zstd"
Progress = Callable[[str, int, int], None]


def push(database: Path, name: str, settings: RegistrySettings, *, progress: Progress = lambda *_: None) -> str:
    """Push the database to the reference `name` and return the digest. Raises `UsageError` and `SourceError`."""
    reference = _reference(name)
    if not reference.tag:
        raise UsageError(f"{name} has no tag to push to", remedy="name one, such as :latest")
    with AdvisoryDatabase(database) as opened:
        annotations = {
            "dev.seawall.advisories.format": str(FORMAT),
            "org.opencontainers.image.created": opened.built(),
            "org.opencontainers.image.title": "Advisories for Seawall",
        }
    with alone(database):
        folder = downloads_of(database)
        progress("packing", 0, 0)
        packed = pack(database, folder)
        size, sent = packed.stat().st_size, 0

        def count(arrived: int) -> None:
            nonlocal sent
            sent += arrived
            progress(f"pushing {reference}", sent, size)

        try:
            manifest = push_artifact(
                reference,
                [ArtifactFile(path=packed, name=FILE_NAME, media_type=MEDIA_TYPE)],
                ARTIFACT_TYPE,
                {key: value for key, value in annotations.items() if value},
                settings,
                progress=count,
            )
        finally:
            clear(folder)
    return manifest.digest


def pull(
    database: Path, name: str, settings: RegistrySettings, *, progress: Progress = lambda *_: None
) -> tuple[str, tuple[AdvisorySource, ...]]:
    """Replace the database by the one at the reference `name`; return the digest and what it holds.

    Raises `UsageError` and `SourceError`; the old database is kept then.
    """
    reference = _reference(name)
    with alone(database):
        folder = downloads_of(database)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            artifact = pull_artifact(
                reference,
                folder,
                ARTIFACT_TYPE,
                settings,
                progress=lambda done, size: progress(f"pulling {reference}", done, size),
            )
            if FILE_NAME not in {file.name for file in artifact.files}:
                raise SourceError(f"{reference} holds no {FILE_NAME}", remedy="check the reference")
            progress("unpacking", 0, 0)
            unpack(folder / FILE_NAME, database)
        finally:
            clear(folder)
    return artifact.digest, tuple(sources_of(database))


def _reference(name: str) -> ImageReference:
    try:
        return parse_image_reference(name)
    except ImageReferenceError as error:
        raise UsageError(str(error), remedy="a reference is registry.example/path/advisories:latest") from None
