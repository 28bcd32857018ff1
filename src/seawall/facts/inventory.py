"""Which packages are there, and what brings them in? (fact ``Package``)

Packages are read from lockfiles and from what is installed in an image; several parsers may name the same one. `merge` makes one
of those that are the same at the same place, `derive_packages` makes facts of them, and `chain` says who brings one in.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from seawall.model.fact import Fact
from seawall.model.field_path import FieldPath
from seawall.model.package import Package
from seawall.model.resource import Location, Place, Resource, ResourceRef

KIND = "Package"
API_VERSION = "seawall.dev/v1"

MAX_CHAIN = 64
"""Longest chain that is told; real ones have about ten links."""

MAX_VISITED = 2000
"""Most packages that are looked at for one chain, a bound on time where a file does not say what is direct."""

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
        scope=min(first.scope, second.scope, key=lambda scope: _SCOPES.index(scope) if scope in _SCOPES else 0),
    )


def by_path(packages: Iterable[Package]) -> dict[str, dict[str, Package]]:
    """Return the packages of each file by purl, as `chain` wants them."""
    found: dict[str, dict[str, Package]] = {}
    for package in packages:
        found.setdefault(package.path, {})[package.purl] = package
    return found


def chain(package: Package, siblings: Mapping[str, Package]) -> tuple[str, ...]:
    """Return the purls from what is required directly down to `package`, the shortest way that its file tells.

    `siblings` are the packages of the same file by purl. Where the file does not say what is direct, the chain begins with one
    that nothing requires. A circle that nothing leads into, or a tangle of thousands, gives the
    package alone.
    """
    before: dict[str, str] = {package.purl: ""}
    pending = deque([package])
    while pending:
        current = pending.popleft()
        if current.direct or not current.parents:
            links = [current.purl]
            while before[links[-1]] and len(links) < MAX_CHAIN:
                links.append(before[links[-1]])
            return tuple(links)
        if len(before) > MAX_VISITED:
            break
        for purl in current.parents:
            if purl not in before and purl in siblings:
                before[purl] = current.purl
                pending.append(siblings[purl])
    return (package.purl,)


def derive_packages(packages: Iterable[Package]) -> Iterator[Fact]:
    """Yield a fact for each of `packages`, merged, in their order."""
    merged = merge(packages)
    files = by_path(merged)
    for package in merged:
        value: dict[str, Any] = msgspec.to_builtins(package)
        del value["direct"]
        value["required"] = "unknown" if package.direct is None else "directly" if package.direct else "indirectly"
        value["chain"] = list(chain(package, files[package.path]))
        ref = ResourceRef(API_VERSION, KIND, "", package.purl)
        yield Fact(KIND, Resource(ref, value, PackageOrigin(package.path, package.line)), value, {})
