"""``poetry.lock`` of Poetry 1 and 2. What is required directly stands in pyproject.toml beside it.

Poetry 2 writes the groups of each package: one that is in no ``main`` group is for development. Poetry before 1.5 wrote
``category``.
"""

from seawall.formats.lockfile_text import decode_toml, lines_of
from seawall.formats.lockfiles.declared import collect_with, in_pyproject
from seawall.formats.lockfiles.python_locks import Names
from seawall.formats.lockfiles.python_names import comparable
from seawall.formats.package_list import PackageList, collect
from seawall.formats.untyped import flag, table, tables, text, texts
from seawall.model.package import ParsedPackages


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the locked packages and what requires what."""
    return collect(path, data, _read)


def parse_with(path: str, data: bytes, beside: bytes) -> ParsedPackages:
    """Return the same; `beside` is pyproject.toml, which says what is required directly."""
    return collect_with(path, data, _read, in_pyproject(beside), comparable)


def _read(packages: PackageList, data: bytes) -> None:
    entries = tables(decode_toml(data), "package")
    names = Names(packages)
    for entry, line in zip(entries, lines_of(data, "[[package]]", len(entries)), strict=True):
        name, version = text(entry, "name"), text(entry, "version")
        if not name or not version:
            packages.refuse("a package has no name or no version", line)
            continue
        groups = texts(entry, "groups") or [text(entry, "category") or "main"]
        scope = "optional" if flag(entry, "optional") else "" if "main" in groups else "dev"
        names.add(name, version, table(entry, "dependencies"), line=line, scope=scope)
    names.link()
