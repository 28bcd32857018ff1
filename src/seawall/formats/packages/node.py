"""Installed Node packages: ``package.json`` below ``node_modules``."""

from typing import Any

from seawall.formats.lockfile_text import decode_json, key_lines
from seawall.formats.package_list import MalformedError, PackageList, collect
from seawall.formats.untyped import rows, text
from seawall.model.package import ParsedPackages


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the one package, or none: a package.json without name and version marks a folder, not a package."""
    return collect(path, data, _read)


def _read(packages: PackageList, data: bytes) -> None:
    value = decode_json(data)
    if not isinstance(value, dict):
        raise MalformedError("is no package.json: the top is no object", 1)
    name, version = text(value, "name"), text(value, "version")
    if name and version:
        line = key_lines(data).get("name", 1)
        add_npm(packages, name, version, line=line, licences=stated_licences(value))


def add_npm(packages: PackageList, name: str, version: str, **fields: Any) -> int:
    """Add an npm package by its full name, ``@scope/name`` or ``name``."""
    scope, slash, rest = name.rpartition("/")
    return packages.add("npm", rest if slash else name, version, namespace=scope, shown=name, **fields)


def stated_licences(value: Any) -> list[str]:
    """Return the licences of a package.json: ``license`` as text or ``{type}``, and the old ``licenses`` list."""
    found = [text(value, "license") or text(value, "license", "type")]
    found += [text(item, "type") or (item if isinstance(item, str) else "") for item in rows(value, "licenses")]
    return [licence for licence in found if licence]
