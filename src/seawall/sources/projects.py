"""The projects of a repository, and whether they use the dependencies that they declare: Python (by deptry) and Node.

    for entry in find_uses(files):    # DependencyUse, or Unscanned

Of a Python project only those are told that deptry finds no import of. Every text below the project is looked through for the
names of what nothing imports, since plug-ins, servers and drivers are named in configurations and started by scripts.
"""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from seawall.facts.dependency_use import decide
from seawall.formats import dependency_names, package_files
from seawall.formats.dependency_names import Names, normalise
from seawall.model.dependency_use import Declared, DependencyUse
from seawall.model.errors import SourceError
from seawall.model.resource import Unscanned
from seawall.sources import deptry
from seawall.sources.detector_files import implied_dependencies, python_modules
from seawall.sources.files import Found
from seawall.sources.manifests import PROJECT_FILES

MAX_TEXT_BYTES: Final = 4 << 20
"""How much of a file is looked through. Sources have a tenth of it; what is longer is generated."""

MAX_PROJECTS: Final = 200
"""Most projects of a directory that are looked at; the others are told as unscanned."""

_DECLARES: Final = frozenset({"Pipfile", "setup.cfg", "constraints.txt", "environment.yml", "pyproject.toml"})
"""Files whose naming of a package is a declaration and no use."""

FEW: Final = 3
"""This many unneeded ones a small project may have. Where there are more, and more than needed ones, the code is elsewhere."""

NOT_SHIPPED: Final = frozenset(
    {
        "bench",
        "benchmarks",
        "ci",
        "doc",
        "docs",
        "example",
        "examples",
        "fixtures",
        "test",
        "testdata",
        "testing",
        "tests",
    }
)
"""Directories whose projects are for the people who work on the system. What they declare weighs on nobody else."""


def find_uses(files: Sequence[Found]) -> Iterator[DependencyUse | Unscanned]:
    """Yield how the projects among `files`, which are all files of a directory, use their dependencies."""
    directories: dict[str, set[str]] = {}
    for found in files:
        folder, _, name = found.file.rpartition(os.sep)
        if name in PROJECT_FILES and NOT_SHIPPED.isdisjoint(found.path.split("/")[:-1]):
            directories.setdefault(folder, set()).add(name)
    for number, (folder, names) in enumerate(sorted(directories.items())):
        if number == MAX_PROJECTS:
            yield Unscanned(folder, f"there are more than {MAX_PROJECTS} projects; scan this one by its own name")
            return
        own = {found.file.rpartition(os.sep)[2]: found for found in files if _lies(found, folder)}
        project = _Project(folder, own, files)
        try:
            if "package.json" in names:
                yield from project.node()
            if names & {"pyproject.toml", "requirements.txt", "requirements.in"}:
                yield from project.python()
        except OSError as error:
            # What could not be read may be what uses them all: then nothing of the project is called unneeded.
            what = f"its dependencies are not judged, since a file of it cannot be read: {error.strerror}"
            yield Unscanned(project.shown, f"{what}; grant the right to read it, or add it to .seawallignore")


def _lies(found: Found, folder: str) -> bool:
    return found.file.rpartition(os.sep)[0] == folder


