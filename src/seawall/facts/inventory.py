"""Which packages are there, and what brings them in? (fact ``Package``)

Packages are read from lockfiles and from what is installed in an image; several parsers may name the same one. `merge` makes one
of those that are the same at the same place, `derive_packages` makes facts of them, and `chains` says who brings each in.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from seawall.model import finding
from seawall.model.fact import Fact
from seawall.model.field_path import FieldPath
from seawall.model.package import Package
from seawall.model.resource import Location, Place, Resource, ResourceRef

KIND = "Package"
API_VERSION = "seawall.dev/v1"

MAX_CHAIN = 64
"""Longest chain that is told; real ones have about ten links."""

_SCOPES = ("", "optional", "dev")  # from what weighs most


class PackageOrigin(msgspec.Struct, frozen=True):
    """The line of a file that names a package. A file without lines is pointed to at its beginning."""

    path: str
    line: int

    def locate(self, field: FieldPath) -> Place:
        """Return that line, whatever `field`: the file says all of the package there."""
        line = max(self.line, 1)
        return Place(Location(self.path, line, 1, line, 1), None, "")


def merge(packages: Iterable[Package]) -> list[Package]:
    """Return `packages` in their order, those with the same purl, path and image layer as one, where the first stands.

    It is direct when one of them is, and has the scope that weighs most; licences and parents are joined; other fields are those
    of the first that has them.
    """
    merged: dict[tuple[str, str, str], Package] = {}
    for package in packages:
        key = (package.purl, package.path, package.image_layer)
        known = merged.get(key)
        merged[key] = package if known is None else _join(known, package)
    return list(merged.values())


def _join(first: Package, second: Package) -> Package:
    if first == second:
        return first
    stated = [flag for flag in (first.direct, second.direct) if flag is not None]
    return msgspec.structs.replace(
        first,
        distro=first.distro or second.distro,
        source_name=first.source_name or second.source_name,
        source_version=first.source_version or second.source_version,
        architecture=first.architecture or second.architecture,
        licences=tuple(dict.fromkeys(first.licences + second.licences)),
        line=first.line or second.line,
        direct=any(stated) if stated else None,
        parents=tuple(dict.fromkeys(first.parents + second.parents)),
        instruction=first.instruction or second.instruction,
        build_line=first.build_line or second.build_line,
        scope=min(first.scope, second.scope, key=lambda scope: _SCOPES.index(scope) if scope in _SCOPES else 0),
    )


def chains(packages: Iterable[Package]) -> dict[str, tuple[str, ...]]:
    """Return, for each purl of one file's `packages`, the purls from what is required directly down to it: the shortest way.

    Where the file does not say what is direct, a chain begins with a package that nothing requires. One in a circle that nothing
    leads into stands alone. Of a chain longer than `MAX_CHAIN` the links next to the package are told.
    """
    known = {package.purl: package for package in packages}
    children: dict[str, list[str]] = {}
    for package in known.values():
        for parent in package.parents:
            children.setdefault(parent, []).append(package.purl)
    found: dict[str, tuple[str, ...]] = {
        package.purl: (package.purl,) for package in known.values() if package.direct or not package.parents
    }
    pending = deque(found)
    while pending:
        above = pending.popleft()
        for purl in children.get(above, ()):
            if purl not in found:
                found[purl] = (*found[above][1 - MAX_CHAIN :], purl)
                pending.append(purl)
    return {purl: found.get(purl, (purl,)) for purl in known}


def derive_packages(packages: Iterable[Package]) -> Iterator[Fact]:
    """Yield a fact for each of `packages`, merged, in their order."""
    merged = merge(packages)
    files: dict[str, list[Package]] = {}
    for package in merged:
        files.setdefault(package.path, []).append(package)
    told = {path: chains(inside) for path, inside in files.items()}
    for package in merged:
        value = package_value(package, told[package.path][package.purl])
        ref = ResourceRef(API_VERSION, KIND, "", package.purl)
        yield Fact(
            KIND,
            Resource(ref, value, PackageOrigin(package.path, package.line)),
            value,
            {},
            identity=unversioned(package),
            package=about_package(package),
        )


def package_value(package: Package, chain: Sequence[str]) -> dict[str, Any]:
    """Return what rules see of `package`; `chain` is that of `chains`."""
    value: dict[str, Any] = msgspec.to_builtins(package)
    del value["direct"]
    value["required"] = "unknown" if package.direct is None else "directly" if package.direct else "indirectly"
    value["chain"] = list(chain)
    return value


def about_package(package: Package, fixed: str | None = None) -> finding.Package:
    """Return what a finding says of `package`; `fixed` is the version without the flaw that it is about."""
    return finding.Package(
        purl=package.purl,
        name=package.name,
        version=package.version,
        fixed_version=fixed,
        direct=package.direct,
        image_layer=package.image_layer or None,
        path=package.path,
        build_line=package.build_line or msgspec.UNSET,
    )


def unversioned(package: Package) -> str:
    """Return what tells a package from all others whatever its version: the beginning of its purl."""
    head, _, _ = package.purl.partition("?")
    name, at, version = head.rpartition("@")
    return name if at and "/" not in version else head
