"""``uv.lock``: every package with what it requires, and the project, which says what is direct, optional and for development."""

from collections.abc import Iterator
from typing import Any

from seawall.formats.lockfile_text import decode_toml, lines_of
from seawall.formats.lockfiles.python_locks import Names
from seawall.formats.lockfiles.scopes import spread
from seawall.formats.package_list import PackageList, collect
from seawall.formats.untyped import table, tables, text
from seawall.model.package import ParsedPackages

_OWN = ("editable", "virtual", "directory")
"""Sources of the project and the members of its workspace: not packages that somebody publishes."""


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the locked packages, with what the project requires directly and what is reached from that in which scope."""
    return collect(path, data, _read)


def _read(packages: PackageList, data: bytes) -> None:
    entries = tables(decode_toml(data), "package")
    names = Names(packages)
    projects = []
    requires: dict[int, list[str]] = {}
    for entry, line in zip(entries, lines_of(data, "[[package]]", len(entries)), strict=True):
        name, version = text(entry, "name"), text(entry, "version")
        if not name:
            packages.refuse("a package has no name", line)
        elif any(table(entry, "source").get(kind) is not None for kind in _OWN):
            projects.append(entry)
        else:
            wanted = _names(entry, "dependencies") + [
                name
                for group in table(entry, "optional-dependencies")
                for name in _names(entry, "optional-dependencies", group)
            ]
            number = names.add(name, version, wanted, line=line)
            if number >= 0:
                requires[number] = wanted
    names.link()
    graph = {
        number: [child for wanted in wants for child in names.numbers(wanted)] for number, wants in requires.items()
    }
    roots = [(scope, names.numbers(wanted)) for scope, wants in _asked_for(projects) for wanted in wants]
    packages.rooted = bool(projects)
    for _, numbers in roots:
        for number in numbers:
            packages.root(number)
    for number, scope in spread(graph, roots).items():
        packages.scope(number, scope)


def _asked_for(projects: list[dict[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    """Yield what the project and the members of its workspace require, by scope."""
    for project in projects:
        yield "", _names(project, "dependencies")
        for scope, field in (("optional", "optional-dependencies"), ("dev", "dev-dependencies")):
            for group in table(project, field):
                yield scope, _names(project, field, group)


def _names(entry: object, *path: str) -> list[str]:
    return [text(item, "name") for item in tables(entry, *path)]
