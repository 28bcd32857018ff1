"""Packages: what an image or a repository is made of, as the files in it say."""

from collections.abc import Sequence

import msgspec

from seawall.model.resource import Unscanned


class Package(msgspec.Struct, frozen=True, order=True, kw_only=True, rename="camel"):
    """One package at one place.

    `ecosystem` is the OSV ecosystem without its release (``PyPI``, ``npm``, ``Go``, ``crates.io``, ``Maven``, ``RubyGems``,
    ``Packagist``, ``NuGet``, ``Debian``, ``Ubuntu``, ``Alpine``, ``Red Hat``…); `distro` is ``debian:12`` or ``alpine:3.20``
    for a distribution's package, empty otherwise. `source_name` and `source_version` name the distribution source package that
    advisories speak of; they are empty where the ecosystem knows no such thing.

    `version` is empty where the file does not fix one: the package is known, its version is not, and nothing may match it.
    `path` and `line` are the file that names the package; `line` is 0 in a file without lines. `direct` is None where the file
    does not say; `parents` are the purls of what requires it, in that file, nearest first. `scope` is empty, ``dev`` or
    ``optional``. `image_layer` and `instruction` say what brought it into an image, `build_line` (``Dockerfile:7``)
    where that stands in a Dockerfile which was scanned with it.
    """

    purl: str
    name: str
    version: str
    ecosystem: str
    distro: str = ""
    source_name: str = ""
    source_version: str = ""
    architecture: str = ""
    licences: tuple[str, ...] = ()
    path: str = ""
    line: int = 0
    parents: tuple[str, ...] = ()
    image_layer: str = ""
    instruction: str = ""
    build_line: str = ""
    scope: str = ""
    direct: bool | None = (
        None  # the last field, so that sorting comes to it, which None cannot take, only after all others
    )


class Distro(msgspec.Struct, frozen=True, order=True):
    """The distribution of an image, from its os-release: ``Distro("debian", "12", …)``. `version` may be empty (rolling).

    `like` are the ids of distributions that it descends from, nearest first; `name` is what people read.
    """

    id: str
    version: str = ""
    like: tuple[str, ...] = ()
    name: str = ""
    codename: str = ""

    @property
    def key(self) -> str:
        """The value of `Package.distro`: ``debian:12``, or the id alone where the distribution has no versions."""
        return f"{self.id}:{self.version}" if self.version else self.id


class ParsedPackages(msgspec.Struct, frozen=True):
    """What a file says: the packages that could be read, and why others could not (``path:line`` where there is a line)."""

    packages: Sequence[Package] = ()
    unscanned: Sequence[Unscanned] = ()
