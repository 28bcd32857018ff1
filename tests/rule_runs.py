"""Run shipped rules on manifests given as text. For tests only."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sample_manifests import resources_in
from seawall.facts import catalogue
from seawall.model.rule import Rule
from seawall.policy.compile import compile_rule
from seawall.policy.evaluate import Failure, Plan
from seawall.policy.load import parse_rules
from seawall.sources import rule_folders


@cache
def shipped() -> dict[str, Rule]:
    """Return every shipped rule by id."""
    return {rule.id: rule for rule in parse_rules(rule_folders.read(rule_folders.SHIPPED))}


@cache
def plan_of(rule_id: str) -> Plan:
    """Return the plan of one rule alone, with its own parameters."""
    return Plan([compile_rule(shipped()[rule_id])])


def failures_of(rule_id: str, text: str, params: Mapping[str, Any] | None = None) -> list[Failure]:
    """Return what the rule finds in the documents of `text`; no verdict may be left open."""
    plan = plan_of(rule_id) if params is None else Plan([compile_rule(shipped()[rule_id], params)])
    resources = resources_in(text)
    failures, inconclusive = plan.run([*catalogue.derive(plan.fact_kinds, resources), *plan.resource_facts(resources)])
    assert [item.reason for item in inconclusive] == []
    return failures


def messages_of(rule_id: str, text: str, params: Mapping[str, Any] | None = None) -> list[str]:
    """Return the messages of `failures_of`."""
    found = []
    for failure in failures_of(rule_id, text, params):
        message = failure.validation.message
        found.append(message if isinstance(message, str) else message(failure.fact.value, failure.item, failure.parent))
    return found
