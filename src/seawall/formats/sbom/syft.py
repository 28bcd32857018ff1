"""Syft's own JSON (``syft -o json``, schema 1 to 16): what it says beyond the formats of others, in the same components."""

from typing import Any

from seawall.formats.lockfile_text import decode_json
from seawall.formats.package_list import MalformedError
from seawall.formats.sbom.components import Component
from seawall.formats.sbom.document import Lines, Sbom, SbomDocument, read_document
from seawall.formats.sbom.purls import named_distro
from seawall.formats.untyped import rows, table, tables, text, texts
from seawall.model.inventory import Subject

_METADATA = ("source", "sourceVersion", "sourceRpm", "originPackage")
"""What Syft says of a distribution's package, and what `components` reads of it, by the names that it has in CycloneDX."""

_KINDS = {"image": "image", "directory": "directory", "file": "file"}


def read(path: str, data: bytes) -> Sbom:
    """Return what the document says. Never raises for bad input."""
    return read_document(path, data, _read)


def _read(document: SbomDocument, data: bytes) -> None:
    value = table(decode_json(data))
    if "artifacts" not in value or not table(value, "schema"):
        raise MalformedError("is no document of Syft: it has no artifacts, or no schema")
    lines = Lines(data)
    document.subject = _subject(table(value, "source"))
    system = table(value, "distro")
    # Until 2021 the identifier was called name, and the number version.
    identity = text(system, "id") or text(system, "name")
    document.distro = named_distro(identity, text(system, "versionID") or text(system, "version"))
    for item in document.items(value, "artifacts"):
        document.add(_component(item, lines))
    for relation in tables(value, "artifactRelationships"):
        if text(relation, "type") == "dependency-of":
            document.require(text(relation, "child"), text(relation, "parent"))


def _subject(source: dict[str, Any]) -> Subject | None:
    target = source.get("target")  # until schema 6; a text for a directory
    said = table(source, "metadata") or table(target)
    name = text(source, "name") or text(said, "userInput") or text(target)
    if not name:
        return None
    digest = text(said, "manifestDigest")
    return Subject(
        name=name,
        kind=_KINDS.get(text(source, "type"), "sbom"),
        digest=digest if digest.startswith("sha256:") else "",
    )


def _component(item: dict[str, Any], lines: Lines) -> Component:
    place = next(iter(tables(item, "locations")), {})
    metadata = table(item, "metadata")
    properties = {f"syft:metadata:{key}": text(metadata, key) for key in _METADATA}
    properties["syft:location:0:path"] = text(place, "path")
    properties["syft:location:0:layerID"] = text(place, "layerID")
    ref = text(item, "id")
    return Component(
        ref=ref,
        purl=text(item, "purl"),
        name=text(item, "name"),
        version=text(item, "version"),
        licences=tuple(_licence(entry) for entry in rows(item, "licenses")),
        line=lines.find(ref),
        properties=properties,
    )


def _licence(entry: Any) -> str:
    # Until schema 7 a licence was its text alone.
    return next(iter(texts(entry)), "") or text(entry, "spdxExpression") or text(entry, "value")
