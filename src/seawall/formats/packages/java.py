"""Java archives: ``jar``, ``war``, ``ear`` and the like, with the archives inside them, as deep as `MAX_DEPTH`.

What an archive is, its own files say, in this order: ``pom.properties`` (one a module, in ``META-INF/maven`` or where
those who merged modules put it), else the manifest and the file's name together. No group is guessed: an archive that does
not state it has a purl without one, which advisories for ``group:artifact`` cannot match. The classes are not looked at.
"""

from seawall.formats.lockfile_text import split_lines
from seawall.formats.package_list import MalformedError, PackageList, collect
from seawall.formats.packages.maven_groups import confirmed_group
from seawall.formats.packages.maven_names import Coordinates, from_manifest
from seawall.formats.zip_entries import Archive, Entry, ZipError
from seawall.model.package import ParsedPackages

SUFFIXES = (".jar", ".war", ".ear", ".rar", ".sar", ".par", ".jpi", ".hpi", ".lpkg", ".kar", ".nar")
"""Names of Java archives, and of plugins of servers that are ones. (``.rar``: a resource adapter.)"""

MAX_DEPTH = 6
"""Deepest nesting of archives: a war in an ear with jars in jars has four."""

MAX_INFLATED = 512 * 1024 * 1024
"""Most bytes that are inflated for one file of an image, all nested archives together: a bound on time against bombs."""

MAX_NESTED = 128 * 1024 * 1024
"""Largest nested archive: it is held in memory while it is read."""

MAX_ARCHIVES = 20_000
"""Most archives that are opened for one file."""

_SMALL = 1024 * 1024
"""Largest manifest or pom.properties; real ones have some kilobytes, signed manifests some hundred."""


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the modules in the archive; `path` of a nested one is ``app.war!/WEB-INF/lib/inner.jar``."""
    budget = _Budget()
    return collect(path, data, lambda packages, content: _read(packages, content, path, 0, budget))


class _Budget:
    """What may still be inflated and opened for the outermost file."""

    def __init__(self) -> None:
        self.bytes = MAX_INFLATED
        self.archives = MAX_ARCHIVES

    def read(self, archive: Archive, entry: Entry, limit: int) -> bytes:
        content = archive.read(entry, min(limit, self.bytes))
        self.bytes -= len(content)
        return content


def _read(packages: PackageList, data: bytes, path: str, depth: int, budget: _Budget) -> None:
    budget.archives -= 1
    if budget.archives < 0:
        raise MalformedError(f"holds more than {MAX_ARCHIVES:,} archives; the rest is not read")
    try:
        archive = Archive(data)
        modules, manifest, inner = [], None, []
        for entry in archive.entries():
            name = entry.name
            if name.endswith("/pom.properties"):
                modules.append(entry)
            elif name == "META-INF/MANIFEST.MF":
                manifest = entry
            elif name.lower().endswith(SUFFIXES):
                inner.append(entry)
        own = from_manifest(path, _fields(budget.read(archive, manifest, _SMALL)) if manifest else {})
        if not modules and not own.group and own.artifact:
            group = confirmed_group(own.artifact, (entry.name for entry in archive.entries()))
            own = Coordinates(group, own.artifact, own.version, own.licences)
        _add_modules(packages, path, own, [_properties(budget.read(archive, entry, _SMALL)) for entry in modules])
        for entry in inner:
            nested = f"{path}!/{entry.name}"
            if depth + 1 >= MAX_DEPTH:
                raise ZipError(f"holds archives {MAX_DEPTH} deep, further ones are not read")
            _read_nested(packages, archive, entry, nested, depth + 1, budget)
    except ZipError as error:
        raise MalformedError(str(error)) from error


def _read_nested(packages: PackageList, archive: Archive, entry: Entry, path: str, depth: int, budget: _Budget) -> None:
    """Read an archive in an archive. That one is broken does not cost those beside it; that the limit is reached does."""
    content = budget.read(archive, entry, MAX_NESTED)
    parsed = collect(path, content, lambda inside, data: _read(inside, data, path, depth, budget))
    packages.extend(parsed)


def _add_modules(packages: PackageList, path: str, own: Coordinates, modules: list[Coordinates]) -> None:
    stated = [module for module in modules if module.artifact and module.version]
    for module in stated:
        _add(packages, path, _with_licence(module, own))
    if not stated and own.artifact and own.version:
        _add(packages, path, own)


def _with_licence(module: Coordinates, own: Coordinates) -> Coordinates:
    """Give `module` the licence that the manifest states, where the manifest is about that very module."""
    if own.licences and own.artifact == module.artifact:
        return Coordinates(module.group, module.artifact, module.version, own.licences)
    return module


def _add(packages: PackageList, path: str, found: Coordinates) -> None:
    packages.add(
        "maven",
        found.artifact,
        found.version,
        namespace=found.group,
        shown=f"{found.group}:{found.artifact}" if found.group else found.artifact,
        licences=found.licences,
    )


def _properties(data: bytes) -> Coordinates:
    """Read a pom.properties: Java's properties format, of which Maven writes ``key=value`` lines."""
    fields: dict[str, str] = {}
    for line in split_lines(data):
        key, equals, value = line.strip().partition("=")
        if equals and not key.startswith(("#", "!")):
            fields.setdefault(key.strip(), value.strip())
    return Coordinates(fields.get("groupId", ""), fields.get("artifactId", ""), fields.get("version", ""))


def _fields(data: bytes) -> dict[str, str]:
    """Read the main section of a manifest (JAR file specification): a line that begins with a space goes on the last one."""
    fields: dict[str, str] = {}
    key = ""
    parts: list[str] = []
    for line in split_lines(data):
        if line.startswith(" "):
            parts.append(line[1:])
            continue
        if key:
            fields.setdefault(key, "".join(parts))
        if not line.strip():
            key = ""
            break
        key, _, value = line.partition(":")
        key, parts = key.strip().lower(), [value.strip()]
    if key:
        fields.setdefault(key, "".join(parts))
    return fields
