"""The rules' own examples are their tests: everything bad fires, everything good is silent.

The same check as ``seawall rules test`` (`seawall.stages.rule_examples`), and what Seawall asks of its own rules besides.
"""

from functools import cache

import pytest

from seawall.policy.evaluate import Plan
from seawall.sources import rule_folders
from seawall.stages import rule_examples
from seawall.stages.rule_examples import ExampleResult, RuleUnderTest

RESOURCE_LAYERS = ("cloud", "cluster", "container", "code")
TESTED: dict[str, RuleUnderTest] = {
    tested.rule.id: tested
    for tested in rule_examples.load(rule_folders.SHIPPED)
    if tested.rule.layer in RESOURCE_LAYERS
}


def examples(kind: str) -> list[tuple[str, str]]:
    return [(rule_id, name) for rule_id, tested in TESTED.items() for name in tested.folder.example_names(kind)]


@cache
def results(rule_id: str) -> dict[str, ExampleResult]:
    return {result.name: result for result in rule_examples.check(TESTED[rule_id])}


@pytest.mark.parametrize(("rule_id", "name"), examples("bad"))
def test_every_bad_example_fires(rule_id: str, name: str) -> None:
    result = results(rule_id)[name]
    assert result.problems == ()
    assert result.messages


@pytest.mark.parametrize(("rule_id", "name"), examples("good"))
def test_every_good_example_is_silent(rule_id: str, name: str) -> None:
    result = results(rule_id)[name]
    assert result.problems == ()
    assert result.messages == ()


@pytest.mark.parametrize(("rule_id", "name"), examples("bad"))
def test_every_failure_names_what_is_wrong_and_where(rule_id: str, name: str) -> None:
    plan = Plan([TESTED[rule_id].compiled])
    for failure in plan.run(rule_examples.example_facts(TESTED[rule_id].folder, plan, name))[0]:
        message = failure.validation.message
        text = message if isinstance(message, str) else message(failure.fact.value, failure.item, failure.parent)
        assert isinstance(text, str)
        assert text.strip()
        assert "\n" not in text
        assert not text.endswith(".")


@pytest.fixture(scope="module")
def every_rule() -> Plan:
    return Plan([tested.compiled for tested in TESTED.values()])


@pytest.mark.parametrize("kind", ["bad", "good"])
def test_no_rule_errs_on_the_examples_of_another(kind: str, every_rule: Plan) -> None:
    for rule_id, name in examples(kind):
        _, inconclusive = every_rule.run(rule_examples.example_facts(TESTED[rule_id].folder, every_rule, name))
        assert [(item.validation.rule.id, f"{rule_id}/{name}", item.reason) for item in inconclusive] == []
