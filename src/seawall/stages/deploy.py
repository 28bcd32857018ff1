"""The deploy stage: manifests, charts, kustomizations and live clusters against the rules.

    targets -> resources -> facts -> failures -> findings -> suppressed findings -> report

Nothing is lost on the way: what a source could not hand over, what a parser could not read and what a rule could not
decide all arrive in the report's ``unscanned``.
"""

import datetime
import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from seawall.facts import catalogue
from seawall.model.configuration import API_VERSION, KIND, Gate
from seawall.model.errors import UsageError
from seawall.model.fact import Fact
from seawall.model.finding import Finding, Report, Target
from seawall.model.resource import Resource, Unscanned
from seawall.model.rule import Rule
from seawall.model.taxonomy import Stage
from seawall.policy.evaluate import Failure, Inconclusive, Plan
from seawall.policy.findings import explain_inconclusive
from seawall.sources import manifests
from seawall.sources.detect import IMAGES, detect
from seawall.sources.files import Found
from seawall.sources.manifests import ReadOptions
from seawall.sources.scan_root import ScanRoot, relative_to
from seawall.stages import configuration, repository, rule_sets, suppressions
from seawall.stages.configuration import Configured
from seawall.stages.judging import Timings, judge
from seawall.stages.reporting import make_report
from seawall.stages.rule_sets import RuleChoice

if TYPE_CHECKING:
    from seawall.policy.baseline import BaselineEntry
    from seawall.policy.suppress import View

Progress = Callable[[str, int], None]
"""Told what is being done and how many of it are done; drawn by the caller, or ignored."""


NOTHING_FOUND = "no Kubernetes object and no package was found in it; name what holds the manifests or the lock files"
"""Why a target that was named and holds nothing is unscanned."""


class DeployScan(msgspec.Struct, frozen=True, kw_only=True):
    """What a deploy-stage scan looks at, and how: the options of ``seawall scan`` that reach below the command line.

    `configuration` is a file; None finds the targets' own. `today` decides which suppressions have expired; None is today in
    UTC. `baseline` is a file; None is that of the configuration, and the empty string is none at all. `since` is a git reference:
    what was found before the change since then does not count. `vulnerabilities` is False where packages are not held against
    advisories.
    """

    targets: tuple[str, ...]
    choice: RuleChoice = RuleChoice()
    reading: ReadOptions = ReadOptions()
    configuration: str | None = None
    baseline: str | None = None
    since: str | None = None
    today: datetime.date | None = None
    vulnerabilities: bool = True