class _Project(msgspec.Struct, frozen=True):
    """A directory with a manifest: its own files by name, and all files of the scan.

    In a repository of several projects the code that needs a dependency may lie anywhere, so all of it is looked through.
    """

    folder: str
    own: Mapping[str, Found]
    files: Sequence[Found]

    @property
    def shown(self) -> str:
        """The project's directory as a report names it."""
        return next(iter(self.own.values())).path.rpartition("/")[0] or "."

    def node(self) -> Iterator[DependencyUse | Unscanned]:
        manifest = self.own["package.json"]
        data = _read(manifest)
        declared, rest, unscanned = dependency_names.read_package_json(manifest.path, data)
        yield from unscanned
        if not declared:
            return
        lock = _read(self.own["package-lock.json"]) if "package-lock.json" in self.own else b""
        commands = dependency_names.read_commands(lock)
        names = {entry.name: [entry.name] for entry in declared}
        imports = Names(names, quoted=True)
        mentions = Names({name: [name, *commands.get(name, ()), *_short(name)] for name in names}, quoted=False)
        imported: set[str] = set()
        named = dict.fromkeys(mentions.find(rest), manifest.path)
        for found in self.files:
            if imports.all_found:
                break
            ending = found.file.rpartition(".")[2]
            text = self._text(found)
            if ending in dependency_names.SCRIPTS:
                imported.update(imports.find(text))
            else:
                for name in mentions.find(text):
                    named.setdefault(name, found.path)
        peers = dependency_names.read_loaders(lock)
        loaded = {name: min(peers[name] - {name}) for name in names if peers.get(name, set()) - {name}}
        for name in names:
            loader = next((other for other in implied_dependencies().get(f"npm {name}", ()) if other in names), None)
            if loader:
                loaded.setdefault(name, loader)
        used = imported | named.keys() | loaded.keys()
        if len(names) - len(used) > max(len(used), FEW):
            return  # the code that uses them is not here: it is built elsewhere, or only its build was packed
        yield from decide(declared, imported=imported, named=named, loaded=loaded)

    def python(self) -> Iterator[DependencyUse | Unscanned]:
        files = [name for name in ("requirements.in", "requirements.txt") if name in self.own][:1]
        texts = {name: _decode(_read(self.own[name])) for name in (*files, "pyproject.toml") if name in self.own}
        files = [name for name in files if not dependency_names.is_frozen(texts[name])]
        modules_of_its_own = _modules(self.folder, self.files)
        if not modules_of_its_own or not (files or _declares(texts.get("pyproject.toml", ""))):
            return
        wanted = normalise("\n".join(texts.values()))
        modules = {name: found for name, found in python_modules().items() if name in wanted}
        try:
            imports = deptry.find_imports(
                self.folder, requirements=files, own_modules=modules_of_its_own, modules=modules
            )
        except SourceError as error:
            yield Unscanned(self.shown, str(error))
            return
        declared = [
            Declared(self.own[path].path, dependency_names.requirement_line(texts.get(path, ""), name), "PyPI", name)
            for path, name in imports.unused
            if path in self.own
        ]
        spellings = {
            entry.name: [entry.name, normalise(entry.name), *modules.get(normalise(entry.name), [_guess(entry.name)])]
            for entry in declared
        }
        mentions = Names(spellings, quoted=False)
        named: dict[str, str] = {}
        for found in self.files:
            if mentions.all_found:
                break
            for name in mentions.find(self._text(found)):
                named.setdefault(name, found.path)
        loaded = {}
        for name in spellings:
            loaders = implied_dependencies().get(f"pypi {normalise(name)}", ())
            loader = next((other for other in loaders if other in wanted), None)
            if loader:
                loaded[name] = loader
        owned = {module for found in python_modules().values() for module in found}
        yield from decide(
            declared,
            imported=frozenset(),
            named=named,
            loaded=loaded,
            known={name for name in spellings if normalise(name) in modules},
            unowned=[module for module in imports.unowned if module not in owned],
        )

    def _text(self, found: Found) -> str:
        """The text of a file without comments; empty for what declares or locks dependencies, and for what is no text."""
        name = found.file.rpartition(os.sep)[2]
        if name in _DECLARES or name.startswith(("requirements", "CHANGELOG", "HISTORY")):
            return ""
        kind = package_files.kind_of(found.path)
        if kind is not None and not kind.installed:
            return ""
        data = _read(found)
        if name == "package.json":
            return dependency_names.read_package_json(found.path, data)[1]
        return dependency_names.without_comments(name.rpartition(".")[2], _decode(data))


def _declares(pyproject: str) -> bool:
    return "[project]" in pyproject or "[tool.poetry" in pyproject


def _guess(name: str) -> str:
    return normalise(name).replace("-", "_")


def _short(name: str) -> list[str]:
    """How configurations of ESLint and Babel may name their parts."""
    for prefix in ("eslint-plugin-", "eslint-config-", "babel-plugin-", "babel-preset-"):
        if name.startswith(prefix):
            return [name[len(prefix) :]]
    return []


def _modules(folder: str, files: Iterable[Found]) -> set[str]:
    """The names by which the project's own code can be imported, whatever directory it is imported from."""
    found: set[str] = set()
    for file in files:
        if file.file.endswith(".py") and file.file.startswith(folder + os.sep):
            parts = file.file[len(folder) + 1 : -3].split(os.sep)
            found.update(part for part in parts if part.isidentifier() and part != "__init__")
    return found


def _read(found: Found) -> bytes:
    """Return the beginning of a file, nothing of one that is no text. Raises `OSError`."""
    # O_NONBLOCK: a pipe of that name must not hang the scan.
    descriptor = os.open(found.file, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        data = stream.read(MAX_TEXT_BYTES) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
    return b"" if b"\0" in data[:8192] else data


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "replace")
