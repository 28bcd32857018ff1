"""Which image of several: what archives and layouts call their images, and what the user wrote behind the path.

image.tar#alpine:3.20     oci:./layout:3.20     oci:./layout@sha256:…
"""

from collections.abc import Iterable, Sequence

import msgspec

from seawall.model.errors import SourceError

MAX_LISTED = 20
"""Most images that an error names."""


class Candidate(msgspec.Struct, frozen=True):
    """An image of a source: its `names`, and the `digests` that stand for it. `number` is its place in the source."""

    number: int
    names: tuple[str, ...]
    digests: tuple[str, ...]


def select(candidates: Sequence[Candidate], chosen: str, *, prefix: str) -> list[Candidate]:
    """Return the candidates that `chosen` means: one image, or its platforms. Empty `chosen`: the only image that there is.

    `prefix` stands before a name where the user writes one (``image.tar#``). Raises `SourceError`, which lists the names.
    """
    if not candidates:
        raise SourceError("holds no image")
    if chosen:
        found = [candidate for candidate in candidates if _is(candidate, chosen)]
        if not found:
            raise SourceError(f"holds no image {chosen}", remedy=f"it has {_list(candidates)}")
        return found
    names = dict.fromkeys(candidate.names for candidate in candidates)
    if len(names) > 1 and len({candidate.digests for candidate in candidates}) > 1:
        raise SourceError(
            f"holds several images: {_list(candidates)}", remedy=f"name one of them, like {prefix}{_first(candidates)}"
        )
    return list(candidates)


def _is(candidate: Candidate, chosen: str) -> bool:
    if chosen in candidate.digests or f"sha256:{chosen}" in candidate.digests:
        return True
    wanted = _full(chosen)
    return any(chosen == name or wanted == _full(name) or chosen == _tag(name) for name in candidate.names)


def _full(name: str) -> str:
    """Return a name with what Docker lets people leave out: registry, ``library/`` and ``:latest``."""
    first, slash, _ = name.partition("/")
    if not slash:
        name = f"docker.io/library/{name}"
    elif "." not in first and ":" not in first and first != "localhost":
        name = f"docker.io/{name}"
    return name if _tag(name) or "@" in name else f"{name}:latest"


def _tag(name: str) -> str:
    return name.rpartition("/")[2].partition(":")[2]


def _called(candidates: Iterable[Candidate]) -> list[str]:
    return list(dict.fromkeys(name for candidate in candidates for name in candidate.names or candidate.digests[:1]))


def _list(candidates: Sequence[Candidate]) -> str:
    names = _called(candidates)
    return ", ".join(names[:MAX_LISTED]) + (f" and {len(names) - MAX_LISTED} more" if len(names) > MAX_LISTED else "")


def _first(candidates: Sequence[Candidate]) -> str:
    return _called(candidates)[0]
