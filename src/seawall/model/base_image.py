"""Small base images, as `detectors/bases.yaml` describes them."""

from collections.abc import Mapping

import msgspec


class BaseImage(msgspec.Struct, frozen=True, kw_only=True, rename={"size_mb": "sizeMB"}, forbid_unknown_fields=True):
    """One base, and what it has. The fields are documented where the data is; what is empty is not known, or not there.

    `others` tells the two apart for `libraries`. `packages` is empty where its packages are not known one by one.
    """

    name: str
    source: str
    distro: str
    libc: str
    size_mb: int
    glibc: str = ""
    glibcxx: str = ""
    libraries: tuple[str, ...] = ()
    others: bool = False
    shell: bool = False
    runtimes: Mapping[str, str] = {}
    packages: tuple[str, ...] = ()


class BaseImages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of them, the smallest of what can run a program first."""

    bases: tuple[BaseImage, ...]
