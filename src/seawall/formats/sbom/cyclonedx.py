"""CycloneDX JSON 1.2 to 1.7 (ECMA-424): of Seawall, Syft, Trivy and every other tool."""

from collections.abc import Iterator
from typing import Any

from seawall.formats.lockfile_text import decode_json
from seawall.formats.package_list import MalformedError
from seawall.formats.sbom import names
from seawall.formats.sbom.components import Component
from seawall.formats.sbom.document import LINE, Lines, Sbom, SbomDocument, read_document
from seawall.formats.untyped import table, tables, text, texts
from seawall.model.inventory import Subject

VERSIONS = frozenset(f"1.{minor}" for minor in range(2, 8))
_SCOPES = {"excluded": "dev", "optional": "optional"}
_SPLIT_BY = {"maven": ":"}


def read(path: str, data: bytes) -> Sbom:
    """Return what the document says. Never raises for bad input."""
    return read_document(path, data, _read)


def _read(document: SbomDocument, data: bytes) -> None:
    value = table(decode_json(data))
    if text(value, "bomFormat") != "CycloneDX":
        raise MalformedError("is no CycloneDX document: it does not say so in bomFormat")
    version = text(value, "specVersion")
    if version not in VERSIONS:
        raise MalformedError(f"is CycloneDX {version[:20] or 'of no version'}, which is not read; 1.2 to 1.7 are")
    read_value(document, value, Lines(data))


def read_value(document: SbomDocument, value: dict[str, Any], lines: Lines | None) -> None:
    """Add what the decoded document `value` says to `document`. Without `lines` each component has its own in `LINE`."""
    _read_subject(document, table(value, "metadata"))
    for item in _components(document, value):
        document.add(_component(item, lines))
    for relation in tables(value, "dependencies"):
        above = text(relation, "ref")
        for below in texts(relation, "dependsOn"):
            document.require(above, below)
    target = text(value, "metadata", "component", "bom-ref")
    for statement in tables(value, "compositions"):
        if text(statement, "aggregate") == "incomplete" and target and target in texts(statement, "assemblies"):
            document.refuse_incomplete()


def _read_subject(document: SbomDocument, metadata: dict[str, Any]) -> None:
    target = table(metadata, "component")
    kind = _properties(target).get(names.KIND, "")
    document.ours = bool(kind)
    name = text(target, "name")
    document.root(text(target, "bom-ref"))
    if name:
        version = text(target, "version")
        document.subject = Subject(
            name=name,
            kind=kind or ("image" if text(target, "type") == "container" else "sbom"),
            digest=version if version.startswith("sha256:") else "",
            created=text(metadata, "timestamp"),
        )


def _components(document: SbomDocument, value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every component, those within others after them; a stack, so that no nesting exhausts it."""
    pending = [document.items(value, "components")]
    while pending:
        component = next(pending[-1], None)
        if component is None:
            pending.pop()
            continue
        yield component
        if "components" in component:
            pending.append(document.items(component, "components"))


def _component(item: dict[str, Any], lines: Lines | None) -> Component:
    purl, group, name = text(item, "purl"), text(item, "group"), text(item, "name")
    occurrence = next(iter(tables(item, "evidence", "occurrences")), {})
    line = occurrence.get("line")
    # Go's encoder writes & as \u0026: what stands before the first one is enough to find the place.
    written = purl or text(item, "bom-ref")
    joined = f"{group}{_SPLIT_BY.get(purl[4:].partition('/')[0], '/')}{name}" if group else name
    return Component(
        ref=text(item, "bom-ref"),
        kind=text(item, "type") or "library",  # none at all is a mistake, behind which a package may be
        purl=purl,
        name=joined,
        version=text(item, "version"),
        description=text(item, "description"),
        licences=tuple(_licences(item)),
        scope=_SCOPES.get(text(item, "scope"), ""),
        file=text(occurrence, "location"),
        file_line=line if isinstance(line, int) and not isinstance(line, bool) and 0 < line < 1 << 31 else 0,
        line=_line(item) if lines is None else lines.find(written.partition("&")[0]),
        properties=_properties(item),
    )


def _line(item: dict[str, Any]) -> int:
    line = item.get(LINE)
    return line if isinstance(line, int) else 0


def _properties(item: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in tables(item, "properties"):
        found.setdefault(text(entry, "name"), text(entry, "value"))
    return found


def _licences(item: dict[str, Any]) -> Iterator[str]:
    for choice in tables(item, "licenses"):
        licence = table(choice, "license")
        stated = text(choice, "expression") or text(licence, "id") or text(licence, "name")
        if stated:
            yield stated
