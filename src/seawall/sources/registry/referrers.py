"""What refers to an image: signatures, SBOMs and attestations that name it as their subject.

Distribution specification 1.1, "Listing Referrers", with the tag schema that stands in where a registry has no such list.
"""

import re
from typing import Final
from urllib.parse import urljoin

import msgspec

from seawall.formats.oci_digests import DigestError, algorithm_of
from seawall.model.errors import SourceError
from seawall.model.image import Descriptor
from seawall.sources.registry.client import Repository

INDEX: Final = "application/vnd.oci.image.index.v1+json"
_MAX_PAGES: Final = 50  # of up to 4 MB each
_NEXT: Final = re.compile(r"\s*<([^>]{1,4096})>\s*;\s*rel=\"?next\"?")


class Referrer(msgspec.Struct, frozen=True, kw_only=True):
    """A manifest that names an image as its subject, and its artifact type."""

    manifest: Descriptor
    artifact_type: str


class _Entry(msgspec.Struct, rename="camel"):
    digest: str = ""
    size: int = -1
    media_type: str = ""
    artifact_type: str = ""
    annotations: dict[str, str] | None = None


class _Index(msgspec.Struct):
    manifests: list[_Entry] | None = None


def list_referrers(repository: Repository, digest: str, artifact_type: str = "") -> tuple[Referrer, ...]:
    """Return what refers to `digest`, of one type or of all, in the registry's order. Raises `SourceError`."""
    algorithm_of(digest)
    answer = repository.call("GET", f"referrers/{digest}", headers={"Accept": INDEX}, accepted=frozenset({404}))
    if answer.status == 404:
        tag = digest.replace(":", "-")[:128]
        answer = repository.call("GET", f"manifests/{tag}", headers={"Accept": INDEX}, accepted=frozenset({404}))
        if answer.status == 404:
            return ()
    found: list[Referrer] = []
    for _ in range(_MAX_PAGES):
        found += _decoded(answer.body, repository)
        following = _NEXT.match(answer.headers.get("link", ""))
        if following is None:
            return tuple(entry for entry in found if artifact_type in ("", entry.artifact_type))
        answer = repository.call("GET", urljoin(f"referrers/{digest}", following[1]), headers={"Accept": INDEX})
    raise SourceError(f"the list of what refers to {digest} does not end", remedy="check the registry")


def _decoded(body: bytes, repository: Repository) -> list[Referrer]:
    try:
        entries = msgspec.json.decode(body, type=_Index).manifests or []
        for entry in entries:
            algorithm_of(entry.digest)
    except (msgspec.DecodeError, msgspec.ValidationError, DigestError):
        raise SourceError(
            f"the registry {repository.host} answers with a list of referrers that is none", remedy="check the registry"
        ) from None
    return [
        Referrer(
            manifest=Descriptor(
                digest=entry.digest, size=entry.size, media_type=entry.media_type, annotations=entry.annotations or {}
            ),
            artifact_type=entry.artifact_type,
        )
        for entry in entries
    ]
