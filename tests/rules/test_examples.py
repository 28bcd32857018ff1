"""The rules' own examples are their tests: everything bad fires, everything good is silent.

A bad file of a rule over resources: every document that yields what the rule looks at fires. A bad file of a rule over the
whole scan (a set fact): the file is one scan, and at least one finding comes of it. Good files: no finding at all.
"""

from functools import cache
from pathlib import Path

import pytest

from seawall.facts import catalogue
from seawall.formats import kubernetes_yaml
from seawall.model.fact import Fact
from seawall.model.resource import Resource
from seawall.model.rule import Rule
from seawall.policy.compile import compile_rule
from seawall.policy.evaluate import Failure, Inconclusive, Plan
from seawall.policy.load import RuleFolder, parse_rules
from seawall.sources import rule_folders

FOLDERS: dict[str, RuleFolder] = {folder.id: folder for folder in rule_folders.read(rule_folders.SHIPPED)}
RULES: dict[str, Rule] = {rule.id: rule for rule in parse_rules(FOLDERS.values())}
RESOURCE_LAYERS = ("cluster", "container")


def examples(kind: str) -> list[tuple[str, str]]:
    return [
        (rule.id, name)
        for rule in RULES.values()
        if rule.layer in RESOURCE_LAYERS
        for name in FOLDERS[rule.id].example_names(kind)
    ]


@cache
def resources(rule_id: str, name: str) -> tuple[Resource, ...]:
    path = Path(FOLDERS[rule_id].place) / name
    parsed = kubernetes_yaml.parse(f"{rule_id}/{name}", rule_folders.read_file(path))
    assert not parsed.unscanned
    return tuple(resource for document in parsed.documents for resource in kubernetes_yaml.resources(document))


@cache
def plan_of(rule_id: str) -> Plan:
    return Plan([compile_rule(RULES[rule_id])])


def facts_for(plan: Plan, found: tuple[Resource, ...]) -> list[Fact]:
    return [*catalogue.derive(plan.fact_kinds, found), *plan.resource_facts(found)]


def is_over_the_whole_scan(rule: Rule) -> bool:
    return any(catalogue.FACT_KINDS[kind].scope == "set" for kind in rule.match.facts)


def run(rule_id: str, name: str) -> tuple[list[Fact], list[Failure], list[Inconclusive]]:
    plan = plan_of(rule_id)
    facts = facts_for(plan, resources(rule_id, name))
    failures, inconclusive = plan.run(facts)
    return facts, failures, inconclusive


def label(resource: Resource) -> str:
    return f"{resource.ref.kind} {resource.ref.name}"


@pytest.mark.parametrize(("rule_id", "name"), examples("bad"))
def test_every_bad_example_fires(rule_id: str, name: str) -> None:
    facts, failures, inconclusive = run(rule_id, name)
    assert not inconclusive, [item.reason for item in inconclusive]
    assert facts, "no document yields what the rule looks at"
    if is_over_the_whole_scan(RULES[rule_id]):
        assert failures
        return
    fired = {id(failure.fact) for failure in failures}
    assert [label(fact.resource) for fact in facts if id(fact) not in fired] == []


@pytest.mark.parametrize(("rule_id", "name"), examples("good"))
def test_every_good_example_is_silent(rule_id: str, name: str) -> None:
    facts, failures, inconclusive = run(rule_id, name)
    assert not inconclusive, [item.reason for item in inconclusive]
    assert [label(failure.fact.resource) for failure in failures] == []
    if not is_over_the_whole_scan(RULES[rule_id]):
        assert facts, "no document yields what the rule looks at"


@pytest.mark.parametrize(("rule_id", "name"), examples("bad"))
def test_every_failure_names_what_is_wrong_and_where(rule_id: str, name: str) -> None:
    for failure in run(rule_id, name)[1]:
        message = failure.validation.message
        text = message if isinstance(message, str) else message(failure.fact.value, failure.item, failure.parent)
        assert isinstance(text, str)
        assert text.strip()
        assert "\n" not in text
        assert not text.endswith(".")


@pytest.fixture(scope="module")
def every_rule() -> Plan:
    return Plan([compile_rule(rule) for rule in RULES.values() if rule.layer in RESOURCE_LAYERS])


@pytest.mark.parametrize("kind", ["bad", "good"])
def test_no_rule_errs_on_the_examples_of_another(kind: str, every_rule: Plan) -> None:
    for rule_id, name in examples(kind):
        _, inconclusive = every_rule.run(facts_for(every_rule, resources(rule_id, name)))
        assert [(item.validation.rule.id, f"{rule_id}/{name}", item.reason) for item in inconclusive] == []
