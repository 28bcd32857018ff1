"""The lists of files that a layer's package databases have: what is kept of them, and who owns which file.

A list is a name and its bytes: dpkg's own name, `RPM` for what was taken from rpm's database, none for apk's database.
"""

from collections.abc import Iterator, Set

from seawall.formats import package_files
from seawall.formats.layer_files import decode
from seawall.formats.packages.owned_files import files_of_apk, files_of_list, files_of_rpm, owner_of_list

RPM = "rpm"
_PROGRAMS = (b"usr/bin/", b"usr/sbin/", b"usr/libexec/", b"usr/lib/", b"usr/lib64/", b"bin/", b"sbin/", b"opt/")


def list_of_rpm(database: bytes, most: int) -> bytes | None:
    """Return the files of rpm's `database` that may say something of packages; None where they take more than `most` bytes.

    The database itself is too large to be kept.
    """
    lines: list[bytes] = []
    size = 0
    for owner, raw in files_of_rpm(database):
        if _may_list_packages(raw):
            lines.append(b"%b\0%b" % (owner.encode(), raw))
            size += len(lines[-1])
            if size > most:
                return None
    return b"\n".join(lines)


def owned(name: str, data: bytes, wanted: Set[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield the owner and the path of each of the `wanted` files that the list names."""
    if name and name != RPM:
        package = owner_of_list(name)
        yield from ((package, raw) for raw in wanted & set(files_of_list(name, data)))
        return
    listed = _kept_of_rpm(data) if name else files_of_apk(data)
    yield from ((owner, raw) for owner, raw in listed if raw in wanted)


def _may_list_packages(raw: bytes) -> bool:
    kind = package_files.kind_of(decode(raw))
    return kind.installed if kind is not None else raw.startswith(_PROGRAMS) and b"." not in raw.rpartition(b"/")[2]


def _kept_of_rpm(data: bytes) -> Iterator[tuple[str, bytes]]:
    for line in data.split(b"\n"):
        owner, _, raw = line.partition(b"\0")
        yield owner.decode("utf-8", "replace"), raw
