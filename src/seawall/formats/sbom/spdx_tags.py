"""SPDX 2.2 and 2.3 in tag-value form, read into the form of its JSON, so that one reader knows what it means."""

import re
from typing import Any

from seawall.formats.lockfile_text import split_lines
from seawall.formats.package_list import MalformedError
from seawall.formats.sbom.document import LINE, Sbom, SbomDocument, read_document
from seawall.formats.sbom.spdx import read_value

_TAG = re.compile(r"([A-Za-z]+):\s*(.*)")
_PACKAGE_TAGS = {
    "PackageVersion": "versionInfo",
    "PackageSourceInfo": "sourceInfo",
    "PackageLicenseDeclared": "licenseDeclared",
    "PackageLicenseConcluded": "licenseConcluded",
    "PrimaryPackagePurpose": "primaryPackagePurpose",
}
_OTHERS = frozenset(("FileName", "SnippetSPDXID", "LicenseID"))
MAX_VALUE_LINES = 10_000


def read(path: str, data: bytes) -> Sbom:
    """Return what the document says. Never raises for bad input."""
    return read_document(path, data, _read)


def _read(document: SbomDocument, data: bytes) -> None:
    value = _to_json(data)
    read_value(document, value, None)
    # Unlike JSON the notation has no end, and all packages behind a cut would be missing without a trace.
    if not any(one["relationshipType"] in ("DESCRIBES", "DESCRIBED_BY") for one in value["relationships"]):
        document.refuse("does not say what it describes, as every SPDX document does: it may be cut off")
    elif not data.endswith(b"\n"):
        document.refuse("ends within a line: it may be cut off (where it is whole, end it with a newline)")


def _to_json(data: bytes) -> dict[str, Any]:
    value: dict[str, Any] = {"packages": [], "relationships": [], "hasExtractedLicensingInfos": [], "creationInfo": {}}
    package: dict[str, Any] = {}
    licence: dict[str, Any] = {}
    annotated: dict[str, list[dict[str, str]]] = {}
    comment = ""
    for number, tag, text in _tags(data):
        if tag == "PackageName":
            package = {"name": text, LINE: number, "externalRefs": [], "attributionTexts": []}
            value["packages"].append(package)
        elif tag in _OTHERS:
            package = {}
            if tag == "LicenseID":
                licence = {"licenseId": text}
                value["hasExtractedLicensingInfos"].append(licence)
        elif tag in ("LicenseName", "ExtractedText"):
            licence["name" if tag == "LicenseName" else "extractedText"] = text
        elif tag == "SPDXVersion":
            value["spdxVersion"] = text
        elif tag == "Created":
            value["creationInfo"]["created"] = text
        elif tag == "Relationship":
            words = text.split()
            if len(words) >= 3:
                value["relationships"].append(
                    {"spdxElementId": words[0], "relationshipType": words[1], "relatedSpdxElement": words[2]}
                )
        elif tag == "AnnotationComment":
            comment = text
        elif tag == "SPDXREF":
            annotated.setdefault(text, []).append({"comment": comment})
        elif package:
            _add_to_package(package, tag, text)
    for found in value["packages"]:
        found["annotations"] = annotated.get(found.get("SPDXID", ""), [])
    return value


def _add_to_package(package: dict[str, Any], tag: str, text: str) -> None:
    if tag == "SPDXID":
        package.setdefault("SPDXID", text)
    elif tag in _PACKAGE_TAGS:
        package[_PACKAGE_TAGS[tag]] = text
    elif tag == "PackageAttributionText":
        package["attributionTexts"].append(text)
    elif tag == "ExternalRef":
        words = text.split()
        if len(words) >= 3:
            package["externalRefs"].append({"referenceType": words[1], "referenceLocator": words[2]})


def _tags(data: bytes) -> list[tuple[int, str, str]]:
    """Return line, tag and value of every statement. A value in ``<text>`` may have several lines."""
    found: list[tuple[int, str, str]] = []
    open_at, tag, parts = 0, "", list[str]()
    for number, line in enumerate(split_lines(data), 1):
        if open_at:
            before, end, _ = line.partition("</text>")
            parts.append(before)
            if end:
                found.append((open_at, tag, "\n".join(parts)))
                open_at = 0
            elif len(parts) > MAX_VALUE_LINES:
                break
            continue
        match = _TAG.match(line)
        if match is None or line.startswith("#"):
            continue
        tag, value = match[1], match[2].rstrip()
        if not value.startswith("<text>"):
            found.append((number, tag, value))
            continue
        inner, end, _ = value.removeprefix("<text>").partition("</text>")
        if end:
            found.append((number, tag, inner))
        else:
            open_at, parts = number, [inner]
    if open_at:
        raise MalformedError("has a <text> that does not end", open_at)
    return found
