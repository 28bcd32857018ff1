"""Installed PHP packages: ``vendor/composer/installed.json``, of Composer 1 (a list) and 2 (an object)."""

from typing import Any

from seawall.formats.lockfile_text import decode_json, value_lines
from seawall.formats.package_list import MalformedError, PackageList, collect
from seawall.formats.untyped import rows, table, text, texts
from seawall.model.package import ParsedPackages

Rows = list[tuple[Any, int]]
"""Entries of Composer, each with the number of its package."""


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the installed packages, those of development marked, with what requires them."""
    return collect(path, data, _read)


def _read(packages: PackageList, data: bytes) -> None:
    value = decode_json(data)
    if not isinstance(value, (dict, list)):
        raise MalformedError("is no installed.json: the top is neither an object nor a list", 1)
    entries = value if isinstance(value, list) else rows(value, "packages")
    development = frozenset(texts(value, "dev-package-names"))
    lines = value_lines(data, "name")
    link(packages, [(entry, add(packages, entry, lines, dev=text(entry, "name") in development)) for entry in entries])


def add(packages: PackageList, entry: Any, lines: dict[str, int], *, dev: bool) -> int:
    """Add one entry of Composer, whose `name` stands on one of `lines`."""
    name, version = text(entry, "name"), text(entry, "version")
    vendor, _, rest = name.rpartition("/")
    if not rest or not version:
        packages.refuse("an entry has no name or no version", lines.get(name, 0))
        return -1
    return packages.add(
        "composer",
        rest,
        version,
        namespace=vendor,
        line=lines.get(name, 0),
        licences=texts(entry, "license"),
        scope="dev" if dev else "",
    )


def link(packages: PackageList, rows_: Rows) -> None:
    """Say what requires what among the entries, by name; ``php`` and ``ext-*`` are no packages."""
    numbers = {text(entry, "name").lower(): number for entry, number in rows_}
    for entry, parent in rows_:
        for required in table(entry, "require"):
            packages.require(parent, numbers.get(required.lower(), -1))
