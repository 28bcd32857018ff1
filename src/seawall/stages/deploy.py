"""The deploy stage: manifests, charts, kustomizations and live clusters against the rules.

    targets -> resources -> facts -> failures -> findings -> suppressed findings -> report

Nothing is lost on the way: what a source could not hand over, what a parser could not read and what a rule could not
decide all arrive in the report's ``unscanned``.
"""

import time
from collections.abc import Callable, Sequence

import msgspec

import seawall
from seawall.facts import catalogue
from seawall.model.errors import UsageError
from seawall.model.finding import Finding, Report, Summary, Target, Tool
from seawall.model.resource import Resource, Unscanned
from seawall.model.rule import Rule
from seawall.model.taxonomy import Severity, Stage
from seawall.policy.evaluate import Plan
from seawall.policy.findings import build_findings, explain_inconclusive, urgency
from seawall.sources import manifests
from seawall.sources.detect import detect
from seawall.sources.manifests import ReadOptions
from seawall.stages import rule_sets
from seawall.stages.rule_sets import RuleChoice

Progress = Callable[[str, int], None]
"""Told what is being done and how many of it are done; drawn by the caller, or ignored."""


class Timings(msgspec.Struct):
    """Seconds spent in each part of a scan: what ``bench/`` prints."""

    parse: float = 0.0
    derive: float = 0.0
    evaluate: float = 0.0
    report: float = 0.0


def judge(
    plan: Plan, resources: Sequence[Resource], timings: Timings | None = None
) -> tuple[list[Finding], list[Unscanned]]:
    """Return the findings of `plan` on `resources`, most urgent first, and what could not be decided."""
    clock = time.perf_counter
    start = clock()
    facts = list(catalogue.derive(plan.fact_kinds, resources))
    facts += plan.resource_facts(resources)
    derived = clock()
    failures, inconclusive = plan.run(facts)
    evaluated = clock()
    findings = build_findings(failures)
    findings.sort(key=urgency)
    unscanned = explain_inconclusive(inconclusive)
    if timings is not None:
        timings.derive += derived - start
        timings.evaluate += evaluated - derived
        timings.report += clock() - evaluated
    return findings, unscanned


def make_report(
    *,
    targets: Sequence[Target],
    rules: Sequence[Rule],
    resources: int,
    findings: Sequence[Finding],
    unscanned: Sequence[Unscanned],
) -> Report:
    """Put the parts of a scan together; `findings` are in their final order, suppressed ones included."""
    counts = {severity.value: 0 for severity in reversed(Severity)}
    suppressed = 0
    for finding in findings:
        if finding.suppressed is None:
            counts[finding.severity] += 1
        else:
            suppressed += 1
    entries = sorted(set(unscanned))
    return Report(
        tool=Tool("seawall", seawall.__version__),
        targets=list(targets),
        summary=Summary(
            resources=resources,
            rules=len(rules),
            findings=counts,
            suppressed=suppressed,
            unscanned=len(entries),
        ),
        findings=list(findings),
        unscanned=entries,
    )


class DeployScan(msgspec.Struct, frozen=True, kw_only=True):
    """What a deploy-stage scan looks at, and how: the options of ``seawall scan`` that reach below the command line."""

    targets: tuple[str, ...]
    choice: RuleChoice = RuleChoice()
    reading: ReadOptions = ReadOptions()


class Scanned(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome: the report and, for renderers that explain, the rules that took part."""

    report: Report
    rules: list[Rule]
    resources: list[Resource]


def collect(
    targets: Sequence[str], options: ReadOptions, progress: Progress
) -> tuple[list[Target], list[Resource], list[Unscanned]]:
    """Read all `targets`: what they are, the resources in them, and what could not be read.

    Raises `UsageError` for a target that does not exist, `SourceError` for a cluster that cannot be reached.
    """
    found = [Target(name=name, type=detect(name).value) for name in targets]
    resources: list[Resource] = []
    unscanned: list[Unscanned] = []
    for name in targets:
        for entry in manifests.read(name, options):
            if isinstance(entry, Unscanned):
                unscanned.append(entry)
            else:
                resources.append(entry)
                if not len(resources) % 64:
                    progress("reading", len(resources))
    return found, resources, unscanned


def scan(
    options: DeployScan, *, progress: Progress = lambda _what, _count: None, timings: Timings | None = None
) -> Scanned:
    """Scan the targets of `options`; `timings` is filled in where it is given.

    Raises `UsageError` for a target or choice of rules that does not exist, `RuleError` for a rule that does not compile.
    """
    choice = options.choice
    if "cluster" in options.targets and not choice.stages:
        # A rule that is only about files (a Secret in plain text in a repository) says nothing of a live object.
        if len(options.targets) > 1:
            raise UsageError("cluster cannot be scanned together with other targets", remedy="run two scans")
        choice = msgspec.structs.replace(choice, stages=(Stage.RUNTIME,))
    rules = rule_sets.choose(choice)
    plan = rule_sets.plan(rules, choice.params)
    start = time.perf_counter()
    targets, resources, unscanned = collect(options.targets, options.reading, progress)
    if timings is not None:
        timings.parse += time.perf_counter() - start
    progress("evaluating", len(resources))
    findings, undecided = judge(plan, resources, timings)
    report = make_report(
        targets=targets,
        rules=rules,
        resources=len(resources),
        findings=findings,
        unscanned=[*unscanned, *undecided],
    )
    return Scanned(report=report, rules=rules, resources=resources)
