"""Trivy's own JSON (``trivy … --format json --list-all-pkgs``, schema 2): the packages of its results.

What Trivy found wrong with them is not taken over: Seawall holds the packages against advisories itself. A result that names
flaws but not its packages is a part that nobody listed, and is said.
"""

from typing import Any

from seawall.formats.lockfile_text import decode_json
from seawall.formats.package_list import MalformedError
from seawall.formats.sbom import names
from seawall.formats.sbom.components import Component
from seawall.formats.sbom.document import Lines, Sbom, SbomDocument, read_document
from seawall.formats.sbom.purls import named_distro
from seawall.formats.untyped import flag, rows, table, tables, text, texts
from seawall.model.inventory import Subject

SCHEMA = 2
_SOURCE = ("SrcName", "SrcVersion", "SrcRelease")
_DIRECT = {"direct": "true", "indirect": "false"}
_IMAGE = "container_image"


def read(path: str, data: bytes) -> Sbom:
    """Return what the report says. Never raises for bad input."""
    return read_document(path, data, _read)


def _read(document: SbomDocument, data: bytes) -> None:
    value = table(decode_json(data))
    if value.get("SchemaVersion") != SCHEMA:
        raise MalformedError(f"is a report of Trivy in a schema that is not read; {SCHEMA} is (Trivy 0.20 and later)")
    metadata = table(value, "Metadata")
    document.subject = _subject(value, metadata)
    document.distro = named_distro(text(metadata, "OS", "Family"), text(metadata, "OS", "Name"))
    lines = Lines(data)
    for number, result in enumerate(document.items(value, "Results")):
        packages = list(document.items(result, "Packages"))
        if not packages and rows(result, "Vulnerabilities"):
            document.refuse(
                f"names flaws of {text(result, 'Target')[:200]!r} but not its packages: write the report with --list-all-pkgs"
            )
        _add_packages(document, result, packages, number, lines)


def _subject(value: dict[str, Any], metadata: dict[str, Any]) -> Subject | None:
    name = text(value, "ArtifactName")
    if not name:
        return None
    image = text(value, "ArtifactType") == _IMAGE
    digest = next(iter(texts(metadata, "RepoDigests")), "").rpartition("@")[2] or text(metadata, "ImageID")
    return Subject(
        name=name,
        kind="image" if image else "sbom",
        digest=digest if image and digest.startswith("sha256:") else "",
        created=text(metadata, "ImageConfig", "created"),
    )


def _add_packages(
    document: SbomDocument, result: dict[str, Any], packages: list[dict[str, Any]], number: int, lines: Lines
) -> None:
    # A lock file is the target itself; what is installed has its own path, and a target such as "Node.js" is no file.
    target = text(result, "Target")
    lock_file = target if text(result, "Class") == "lang-pkgs" and "." in target.rpartition("/")[2] else ""
    refs: dict[str, str] = {}
    for at, item in enumerate(packages):
        ref = f"{number}:{at}"
        refs.setdefault(text(item, "ID"), ref)
        document.add(_component(item, ref, text(item, "FilePath") or lock_file, lines))
    for at, item in enumerate(packages):
        for below in texts(item, "DependsOn"):
            if below in refs:
                document.require(f"{number}:{at}", refs[below])


def _component(item: dict[str, Any], ref: str, file: str, lines: Lines) -> Component:
    purl = text(item, "Identifier", "PURL")
    properties = {f"aquasecurity:trivy:{key}": text(item, key) for key in _SOURCE}
    properties["aquasecurity:trivy:SrcEpoch"] = _epoch(item, "SrcEpoch")
    properties["aquasecurity:trivy:LayerDiffID"] = text(item, "Layer", "DiffID")
    properties[names.DIRECT] = _DIRECT.get(text(item, "Relationship"), "")
    return Component(
        ref=ref,
        purl=purl,
        name=text(item, "Name"),
        version=_version(item),
        licences=tuple(texts(item, "Licenses")),
        scope="dev" if flag(item, "Dev") else "",
        file=file if file != "." else "",
        file_line=_line(item),
        # Go's encoder writes & as \u0026: what stands before the first one is enough to find the place.
        line=lines.find(purl.partition("&")[0]),
        properties=properties,
    )


def _version(item: dict[str, Any]) -> str:
    version, release, epoch = text(item, "Version"), text(item, "Release"), _epoch(item, "Epoch")
    if version and release:
        version = f"{version}-{release}"
    return f"{epoch}:{version}" if version and epoch else version


def _epoch(item: dict[str, Any], key: str) -> str:
    number = item.get(key)
    return str(number) if isinstance(number, int) and not isinstance(number, bool) and 0 < number < 1 << 31 else ""


def _line(item: dict[str, Any]) -> int:
    number = next(iter(tables(item, "Locations")), {}).get("StartLine")
    return number if isinstance(number, int) and not isinstance(number, bool) and 0 < number < 1 << 31 else 0
