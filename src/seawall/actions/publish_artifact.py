"""Push files to a registry as one OCI artifact: blobs first, then the manifest that names them.

The order is that of the distribution specification, section "Push"; the manifest that of the image specification 1.1, "Guidelines
for artifact usage": an `artifactType`, an empty configuration, and a layer for each file. An artifact with a `subject` is listed
among the referrers of that image, by the registry, or by us where the registry does not know how.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final, Protocol

import msgspec

from seawall.formats.oci_digests import digest_of
from seawall.model.errors import SourceError
from seawall.model.image import Descriptor

MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
INDEX: Final = "application/vnd.oci.image.index.v1+json"
EMPTY: Final = "application/vnd.oci.empty.v1+json"
TITLE: Final = "org.opencontainers.image.title"
BROKEN: Final = 0
# Most storage behind registries wants parts of at least 5 MB; each is sent within two minutes, or again.
PART_BYTES: Final = 8 << 20
_MAX_PART_BYTES: Final = 128 << 20
_MAX_FAILURES: Final = 5
# After these nobody knows whether the part was kept: the registry is asked.
_UNSURE: Final = frozenset({BROKEN, 416, 500, 502, 503, 504})


class RegistryAnswer(Protocol):
    """What a registry answered: `headers` have lower case names; `status` is 0 where the connection broke off before."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def body(self) -> bytes: ...


class RegistryPort(Protocol):
    """One repository of a registry, as `seawall.sources.registry.client.Repository` is one."""

    def call(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        accepted: frozenset[int] = frozenset(),
    ) -> RegistryAnswer:
        """Return the answer, or raise `SourceError` for a status that is neither 2xx nor `accepted`."""
        ...


class ArtifactFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file to push. `name` is what it is called when it is pulled: a plain file name."""

    path: Path
    name: str
    media_type: str = "application/octet-stream"


def publish_artifact(
    registry: RegistryPort,
    wanted: str,
    files: Sequence[ArtifactFile],
    artifact_type: str,
    annotations: Mapping[str, str],
    *,
    subject: Descriptor | None = None,
    progress: Callable[[int], None] = lambda _bytes: None,
) -> Descriptor:
    """Push `files` and name them `wanted` (a tag, or empty for the digest alone). Returns the manifest's descriptor.

    `progress` gets the number of bytes that arrived, or were there already. Raises `SourceError`; then no tag was moved.
    """
    upload_blob(registry, digest_of(b"{}"), 2, b"{}")
    layers = []
    for file in files:
        digest, size = _digest_of_file(file.path)
        upload_blob(registry, digest, size, file.path, progress=progress)
        layers.append({"mediaType": file.media_type, "digest": digest, "size": size, "annotations": {TITLE: file.name}})
    document: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": artifact_type,
        "config": {"mediaType": EMPTY, "digest": digest_of(b"{}"), "size": 2, "data": "e30="},
        "layers": layers or [{"mediaType": EMPTY, "digest": digest_of(b"{}"), "size": 2, "data": "e30="}],
    }
    if subject is not None:
        document["subject"] = {"mediaType": subject.media_type, "digest": subject.digest, "size": subject.size}
    if annotations:
        document["annotations"] = dict(sorted(annotations.items()))
    data = msgspec.json.encode(document)
    digest = digest_of(data)
    answer = registry.call("PUT", f"manifests/{wanted or digest}", headers={"Content-Type": MANIFEST}, body=data)
    if subject is not None and "oci-subject" not in answer.headers:
        _list_by_tag(registry, subject.digest, digest, len(data), artifact_type, annotations)
    return Descriptor(digest=digest, size=len(data), media_type=MANIFEST, annotations=annotations)


def upload_blob(
    registry: RegistryPort,
    digest: str,
    size: int,
    content: bytes | Path,
    *,
    progress: Callable[[int], None] = lambda _bytes: None,
) -> None:
    """Push the blob `digest`, at once where it is small, else in parts, unless the registry has it. Raises `SourceError`."""
    if registry.call("HEAD", f"blobs/{digest}", accepted=frozenset({404})).status != 404:
        progress(size)
        return
    answer = registry.call("POST", "blobs/uploads/")
    location = _location(answer)
    if isinstance(content, bytes):
        _finish(registry, location, digest, content)
        progress(size)
        return
    minimum = answer.headers.get("oci-chunk-min-length", "")
    part_bytes = min(max(PART_BYTES, int(minimum) if minimum.isdecimal() else 0), _MAX_PART_BYTES)
    with content.open("rb") as stream:
        if size <= part_bytes:
            _finish(registry, location, digest, stream.read())
            progress(size)
        else:
            _finish(registry, _send_parts(registry, location, stream, size, part_bytes, progress), digest, b"")


def _send_parts(
    registry: RegistryPort,
    location: str,
    stream: IO[bytes],
    size: int,
    part_bytes: int,
    progress: Callable[[int], None],
) -> str:
    """Send the stream part by part and return where the upload is to be finished."""
    start = failures = 0
    while start < size:
        stream.seek(start)
        part = stream.read(part_bytes)
        if not part:
            raise SourceError("the file became shorter while it was pushed", remedy="push it again")
        headers = {"Content-Type": "application/octet-stream", "Content-Range": f"{start}-{start + len(part) - 1}"}
        answer = registry.call("PATCH", location, headers=headers, body=part, accepted=_UNSURE)
        if answer.status in _UNSURE:
            failures += 1
            if failures >= _MAX_FAILURES:
                raise SourceError(
                    f"the upload failed {failures} times at {start:,} of {size:,} bytes",
                    remedy="try again, or check the way to the registry",
                )
            answer = registry.call("GET", location)
            arrived = _arrived(answer)
        else:
            arrived = start + len(part)
        location = _location(answer, location)
        progress(max(0, arrived - start))
        start = arrived
    return location


def _arrived(answer: RegistryAnswer) -> int:
    found = re.match(r"(?:bytes=)?0-([0-9]+)\Z", answer.headers.get("range", ""))
    if found is None:
        raise SourceError("the registry does not say how much of an upload it has", remedy="push it again")
    # `0-0` is what registries say of nothing; a part has more than one byte.
    return int(found[1]) + 1 if found[1] != "0" else 0


def _finish(registry: RegistryPort, location: str, digest: str, rest: bytes) -> None:
    target = f"{location}{'&' if '?' in location else '?'}digest={digest}"
    headers = {"Content-Type": "application/octet-stream"}
    answer = registry.call("PUT", target, headers=headers, body=rest, accepted=frozenset({BROKEN, 404}))
    if answer.status in (BROKEN, 404):
        # It may have arrived, and the answer not.
        registry.call("HEAD", f"blobs/{digest}")


def _location(answer: RegistryAnswer, otherwise: str = "") -> str:
    location = answer.headers.get("location") or otherwise
    if not location:
        raise SourceError("the registry does not say where to upload", remedy="check that this is a registry")
    return location


def _list_by_tag(
    registry: RegistryPort, subject: str, digest: str, size: int, artifact_type: str, annotations: Mapping[str, str]
) -> None:
    """Add the manifest to the index that stands for the referrers API ("Referrers Tag Schema")."""
    tag = subject.replace(":", "-")[:128]
    answer = registry.call("GET", f"manifests/{tag}", headers={"Accept": INDEX}, accepted=frozenset({404}))
    document = {} if answer.status == 404 else _decoded(answer.body)
    listed = document.get("manifests")
    manifests = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    if any(entry.get("digest") == digest for entry in manifests):
        return
    entry: dict[str, Any] = {"mediaType": MANIFEST, "digest": digest, "size": size, "artifactType": artifact_type}
    if annotations:
        entry["annotations"] = dict(sorted(annotations.items()))
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [*manifests, entry]}
    registry.call("PUT", f"manifests/{tag}", headers={"Content-Type": INDEX}, body=msgspec.json.encode(index))


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        document = msgspec.json.decode(body)
    except msgspec.DecodeError:
        document = None
    if not isinstance(document, dict):
        raise SourceError("the registry's list of referrers is no index", remedy="check the registry")
    return document


def _digest_of_file(path: Path) -> tuple[str, int]:
    try:
        with path.open("rb") as stream:
            return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}", stream.tell()
    except OSError as error:
        raise SourceError(f"it cannot be read: {error.strerror}", place=str(path), remedy="check the file") from None
