"""An image in a registry, as the `ImageStore` that every image source implements.

    with open_registry_image(parse_image_reference("alpine:3.20"), RegistrySettings()) as store:
        root = store.root()

Layers are resumed from what has arrived when the connection breaks off. Mirrors of the host are asked first; the last word, and
the error, is the host's own.
"""

import difflib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

import msgspec

from seawall.formats.image_reference import ImageReference
from seawall.formats.oci_digests import DigestError, algorithm_of, digest_of, verified
from seawall.model.errors import SourceError
from seawall.model.image import Descriptor
from seawall.sources.registry.client import MAX_ATTEMPTS, RegistryError, Repository
from seawall.sources.registry.settings import RegistrySettings
from seawall.sources.registry.transport import STALL_BYTES, BrokenError, Reply

MANIFEST_TYPES: Final = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
MAX_MANIFEST_BYTES: Final = 4 << 20  # what registries take, by the distribution specification
_MAX_TAGS_BYTES: Final = 1 << 20


class RegistryImage:
    """An image that `root` has found, or will find, in one repository."""

    kind = "image"

    def __init__(self, reference: ImageReference, repository: Repository, name: str) -> None:
        self.name = name
        self.reference = reference
        self._repository = repository
        self._root: Descriptor | None = None
        self._manifest = b""

    def root(self) -> Descriptor:
        """Return the manifest or index that the reference names. Raises `SourceError`."""
        if self._root is None:
            wanted = self.reference.wanted
            try:
                media_type, data = self._fetch_manifest(wanted)
            except RegistryError as error:
                if error.status == 404:
                    raise self._no_such_image(error) from None
                raise
            digest = self.reference.digest or digest_of(data)
            self._root = Descriptor(digest=digest, size=len(data), media_type=media_type)
            self._manifest = data
        return self._root

    @contextmanager
    def open(self, descriptor: Descriptor) -> Iterator[Iterator[bytes]]:
        """Hand over the bytes of a manifest or blob. Raises `SourceError` on entry or while iterating."""
        try:
            algorithm_of(descriptor.digest)
        except DigestError as error:
            raise SourceError(f"{self.name}: {error}", remedy="the image is broken: push it again") from None
        if self._root is not None and descriptor.digest == self._root.digest:
            yield iter([self._manifest])
        elif descriptor.media_type in MANIFEST_TYPES:
            yield iter([self._fetch_manifest(descriptor.digest)[1]])
        else:
            transfer = Transfer(self._repository, descriptor.digest)
            try:
                yield transfer.chunks()
            finally:
                transfer.close()

    def close(self) -> None:
        """Close the connections."""
        self._repository.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _fetch_manifest(self, wanted: str) -> tuple[str, bytes]:
        return fetch_manifest(self._repository, wanted)

    def _no_such_image(self, error: RegistryError) -> SourceError:
        tag, name = self.reference.tag, f"{self.reference.host}/{self.reference.repository}"
        if self.reference.digest:
            return SourceError(f"{name} has no {self.reference.digest}", remedy="check the digest and the repository")
        near = self._near_tags(tag)
        if near:
            return SourceError(f"{name} has no tag {tag!r}", remedy=f"near it are {', '.join(near)}")
        said = f" ({error.code})" if error.code else ""
        return SourceError(f"there is no image {name}:{tag}{said}", remedy="check the repository and the tag")

    def _near_tags(self, tag: str) -> list[str]:
        # A courtesy: whatever goes wrong here must not hide that there is no such tag.
        try:
            answer = self._repository.call("GET", "tags/list?n=1000", most=_MAX_TAGS_BYTES)
            tags = msgspec.json.decode(answer.body, type=_Tags).tags or []
        except (SourceError, msgspec.DecodeError, msgspec.ValidationError):
            return []
        return difflib.get_close_matches(tag, tags[:5000], n=5, cutoff=0.5) or sorted(tags)[-5:]


class _Tags(msgspec.Struct):
    tags: list[str] | None = None


class _MediaType(msgspec.Struct, rename="camel"):
    schema_version: int = 0
    media_type: str = ""


