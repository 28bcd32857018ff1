"""Syft's own JSON (``syft -o json``, schema 1 to 16): what it says beyond the formats of others, in the same components.

Most of it are the files of every package, so that of a large image it is larger than other SBOMs. Packages are decoded one by
one, and the list of files not at all: it may be as large as a file of packages can be.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from seawall.formats.lockfile_text import decode_json
from seawall.formats.package_list import MAX_BYTES, MalformedError
from seawall.formats.sbom.components import Component
from seawall.formats.sbom.document import Lines, Sbom, SbomDocument, read_document
from seawall.formats.sbom.purls import named_distro
from seawall.formats.untyped import rows, table, tables, text, texts
from seawall.model.inventory import Subject

_METADATA = ("source", "sourceVersion", "sourceRpm", "originPackage")
"""What Syft says of a distribution's package, and what `components` reads of it, by the names that it has in CycloneDX."""

_KINDS = {"image": "image", "directory": "directory", "file": "file"}


_NOTHING = msgspec.Raw(b"null")
_List = msgspec.json.Decoder(list[msgspec.Raw])


class _Parts(msgspec.Struct):
    """The parts that are read, as they stand in the document."""

    artifacts: msgspec.Raw = _NOTHING
    relationships: msgspec.Raw = msgspec.field(default=_NOTHING, name="artifactRelationships")
    source: msgspec.Raw = _NOTHING
    distro: msgspec.Raw = _NOTHING
    schema: msgspec.Raw = _NOTHING


_Document = msgspec.json.Decoder(_Parts)


def read(path: str, data: bytes) -> Sbom:
    """Return what the document says. Never raises for bad input."""
    return read_document(path, data, _read)


def _read(document: SbomDocument, data: bytes) -> None:
    if len(data) > MAX_BYTES:
        raise MalformedError(f"is larger than {MAX_BYTES // 1024 // 1024} MB and is not read")
    try:
        parts = _Document.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError):
        decode_json(data)  # which says the line
        raise MalformedError("is no document of Syft: the top is no object", 1) from None
    if bytes(parts.artifacts) == b"null" or not table(decode_json(bytes(parts.schema))):
        raise MalformedError("is no document of Syft: it has no artifacts, or no schema")
    lines = Lines(data)
    document.subject = _subject(table(decode_json(bytes(parts.source))))
    system = table(decode_json(bytes(parts.distro)))
    # Until 2021 the identifier was called name, and the number version.
    identity = text(system, "id") or text(system, "name")
    document.distro = named_distro(identity, text(system, "versionID") or text(system, "version"))
    for item in _items(document, parts.artifacts):
        document.add(_component(item, lines))
    for raw in _rows(parts.relationships):
        # Nearly all are about files.
        if b"dependency-of" in bytes(raw):
            relation = table(decode_json(bytes(raw)))
            document.require(text(relation, "child"), text(relation, "parent"))


def _items(document: SbomDocument, artifacts: msgspec.Raw) -> Iterator[dict[str, Any]]:
    found = _rows(artifacts)
    if not found:
        yield from document.items({"artifacts": decode_json(bytes(artifacts))}, "artifacts")
    for number, raw in enumerate(found):
        item = decode_json(bytes(raw))
        if isinstance(item, dict):
            yield item
        else:
            document.refuse(f"artifacts[{number}] is no object")


def _rows(value: msgspec.Raw) -> list[msgspec.Raw]:
    """Return the items of a list, not decoded; none where it is no list."""
    try:
        return _List.decode(value)
    except msgspec.DecodeError:
        return []


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
