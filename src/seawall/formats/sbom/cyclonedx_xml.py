"""CycloneDX as XML, read into the form of its JSON, so that one reader knows what it means."""

from typing import Any

from seawall.formats.package_list import MalformedError
from seawall.formats.safe_xml import Element, read_xml
from seawall.formats.sbom.cyclonedx import VERSIONS, read_value
from seawall.formats.sbom.document import LINE, Sbom, SbomDocument, read_document

NAMESPACE = "http://cyclonedx.org/schema/bom/"
MAX_ELEMENTS = 1_000_000
"""Most elements that are kept: 25,000 packages as Syft writes them, a bound on memory of about 300 MB."""

_PASSED_OVER = frozenset(
    (
        "cpe",
        "externalReferences",
        "hashes",
        "pedigree",
        "releaseNotes",
        "services",
        "signature",
        "swid",
        "vulnerabilities",
    )
)
"""Elements that say nothing of which package it is, and are most of a document."""

_TEXTS = ("group", "name", "version", "description", "purl", "scope")


def read(path: str, data: bytes) -> Sbom:
    """Return what the document says. Never raises for bad input."""
    return read_document(path, data, _read)


def _read(document: SbomDocument, data: bytes) -> None:
    bom = read_xml(data, most=MAX_ELEMENTS, without=_PASSED_OVER)
    declared = (value for key, value in bom.attributes.items() if key.partition(":")[0] == "xmlns")
    version = next((uri.removeprefix(NAMESPACE) for uri in declared if uri.startswith(NAMESPACE)), "")
    if bom.name != "bom" or version not in VERSIONS:
        raise MalformedError(f"is CycloneDX {version[:20] or 'of no version'}, which is not read; 1.2 to 1.7 are")
    value: dict[str, Any] = {
        "metadata": {"timestamp": bom.value("metadata", "timestamp")},
        "components": [_component(item) for item in bom.all("components", "component")],
        "dependencies": [
            {
                "ref": one.attributes.get("ref", ""),
                "dependsOn": [below.attributes.get("ref", "") for below in one.children],
            }
            for one in bom.all("dependencies", "dependency")
        ],
    }
    value["compositions"] = [
        {
            "aggregate": one.value("aggregate"),
            "assemblies": [below.attributes.get("ref", "") for below in one.all("assemblies", "assembly")],
        }
        for one in bom.all("compositions", "composition")
    ]
    target = bom.child("metadata", "component")
    if target is not None:
        value["metadata"]["component"] = _component(target)
    read_value(document, value, None)


def _component(item: Element) -> dict[str, Any]:
    found: dict[str, Any] = {name: text for name in _TEXTS if (text := item.value(name))}
    found["type"] = item.attributes.get("type", "")
    found["bom-ref"] = item.attributes.get("bom-ref", "")
    found[LINE] = item.line
    found["licenses"] = [
        {"expression": choice.text.strip()}
        if choice.name == "expression"
        else {"license": {"id": choice.value("id"), "name": choice.value("name")}}
        for licences in item.all("licenses")
        for choice in licences.children
    ]
    found["properties"] = [
        {"name": one.attributes.get("name", ""), "value": one.text.strip()}
        for one in item.all("properties", "property")
    ]
    occurrences = [
        {"location": one.value("location"), "line": int(line) if (line := one.value("line")).isdecimal() else 0}
        for one in item.all("evidence", "occurrences", "occurrence")
    ]
    if occurrences:
        found["evidence"] = {"occurrences": occurrences}
    # Only `safe_xml` bounds the depth, far below what recursion takes.
    found["components"] = [_component(inner) for inner in item.all("components", "component")]
    return found
