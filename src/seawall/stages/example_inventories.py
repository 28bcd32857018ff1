"""Examples of rules that are no Kubernetes objects: what a repository or an image holds, described in one document.

    apiVersion: seawall.dev/example/v1
    kind: Repository
    files:                      # real files, by their path in the repository
      requirements.txt: |
        pyyaml==5.3
    advisories:                 # records in OSV's format, read as those of the database are
      - id: CVE-2020-1747
        affected:
          - package: {ecosystem: PyPI, name: pyyaml}
            ranges: [{type: ECOSYSTEM, events: [{introduced: "0"}, {fixed: "5.3.1"}]}]
        severity: [{type: CVSS_V3, score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]
    exploited: {CVE-2020-1747: 2022-03-25}      # CISA's day
    likelihood: {CVE-2020-1747: 0.42}           # FIRST's estimate
    sources: {osv/PyPI: "2025-12-31"}           # of the advisories, and when each was read; examples are of 1 January 2026

An image is described as `example_images` says, with the same keys for its advisories. The files go through the parsers that a
scan uses, and the facts through the functions that a scan uses, so that an example shows
what a rule says of the real thing.
"""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from seawall.facts import catalogue
from seawall.facts.advisories import affected_by
from seawall.facts.base_advice_values import derive_base_advice
from seawall.facts.catalogue import FILE_FACTS
from seawall.facts.dependency_use import KIND as USE
from seawall.facts.image_values import derive_image_files, derive_images
from seawall.facts.images import ImageInventory
from seawall.facts.inventory import derive_packages, merge
from seawall.facts.vulnerabilities import DATABASE, KIND, assess, derive_databases, derive_vulnerabilities
from seawall.formats.advisories.osv import read_osv
from seawall.formats.package_files import kind_of, read
from seawall.model.advisory import Advisory, AdvisorySource, Exploited, Likelihood
from seawall.model.errors import RuleError
from seawall.model.fact import Fact
from seawall.model.package import Package
from seawall.model.resource import Resource
from seawall.stages import example_files, images
from seawall.stages.base_images import read_base_images
from seawall.stages.distribution_ends import read_distribution_ends
from seawall.stages.example_images import ExampleLayer, read_example_image
from seawall.stages.suppressions import EXAMPLE_DAY

API_VERSION = "seawall.dev/example/v1"

_ANY_FILE = {USE, *FILE_FACTS}
"""The facts for which a repository may hold files of any name."""

_NOW = datetime.datetime.combine(EXAMPLE_DAY, datetime.time(), datetime.UTC)