class Scanned(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome: the report and, for renderers that explain, the rules that took part.

    `gate` is that of the configuration. `gone` are entries of the baseline that stand for nothing any more, where the scan saw
    all that they could stand for. `root` is what the scan's paths are relative to. `protected` are the ids of rules that the
    configuration lets nobody suppress.
    """

    report: Report
    rules: list[Rule]
    resources: list[Resource]
    root: ScanRoot
    gate: Gate = Gate()
    gone: "list[BaselineEntry]" = []
    protected: frozenset[str] = frozenset()


def collect(
    targets: Sequence[str], options: ReadOptions, progress: Progress
) -> tuple[list[Target], list[Resource], list[Unscanned]]:
    """Read all `targets`: what they are, the resources in them, and what could not be read. Images are left to `stages.build`.

    Raises `UsageError` for a target that does not exist, `SourceError` for a cluster that cannot be reached.
    """
    kinds = {name: detect(name) for name in targets}
    resources: list[Resource] = []
    unscanned: list[Unscanned] = []
    for name, kind in kinds.items():
        if kind in IMAGES:
            continue
        before = len(resources) + len(unscanned) + _taken(options)
        for entry in manifests.read(name, options, kind):
            if isinstance(entry, Unscanned):
                unscanned.append(entry)
            elif entry.ref.kind == KIND and entry.ref.api_version == API_VERSION:
                continue  # seawall.yaml says how the system is judged and is no part of it
            else:
                resources.append(entry)
                if not len(resources) % 64:
                    progress("reading", len(resources))
        if len(resources) + len(unscanned) + _taken(options) == before and name != "cluster":
            # A path that was named in vain (a moved directory, an empty file) must not pass for a clean one.
            unscanned.append(Unscanned(name, NOTHING_FOUND))
    return [Target(name=name, type=kind.value) for name, kind in kinds.items()], resources, unscanned


def _taken(options: ReadOptions) -> int:
    """Return how many files besides manifests were found that somebody of this scan reads."""
    tree = options.tree
    found = 0 if tree is None else sum(tree.counts(*os.path.split(entry.file)) for entry in tree.found)
    return found + len(options.lock_files or ())


def scan(
    options: DeployScan, *, progress: Progress = lambda _what, _count: None, timings: Timings | None = None
) -> Scanned:
    """Scan the targets of `options`; `timings` is filled in where it is given.

    Raises `UsageError` for a target or choice of rules that does not exist, `RuleError` for a rule that does not compile.
    """
    choice = options.choice
    live = "cluster" in options.targets
    if live and not choice.stages:
        # A rule that is only about files (a Secret in plain text in a repository) says nothing of a live object.
        if len(options.targets) > 1:
            raise UsageError("cluster cannot be scanned together with other targets", remedy="run two scans")
        choice = msgspec.structs.replace(choice, stages=(Stage.RUNTIME,))
    if not options.vulnerabilities:
        choice = msgspec.structs.replace(choice, without=catalogue.ADVISORY_FACTS)
    stage = configuration.run_stage(choice, live=live)
    configured = configuration.load(options.configuration, options.targets)
    chosen = rule_sets.resolve(configuration.configure_rules(choice, configured, stage))
    if configured.file is not None:
        configuration.check_names(configured, chosen.known)
    run = _Run(
        chosen=chosen,
        plan=chosen.plan(),
        stage=stage,
        live=live,
        today=options.today or datetime.datetime.now(datetime.UTC).date(),
    )
    root = ScanRoot(options.targets)
    reading = configuration.configure_registries(options.reading, configured)
    examined = _examine(run, options.targets, reading, configured, root, progress, timings)
    findings = examined.findings
    gone: list[BaselineEntry] = []
    protected = configuration.protected_rules(configured, chosen.rules)
    gate = configuration.gate_of(configured, stage)
    path = gate.baseline if options.baseline is None else options.baseline
    if path:
        from seawall.stages import baselines

        findings, gone = baselines.apply_baseline(path, findings, root, chosen.rules, examined.unscanned, protected)
    if options.since is not None:
        findings = _mark_known(run, options, options.since, configured, root, examined.unscanned, findings)
    report = make_report(
        targets=examined.targets,
        rules=chosen.rules,
        resources=examined.count,
        findings=findings,
        unscanned=examined.unscanned,
        packages=examined.packages,
    )
    return Scanned(
        report=report,
        rules=chosen.rules,
        resources=examined.resources,
        root=root,
        gate=gate,
        gone=gone,
        protected=protected,
    )


class _Run(msgspec.Struct, frozen=True, kw_only=True):
    """What one command decides for all trees that it looks at."""

    chosen: rule_sets.ChosenRules
    plan: Plan
    stage: Stage
    live: bool
    today: datetime.date


class _Examined(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in one tree. `count` is of all configured things, Kubernetes' and others."""

    targets: list[Target]
    resources: list[Resource]
    count: int
    findings: list[Finding]
    unscanned: list[Unscanned]
    packages: int = 0


def _ignore_progress(_what: str, _count: int) -> None:
    pass


def _examine(
    run: _Run,
    targets: Sequence[str],
    options: ReadOptions,
    configured: Configured,
    root: ScanRoot,
    progress: Progress = _ignore_progress,
    timings: Timings | None = None,
) -> _Examined:
    """Read and judge `targets`, suppressions included."""
    start = time.perf_counter()
    comments = suppressions.CommentCollector()
    kinds = frozenset(kind for rule in run.chosen.rules for kind in rule.match.kinds)
    lock_files: list[Found] | None = None if catalogue.PACKAGE_FACTS.isdisjoint(run.plan.fact_kinds) else []
    projects: list[str] | None = [] if "DependencyUse" in run.plan.fact_kinds else None
    collectors = repository.wanted_by(run.plan)
    needs_resources = run.live or _needs_resources(run, collectors)
    reading = msgspec.structs.replace(
        options,
        on_file=comments.add,
        kinds=kinds,
        lock_files=lock_files,
        projects=projects,
        tree=repository.tree_files(
            collectors, alone=not needs_resources and lock_files is None, with_images=_has_images(targets)
        ),
        manifests=needs_resources,
    )
    named, resources, unscanned = collect(targets, reading, progress)
    built: list[Fact] = []
    packages = 0
    files = {resource.origin.path for resource in resources}
    images = [target.name for target in named if target.type in IMAGES]
    if lock_files or images:
        from seawall.stages import build  # what few scans need, few pay for

        found = build.examine(
            lock_files or (), images, run.plan, run.chosen.params, reading, progress, resources=resources
        )
        built, packages = [*found.facts], len(found.packages)
        unscanned += found.unscanned
        files.update(file.path for file in lock_files or ())
        named = [found.targets.get(target.name, target) for target in named]
    if projects:
        from seawall.stages import dependency_use

        uses, untold = dependency_use.examine(projects, respect_ignores=options.respect_ignores, progress=progress)
        built += uses
        unscanned += untold
        files.update(str(use.value["path"]) for use in uses)
    count = len(resources)
    hidden: Mapping[str, Collection[str]] = {}
    if reading.tree is not None and reading.tree.found:
        request = repository.Request(
            kinds=frozenset(run.plan.fact_kinds),
            params=run.chosen.params,
            reading=reading,
            resources=resources,
            progress=progress,
        )
        collected = repository.examine(collectors, reading.tree.found, request)
        built += collected.facts
        unscanned += collected.unscanned
        files.update(collected.files)
        count += collected.resources
        hidden = collected.hidden
    if timings is not None:
        timings.parse += time.perf_counter() - start
    progress("evaluating", len(resources))
    declared = [
        *suppressions.declared_in(configured),
        *comments.suppressions,
        *suppressions.written_on(resources),
    ]

    def suppress(
        failures: Sequence[Failure], findings: Sequence[Finding], inconclusive: Sequence[Inconclusive]
    ) -> tuple[list[Finding], list[Inconclusive]]:
        missed = [*unscanned, *explain_inconclusive(inconclusive)]
        view = _view(run, options, configured, root, missed, files)
        return suppressions.apply_suppressions(run.plan, failures, findings, declared, view, relative=root.path)

    native = None
    if run.chosen.native is not None:
        from seawall.stages.native_scan import NativeScan

        native = NativeScan(run.chosen.native, resources, options.warn, live=run.live).run
    findings, undecided = judge(
        run.plan,
        resources,
        timings,
        suppress=suppress if declared else None,
        relative=root.path,
        native=native,
        built=built,
    )
    if options.vex:
        from seawall.stages.vex import keep_protected

        findings = keep_protected(findings, configuration.protected_rules(configured, run.chosen.rules))
    missed = [*unscanned, *undecided]
    if hidden:
        from seawall.stages.hiding import hide

        findings, missed = hide(findings, missed, hidden)
    return _Examined(
        targets=named, resources=resources, count=count, findings=findings, unscanned=missed, packages=packages
    )


def _has_images(targets: Sequence[str]) -> bool:
    """Say whether images stand among several targets."""
    return len(targets) > 1 and any(detect(target) in IMAGES for target in targets)


def _needs_resources(run: _Run, collectors: Sequence[repository.Collector]) -> bool:
    """Say whether anything of this scan looks at Kubernetes resources. Where nothing does, no manifest is parsed."""
    plan = run.plan
    return (
        run.chosen.native is not None
        or bool(plan.resource_kinds)
        or not catalogue.RESOURCE_FACTS.isdisjoint(plan.fact_kinds)
        or any(collector.about_resources for collector in collectors)
    )


def _view(
    run: _Run,
    options: ReadOptions,
    configured: Configured,
    root: ScanRoot,
    missed: Sequence[Unscanned],
    files: Collection[str],
) -> "View":
    from seawall.policy.suppress import View

    directory = configured.directory or root.directory
    declared = configured.configuration

    @cache
    def relative(shown: str) -> str:
        return relative_to(directory, shown)

    return View(
        ran=run.chosen.rules,
        chosen=run.chosen.before,
        known=run.chosen.known,
        today=run.today,
        stage=run.stage,
        live=run.live,
        whole=not options.namespaces if run.live else root.is_covered(directory),
        files=frozenset({relative(path) for path in files}),
        missed=frozenset({relative(path) for path in suppressions.missed_paths(missed)}),
        needs_all=suppressions.needs_all_resources(run.plan.rules),
        must_not=declared.must_not_suppress if declared else (),
        forms=configuration.suppression_forms(configured),
        relative=relative,
    )


def _mark_known(
    run: _Run,
    options: DeployScan,
    ref: str,
    configured: Configured,
    root: ScanRoot,
    missed: Sequence[Unscanned],
    findings: Sequence[Finding],
) -> list[Finding]:
    """Return `findings` with those marked that the files before the change since `ref` had too."""
    from seawall.policy.baseline import compare, entries_of
    from seawall.stages import since  # git and temporary directories only where they are asked for

    reading = options.reading
    files = [*reading.values, *([configured.path] if configured.path else [])]
    with since.earlier_tree(ref, options.targets, files, reading.warn) as tree:
        earlier_root = tree.root()
        values = tuple(tree.path_of(path) or path for path in reading.values)
        earlier = _examine(
            run,
            tree.targets,
            msgspec.structs.replace(reading, values=values),
            since.earlier_configuration(tree, configured),
            earlier_root,
        )
        before = entries_of(earlier.findings, earlier_root.path)
        lost = {earlier_root.path(entry.path) for entry in earlier.unscanned if entry.reason != NOTHING_FOUND}
    for path in sorted(lost - {root.path(entry.path) for entry in missed}):
        reading.warn(f"at {ref}, {path} was not scanned, and what is in it counts as new")
    return compare(findings, before, exists=root.exists, since=ref).findings
