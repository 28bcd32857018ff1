"""The images among the targets of a scan: opened, read layer by layer, and put together; their packages, and facts about them.

    read = read_images(["image.tar"], plan.fact_kinds, options)

An image that cannot be read is unscanned, and so is one of which nothing says what it is made of: it may hold anything.
"""

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

import msgspec

from seawall.facts import catalogue
from seawall.facts.image_base import NotTheBaseError
from seawall.facts.image_values import derive_image_files, derive_images
from seawall.facts.images import ImageInventory, assemble
from seawall.formats.oci import ImageFormatError, parse_platform
from seawall.model.errors import SourceError, UsageError
from seawall.model.fact import Fact
from seawall.model.finding import Target
from seawall.model.image import Image
from seawall.model.package import Package
from seawall.model.resource import Resource, Unscanned
from seawall.sources.detect import TargetKind, detect
from seawall.sources.files import show
from seawall.sources.images.local import LocalStore
from seawall.sources.images.open import open_image
from seawall.sources.images.port import ImageStore
from seawall.sources.images.read import read_description, read_image
from seawall.sources.images.rootfs import RootfsStore
from seawall.sources.manifests import ReadOptions
from seawall.stages.distribution_ends import read_distribution_ends

Progress = Callable[[str, int], None]

NO_PACKAGES = "nothing in the image says which packages it is made of, so what it holds was not held against advisories"


class ImagesRead(msgspec.Struct, frozen=True, kw_only=True):
    """What was read: `targets` are the images by the name that the user gave them, with kind and digest."""

    targets: dict[str, Target] = {}
    packages: list[Package] = []
    facts: list[Fact] = []
    unscanned: list[Unscanned] = []


def read_images(
    names: Iterable[str],
    kinds: Collection[str],
    options: ReadOptions,
    progress: Progress = lambda _what, _count: None,
    *,
    resources: Sequence[Resource] = (),
) -> ImagesRead:
    """Read the images `names`, and derive those of `kinds` that are about images, and about them and `resources` together.

    Raises `UsageError` for an image that does not exist, or a platform that is none.
    """
    result = ImagesRead()
    inventories: list[ImageInventory] = []
    for name in names:
        try:
            inventory = read_inventory(name, options, progress)
        except SourceError as error:
            remedy = f"; {error.remedy}" if error.remedy else ""
            result.unscanned.append(Unscanned(show(name), f"{error.message}{remedy}"))
            continue
        inventories.append(inventory)
        image = inventory.image
        result.targets[name] = Target(name=name, type=inventory.kind, digest=image.digest or image.config_digest)
        result.unscanned.extend(inventory.unscanned)
        packages = [
            package for package in inventory.packages if not (options.exclude_base and inventory.is_base(package))
        ]
        result.packages.extend(_with_build_lines(packages, inventory, options))
        if options.exclude_base:
            options.warn(f"{show(name)}: {_base_in_words(inventory)}")
        if not inventory.packages and not catalogue.PACKAGE_FACTS.isdisjoint(kinds):
            result.unscanned.append(Unscanned(show(name), NO_PACKAGES))
    if "Image" in kinds:
        result.facts.extend(derive_images(inventories, datetime.datetime.now(datetime.UTC), read_distribution_ends()))
    if "ImageFile" in kinds:
        result.facts.extend(derive_image_files(inventories))
    if not catalogue.SYSTEM_FACTS.isdisjoint(kinds) and resources:
        result.facts.extend(derive_system_facts(kinds, inventories, resources))
    if not catalogue.ADVICE_FACTS.isdisjoint(kinds):
        from seawall.stages.base_advice import derive  # most scans ask for none

        result.facts.extend(derive(inventories, kinds))
    if inventories and catalogue.BUILD_FACTS.isdisjoint(kinds):
        result.unscanned.extend(Unscanned(show(name), "no chosen rule looks at images") for name in result.targets)
    return result


def _with_build_lines(packages: list[Package], inventory: ImageInventory, options: ReadOptions) -> list[Package]:
    """Return `packages` with the line of the Dockerfile that brought each, where the image is scanned with it."""
    if options.tree is None or not options.tree.found:
        return packages
    from seawall.facts.build_lines import find_build_lines, with_build_lines
    from seawall.stages.dockerfiles import read_all

    lines = find_build_lines(read_all(options.tree.found), [use.instruction for use in inventory.layers])
    return with_build_lines(packages, lines)


def derive_system_facts(
    kinds: Collection[str], inventories: Sequence[ImageInventory], resources: Sequence[Resource]
) -> Iterator[Fact]:
    """Yield the facts of `kinds` that need images and resources together."""
    from seawall.facts.image_ports import IMAGE_PORTS, WORKLOAD_PORTS, derive_image_ports, derive_workload_ports
    from seawall.facts.pods import Scan

    scan = Scan(resources)
    if IMAGE_PORTS in kinds:
        yield from derive_image_ports(inventories, scan)
    if WORKLOAD_PORTS in kinds:
        yield from derive_workload_ports(inventories, scan)


def read_inventory(name: str, options: ReadOptions, progress: Progress = lambda _what, _count: None) -> ImageInventory:
    """Read the image `name` and put its layers together.

    Raises `UsageError` as `read_images` does, and `SourceError` where the image cannot be read.
    """
    try:
        platform = parse_platform(options.platform) if options.platform else None
    except ImageFormatError as error:
        raise UsageError(f"--platform: {error}") from None
    with _open(name, options) as store:
        read = read_image(
            store,
            platform,
            progress=lambda layer, _layers: progress("reading layers", layer),
            # What the base brought is told by diff ids: then they must be true.
            verify_diff_ids=options.verify_diff_ids or bool(options.base),
        )
        names = _names_of(store)
    read = msgspec.structs.replace(read, image=msgspec.structs.replace(read.image, names=names))
    base = _read_base(options, read.image) if options.base else None
    try:
        return assemble(read, base)
    except NotTheBaseError as error:
        raise UsageError(str(error), remedy="name the image that its Dockerfile begins FROM, as it was then") from None


def _names_of(store: ImageStore | RootfsStore) -> tuple[str, ...]:
    """Return the references that stand for the image of `store`."""
    named = (store.name,) if store.kind == "image" else ()
    return (*named, *(store.names if isinstance(store, LocalStore) else ()))


def _read_base(options: ReadOptions, image: Image) -> Image:
    """Return what the base image says of itself, for the platform of `image`; no layer of it is read."""
    with _open(options.base, options) as store:
        if isinstance(store, RootfsStore):
            raise UsageError(f"--base: {show(options.base)!r} is a root file system, which has no layers")
        return read_description(store, image.platform)


def _open(name: str, options: ReadOptions) -> ImageStore | RootfsStore:
    if detect(name) is not TargetKind.IMAGE:
        return open_image(name)
    from seawall.sources.images.elsewhere import open_elsewhere
    from seawall.sources.registry.settings import choose_settings  # TLS, only where something is pulled

    settings = choose_settings(
        insecure=options.insecure_registries,
        certificate_authority=options.registry_ca,
        mirrors=options.registry_mirrors,
    )
    return open_elsewhere(name, settings)


def _base_in_words(inventory: ImageInventory) -> str:
    """Return what ``--exclude-base`` left out: mostly the history tells the base, which is a guess."""
    base = inventory.base
    if not base.layers:
        return "nothing tells its base image, and nothing is left out"
    layers = "its lowest layer is" if base.layers == 1 else f"its {base.layers} lowest layers are"
    guess = ", as its history suggests" if base.known_by == "history" else ""
    return f"{layers} left out as the base image{guess}"