class Transfer:
    """The bytes of one blob, resumed from what has arrived where the connection breaks off. They are not verified here."""

    def __init__(self, repository: Repository, digest: str) -> None:
        self._repository = repository
        self._digest = digest
        self._reply: Reply | None = self._ask(0)

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes. Raises `SourceError` when it breaks off again and again without getting on."""
        received = counted = failures = 0
        while True:
            reply = self._reply if self._reply is not None else self._ask(received)
            self._reply = reply
            skip = received if reply.status == 200 else 0  # a registry may not know how to resume
            try:
                for chunk in reply.chunks():
                    if skip:
                        skipped = min(skip, len(chunk))
                        skip -= skipped
                        chunk = chunk[skipped:]
                        if not chunk:
                            continue
                    received += len(chunk)
                    yield chunk
            except BrokenError as error:
                self.close()
                failures = 1 if received - counted >= STALL_BYTES else failures + 1
                counted = received
                if failures >= MAX_ATTEMPTS:
                    raise SourceError(
                        f"{self._digest} broke off {failures} times at {received:,} bytes: {error}",
                        remedy="try again, or check the way to the registry",
                    ) from None
                time.sleep(min(0.2 * 2**failures, 10.0))
            else:
                return

    def close(self) -> None:
        """Let go of the connection."""
        if self._reply is not None:
            self._reply.close()
            self._reply = None

    def _ask(self, start: int) -> Reply:
        headers = {"Accept": "*/*"} | ({"Range": f"bytes={start}-"} if start else {})
        reply = self._repository.open("GET", f"blobs/{self._digest}", headers=headers)
        if reply.status == 206 and not (reply.headers.get("Content-Range") or "").startswith(f"bytes {start}-"):
            reply.close()
            raise SourceError(
                f"the registry {self._repository.host} resumes {self._digest} at another place than it was asked to",
                remedy="check the registry, or the proxy before it",
            )
        return reply


def fetch_manifest(repository: Repository, wanted: str) -> tuple[str, bytes]:
    """Return media type and verified bytes of the manifest that `wanted` (tag or digest) names.

    Raises `RegistryError` with status 404 where there is none, `SourceError`.
    """
    answer = repository.call(
        "GET", f"manifests/{wanted}", headers={"Accept": ", ".join(MANIFEST_TYPES)}, most=MAX_MANIFEST_BYTES
    )
    claimed = wanted if ":" in wanted else answer.headers.get("docker-content-digest", "")
    if claimed:
        try:
            list(verified([answer.body], Descriptor(digest=claimed)))
        except DigestError as error:
            raise SourceError(
                f"the registry {repository.host} hands over a manifest that is not what it names: {error}",
                remedy="do not use this image; check the registry, or the proxy before it",
            ) from None
    try:
        document = msgspec.json.decode(answer.body, type=_MediaType)
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise SourceError(
            f"the registry {repository.host} answered with no manifest for {repository.name}",
            remedy="check that this is a registry, and an image",
        ) from None
    if document.schema_version == 1:
        raise SourceError(
            f"{repository.name} at {repository.host} is an image of Docker's schema 1, which ended in 2017",
            remedy="push it again with a current builder",
        )
    return document.media_type or answer.headers.get("content-type", "").partition(";")[0].strip(), answer.body


def open_registry_image(reference: ImageReference, settings: RegistrySettings, *, name: str = "") -> RegistryImage:
    """Return the image that `reference` names; mirrors of its host are tried first. `name` is how the user wrote it.

    Raises `SourceError` where neither a mirror nor the host has it. The image is found now, its layers are read when asked for.
    """
    for mirror in settings.mirrors.get(reference.host, ()):
        host, _, prefix = mirror.partition("/")
        repository = f"{prefix}/{reference.repository}" if prefix else reference.repository
        image = RegistryImage(reference, Repository(host, repository, settings), name or str(reference))
        try:
            image.root()
        except SourceError:
            image.close()  # the host itself is asked next, and its error is the one that counts
            continue
        return image
    image = RegistryImage(reference, Repository(reference.host, reference.repository, settings), name or str(reference))
    try:
        image.root()
    except BaseException:
        image.close()
        raise
    return image
