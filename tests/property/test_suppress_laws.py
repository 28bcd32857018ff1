"""Laws of suppressing: it marks and never drops, says who, and more suppressions never make a finding count."""

import datetime
from fnmatch import fnmatchcase
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from sample_manifests import resources_in
from sample_repository import POD
from seawall.facts import catalogue
from seawall.model.finding import Finding
from seawall.model.resource import Resource
from seawall.model.suppression import ResourceSelector, Suppression, SuppressionForm
from seawall.policy.evaluate import Failure
from seawall.policy.findings import build_findings
from seawall.policy.suppress import View, suppress
from seawall.stages import rule_sets
from seawall.stages.rule_sets import RuleChoice

TODAY = datetime.date(2026, 6, 15)


@cache
def judged() -> tuple[list[Resource], list[Failure], list[Finding], View]:
    resources = resources_in(POD + "---" + POD.replace("name: net", "name: web"))
    rules = rule_sets.choose(RuleChoice())
    plan = rule_sets.plan(rules, {})
    failures, _ = plan.run([*catalogue.derive(plan.fact_kinds, resources), *plan.resource_facts(resources)])
    view = View(ran=rules, chosen=[rule.id for rule in rules], known=rules, today=TODAY, must_not=["memory-*"])
    return resources, failures, build_findings(failures), view


@st.composite
def suppressions(draw: st.DrawFn) -> Suppression:
    resources = judged()[0]
    form = draw(st.sampled_from(SuppressionForm))
    target = draw(st.sampled_from(resources))
    first = draw(st.integers(1, 40))
    patterns = st.sampled_from(["*", "privileged-container", "*-missing", "memory-limit-missing", "no-such-rule"])
    return Suppression(
        rules=tuple(draw(st.lists(patterns, min_size=1, max_size=2))),
        reason=draw(st.sampled_from(["", "because"])),
        expires=draw(st.sampled_from([None, TODAY, TODAY - datetime.timedelta(days=1)])),
        form=form,
        written=target,
        target=target if form is SuppressionForm.ANNOTATION else None,
        lines=("test.yaml", first, first + draw(st.integers(0, 9))) if form is SuppressionForm.COMMENT else None,
        resource=ResourceSelector(name=draw(st.sampled_from(["", "net", "w*"]))),
        container=draw(st.sampled_from(["", "app", "s*"])),
    )


def ids_of(findings: list[Finding]) -> set[str]:
    return {finding.id for finding in findings if finding.suppressed is not None}


@given(st.lists(suppressions(), max_size=4))
def test_findings_are_marked_and_never_dropped_and_only_as_somebody_said(chosen: list[Suppression]) -> None:
    _, failures, findings, view = judged()
    marked, uses = suppress(failures, findings, chosen, view)
    assert [finding.id for finding in marked] == [finding.id for finding in findings]
    valid = [one for one in chosen if one.reason and (one.expires is None or one.expires >= TODAY)]
    for finding in marked:
        if finding.suppressed is not None:
            assert not finding.rule.startswith("memory-")
            assert any(
                one.form == finding.suppressed.by and any(fnmatchcase(finding.rule, glob) for glob in one.rules)
                for one in valid
            )
    assert sum(use.used for use in uses) >= len(ids_of(marked))
    assert all(not (use.idle and use.used) for use in uses)


@given(st.lists(suppressions(), max_size=3), suppressions())
def test_one_more_suppression_lets_no_suppressed_finding_count(chosen: list[Suppression], one: Suppression) -> None:
    _, failures, findings, view = judged()
    before, _ = suppress(failures, findings, chosen, view)
    after, _ = suppress(failures, findings, [*chosen, one], view)
    assert ids_of(before) <= ids_of(after)
