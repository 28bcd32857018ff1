"""Inventories: what a target is made of, as an SBOM writes it down."""

from collections.abc import Sequence

import msgspec

from seawall.model.package import Distro, Package
from seawall.model.resource import Unscanned


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What an inventory is of. `kind` is that of a report's ``targets[].type``: ``directory``, ``file``, ``sbom``, ``image``…

    `digest` is that of an image's manifest (of its configuration, where it has none), `created` the time that the image says of
    itself (RFC 3339); both are empty for what has none. The paths of its packages begin with `root` and a slash, unless that is
    empty.
    """

    name: str
    kind: str
    root: str = ""
    digest: str = ""
    created: str = ""


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """The packages of a target, why others could not be read, and its distribution where it is a system."""

    subject: Subject
    packages: Sequence[Package] = ()
    unscanned: Sequence[Unscanned] = ()
    distro: Distro | None = None
