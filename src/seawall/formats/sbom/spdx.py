"""SPDX 2.2 and 2.3 JSON: of Seawall, Syft, Trivy and every other tool. Tag-value becomes the same form before it comes here."""

import re
from collections.abc import Iterator
from typing import Any

from seawall.formats.lockfile_text import decode_json
from seawall.formats.package_list import MalformedError
from seawall.formats.sbom import names
from seawall.formats.sbom.components import Component
from seawall.formats.sbom.document import LINE, Lines, Sbom, SbomDocument, read_document
from seawall.formats.untyped import table, tables, text, texts
from seawall.model.inventory import Subject

VERSIONS = frozenset(("SPDX-2.1", "SPDX-2.2", "SPDX-2.3"))
SPDX_3 = "is SPDX 3, which is not read yet: write SPDX 2.3 or CycloneDX, which every tool can"
_DEPENDENCY_OF = {
    "DEPENDENCY_OF": "",
    "RUNTIME_DEPENDENCY_OF": "",
    "PROVIDED_DEPENDENCY_OF": "",
    "BUILD_DEPENDENCY_OF": "dev",
    "DEV_DEPENDENCY_OF": "dev",
    "TEST_DEPENDENCY_OF": "dev",
    "OPTIONAL_DEPENDENCY_OF": "optional",
}
_NOTHING = frozenset(("", "NOASSERTION", "NONE"))
_ACQUIRED = re.compile(r"acquired package info from [^:]{1,100}: (.+)")
_BUILT = re.compile(r"built package from: (\S+) (\S+)")
_TRIVY_TEXT = re.compile(r"([A-Z][A-Za-z0-9]*): (.*)", re.DOTALL)


def read(path: str, data: bytes) -> Sbom:
    """Return what the document says. Never raises for bad input."""
    return read_document(path, data, _read)


def _read(document: SbomDocument, data: bytes) -> None:
    value = table(decode_json(data))
    if "@graph" in value or "@context" in value:
        raise MalformedError(SPDX_3)
    read_value(document, value, Lines(data))


def read_value(document: SbomDocument, value: dict[str, Any], lines: Lines | None) -> None:
    """Add what the decoded document `value` says to `document`. Without `lines` each package has its own in `LINE`."""
    version = text(value, "spdxVersion")
    if version.startswith("SPDX-3"):
        raise MalformedError(SPDX_3)
    if version not in VERSIONS:
        raise MalformedError(f"is {version[:20] or 'SPDX of no version'}, which is not read; SPDX-2.2 and SPDX-2.3 are")
    relations = list(_relations(value))
    packages = list(document.items(value, "packages"))
    described = texts(value, "documentDescribes")
    described += [below for above, kind, below in relations if kind == "DESCRIBES" and above == "SPDXRef-DOCUMENT"]
    described += [above for above, kind, below in relations if kind == "DESCRIBED_BY" and below == "SPDXRef-DOCUMENT"]
    # One thing that is described is what the SBOM is of; of several, or of one alone, each is a package (but our own target).
    alone = len(packages) == 1 and names.KIND not in _properties(packages[0])
    target = described[0] if len(set(described)) == 1 and not alone else ""
    named = {text(item, "licenseId"): _licence_name(item) for item in tables(value, "hasExtractedLicensingInfos")}
    scopes = {above: _DEPENDENCY_OF[kind] for above, kind, _ in relations if kind in _DEPENDENCY_OF}
    for item in packages:
        component = _component(item, named, lines)
        component.scope = scopes.get(component.ref, "")
        if target and component.ref == target:
            _read_subject(document, component, text(value, "creationInfo", "created"))
            continue
        document.add(component)
    if document.ours and text(value, "comment").startswith(names.INCOMPLETE):
        document.refuse_incomplete()
    for above, kind, below in relations:
        if kind == "DEPENDS_ON":
            document.require(above, below)
        elif kind in _DEPENDENCY_OF:
            document.require(below, above)
        elif kind == "CONTAINS":
            document.contain(above, below)
        elif kind == "CONTAINED_BY":
            document.contain(below, above)


