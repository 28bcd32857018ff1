"""What package databases of a layer say of packages beyond their versions: what each needs, and which files are its own.

Kept compressed, since most scans never look: the lists of a full Debian have 4 MB, which become some hundred kilobytes.
"""

import zlib
from collections.abc import Mapping, Sequence

import msgspec
from isal import isal_zlib


class Relation(msgspec.Struct, frozen=True, array_like=True):
    """One package: `depends` and `recommends` have the alternatives of each need, `provides` other names that it answers to.

    `essential` packages are needed by all others without being named; `size` is what it says to take on disk, in bytes.
    """

    name: str
    depends: tuple[tuple[str, ...], ...] = ()
    provides: tuple[str, ...] = ()
    essential: bool = False
    size: int = 0
    recommends: tuple[tuple[str, ...], ...] = ()


class Installed(msgspec.Struct, frozen=True, array_like=True):
    """`relations` by the path of their database; `lists` are name and bytes of dpkg's lists, and apk's database with no name."""

    relations: Mapping[str, tuple[Relation, ...]] = {}
    lists: Sequence[tuple[str, bytes]] = ()


class InstalledTable(msgspec.Struct, frozen=True):
    """An `Installed`, packed."""

    packed: bytes = b""

    def unpack(self) -> Installed:
        """Return what was packed."""
        return msgspec.msgpack.decode(zlib.decompress(self.packed), type=Installed) if self.packed else Installed()


def pack(installed: Installed) -> InstalledTable:
    """Return `installed` in its compressed form; an empty one takes no bytes."""
    if not installed.relations and not installed.lists:
        return InstalledTable()
    return InstalledTable(isal_zlib.compress(msgspec.msgpack.encode(installed), 1))
