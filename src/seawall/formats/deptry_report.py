"""The JSON report of deptry (https://deptry.com): what a Python project declares and does not import, and the reverse."""

import msgspec


class _Error(msgspec.Struct):
    code: str


class _Location(msgspec.Struct):
    file: str


class _Entry(msgspec.Struct):
    error: _Error
    module: str
    location: _Location


class Imports(msgspec.Struct, frozen=True):
    """`unused` are (manifest, distribution) that no import needs; `unowned` the modules whose distribution is not known."""

    unused: tuple[tuple[str, str], ...]
    unowned: tuple[str, ...]


def read_report(data: bytes) -> Imports:
    """Read a report. Raises `ValueError` where it is none."""
    try:
        entries = msgspec.json.decode(data, type=list[_Entry])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"deptry's report cannot be read: {error}") from None
    unused = {(entry.location.file, entry.module) for entry in entries if entry.error.code == "DEP002"}
    # DEP003, a module of an installed but undeclared distribution: installed beside Seawall, which says nothing of the project.
    unowned = {entry.module for entry in entries if entry.error.code in ("DEP001", "DEP003")}
    return Imports(tuple(sorted(unused)), tuple(sorted(unowned)))
