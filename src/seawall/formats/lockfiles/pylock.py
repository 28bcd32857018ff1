"""``pylock.toml`` (PEP 751). It locks files to install and need not say what requires what; where it does, that is read."""

from seawall.formats.lockfile_text import decode_toml, lines_of
from seawall.formats.lockfiles.python_locks import Names
from seawall.formats.package_list import MalformedError, PackageList, collect
from seawall.formats.untyped import table, tables, text
from seawall.model.package import ParsedPackages


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the locked packages. One of a directory is the project's own; a source tree may have no version."""
    return collect(path, data, _read)


def _read(packages: PackageList, data: bytes) -> None:
    value = decode_toml(data)
    version = text(value, "lock-version")
    if version and not version.startswith("1."):
        raise MalformedError(f"is a pylock of version {version}, which is not known here", 1)
    entries = tables(value, "packages")
    names = Names(packages)
    for entry, line in zip(entries, lines_of(data, "[[packages]]", len(entries)), strict=True):
        name = text(entry, "name")
        if not name:
            packages.refuse("a package has no name", line)
        elif not table(entry, "directory"):
            wanted = [text(item, "name") for item in tables(entry, "dependencies")]
            names.add(name, text(entry, "version"), wanted, line=line)
    names.link()
