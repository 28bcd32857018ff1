"""What both formats of an SBOM need of an inventory: a name for each package that is its own, and who requires whom."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from seawall.formats.sbom import names
from seawall.formats.sbom.purls import describe
from seawall.model.inventory import Inventory, Subject
from seawall.model.package import Package

_SURROGATES = re.compile("[\ud800-\udfff]")
_IMAGES = ("image", "oci-", "docker-")


class Entry(msgspec.Struct, frozen=True):
    """A package with its reference in the document, where it stands below the target, and the references that it requires."""

    ref: str
    package: Package
    file: str
    requires: tuple[str, ...]


def entries(inventory: Inventory) -> list[Entry]:
    """Return the packages in the order of purl, file and layer. A reference is the purl, longer where one is there twice."""
    placed = sorted(
        ((_below(inventory.subject, package.path), package) for package in inventory.packages),
        key=lambda one: (one[1].purl, one[0], one[1].image_layer, one[1].line),
    )
    files, packages = [file for file, _ in placed], [package for _, package in placed]
    refs: list[str] = []
    taken: set[str] = set()
    by_file: dict[tuple[str, str], str] = {}
    for package, file in zip(packages, files, strict=True):
        ref, number = package.purl, 1
        for more in (file, package.image_layer):
            if ref in taken and more:
                ref += f"#{more}"
        base = ref
        while ref in taken:
            number += 1
            ref = f"{base}#{number}"
        taken.add(ref)
        refs.append(ref)
        by_file.setdefault((package.purl, package.path), ref)
    required: dict[str, list[str]] = {}
    for package, ref in zip(packages, refs, strict=True):
        for parent in package.parents:
            above = by_file.get((parent, package.path))
            if above is not None and parent != package.purl:
                required.setdefault(above, []).append(ref)
    return [
        Entry(ref, package, file, tuple(dict.fromkeys(required.get(ref, ()))))
        for ref, package, file in zip(refs, packages, files, strict=True)
    ]


def properties(package: Package) -> list[tuple[str, str]]:
    """Return what an SBOM's own words do not say of `package`, in a fixed order; what its purl says is not said again."""
    told = describe(package.purl)
    said = (
        (names.ECOSYSTEM, package.ecosystem if package.ecosystem != told.ecosystem else ""),
        (names.DISTRO, package.distro if package.distro != told.distro else ""),
        (names.ARCHITECTURE, package.architecture if package.architecture != told.architecture else ""),
        (names.SOURCE_NAME, package.source_name),
        (names.SOURCE_VERSION, package.source_version),
        (names.DIRECT, "" if package.direct is None else str(package.direct).lower()),
        (names.SCOPE, package.scope),
        (names.LAYER, package.image_layer),
        (names.INSTRUCTION, package.instruction),
    )
    return [(name, clean(value)) for name, value in said if value]


def is_image(subject: Subject) -> bool:
    """Tell whether the target is a container image."""
    return subject.kind.startswith(_IMAGES)


def direct_refs(found: Iterable[Entry]) -> list[str]:
    """Return the references of what the target requires directly."""
    return [entry.ref for entry in found if entry.package.direct]


def timestamp(text: str) -> str:
    """Return an RFC 3339 time as both formats take it (``2024-05-01T12:00:00Z``); empty where `text` is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment.year > 1 else ""


def clean(text: str) -> str:
    """Return `text` with what UTF-8 cannot carry replaced: names of files are bytes."""
    return _SURROGATES.sub("\ufffd", text)


def digest_of(pieces: Sequence[bytes]) -> str:
    """Return the SHA-256 of `pieces` in hex."""
    whole = hashlib.sha256()
    for piece in pieces:
        whole.update(piece)
    return whole.hexdigest()


def _below(subject: Subject, path: str) -> str:
    """Return where `path` is below the target; nothing for the target itself (an SBOM that names no file of a package)."""
    if path == subject.root.removesuffix("!"):
        return ""
    return clean(path.removeprefix(f"{subject.root}/") if subject.root else path).lstrip("/")
