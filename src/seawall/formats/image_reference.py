"""Image references: ``alpine:3.20``, ``registry.example:5000/team/app:1.2@sha256:…``.

The grammar and the short forms are those of github.com/distribution/reference (``regexp.go``, ``normalize.go``), which Docker,
containerd and Kubernetes share: a name without a host is Docker Hub's, and there without a ``/`` in ``library``; a name with
neither tag nor digest means ``latest``.
"""

import re
from typing import Final

import msgspec

DOCKER_HUB: Final = "docker.io"
_MAX_REPOSITORY: Final = 255
_MAX_REFERENCE: Final = 4_096

PART: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_LABEL: Final = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
HOST: Final = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_TAG: Final = r"\w[\w.-]{0,127}"
_DIGEST: Final = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
# The groups are `tag` and `digest` (with its @).
REFERENCE: Final = re.compile(
    rf"(?:{HOST}/)?{PART}(?:/{PART})*(?::(?P<tag>{_TAG}))?(?P<digest>@{_DIGEST})?\Z", re.ASCII
)
_HOST_ALONE: Final = re.compile(rf"{HOST}\Z", re.ASCII)
_MIRROR: Final = re.compile(rf"{HOST}(?:/{PART})*\Z", re.ASCII)
IDENTIFIER: Final = re.compile(r"[a-f0-9]{64}\Z")
_LENGTHS: Final = {"sha256": 64, "sha512": 128}


def is_host(text: str) -> bool:
    """Tell whether `text` is a registry's host, with a port or without."""
    return _HOST_ALONE.match(text) is not None


def is_mirror(text: str) -> bool:
    """Tell whether `text` is a host, with or without what stands before a repository's name there (``mirror.example/hub``)."""
    return _MIRROR.match(text) is not None


class ImageReferenceError(ValueError):
    """The text is no image reference. `args[0]` is a sentence that says why."""


class ImageReference(msgspec.Struct, frozen=True, kw_only=True):
    """A reference in full: `host` may have a port; `tag` and `digest` may be empty, not both."""

    host: str
    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def wanted(self) -> str:
        """What a registry is asked for: the digest where there is one, else the tag."""
        return self.digest or self.tag

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.host}/{self.repository}{tag}{'@' + self.digest if self.digest else ''}"


def parse_image_reference(text: str) -> ImageReference:
    """Return the reference that `text` is short for. Raises `ImageReferenceError`."""
    shown = repr(text[:200])
    if not text or len(text) > _MAX_REFERENCE or any(character.isspace() for character in text):
        raise ImageReferenceError(f"{shown} is no image reference: it is empty, has spaces or is too long")
    if "://" in text:
        raise ImageReferenceError(f"{shown} is no image reference: leave out the {text.partition('://')[0]}://")
    if IDENTIFIER.match(text):
        raise ImageReferenceError(f"{shown} is the id of an image and no reference: name it by repository and tag")
    named, at, digest = text.partition("@")
    host, remainder = _split_host(named)
    repository, colon, tag = remainder.partition(":")
    if at:
        _check_digest(shown, digest)
    if colon and not re.match(rf"{_TAG}\Z", tag, re.ASCII):
        raise ImageReferenceError(
            f"{shown} is no image reference: the tag {tag[:160]!r} is not 1 to 128 letters, digits, '_', '.' and '-'"
        )
    if not re.match(rf"{HOST}\Z", host):
        raise ImageReferenceError(f"{shown} is no image reference: {host[:200]!r} is no host")
    if repository != repository.lower():
        raise ImageReferenceError(f"{shown} is no image reference: repository names are lower case")
    if host == DOCKER_HUB and repository and "/" not in repository:
        repository = f"library/{repository}"
    if not re.match(rf"{PART}(?:/{PART})*\Z", repository):
        raise ImageReferenceError(f"{shown} is no image reference: {repository[:200]!r} is no repository name")
    if len(host) + 1 + len(repository) > _MAX_REPOSITORY:
        raise ImageReferenceError(
            f"{shown} is no image reference: its name is longer than {_MAX_REPOSITORY} characters"
        )
    return ImageReference(host=host, repository=repository, tag=tag or ("" if digest else "latest"), digest=digest)


def _split_host(named: str) -> tuple[str, str]:
    first, slash, rest = named.partition("/")
    # Docker's rule for what is a host and not a part of the name; an upper case letter cannot be in a name.
    if not slash or not ("." in first or ":" in first or first == "localhost" or first != first.lower()):
        return DOCKER_HUB, named
    return (DOCKER_HUB if first == "index.docker.io" else first), rest


def _check_digest(shown: str, digest: str) -> None:
    algorithm, _, text = digest.partition(":")
    length = _LENGTHS.get(algorithm)
    if length is None:
        raise ImageReferenceError(f"{shown} is no image reference: a digest starts with sha256: or sha512:")
    if not re.match(r"[0-9a-f]*\Z", text) or len(text) != length:
        raise ImageReferenceError(
            f"{shown} is no image reference: a {algorithm} digest is {length} lower case hex digits"
        )
