"""The packages of a target: the one way from what a user names to an inventory, for ``seawall sbom`` and ``seawall scan``.

    inventory = collect_packages("examples/shop")     # a directory: its lock files
    inventory = collect_packages("poetry.lock")       # a lock file
    inventory = collect_packages("sbom.cdx.json")     # an SBOM
    inventory = collect_packages("alpine:3.20")       # an image

What could not be read is in `Inventory.unscanned`, and a gate fails for it.
"""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from seawall.facts.inventory import merge
from seawall.formats.package_list import MAX_BYTES
from seawall.model.errors import UsageError
from seawall.model.inventory import Inventory, Subject
from seawall.model.package import ParsedPackages
from seawall.model.resource import Unscanned
from seawall.sources.detect import IMAGES, TargetKind, detect
from seawall.sources.files import load_whole, show
from seawall.sources.lock_files import MAX_LOCK_FILE, lock_kind, parse_lock_file, read_lock_files

if TYPE_CHECKING:
    from seawall.sources.manifests import ReadOptions


def collect_packages(target: str, *, respect_ignores: bool = True, reading: "ReadOptions | None" = None) -> Inventory:
    """Return what is known of the packages of `target`: a directory, a lock file, an SBOM or an image.

    Packages stand in the order of their files, each once a file. Raises `UsageError` for a target that does not exist or that
    says nothing of packages, `SourceError` for an image that cannot be read. `reading` says how images are.
    """
    kind = detect(target)
    if kind in IMAGES:
        return _of_image(target, reading)
    if kind is TargetKind.SBOM:
        return _of_sbom(target)
    if os.path.isdir(target):
        return _of_directory(target, respect_ignores=respect_ignores)
    return _of_file(target)


def _of_image(name: str, reading: "ReadOptions | None") -> Inventory:
    from seawall.sources.manifests import ReadOptions
    from seawall.stages.images import read_inventory

    found = read_inventory(name, reading or ReadOptions())
    image = found.image
    subject = Subject(
        name=show(name) if detect(name) is TargetKind.IMAGE else _name_of(name),
        kind=found.kind,
        root=f"{image.name}!",
        digest=image.digest or image.config_digest,
        created=image.created,
    )
    return Inventory(subject=subject, packages=found.packages, unscanned=found.unscanned, distro=found.distro)


def _of_sbom(path: str) -> Inventory:
    from seawall.formats.sbom import read_sbom

    root = f"{show(path)}!"
    subject = Subject(name=_name_of(path), kind="sbom", root=root)
    file = load_whole(path, show(path), most=MAX_BYTES, explicit=True)
    if isinstance(file, Unscanned):
        return Inventory(subject=subject, unscanned=(file,))
    found = read_sbom(file.path, file.data)
    if found.subject is not None:
        subject = msgspec.structs.replace(found.subject, root=root)
    return Inventory(subject=subject, packages=found.packages, unscanned=found.unscanned, distro=found.distro)


def _of_directory(directory: str, *, respect_ignores: bool) -> Inventory:
    subject = Subject(name=_name_of(directory), kind="directory", root=show(directory).rstrip("/"))
    return _inventory(subject, read_lock_files(directory, respect_ignores=respect_ignores))


def _of_file(path: str) -> Inventory:
    kind = lock_kind(os.path.abspath(path))
    if kind is None:
        raise UsageError(
            f"{show(path)!r} says nothing of packages by its name",
            remedy="name a directory, a lock file, an SBOM or an image",
        )
    subject = Subject(name=_name_of(path), kind="file", root=show(os.path.dirname(path)))
    file = load_whole(path, show(path), most=MAX_LOCK_FILE, explicit=True)
    if isinstance(file, Unscanned):
        return Inventory(subject=subject, unscanned=(file,))
    return _inventory(subject, [parse_lock_file(kind, path, file)])


def _name_of(path: str) -> str:
    """Return what people call `path`, wherever it stands: an SBOM must not differ by where it was made."""
    return show(os.path.basename(os.path.realpath(path))) or "/"


def _inventory(subject: Subject, parsed: Iterable[ParsedPackages]) -> Inventory:
    parsed = list(parsed)
    return Inventory(
        subject=subject,
        packages=merge(package for file in parsed for package in file.packages),
        unscanned=tuple(problem for file in parsed for problem in file.unscanned),
    )