class _Example(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    api_version: str
    kind: str
    metadata: dict[str, Any] = {}
    advisories: list[dict[str, Any]] = []
    exploited: dict[str, str] = {}
    likelihood: dict[str, float] = {}
    sources: dict[str, str] = {}


class Repository(_Example, frozen=True, kw_only=True):
    """What stands in a repository: the text of its files by their path."""

    files: dict[str, str]


class Image(_Example, frozen=True, kw_only=True):
    """An image: see `example_images`."""

    layers: list[ExampleLayer]
    config: dict[str, Any] = {}
    created: str = ""
    annotations: dict[str, str] = {}


def derive_facts(resource: Resource, kinds: frozenset[str]) -> Iterator[Fact]:
    """Yield the facts of `kinds` that the example in `resource` holds; none where it is a Kubernetes object.

    Raises `RuleError` where it is no example of a kind that there is.
    """
    if resource.ref.api_version != API_VERSION:
        return
    place = f"{resource.origin.path}:{resource.locate(()).location.line}"
    derive = _KINDS.get(resource.ref.kind)
    if derive is None:
        raise RuleError(
            f"there is no example of kind {resource.ref.kind!r}", place=place, remedy=f"there are {', '.join(_KINDS)}"
        )
    try:
        yield from derive(resource.object, kinds, place)
    except (msgspec.ValidationError, ValueError) as error:  # the latter for a capability that there is not
        raise RuleError(str(error), place=place) from error


def _derive_repository(value: Mapping[str, Any], kinds: frozenset[str], place: str) -> Iterator[Fact]:
    example = msgspec.convert(value, Repository)
    packages: list[Package] = []
    for path, text in example.files.items():
        kind = kind_of(f"/{path}")
        if kind is None and not kinds.isdisjoint(_ANY_FILE):
            continue
        if kind is None:
            raise RuleError(f"{path!r} is the name of no file that says something of packages", place=place)
        parsed = read(kind, path, text.encode())
        if parsed.unscanned:
            raise RuleError(f"{parsed.unscanned[0].path}: {parsed.unscanned[0].reason}", place=place)
        packages += parsed.packages
    yield from derive_package_facts(merge(packages), example, kinds, place)
    if USE in kinds:
        yield from _derive_uses(example.files, place)
    if not kinds.isdisjoint(FILE_FACTS):
        yield from example_files.read_repository(example.files, kinds, place)


def _derive_uses(files: Mapping[str, str], place: str) -> Iterator[Fact]:
    """Lay the files out as a repository: what uses a dependency is found by programs that read files."""
    from tempfile import TemporaryDirectory

    from seawall.stages.dependency_use import examine

    with TemporaryDirectory(prefix="seawall-") as scratch:
        for path, text in files.items():
            file = Path(scratch, path)
            if ".." in file.parts:
                raise RuleError(f"{path!r} leads out of the repository", place=place)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        facts, unscanned = examine([scratch])
        if unscanned:
            raise RuleError(f"{unscanned[0].path}: {unscanned[0].reason}", place=place)
        yield from facts


def derive_system_facts(resources: Sequence[Resource], kinds: frozenset[str]) -> Iterator[Fact]:
    """Yield the facts of `kinds` about the images of an example and its Kubernetes objects together.

    Raises `RuleError` where an image is none.
    """
    inventories = []
    objects = []
    for resource in resources:
        if resource.ref.api_version != API_VERSION:
            objects.append(resource)
        elif resource.ref.kind == "Image":
            place = f"{resource.origin.path}:{resource.locate(()).location.line}"
            inventories.append(_read_image(msgspec.convert(resource.object, Image), place))
    yield from images.derive_system_facts(kinds, inventories, objects)


def _read_image(example: Image, place: str) -> ImageInventory:
    inventory = read_example_image(
        str(example.metadata.get("name", "")) or "image",
        example.layers,
        config=example.config,
        created=example.created,
        annotations=example.annotations,
    )
    if inventory.unscanned:
        raise RuleError(f"{inventory.unscanned[0].path}: {inventory.unscanned[0].reason}", place=place)
    return inventory


def _derive_image(value: Mapping[str, Any], kinds: frozenset[str], place: str) -> Iterator[Fact]:
    example = msgspec.convert(value, Image)
    inventory = _read_image(example, place)
    if "Image" in kinds:
        yield from derive_images([inventory], _NOW, read_distribution_ends())
    if "ImageFile" in kinds:
        yield from derive_image_files([inventory])
    if not catalogue.ADVICE_FACTS.isdisjoint(kinds):
        yield from derive_base_advice([inventory], read_base_images(), kinds=kinds)
    yield from derive_package_facts(list(inventory.packages), example, kinds, place)


def derive_package_facts(
    packages: list[Package], example: _Example, kinds: frozenset[str], place: str
) -> Iterator[Fact]:
    """Yield the facts of `kinds` about `packages`, which are held against the advisories of `example`."""
    if "Package" in kinds:
        yield from derive_packages(packages)
    if DATABASE in kinds and example.sources:
        sources = [AdvisorySource(name, 1, newest=day, read=day) for name, day in example.sources.items()]
        yield from derive_databases(place, "", sources, _NOW)
    if KIND not in kinds:
        return
    advisories = [_advisory(record, place) for record in example.advisories]
    matches = [
        match
        for package in packages
        for advisory in advisories
        if (match := affected_by(package, advisory)) is not None
    ]
    found = assess(
        matches,
        exploited=lambda cve: Exploited(cve, example.exploited[cve]) if cve in example.exploited else None,
        likelihood=lambda cve: Likelihood(cve, example.likelihood[cve], 0.99) if cve in example.likelihood else None,
    )
    yield from derive_vulnerabilities(found, packages)


def _advisory(record: Mapping[str, Any], place: str) -> Advisory:
    parsed = read_osv(place, msgspec.json.encode(record))
    if parsed.unscanned:
        raise RuleError(parsed.unscanned[0].reason, place=place)
    return parsed.advisories[0]


_KINDS: Mapping[str, Callable[[Mapping[str, Any], frozenset[str], str], Iterator[Fact]]] = {
    "Image": _derive_image,
    "Repository": _derive_repository,
}
