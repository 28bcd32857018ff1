"""SBOMs: reading those of Seawall and of others, in CycloneDX and SPDX, and in the forms of Syft's and Trivy's own.

format_of(data)                      # "cyclonedx", "spdx", …, by what the file says of itself; None for other files
read_sbom("sbom.cdx.json", data)     # its packages, and what could not be read
"""

import re
from collections.abc import Mapping
from importlib import import_module

from seawall.formats.sbom.document import Sbom
from seawall.model.package import ParsedPackages
from seawall.model.resource import Unscanned

PEEK = 64 * 1024
"""How many bytes tell the format of a file."""

_READERS: Mapping[str, str] = {
    "cyclonedx": "cyclonedx",
    "cyclonedx-xml": "cyclonedx_xml",
    "spdx": "spdx",
    "spdx-tags": "spdx_tags",
    "syft": "syft",
    "trivy": "trivy",
}
_NOT_READ: Mapping[str, str] = {
    "spdx-rdf": "is SPDX as RDF, which is not read: write it as JSON or tag-value, which every tool can",
    "spdx-xml": "is SPDX as XML, which is not read: write it as JSON or tag-value, which every tool can",
    "spdx-3": "is SPDX 3, which is not read yet: write SPDX 2.3 or CycloneDX, which every tool can",
}
_SIGNS = (
    (re.compile(rb'"bomFormat"\s*:\s*"CycloneDX"'), "cyclonedx"),
    (re.compile(rb'"spdxVersion"\s*:\s*"SPDX-'), "spdx"),
    (re.compile(rb'"@context"\s*:\s*"https?://spdx\.org/rdf/3'), "spdx-3"),
    (re.compile(rb"^\s*SPDXVersion:\s*SPDX-", re.MULTILINE), "spdx-tags"),
    (
        re.compile(rb"""<(?:\w+:)?bom\b[^>]*\bxmlns(?::\w+)?\s*=\s*["']http://cyclonedx\.org/schema/bom/"""),
        "cyclonedx-xml",
    ),
    (re.compile(rb"<rdf:RDF\b[^>]*spdx\.org/rdf/terms", re.DOTALL), "spdx-rdf"),
    (re.compile(rb"<Document\b.*<spdxVersion>SPDX-", re.DOTALL), "spdx-xml"),
    (re.compile(rb'\A\s*\{\s*"SchemaVersion"\s*:\s*\d.*"(?:ArtifactName|ArtifactType|Results)"', re.DOTALL), "trivy"),
    # Syft says what it is at the end, behind all packages and files.
    (re.compile(rb'"schema"\s*:\s*\{[^{}]*/anchore/syft/[^{}]*\}'), "syft"),
)


def format_of(start: bytes, end: bytes = b"") -> str | None:
    """Return the format of the SBOM that begins with `start` and ends with `end`, or None where it is none."""
    # Encoders that sort keys write bomFormat first, but spdxVersion last.
    pieces = (start[:PEEK], end[-PEEK:])
    return next((name for piece in pieces for sign, name in _SIGNS if piece and sign.search(piece)), None)


def read_sbom(path: str, data: bytes) -> Sbom:
    """Return what the SBOM says, whichever format it has. Never raises for bad input."""
    name = format_of(data, data)
    if name is not None and name in _NOT_READ:
        return Sbom(unscanned=(Unscanned(path, _NOT_READ[name]),))
    if name is None:
        return Sbom(
            unscanned=(
                Unscanned(
                    path,
                    "is no SBOM that is known: CycloneDX as JSON or XML, SPDX as JSON or tag-value, and the JSON of Syft and "
                    "Trivy are",
                ),
            )
        )
    found: Sbom = import_module(f"seawall.formats.sbom.{_READERS[name]}").read(path, data)
    return found


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the packages of the SBOM, as every parser of packages does."""
    found = read_sbom(path, data)
    return ParsedPackages(found.packages, found.unscanned)
