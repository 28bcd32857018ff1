"""What is in an image at the end, and which layer and instruction brought it? The layers of an image, put together.

    inventory = assemble(read)
    for package in inventory.packages: ...

A file counts when no layer above deletes or replaces it (`facts.layer_stack`). A package database is written anew by every layer
that installs something, and lists all again: a package belongs to the first layer since which its database lists that same purl
without a break. A package that the distribution installed as a part of one of its own (a Python module, a Go program) is in
`parts`: the distribution's advisories speak of it, and its upstream version tells nothing of what they fixed.

Paths in `packages` and `unscanned` begin with the image's name, as in ``app.tar!/var/lib/dpkg/status``; those of files,
programs and scripts do not.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec

from seawall.facts.image_base import Base, find_base
from seawall.facts.layer_stack import Cover, Resolve, resolvers
from seawall.facts.leftovers import Leftover, Leftovers
from seawall.formats.build_steps import hide_secrets, instruction_of
from seawall.formats.packages.distributions import OF_DISTRIBUTIONS, ecosystem_of, place
from seawall.formats.packages.os_release import parse_os_release
from seawall.model.file_table import FILE
from seawall.model.image import Image, ImageLayer
from seawall.model.image_contents import LayerContents, LayerFile, PackageFile, Program, ReadImage, Script, Source
from seawall.model.package import Distro, Package
from seawall.model.resource import Unscanned

MAX_WASTED = 3
"""How many of the largest deleted files of a layer are named."""

_OS_RELEASE = ("etc/os-release", "usr/lib/os-release")

Entry = TypeVar("Entry", PackageFile, LayerFile, Program, Script, Source)


class PlacedFile(msgspec.Struct, frozen=True):
    """A file that stands out, and the number of the layer that it is from."""

    file: LayerFile
    layer: int


class LayerUse(msgspec.Struct, frozen=True, kw_only=True):
    """What a layer adds: `content` bytes of files in `files` files, of which layers above hide `wasted` bytes in `wasted_files`.

    `largest` are the paths of the largest hidden ones. `in_base`: it is the base image's. `read` is False for one that was not.
    """

    layer: ImageLayer
    instruction: str
    in_base: bool
    read: bool
    content: int = 0
    files: int = 0
    wasted: int = 0
    wasted_files: int = 0
    largest: tuple[str, ...] = ()


class ImageInventory(msgspec.Struct, frozen=True, kw_only=True):
    """An image with its layers put together; see above. `distro` is None where no os-release says it.

    `package_layers` has the number of the layer that brought a package, by its purl and path. `contents` are the layers as they
    were read, for what needs more than this (`facts.image_tree`).
    """

    image: Image
    kind: str
    base: Base
    distro: Distro | None
    packages: tuple[Package, ...]
    parts: tuple[Package, ...]
    package_layers: Mapping[tuple[str, str], int]
    layers: tuple[LayerUse, ...]
    files: tuple[PlacedFile, ...]
    programs: tuple[Program, ...]
    scripts: tuple[Script, ...]
    sources: tuple[Source, ...]
    texts: Mapping[str, bytes]
    unscanned: tuple[Unscanned, ...]
    leftovers: tuple[Leftover, ...] = ()
    contents: tuple[LayerContents | None, ...] = ()

    def is_base(self, package: Package) -> bool:
        """Tell whether the base image brought `package` (for ``--exclude-base``). False where the base is not known."""
        return self.package_layers.get((package.purl, package.path), self.base.layers + 1) <= self.base.layers


def assemble(read: ReadImage, base: Image | None = None) -> ImageInventory:
    """Put the layers of `read` together. `base` is its base image, where it was told.

    Raises `NotTheBaseError`.
    """
    image, layers = read.image, read.contents
    found_base = find_base(image, base)
    stack = _Stack(image, layers)
    distro = next(
        (known for path in _OS_RELEASE if (known := parse_os_release(stack.texts.get(path, b""))) is not None), None
    )
    packages: list[Package] = []
    parts: list[Package] = []
    covered = distro is not None and bool(ecosystem_of(distro))
    numbers: dict[tuple[str, str], int] = {}
    for number, package_file in stack.packages:
        brought = _first_layers(stack.databases[package_file.path], number)
        # A package may stand in its database twice, for two architectures or in two archives of one.
        for package, placed in zip(package_file.packages, place(package_file.packages, distro), strict=True):
            at = brought.get(package.purl, number)
            layer = image.layers[at - 1]
            told = msgspec.structs.replace(
                placed,
                path=_inside(image.name, package.path),
                image_layer=layer.diff_id,
                instruction=_shown(layer),
            )
            (parts if package_file.owner and covered else packages).append(told)
            numbers[told.purl, told.path] = at
    unscanned = [*read.unscanned, *stack.unscanned]
    nameless = sum(package.purl.startswith(OF_DISTRIBUTIONS) for package in packages) if distro is None else 0
    if nameless:
        reason = f"has {nameless:,} packages of a distribution, and no etc/os-release that says which: no advisory can be matched"
        unscanned.append(Unscanned(image.name, reason))
    return ImageInventory(
        image=image,
        kind=read.kind,
        base=found_base,
        distro=distro,
        packages=tuple(packages),
        parts=tuple(parts),
        package_layers=numbers,
        layers=tuple(stack.uses(found_base)),
        files=tuple(PlacedFile(file, number) for number, file in stack.files),
        programs=tuple(program for _, program in stack.programs),
        scripts=tuple(script for _, script in stack.scripts),
        sources=tuple(source for _, source in stack.sources),
        texts=stack.texts,
        unscanned=tuple(unscanned),
        leftovers=stack.leftovers.found(),
        contents=tuple(layers),
    )


def _shown(layer: ImageLayer) -> str:
    """Return the instruction that made `layer`, for reports and SBOMs: whoever reads those need not know its secrets."""
    return hide_secrets(instruction_of(layer.step.instruction)) if layer.step is not None else ""


def _inside(name: str, path: str) -> str:
    return f"{name}!/{path}"


def _first_layers(versions: Sequence[tuple[int, PackageFile | None]], last: int) -> dict[str, int]:
    """Return, for each purl of the last version of a database, the number of the layer since which it stands there."""
    known: dict[str, int] = {}
    for number, version in versions:
        if number > last:
            break
        purls = {package.purl for package in version.packages} if version is not None else set[str]()
        known = {purl: known.get(purl, number) for purl in purls}
    return known


class _Stack:
    """Goes through the layers from the top down and keeps what nothing above hides."""

    def __init__(self, image: Image, layers: Sequence[LayerContents | None]) -> None:
        self._image = image
        self._layers = layers
        self._waste: dict[int, tuple[int, int, tuple[str, ...]]] = {}
        self.packages: list[tuple[int, PackageFile]] = []
        self.files: list[tuple[int, LayerFile]] = []
        self.programs: list[tuple[int, Program]] = []
        self.scripts: list[tuple[int, Script]] = []
        self.sources: list[tuple[int, Source]] = []
        self.texts: dict[str, bytes] = {}
        self.unscanned: list[Unscanned] = []
        self.leftovers = Leftovers()
        self.databases: dict[str, list[tuple[int, PackageFile | None]]] = {}
        """Every version of a package file by its path, hidden ones too, the lowest first; None: the layer deletes it."""
        resolved = resolvers(layers)
        cover = Cover()
        for number in range(len(layers), 0, -1):
            contents = layers[number - 1]
            if contents is not None:
                top = all(above is None for above in layers[number:])
                self._take(number, contents, resolved[number - 1], None if top else cover)
                if number > 1:
                    cover.add(contents, resolved[number - 1])
        # The lowest layer first, each in the order of its archive.
        self.packages.sort(key=lambda entry: entry[0])
        self.files.sort(key=lambda entry: entry[0])
        self.programs.sort(key=lambda entry: entry[0])
        self.scripts.sort(key=lambda entry: entry[0])
        self.sources.sort(key=lambda entry: entry[0])
        self._note_databases(resolved)

    def uses(self, base: Base) -> Iterator[LayerUse]:
        """Yield what each layer adds and wastes."""
        for layer, contents in zip(self._image.layers, self._layers, strict=True):
            wasted, count, largest = self._waste.get(layer.number, (0, 0, ()))
            yield LayerUse(
                layer=layer,
                instruction=_shown(layer),
                in_base=layer.number <= base.layers,
                read=contents is not None,
                content=contents.content if contents is not None else 0,
                files=contents.table.count if contents is not None else 0,
                wasted=wasted,
                wasted_files=count,
                largest=largest,
            )

    def _take(self, number: int, contents: LayerContents, resolve: Resolve | None, cover: Cover | None) -> None:
        hides = cover.hides if cover is not None else None
        self.packages.extend((number, entry) for entry in _visible(contents.packages, resolve, hides))
        self.files.extend((number, entry) for entry in _visible(contents.files, resolve, hides))
        self.programs.extend((number, entry) for entry in _visible(contents.programs, resolve, hides))
        self.scripts.extend((number, entry) for entry in _visible(contents.scripts, resolve, hides))
        self.sources.extend((number, entry) for entry in _visible(contents.sources, resolve, hides))
        for path, data in contents.texts.items():
            place = _resolved(path, resolve)
            if place not in self.texts and not (hides is not None and hides(place.encode())):
                self.texts[place] = data
        for problem in contents.unscanned:
            place = _resolved(problem.path, resolve)
            if not (hides is not None and hides(place.encode())):
                where = _inside(self._image.name, place) if place else self._image.name
                self.unscanned.append(Unscanned(where, problem.reason))
        for package_file in contents.packages:
            if not (hides is not None and hides(_resolved(package_file.path, resolve).encode())):
                self.unscanned.extend(
                    Unscanned(_inside(self._image.name, problem.path), problem.reason)
                    for problem in package_file.unscanned
                )
        self.leftovers.take(contents, resolve, hides)
        if hides is not None:
            self._waste[number] = _wasted(contents, resolve, hides)

    def _note_databases(self, resolved: Sequence[Resolve | None]) -> None:
        wanted = {package_file.path for _, package_file in self.packages}
        folders = {path: [*_parents(path)] for path in wanted}
        for number, (contents, resolve) in enumerate(zip(self._layers, resolved, strict=True), 1):
            if contents is None:
                continue
            gone = {_resolved(path, resolve) for path in (*contents.whiteouts, *contents.opaque)}
            versions = {_resolved(file.path, resolve): file for file in contents.packages}
            for path in wanted:
                version = versions.get(path)
                if version is not None:
                    self.databases.setdefault(path, []).append((number, version))
                elif gone and (path in gone or any(folder in gone for folder in folders[path])):
                    self.databases.setdefault(path, []).append((number, None))


def _parents(path: str) -> Iterator[str]:
    while path:
        path = path.rpartition("/")[0]
        yield path


def _resolved(path: str, resolve: Resolve | None) -> str:
    return path if resolve is None else resolve(path.encode()).decode("utf-8", "replace")


def _visible(
    entries: Iterable[Entry], resolve: Resolve | None, hides: Callable[[bytes], bool] | None
) -> Iterator[Entry]:
    for entry in entries:
        path = _resolved(entry.path, resolve)
        if hides is not None and hides(path.encode()):
            continue
        yield entry if path == entry.path else msgspec.structs.replace(entry, path=path)


def _wasted(
    contents: LayerContents, resolve: Resolve | None, hides: Callable[[bytes], bool]
) -> tuple[int, int, tuple[str, ...]]:
    total = count = 0
    largest: list[tuple[int, bytes]] = []
    for kind, path, _, size in contents.table.entries():
        if kind == FILE and hides(resolve(path) if resolve is not None else path):
            total += size
            count += 1
            largest.append((size, path))
            if len(largest) > 64:
                largest = sorted(largest, reverse=True)[:MAX_WASTED]
    named = sorted((entry for entry in largest if entry[0]), reverse=True)[:MAX_WASTED]
    return total, count, tuple(path.decode("utf-8", "replace") for _, path in named)
