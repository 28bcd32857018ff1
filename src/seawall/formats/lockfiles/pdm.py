"""``pdm.lock``. Its groups say what is for development where they are named so; ``default`` is the application's own."""

from seawall.formats.lockfile_text import decode_toml, lines_of
from seawall.formats.lockfiles.declared import collect_with, in_pyproject
from seawall.formats.lockfiles.python_locks import Names
from seawall.formats.lockfiles.python_names import comparable, name_of
from seawall.formats.package_list import PackageList, collect
from seawall.formats.untyped import tables, text, texts
from seawall.model.package import ParsedPackages

_DEVELOPMENT = frozenset(("dev", "test", "tests", "testing", "lint", "docs", "doc", "typing"))


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the locked packages and what requires what; an entry once for each set of extras is one package."""
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
        groups = texts(entry, "groups")
        scope = ""
        if groups and "default" not in groups:
            scope = "dev" if _DEVELOPMENT.issuperset(groups) else "optional"
        names.add(name, version, map(name_of, texts(entry, "dependencies")), line=line, scope=scope)
    names.link()
