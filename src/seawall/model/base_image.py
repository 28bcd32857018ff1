"""Small base images, as `detectors/bases.yaml` describes them."""

from collections.abc import Mapping

import msgspec


class BaseImage(msgspec.Struct, frozen=True, kw_only=True, rename={"size_mb": "sizeMB"}, forbid_unknown_fields=True):
    """One base, and what it has. The fields are documented where the data is; what is empty is not known, or not there.

    `others` tells the two apart for `libraries`. `verified` is empty where what it has was not held against the real thing: then
    nothing is certain to run on it.
    """

    name: str
    source: str
    distro: str
    libc: str
    verified: str = ""
    adds: tuple[str, ...] = ()
    size_mb: int = 0
    glibc: str = ""
    glibcxx: str = ""
    libraries: tuple[str, ...] = ()
    others: bool = False
    shell: bool = False
    runtimes: Mapping[str, str] = {}
    lacks: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()


class BaseImages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of them, the smallest of what can run a program first."""

    bases: tuple[BaseImage, ...]
