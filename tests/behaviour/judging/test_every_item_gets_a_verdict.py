"""Evaluation: which item fails, where it points, and what an error or an unknown does to the rest."""

from typing import Any

import pytest

from seawall.cel.unknown import UNKNOWN
from seawall.formats import kubernetes_yaml
from seawall.model.errors import RuleError
from seawall.model.fact import Fact
from seawall.model.field_path import format_field_path
from seawall.model.resource import Resource
from seawall.model.rule import Match, Rule, Validation, Variable
from seawall.model.taxonomy import Confidence, Layer, Severity, Stage, Verdict
from seawall.policy.compile import compile_rule
from seawall.policy.evaluate import Plan
from seawall.policy.findings import build_findings, explain_inconclusive


def a_rule(expression: str, **changes: Any) -> Rule:
    validation = {key: changes.pop(key) for key in ("message", "message_expression", "at") if key in changes}
    values: dict[str, Any] = {
        "id": "test-rule",
        "title": "Test rule",
        "layer": Layer.CLUSTER,
        "stages": [Stage.DEPLOY],
        "practices": ["K1"],
        "severity": Severity.HIGH,
        "confidence": Confidence.HIGH,
        "why": "Because.",
        "remediation": "Mend it.",
        "match": Match(kinds=["sea.example/Harbour"]),
        "validations": [Validation(expression=expression, **validation)],
    }
    return Rule(**(values | changes))


def harbour(text: str) -> list[Resource]:
    data = b"apiVersion: sea.example/v1\nkind: Harbour\nmetadata: {name: north}\n" + text.encode()
    (document,) = kubernetes_yaml.parse("harbour.yaml", data).documents
    return kubernetes_yaml.resources(document)


def run(rule: Rule, text: str) -> tuple[list[tuple[str, str]], list[str]]:
    plan = Plan([compile_rule(rule)])
    failures, inconclusive = plan.run(plan.resource_facts(harbour(text)))
    found = [(finding.field, finding.message) for finding in build_findings(failures)]
    return found, [entry.reason for entry in explain_inconclusive(inconclusive)]


def test_one_verdict_an_item_and_the_place_of_each() -> None:
    rule = a_rule(
        "item.depth > 5", each="object.berths", message_expression="item.name + ' is shallow'", at="item.depth"
    )
    found, reasons = run(rule, "berths: [{name: a, depth: 9}, {name: b, depth: 3}, {name: c, depth: 4}]\n")
    assert found == [("berths[1].depth", "b is shallow"), ("berths[2].depth", "c is shallow")]
    assert reasons == []


def test_two_levels_see_the_outer_element_as_parent() -> None:
    rule = a_rule(
        "item.size <= parent.depth",
        each="object.berths[*].ships",
        message_expression="parent.name + ': ' + item.name",
        at="item.size",
    )
    found, _ = run(
        rule, "berths: [{name: a, depth: 9, ships: [{name: brig, size: 3}, {name: sloop, size: 12}]}, {name: b}]\n"
    )
    assert found == [("berths[0].ships[1].size", "a: sloop")]


def test_a_missing_list_has_no_items() -> None:
    assert run(a_rule("false", each="object.berths"), "") == ([], [])


def test_something_else_than_a_list_is_undecided_and_not_passed() -> None:
    found, reasons = run(a_rule("true", each="object.berths"), "berths: many\n")
    assert found == []
    assert len(reasons) == 1
    assert "expected a list" in reasons[0]


def test_an_error_on_one_item_hides_no_other() -> None:
    rule = a_rule("item.depth > 5", each="object.berths", at="item")
    found, reasons = run(rule, "berths: [{depth: 3}, {name: no-depth}, {depth: 4}]\n")
    assert [field for field, _ in found] == ["berths[0]", "berths[2]"]
    assert len(reasons) == 1
    assert "test-rule could not be evaluated on Harbour/north" in reasons[0]


