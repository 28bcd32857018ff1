"""``package-lock.json`` and ``npm-shrinkwrap.json``, lockfile versions 1 to 3 (docs: package-lock.json).

Versions 2 and 3 list every folder of ``node_modules``; what a package requires is the nearest folder of that name on the way up,
as Node finds it. Version 1 nests the same as a tree. Links and workspaces are the project's own code.
"""

from collections.abc import Collection
from typing import Any

from seawall.formats.lockfile_text import decode_json, json_key_lines
from seawall.formats.lockfiles.declared import in_package_json
from seawall.formats.package_list import MalformedError, PackageList, collect
from seawall.formats.packages.node import add_npm, stated_licences
from seawall.formats.untyped import flag, table, text
from seawall.model.package import ParsedPackages

MAX_DEPTH = 64
"""Deepest nesting of node_modules that is followed; npm itself flattens the tree to a few."""

MAX_FOLDER = 4096
"""Longest path of a folder, which is also the longest that Linux opens."""

_FOLDER = "node_modules/"
_KINDS = ("dependencies", "optionalDependencies", "peerDependencies", "devDependencies")


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the locked packages, what requires what, and what the project and its workspaces require directly."""
    return collect(path, data, lambda packages, content: _read(packages, content, None))


def says_all(data: bytes) -> bool:
    """Tell whether it is not of version 1: later ones say themselves what is required directly."""
    return b'"packages"' in data


def parse_with(path: str, data: bytes, beside: bytes) -> ParsedPackages:
    """Return the same; `beside` is package.json, which says for version 1 what is required directly."""
    declared = in_package_json(beside)
    return collect(path, data, lambda packages, content: _read(packages, content, declared))


def _read(packages: PackageList, data: bytes, declared: Collection[str] | None) -> None:
    value = decode_json(data)
    if not isinstance(value, dict):
        raise MalformedError("is no package-lock.json: the top is no object", 1)
    lines = json_key_lines(data)
    if table(value, "packages"):
        _read_folders(packages, table(value, "packages"), lines)
    else:
        _read_tree(packages, table(value, "dependencies"), lines, declared)


def _read_folders(packages: PackageList, folders: dict[str, Any], lines: dict[str, int]) -> None:
    numbers: dict[str, int] = {}
    for folder, entry in folders.items():
        if len(folder) > MAX_FOLDER:
            packages.refuse(f"names a folder of {len(folder):,} characters, which is not counted: {folder[:100]!r}…")
            continue
        if _FOLDER not in f"/{folder}" or flag(entry, "link"):
            continue
        name = text(entry, "name") or folder.rpartition(_FOLDER)[2]
        numbers[folder] = _add(packages, name, entry, lines.get(folder, 0))
    packages.rooted = "" in folders
    for folder, entry in folders.items():
        if len(folder) > MAX_FOLDER:
            continue
        own = folder not in numbers
        for kind in _KINDS if own else _KINDS[:3]:
            for name in table(entry, kind):
                child = _resolve(numbers, folder, name)
                if own:
                    packages.root(child)
                else:
                    packages.require(numbers[folder], child)


def _resolve(numbers: dict[str, int], folder: str, name: str) -> int:
    """Return the package that `folder` gets when it requires `name`, or -1."""
    for _ in range(MAX_DEPTH):
        found = numbers.get(f"{folder}/{_FOLDER}{name}" if folder else _FOLDER + name)
        if found is not None:
            return found
        if not folder:
            break
        # a/node_modules/b looks into a, and a workspace packages/a into the root
        folder = folder.rpartition("/node_modules/")[0] if "/node_modules/" in folder else ""
    return -1


def _add(packages: PackageList, name: str, entry: Any, line: int) -> int:
    """Add a package; an alias is named by what it stands for, and one from elsewhere has no version of the registry."""
    version = text(entry, "version")
    if version.startswith("npm:"):
        name, _, version = version[4:].rpartition("@")
    elif "://" in version or version.startswith(("file:", "git+", "github:")):
        version = ""
    scope = "dev" if flag(entry, "dev") else "optional" if flag(entry, "optional") or flag(entry, "devOptional") else ""
    return add_npm(packages, name, version, line=line, scope=scope, licences=stated_licences(entry))


def _read_tree(
    packages: PackageList, tree: dict[str, Any], lines: dict[str, int], declared: Collection[str] | None
) -> None:
    """Read version 1. The roots of the tree are what could be flattened; which of them are required directly is `declared`."""
    scopes: list[dict[str, int]] = []
    wants: list[tuple[int, list[str], tuple[dict[str, int], ...]]] = []
    pending: list[tuple[dict[str, Any], tuple[dict[str, int], ...]]] = [(tree, ())]
    while pending:
        level, above = pending.pop()
        if len(above) >= MAX_DEPTH:
            raise MalformedError(f"is nested more than {MAX_DEPTH} deep; the rest is not read")
        here: dict[str, int] = {}
        scopes.append(here)
        for name, entry in level.items():
            here[name] = _add(packages, name, entry, lines.get(name, 0))
            inner = table(entry, "dependencies")
            within = (*above, here)
            if inner:
                pending.append((inner, within))
            wants.append((here[name], list(table(entry, "requires")), within))
    for parent, names, within in wants:
        for name in names:
            packages.require(parent, next((scope[name] for scope in reversed(within) if name in scope), -1))
    if declared is not None and scopes:
        packages.rooted = True
        for name in declared:
            packages.root(scopes[0].get(name, -1))