def _relations(value: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for item in tables(value, "relationships"):
        yield text(item, "spdxElementId"), text(item, "relationshipType"), text(item, "relatedSpdxElement")


def _read_subject(document: SbomDocument, component: Component, created: str) -> None:
    kind = component.properties.get(names.KIND, "")
    document.ours = bool(kind)
    document.root(component.ref)
    document.subject = Subject(
        name=component.name,
        kind=kind or ("image" if component.kind == "container" else "sbom"),
        digest=component.version if component.version.startswith("sha256:") else "",
        created="" if created == "1970-01-01T00:00:00Z" else created,
    )


def _component(item: dict[str, Any], named: dict[str, str], lines: Lines | None) -> Component:
    purl = next(
        (text(ref, "referenceLocator") for ref in tables(item, "externalRefs") if text(ref, "referenceType") == "purl"),
        "",
    )
    properties = _properties(item)
    ref = text(item, "SPDXID")
    kind = text(item, "primaryPackagePurpose").lower().replace("_", "-")
    if not kind:
        # Before 2.3 there was no purpose; Trivy told it by the identifier.
        kind = {"SPDXRef-OperatingSystem": "operating-system", "SPDXRef-Application": "application"}.get(
            ref.rpartition("-")[0], "library"
        )
    if kind == "application" and ref.startswith("SPDXRef-Application-"):
        properties.setdefault("aquasecurity:trivy:Class", "lang-pkgs")
    written = item.get(LINE) if lines is None else lines.find(purl.partition("&")[0])
    at = properties.get(names.LINE, "")
    return Component(
        ref=ref,
        kind=kind,
        purl=purl,
        name=text(item, "name"),
        version=text(item, "versionInfo"),
        description=text(item, "description"),
        licences=tuple(_licences(item, named, whole=names.ONE_LICENCE in properties)),
        file=_file(text(item, "sourceInfo")),
        file_line=int(at) if at.isascii() and at.isdigit() and len(at) < 10 else 0,
        line=written if isinstance(written, int) else 0,
        properties=properties,
    )


def _properties(item: dict[str, Any]) -> dict[str, str]:
    """Return what tools say in annotations (Seawall, Trivy), in texts of attribution (Trivy before) and of the source."""
    found: dict[str, str] = {}
    comments = [text(entry, "comment") for entry in tables(item, "annotations")]
    for comment in (*comments, *texts(item, "attributionTexts")):
        if comment.startswith("seawall:"):
            for line in comment.split("\n"):
                key, _, value = line.partition("=")
                found.setdefault(key, names.unescape(value))
        elif trivy := _TRIVY_TEXT.fullmatch(comment):
            found.setdefault(f"aquasecurity:trivy:{trivy[1]}", trivy[2])
    if built := _BUILT.fullmatch(text(item, "sourceInfo")):
        found.setdefault("aquasecurity:trivy:SrcName", built[1])
        found.setdefault("aquasecurity:trivy:SrcVersion", built[2])
    return found


def _file(source_info: str) -> str:
    acquired = _ACQUIRED.match(source_info)
    return acquired[1].partition(", ")[0] if acquired else ""


def _licence_name(item: dict[str, Any]) -> str:
    name = text(item, "name")
    return text(item, "extractedText") if name in _NOTHING else name


def _licences(item: dict[str, Any], named: dict[str, str], *, whole: bool) -> Iterator[str]:
    stated = text(item, "licenseDeclared")
    if stated in _NOTHING:
        stated = text(item, "licenseConcluded")
    if stated in _NOTHING:
        return
    for part in [stated] if whole else split_conjunction(stated):
        yield named.get(part) or part


def split_conjunction(expression: str) -> list[str]:
    """Return the parts of ``(A OR B) AND C``: ``A OR B``, ``C``. What is no conjunction at its top is one part."""
    parts, depth, start = [], 0, 0
    for found in re.finditer(r"\(|\)| AND | OR ", expression):
        if found[0] == "(":
            depth += 1
        elif found[0] == ")":
            depth -= 1
        elif depth == 0 and found[0] == " OR ":
            return [expression]
        elif depth == 0:
            parts.append(expression[start : found.start()])
            start = found.end()
    parts.append(expression[start:])
    return [_unwrapped(part.strip()) for part in parts] if len(parts) > 1 else [expression]


def _unwrapped(part: str) -> str:
    """Return `part` without the parentheses around all of it."""
    if not part.startswith("("):
        return part
    depth = 0
    for at, character in enumerate(part):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return part[1:at] if at == len(part) - 1 else part
    return part
