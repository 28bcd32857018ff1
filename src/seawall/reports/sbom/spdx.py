"""An inventory as SPDX 2.3 JSON, valid against its official schema.

The document describes the target, which contains each package and depends on those that it asks for. What SPDX has no field for
(layer, source package, place) stands in one annotation of the package, a ``name=value`` a line.
"""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

import msgspec

from seawall.formats.sbom import names
from seawall.formats.sbom.licence_ids import LIST_VERSION
from seawall.formats.sbom.licences import is_expression
from seawall.formats.sbom.spdx import split_conjunction
from seawall.model.inventory import Inventory
from seawall.model.package import Distro
from seawall.reports.sbom.document import Entry, clean, digest_of, entries, is_image, properties, timestamp

DOCUMENT = "SPDXRef-DOCUMENT"
TARGET = "SPDXRef-Target"
SYSTEM = "SPDXRef-OperatingSystem"
UNKNOWN_TIME = "1970-01-01T00:00:00Z"
"""SPDX wants a time of every document. This one says that nobody told it, the same on every machine."""

_NO_NUMBER = "00000000-0000-0000-0000-000000000000"
_NOT_IN_ID = re.compile(r"[^A-Za-z0-9.]+")
_ATOM = re.compile(r"[A-Za-z0-9.+-]+\Z")
_SHA256 = re.compile(r"sha256:([0-9a-f]{64})\Z")
_NO_ASSERTION = "NOASSERTION"


def render(inventory: Inventory, *, version: str, created: str) -> bytes:
    """Return the document; see `seawall.reports.sbom.render`."""
    found = entries(inventory)
    moment = timestamp(created) or UNKNOWN_TIME
    tool = f"Tool: seawall-{version}"
    licences = _Licences()
    name = clean(inventory.subject.name)
    document: dict[str, Any] = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": DOCUMENT,
        "name": name,
        "documentNamespace": f"https://seawall.dev/sbom/spdx/{quote(name, safe='')}-{_NO_NUMBER}",
        "creationInfo": {"created": moment, "creators": [tool], "licenseListVersion": LIST_VERSION},
        "packages": [
            _target(inventory, tool, moment),
            *_system(inventory.distro),
            *(_package(entry, licences, tool, moment) for entry in found),
        ],
        "relationships": list(_relationships(inventory, found)),
    }
    if inventory.unscanned:
        document["comment"] = f"{names.INCOMPLETE} not all of the target could be read."
    if licences.named:
        document["hasExtractedLicensingInfos"] = [
            {"licenseId": reference, "name": text, "extractedText": text}
            for reference, text in sorted(licences.named.items())
        ]
    body = msgspec.json.format(msgspec.json.encode(document), indent=2)
    number = str(uuid5(NAMESPACE_URL, f"https://seawall.dev/sbom/spdx/{digest_of((body,))}"))
    return body.replace(f"-{_NO_NUMBER}".encode(), f"-{number}".encode(), 1) + b"\n"


def _bare(spdx_id: str, name: str, version: str, purpose: str) -> dict[str, Any]:
    package: dict[str, Any] = {"SPDXID": spdx_id, "name": clean(name)}
    if version:
        package["versionInfo"] = clean(version)
    return package | {
        "primaryPackagePurpose": purpose,
        "downloadLocation": _NO_ASSERTION,
        "filesAnalyzed": False,
        "licenseConcluded": _NO_ASSERTION,
    }


def _target(inventory: Inventory, tool: str, moment: str) -> dict[str, Any]:
    subject = inventory.subject
    package = _bare(TARGET, subject.name, subject.digest, "CONTAINER" if is_image(subject) else "APPLICATION")
    if digest := _SHA256.match(subject.digest):
        package["checksums"] = [{"algorithm": "SHA256", "checksumValue": digest[1]}]
    return package | {"annotations": [_annotation([(names.KIND, subject.kind)], tool, moment)]}


def _system(distro: Distro | None) -> list[dict[str, Any]]:
    if distro is None:
        return []
    package = _bare(SYSTEM, distro.id, distro.version, "OPERATING_SYSTEM")
    return [package | {"description": clean(distro.name)} if distro.name else package]


def _package(entry: Entry, licences: "_Licences", tool: str, moment: str) -> dict[str, Any]:
    package = entry.package
    written = _bare(spdx_id(entry), package.name, package.version, "LIBRARY")
    declared = written["licenseDeclared"] = licences.declared(package.licences)
    written["externalRefs"] = [
        {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": package.purl}
    ]
    more = properties(package)
    if entry.file:
        more.append((names.FILE, entry.file))
        place = f"{entry.file}, line {package.line}" if package.line else entry.file
        written["sourceInfo"] = f"named in {place}"
        if package.line:
            more.append((names.LINE, str(package.line)))
    if len(package.licences) == 1 and split_conjunction(declared) != [declared]:
        more.append((names.ONE_LICENCE, "true"))
    if more:
        written["annotations"] = [_annotation(more, tool, moment)]
    return written


def spdx_id(entry: Entry) -> str:
    """Return the identifier of a package in the document: readable, and its own by the digest of its reference."""
    readable = _NOT_IN_ID.sub("-", f"{entry.package.purl[4:].partition('/')[0]}-{entry.package.name}")[:64].strip("-")
    return f"SPDXRef-{readable}-{sha256(entry.ref.encode()).hexdigest()[:16]}"


def _annotation(pairs: Iterable[tuple[str, str]], tool: str, moment: str) -> dict[str, str]:
    lines = (f"{name}={names.escape(value)}" for name, value in pairs)
    return {"annotationDate": moment, "annotationType": "OTHER", "annotator": tool, "comment": "\n".join(lines)}


def _relationships(inventory: Inventory, found: list[Entry]) -> Iterable[dict[str, str]]:
    def relate(above: str, kind: str, below: str) -> dict[str, str]:
        return {"spdxElementId": above, "relationshipType": kind, "relatedSpdxElement": below}

    ids = {entry.ref: spdx_id(entry) for entry in found}
    yield relate(DOCUMENT, "DESCRIBES", TARGET)
    if inventory.distro is not None:
        yield relate(TARGET, "CONTAINS", SYSTEM)
    for entry in found:
        yield relate(TARGET, "CONTAINS", ids[entry.ref])
        if entry.package.direct:
            yield relate(TARGET, "DEPENDS_ON", ids[entry.ref])
        for below in entry.requires:
            yield relate(ids[entry.ref], "DEPENDS_ON", ids[below])


class _Licences:
    """The licences of a document: what is no expression gets a name of its own, and its text is told once."""

    def __init__(self) -> None:
        self.named: dict[str, str] = {}

    def declared(self, stated: tuple[str, ...]) -> str:
        """Return the expression that says all of `stated`, or that nothing is said."""
        if not stated:
            return _NO_ASSERTION
        parts = [text if is_expression(text) else self._name(clean(text)) for text in stated]
        if len(parts) == 1:
            return parts[0]
        return " AND ".join(part if _ATOM.match(part) else f"({part})" for part in parts)

    def _name(self, text: str) -> str:
        readable = _NOT_IN_ID.sub("-", text)[:40].strip("-")
        reference = f"LicenseRef-{readable}-{sha256(text.encode()).hexdigest()[:8]}"
        self.named[reference] = text
        return reference
