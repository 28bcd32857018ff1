"""The build stage: what lock files, SBOMs and images are made of, as facts for the same rules as everything else.

    found = examine(lock_files, ["image.tar"], plan, params, options)
    plan.run(found.facts)

Nothing counts as free of flaws that was not looked at: where there is no advisory database, or it knows nothing of an ecosystem
or of a release of a distribution, the packages concerned are unscanned, and the reason names the way out.
"""

import datetime
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from seawall.facts import catalogue
from seawall.facts.advisories import lookup
from seawall.facts.inventory import derive_packages, merge
from seawall.facts.priorities import LIKELY_FROM
from seawall.facts.vulnerabilities import DATABASE, KIND, assess, derive_databases, derive_vulnerabilities
from seawall.formats.package_list import MAX_BYTES
from seawall.model.errors import SourceError
from seawall.model.fact import Fact
from seawall.model.finding import Suppressed, Target
from seawall.model.package import Package, ParsedPackages
from seawall.model.resource import Resource, Unscanned
from seawall.model.vulnerability import Vulnerability
from seawall.policy.evaluate import Plan
from seawall.sources.advisory_database import AdvisoryDatabase
from seawall.sources.advisory_location import database_path
from seawall.sources.files import Found, SourceFile, load_whole, show
from seawall.sources.lock_files import MAX_LOCK_FILE, lock_kind, parse_lock_file
from seawall.sources.manifests import ReadOptions

LIKELY_RULE = "vulnerability-likely-exploited"
"""The rule whose parameter says from which EPSS on a flaw counts as likely to be exploited, and not by its CVSS score."""

WAY_OUT = "`seawall db update` fetches one, `seawall db import` takes one from disk; --no-vulnerabilities does without"


class Examined(msgspec.Struct, frozen=True, kw_only=True):
    """The facts that rules of the plan look at, the packages, and what could not be told.

    `targets` are the images by the name that the user gave them, with their kind and digest.
    """

    facts: Sequence[Fact] = ()
    packages: Sequence[Package] = ()
    unscanned: Sequence[Unscanned] = ()
    targets: Mapping[str, Target] = {}


def examine(
    lock_files: Sequence[Found],
    images: Sequence[str],
    plan: Plan,
    params: Mapping[str, Mapping[str, Any]],
    options: ReadOptions,
    progress: Callable[[str, int], None] = lambda _what, _count: None,
    *,
    resources: Sequence[Resource] = (),
) -> Examined:
    """Read `lock_files` and `images` and return the facts that rules of `plan` look at.

    `resources` are those of the scan, which some facts hold images against; `params` are those of the configuration, by rule id.
    Raises `UsageError` for an image that does not exist.
    """
    packages, unscanned = _read_lock_files(lock_files, options.on_file)
    kinds = plan.fact_kinds
    facts: list[Fact] = []
    targets: dict[str, Target] = {}
    if images:
        from seawall.stages.images import read_images  # a repository has none

        read = read_images(images, kinds, options, progress, resources=resources)
        packages, facts, targets = [*packages, *read.packages], [*read.facts], dict(read.targets)
        unscanned += read.unscanned
    if "Package" in kinds:
        facts += derive_packages(packages)
    if packages and not kinds.isdisjoint(catalogue.ADVISORY_FACTS):
        held = _hold_against_advisories(packages, kinds, _likely_from(plan, params), targets, options)
        facts += held.facts
        unscanned += held.unscanned
    return Examined(facts=facts, packages=packages, unscanned=unscanned, targets=targets)


def _read_lock_files(
    lock_files: Iterable[Found], on_file: Callable[[SourceFile], None]
) -> tuple[list[Package], list[Unscanned]]:
    packages: list[Package] = []
    unscanned: list[Unscanned] = []
    once: dict[str, Found] = {}
    for found in lock_files:
        once.setdefault(found.real, found)  # a directory and a file in it may both be named
    for found in once.values():
        kind = lock_kind(found.real) or lock_kind(found.file)
        file = load_whole(found.file, found.path, most=MAX_LOCK_FILE if kind is not None else MAX_BYTES)
        if isinstance(file, Unscanned):
            unscanned.append(file)
            continue
        on_file(file)
        parsed = parse_lock_file(kind, found.file, file) if kind is not None else _read_sbom(file)
        packages += parsed.packages
        unscanned += parsed.unscanned
    return merge(packages), unscanned


def _read_sbom(file: SourceFile) -> ParsedPackages:
    from seawall.formats import sbom  # most scans have none

    parsed = sbom.parse(file.path, file.data)
    if parsed.packages or parsed.unscanned:
        return parsed
    return ParsedPackages((), (Unscanned(file.path, "the SBOM names no package"),))


def _hold_against_advisories(
    packages: Sequence[Package],
    kinds: Collection[str],
    likely_from: float,
    images: Mapping[str, Target],
    options: ReadOptions,
) -> Examined:
    path = database_path()
    try:
        with AdvisoryDatabase(path) as database:
            found = database.match(packages)
            vulnerabilities = assess(
                found.matches, exploited=database.exploited, likelihood=database.likelihood, likely_from=likely_from
            )
            unscanned = [*found.unscanned, *_not_covered(packages, database)]
            built, sources = database.built(), database.sources()
    except SourceError as error:
        return Examined(unscanned=[_unmatched(packages, f"{error.message}; {WAY_OUT}")])
    facts: list[Fact] = []
    if DATABASE in kinds:
        facts += derive_databases(show(str(path)), built, sources, datetime.datetime.now(datetime.UTC))
    if KIND in kinds:
        dismissed: Mapping[Vulnerability, Suppressed] = {}
        if options.vex:
            from seawall.stages.vex import dismiss, read_statements

            statements = read_statements(options.vex, options.warn)
            dismissed = dismiss(statements, vulnerabilities, images, options.warn, product=options.product)
        facts += derive_vulnerabilities(vulnerabilities, packages, dismissed)
    return Examined(facts=facts, unscanned=unscanned)


def _not_covered(packages: Iterable[Package], database: AdvisoryDatabase) -> list[Unscanned]:
    """Return an entry for each ecosystem of `packages` of which the database has not a single advisory."""
    groups: dict[tuple[str, ...], list[Package]] = {}
    for package in packages:
        groups.setdefault(lookup(package)[0], []).append(package)
    return [
        _unmatched(found, f"the advisory database has nothing about {ecosystems[-1] or 'their ecosystem'}; {WAY_OUT}")
        for ecosystems, found in groups.items()
        if not database.covers(ecosystems)
    ]


def _unmatched(packages: Sequence[Package], why: str) -> Unscanned:
    """Return what the gate must hear of packages that were held against no advisory: one sentence, however many files."""
    files = list(dict.fromkeys(package.path for package in packages))
    others = f" and of {len(files) - 1} more {'file' if len(files) == 2 else 'files'}" if len(files) > 1 else ""
    count = "the one package" if len(packages) == 1 else f"the {len(packages):,} packages"
    was = "was" if len(packages) == 1 else "were"
    return Unscanned(files[0], f"{count} of this file{others} {was} not held against advisories: {why}")


def _likely_from(plan: Plan, params: Mapping[str, Mapping[str, Any]]) -> float:
    for compiled in plan.rules:
        if compiled.rule.id == LIKELY_RULE:
            return float({**compiled.rule.params, **params.get(LIKELY_RULE, {})}["threshold"])
    return LIKELY_FROM
