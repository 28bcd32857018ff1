"""RPM headers, as every RPM database stores them (rpm's ``docs/manual/hregions.md`` and ``format_header.md``).

Two numbers, of index entries and of data bytes, big-endian; the entries (tag, type, offset, count); the data.
"""

import struct
from collections.abc import Iterator

from seawall.formats.package_list import PackageList

MAX_ENTRIES = 65_536
"""Most index entries; rpm itself allows as many."""

MAX_PATHS = 200_000
"""Most files of a package that are told; the largest packages have some ten thousand."""

_NAME, _VERSION, _RELEASE, _EPOCH, _LICENCE, _ARCH, _SOURCE, _MODULE = 1000, 1001, 1002, 1003, 1014, 1022, 1044, 5096
_VENDOR = 1011
_WANTED = frozenset((_NAME, _VERSION, _RELEASE, _EPOCH, _VENDOR, _LICENCE, _ARCH, _SOURCE, _MODULE))
_FOLDER_NUMBERS, _BASE_NAMES, _FOLDERS = 1116, 1117, 1118
_INT32, _STRING, _ARRAY, _I18N = 4, 6, 8, 9


def add_header(packages: PackageList, blob: bytes) -> None:
    """Add the package whose header is `blob`; a broken header is a problem of `packages`, as is one without a name."""
    fields = _read(blob)
    name, version, release = (str(fields.get(tag, "")) for tag in (_NAME, _VERSION, _RELEASE))
    if not name or not version:
        packages.refuse("has a broken package header, which is not counted")
        return
    if name == "gpg-pubkey":  # the keys that rpm trusts are kept as packages that install nothing
        return
    epoch = fields.get(_EPOCH, 0)
    prefix = f"{epoch}:" if epoch else ""
    plain = f"{version}-{release}" if release else version
    source = str(fields.get(_SOURCE, "")).removesuffix(".src.rpm").removesuffix(".nosrc.rpm").rsplit("-", 2)
    source_name, source_version = (source[0], f"{prefix}{source[1]}-{source[2]}") if len(source) == 3 else ("", "")
    architecture = str(fields.get(_ARCH, ""))
    packages.add(
        "rpm",
        name,
        plain,
        qualifiers={
            "arch": architecture,
            "epoch": str(epoch) if epoch else "",
            "rpmmod": str(fields.get(_MODULE, "")),
        },
        licences=(str(fields.get(_LICENCE, "")),),
        source_name=source_name or name,
        source_version=source_version or prefix + plain,
        architecture=architecture,
        shown_version=prefix + plain,
    )


def vendor_of(blob: bytes) -> str:
    """Return who the header says published the package, or nothing."""
    return str(_read(blob).get(_VENDOR, ""))


def installed_files(blob: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the name of the package and the path of each of its files, with a leading slash; nothing for a broken header.

    A path is a base name behind one of the header's folders, to which an array of numbers points. At most `MAX_PATHS` of a
    package are told, and none that is longer than a path may be.
    """
    name = str(_read(blob).get(_NAME, ""))
    if not name:
        return
    entries, size = struct.unpack_from(">II", blob)
    start = 8 + 16 * entries
    arrays: dict[int, tuple[int, int]] = {}
    for tag, _, offset, count in struct.iter_unpack(">IIII", blob[8:start]):
        if tag in (_FOLDERS, _FOLDER_NUMBERS, _BASE_NAMES) and offset < size:
            arrays[tag] = start + offset, min(count, MAX_PATHS)
    if len(arrays) < 3:
        return
    at, count = arrays[_FOLDER_NUMBERS]
    numbers = struct.unpack_from(f">{min(count, (start + size - at) // 4)}I", blob, at)
    folders = _strings(blob, *arrays[_FOLDERS], start + size)
    names = _strings(blob, *arrays[_BASE_NAMES], start + size)
    for number, base in zip(numbers, names, strict=False):
        if number < len(folders) and len(folders[number]) + len(base) <= 4096:
            yield name, folders[number] + base


def _strings(blob: bytes, at: int, count: int, end: int) -> list[bytes]:
    return blob[at:end].split(b"\0", count)[:count]


def _read(blob: bytes) -> dict[int, str | int]:
    """Return the wanted fields; empty for a broken header."""
    if len(blob) < 8:
        return {}
    entries, size = struct.unpack_from(">II", blob)
    start = 8 + 16 * entries
    if entries > MAX_ENTRIES or start + size > len(blob):
        return {}
    fields: dict[int, str | int] = {}
    for tag, kind, offset, count in struct.iter_unpack(">IIII", blob[8:start]):
        if tag not in _WANTED or tag in fields or offset >= size or not count:
            continue
        at = start + offset
        if kind in (_STRING, _ARRAY, _I18N):
            end = blob.find(b"\0", at, start + size)
            if end >= 0:
                fields[tag] = blob[at:end].decode("utf-8", "replace")
        elif kind == _INT32 and offset + 4 <= size:
            fields[tag] = int.from_bytes(blob[at : at + 4], "big")
    return fields
