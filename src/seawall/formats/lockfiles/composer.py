"""``composer.lock``: what is locked for the application and for development.

What is asked for directly stands in composer.json beside it.
"""

from seawall.formats.lockfile_text import decode_json, value_lines
from seawall.formats.lockfiles.declared import collect_with, in_composer_json
from seawall.formats.package_list import MalformedError, PackageList, collect
from seawall.formats.packages.php import Rows, add, link
from seawall.formats.untyped import rows
from seawall.model.package import ParsedPackages


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the locked packages and what requires what."""
    return collect(path, data, _read)


def parse_with(path: str, data: bytes, beside: bytes) -> ParsedPackages:
    """Return the same; `beside` is composer.json, which says what is required directly."""
    return collect_with(path, data, _read, in_composer_json(beside), str.lower)


def _read(packages: PackageList, data: bytes) -> None:
    value = decode_json(data)
    if not isinstance(value, dict):
        raise MalformedError("is no composer.lock: the top is no object", 1)
    lines = value_lines(data, "name")
    found: Rows = []
    for section, dev in (("packages", False), ("packages-dev", True)):
        found += [(entry, add(packages, entry, lines, dev=dev)) for entry in rows(value, section)]
    link(packages, found)