def test_an_expression_that_may_be_no_bool_does_not_compile() -> None:
    with pytest.raises(RuleError, match="must evaluate to bool"):
        compile_rule(a_rule("object.depth"))


@pytest.mark.parametrize(
    "expression", ["object.x > 1", "!object.x", "object.x == true", "object.x != 1", "has(object.x.y)"]
)
def test_unknown_is_never_a_pass(expression: str) -> None:
    (resource,) = harbour("")
    fact = Fact(kind="sea.example/Harbour", resource=resource, value={"x": UNKNOWN}, roots={})
    failures, inconclusive = Plan([compile_rule(a_rule(expression))]).run([fact])
    assert failures == []
    assert [one.verdict for one in inconclusive] == [Verdict.UNKNOWN]


@pytest.mark.parametrize(("expression", "fails"), [("object.x || true", False), ("object.x && false", True)])
def test_what_does_not_depend_on_the_unknown_is_decided(expression: str, fails: bool) -> None:
    (resource,) = harbour("")
    fact = Fact(kind="sea.example/Harbour", resource=resource, value={"x": UNKNOWN}, roots={})
    failures, inconclusive = Plan([compile_rule(a_rule(expression))]).run([fact])
    assert (len(failures), inconclusive) == (int(fails), [])


def test_parameters_and_variables_enter_the_expression() -> None:
    rule = a_rule(
        "variables.deep",
        params={"least": 5},
        variables=[Variable(name="deep", expression="object.depth >= params.least")],
    )
    assert run(rule, "depth: 5\n")[0] == []
    assert len(run(rule, "depth: 4\n")[0]) == 1
    compiled = compile_rule(rule, {"least": 3})
    assert compiled.validations[0].test({"depth": 4}, None, None) is True


def test_a_parameter_that_the_rule_lacks_is_an_error() -> None:
    with pytest.raises(RuleError, match="no parameter 'mots'"):
        compile_rule(a_rule("true"), {"mots": 1})


def test_a_match_condition_that_is_false_means_not_applicable() -> None:
    rule = a_rule("false", match_conditions=[Variable(name="open", expression="object.open == true")])
    assert run(rule, "open: false\n")[0] == []
    assert len(run(rule, "open: true\n")[0]) == 1


def test_a_compile_error_stops_the_program_and_names_rule_and_part() -> None:
    with pytest.raises(RuleError, match=r"rule test-rule: validations\[0\].expression does not compile"):
        compile_rule(a_rule("object. +"))


def test_the_first_place_that_exists_is_pointed_to() -> None:
    rule = a_rule("false", at=["object.missing", "object.depth"])
    assert [field for field, _ in run(rule, "depth: 1\n")[0]] == ["depth"]


def fingerprints(text: str) -> dict[str, str]:
    rule = a_rule("false", each="object.berths", message_expression="string(item.name)", at="item.depth")
    plan = Plan([compile_rule(rule)])
    failures, _ = plan.run(plan.resource_facts(harbour(text)))
    return {finding.message: finding.id for finding in build_findings(failures)}


def test_a_fingerprint_survives_moved_lines_and_reordered_items() -> None:
    before = fingerprints("berths: [{name: a, depth: 1}, {name: b, depth: 2}]\n")
    after = fingerprints("# a comment\n\nberths:\n  - {name: b, depth: 7}\n  - {name: a, depth: 1}\n")
    assert before == after
    assert len(set(before.values())) == 2


def test_exact_twins_have_fingerprints_of_their_own() -> None:
    rule = a_rule("false", each="object.berths", at="item")
    plan = Plan([compile_rule(rule)])
    failures, _ = plan.run(plan.resource_facts(harbour("berths: [{name: a}, {name: a}]\n")))
    findings = build_findings(failures)
    assert len({finding.id for finding in findings}) == 2


def test_field_paths_are_written_like_the_report_says() -> None:
    assert (
        format_field_path(("metadata", "annotations", "example.com/a'b", 0))
        == r"metadata.annotations['example.com/a\'b'][0]"
    )
