"""``pnpm-lock.yaml``, lockfile versions 5 to 9.

The keys of ``packages`` (from version 9 on also of ``snapshots``, which has what requires what) are a name and a version, written
in three ways: ``/debug/4.3.4_peer@1`` (5), ``/debug@4.3.4(peer@1)`` (6), ``debug@4.3.4(peer@1)`` (9). What stands after the
version are the peers that it was resolved with: the package is the same.
"""

from collections import defaultdict
from typing import Any

from seawall.formats.lockfile_text import decode_yaml, key_lines
from seawall.formats.lockfiles.scopes import spread
from seawall.formats.package_list import PackageList, collect
from seawall.formats.packages.node import add_npm
from seawall.formats.untyped import flag, table, text
from seawall.model.package import ParsedPackages

_SCOPES = (("dependencies", ""), ("optionalDependencies", "optional"), ("devDependencies", "dev"))
_OWN = ("link:", "workspace:", "file:")


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the locked packages, what requires what, and what the importers (the project's parts) require in which scope."""
    return collect(path, data, _read)


def _read(packages: PackageList, data: bytes) -> None:
    lines = key_lines(data)
    for value in decode_yaml(packages, data):
        major = _major(value)
        if major and not 5 <= major <= 9:
            packages.refuse(
                f"is a pnpm-lock of version {major}, which is not known here", lines.get("lockfileVersion", 0)
            )
            continue
        _read_lock(packages, value, major or 9, lines)


def _major(value: Any) -> int:
    stated = table(value).get("lockfileVersion")
    number = str(stated).partition(".")[0] if isinstance(stated, (str, float, int)) else ""
    return int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0


def _read_lock(packages: PackageList, value: Any, major: int, lines: dict[str, int]) -> None:
    numbers: dict[str, int] = {}
    for key, entry in table(value, "packages").items():
        plain = _plain(key, major)
        if text(entry, "resolution", "type") == "directory" or plain in numbers:
            continue  # code of the repository; or the same package with other peers
        # The key of an archive or a repository is its address; the entry states what is in it.
        name, version = _identify(plain, major)
        name, version = text(entry, "name") or name, text(entry, "version") or version
        if not name or not version:
            packages.refuse(f"the key {key[:100]!r} is no name and version", lines.get(key, 0))
            continue
        scope = "dev" if flag(entry, "dev") else "optional" if flag(entry, "optional") else ""
        stated = "" if "://" in version or version.startswith(_OWN) else version
        numbers[plain] = add_npm(packages, name, stated, line=lines.get(key, 0), scope=scope)
    graph: dict[int, list[int]] = defaultdict(list)
    for section in ("packages", "snapshots"):
        for key, entry in table(value, section).items():
            parent = numbers.get(_plain(key, major), -1)
            for kind, _ in _SCOPES[:2]:
                for name, wanted in table(entry, kind).items():
                    child = _find(numbers, name, wanted, major)
                    packages.require(parent, child)
                    graph[parent].append(child)
    importers = table(value, "importers") or {".": value}
    roots = []
    for importer in importers.values():
        for kind, scope in _SCOPES:
            for name, wanted in table(importer, kind).items():
                child = _find(numbers, name, text(wanted, "version") or wanted, major)
                packages.root(child)
                roots.append((scope, [child]))
    if major >= 9:  # earlier versions say it of each package
        for number, scope in spread(graph, roots).items():
            if number >= 0:
                packages.scope(number, scope)


def _find(numbers: dict[str, int], name: str, wanted: Any, major: int) -> int:
    """Return the package that a dependency means: a version, or a whole key for an alias, an archive or a repository."""
    if not isinstance(wanted, (str, int, float)):
        return -1
    plain = _plain(str(wanted), major)
    found = numbers.get(f"{name}{'/' if major < 6 else '@'}{plain}")
    return found if found is not None else numbers.get(plain, -1)


def _identify(plain: str, major: int) -> tuple[str, str]:
    separator = "/" if major < 6 else "@"
    at = plain.find(separator, plain.find("/") + 1 if plain.startswith("@") else 1)
    return (plain[:at], plain[at + 1 :]) if at > 0 else ("", "")


def _plain(key: str, major: int) -> str:
    """Return `key` without the slash that begins it and without its peers."""
    key = key.removeprefix("/")
    if major >= 6:
        return key.partition("(")[0]
    at = key.find("_", key.rfind("/") + 1)
    return key[:at] if at > 0 else key
