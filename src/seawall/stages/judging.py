"""Resources and facts against a plan of rules: the findings, and what could not be decided.

resources -> facts -> failures -> findings -> suppressed findings, most urgent first
"""

import time
from collections.abc import Callable, Sequence

import msgspec

from seawall.model.fact import Fact
from seawall.model.finding import Finding
from seawall.model.resource import Resource, Unscanned
from seawall.policy.evaluate import Failure, Inconclusive, Plan
from seawall.policy.findings import build_findings, explain_inconclusive, urgency
from seawall.stages import shares


class Timings(msgspec.Struct):
    """Seconds spent in each part of a scan: what ``bench/`` prints."""

    parse: float = 0.0
    derive: float = 0.0
    evaluate: float = 0.0
    report: float = 0.0


Suppress = Callable[
    [Sequence[Failure], Sequence[Finding], Sequence[Inconclusive]], tuple[list[Finding], list[Inconclusive]]
]
"""Marks the findings that do not count, and adds those about the suppressions and what could not be decided of them."""


Native = Callable[[], tuple[list[Failure], list[Inconclusive]]]
"""What native policies find in the resources of the scan, and what they could not decide."""


def _same_path(path: str) -> str:
    return path


def judge(
    plan: Plan,
    resources: Sequence[Resource],
    timings: Timings | None = None,
    *,
    suppress: Suppress | None = None,
    relative: Callable[[str], str] = _same_path,
    native: Native | None = None,
    built: Sequence[Fact] = (),
) -> tuple[list[Finding], list[Unscanned]]:
    """Return the findings of `plan` on `resources`, most urgent first, and what could not be decided.

    `relative` gives the path that fingerprints use for a shown one. `native` runs the native policies. `built` are further facts:
    those about packages and images (`stages.build`).
    """
    clock = time.perf_counter
    start = clock()
    # A suppression covers failures wherever they come from, so where there is one they all come from this process.
    with shares.share_out(plan, resources, relative, alone=suppress is not None) as shared:
        facts = [*shared.own_facts(), *built]
        derived = clock()
        failures, inconclusive = plan.run(facts)
        if native is not None:
            more, undecided = native()
            failures += more
            inconclusive += undecided
        evaluated = clock()
        shares.put_in_order(failures, resources)
        findings = build_findings(failures, relative)
        if suppress is not None:
            findings, undecided = suppress(failures, findings, inconclusive)
            inconclusive += undecided
        unscanned = explain_inconclusive(inconclusive)
        for found, missed in shared.others():
            findings += found
            unscanned += missed
    findings.sort(key=urgency)
    if timings is not None:
        timings.derive += derived - start
        timings.evaluate += evaluated - derived
        timings.report += clock() - evaluated
    return findings, unscanned
