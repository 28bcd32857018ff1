"""``pom.xml``: what a Maven project asks for, as far as this one file says it.

Properties and ``dependencyManagement`` of the file are applied. What a parent or an imported bill of materials manages stands in
other files: such a version is unknown, as is a range. Nothing is resolved over a network.
"""

import re
from collections.abc import Mapping

from seawall.formats.package_list import PackageList, collect
from seawall.formats.safe_xml import Element, read_xml
from seawall.model.package import ParsedPackages

MAX_EXPANSIONS = 32
"""Most properties that are put into one value: a bound against properties that name each other."""

MAX_VALUE = 512
"""Longest value that properties may grow to. Names and versions are a tenth of it."""

_PROPERTY = re.compile(r"\$\{([^${}]*)\}")
_SCOPES = {"test": "dev"}


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the dependencies of the project, all direct, those of tests for development, those marked so optional."""
    return collect(path, data, _read)


def _read(packages: PackageList, data: bytes) -> None:
    project = read_xml(data)
    if project.name != "project":
        packages.refuse("is no Maven project: its root is not <project>", project.line)
        return
    properties = _properties(project)
    managed: dict[tuple[str, str, str, str], tuple[str, str]] = {}
    for entry in project.all("dependencyManagement", "dependencies", "dependency"):
        if entry.value("scope") != "import":
            managed[_key(entry, properties)] = (entry.value("version"), entry.value("scope"))
    packages.rooted = True
    # Profiles may be off; what they add is in the file, and more is better than less here.
    sections = [project, *project.all("profiles", "profile")]
    for entry in (entry for section in sections for entry in section.all("dependencies", "dependency")):
        group, artifact, type_, classifier = key = _key(entry, properties)
        if not group or not artifact or "${" in group or "${" in artifact:
            packages.refuse(
                f"names a dependency by a property that stands elsewhere: {group}:{artifact}"[:200], entry.line
            )
            continue
        version, scope = managed.get(key, ("", ""))
        version = _known(_expand(entry.value("version") or version, properties))
        scope = _expand(entry.value("scope") or scope, properties)
        optional = _expand(entry.value("optional"), properties) == "true"
        packages.root(
            packages.add(
                "maven",
                artifact,
                version,
                namespace=group,
                shown=f"{group}:{artifact}",
                line=entry.line,
                qualifiers={"type": "" if type_ == "jar" else type_, "classifier": classifier},
                scope=_SCOPES.get(scope, "optional" if optional else ""),
            )
        )


def _properties(project: Element) -> dict[str, str]:
    """Return what ``${…}`` may name: the properties, and the project's own coordinates with those of its parent behind them."""
    section = project.child("properties")
    properties = {entry.name: entry.text.strip() for entry in section.children} if section else {}
    for name in ("groupId", "artifactId", "version"):
        parent = project.value("parent", name)
        value = project.value(name) or (parent if name != "artifactId" else "")
        for prefix in ("project.", "pom.", ""):
            if value:
                properties.setdefault(prefix + name, value)
        if parent:
            properties.setdefault(f"project.parent.{name}", parent)
    return properties


def _key(entry: Element, properties: Mapping[str, str]) -> tuple[str, str, str, str]:
    group, artifact, type_, classifier = (
        _expand(entry.value(name), properties) for name in ("groupId", "artifactId", "type", "classifier")
    )
    return group, artifact, type_ or "jar", classifier


def _expand(value: str, properties: Mapping[str, str]) -> str:
    """Put properties in, innermost first; what names no property, or grows without end, stays as it is written."""
    for _ in range(MAX_EXPANSIONS):
        found = next((match for match in _PROPERTY.finditer(value) if match[1] in properties), None)
        if found is None or len(value) + len(properties[found[1]]) > MAX_VALUE:
            break
        value = value[: found.start()] + properties[found[1]] + value[found.end() :]
    return value


def _known(version: str) -> str:
    """Return the version, or nothing where it is a range or a property of another file."""
    return "" if "${" in version or version.startswith(("[", "(")) or len(version) > MAX_VALUE else version
