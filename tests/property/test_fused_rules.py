"""Rules that were fused into one function say what each rule's own program says, also of data that is built wrongly."""

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.cel.errors import CelError, CelUnknown
from seawall.cel.unknown import UNKNOWN
from seawall.facts.catalogue import FACT_KINDS
from seawall.facts.workloads import derive_pod_specs
from seawall.formats import kubernetes_yaml
from seawall.model.fact import Fact
from seawall.policy.compile import compile_rules
from seawall.policy.compiled import CompiledValidation
from seawall.policy.evaluate import Plan, items_of
from seawall.sources import rule_folders
from seawall.stages import rule_sets

ODD_VALUES: tuple[Any, ...] = (
    None,
    "",
    "x",
    0,
    -1,
    True,
    False,
    1.5,
    [],
    {},
    [1],
    ["ALL"],
    [{}],
    {"name": "n"},
    UNKNOWN,
)


@cache
def plan() -> Plan:
    rules = [rule for rule in rule_sets.shipped_rules() if rule.match.facts in ([], ["PodSpec"])]
    return Plan(compile_rules(rules), present={name: kind.fields for name, kind in FACT_KINDS.items()})


@cache
def example_facts() -> tuple[Fact, ...]:
    """The facts about one resource in all examples of all rules."""
    found: list[Fact] = []
    for path in sorted(Path(rule_folders.SHIPPED).glob("*/*/*.yaml")):
        if path.name != "rule.yaml":
            for document in kubernetes_yaml.parse(path.name, path.read_bytes()).documents:
                for resource in kubernetes_yaml.resources(document):
                    found += derive_pod_specs(resource)
                    found += plan().resource_facts([resource])
    return tuple(found)


def by_themselves(fact: Fact, validations: Iterator[CompiledValidation]) -> set[tuple[str, int, tuple[int, ...], str]]:
    verdicts = set()
    for validation in validations:
        try:
            items = [(None, None, ())] if validation.each is None else list(items_of(fact.value, validation.each))
        except CelError:
            verdicts.add((validation.rule.id, validation.index, (), "error"))
            continue
        for item, parent, indices in items:
            try:
                verdict = {True: "", False: "fail"}[validation.test(fact.value, item, parent)]
            except CelUnknown:
                verdict = "unknown"
            except CelError:
                verdict = "error"
            if verdict:
                verdicts.add((validation.rule.id, validation.index, indices, verdict))
    return verdicts


def fused(fact: Fact) -> set[tuple[str, int, tuple[int, ...], str]]:
    failures, inconclusive = plan().run([fact])
    return {(f.validation.rule.id, f.validation.index, f.indices, "fail") for f in failures} | {
        (i.validation.rule.id, i.validation.index, i.indices, i.verdict.value) for i in inconclusive
    }


def validations_for(kind: str) -> Iterator[CompiledValidation]:
    for compiled in plan().rules:
        if kind in (*compiled.rule.match.facts, *compiled.rule.match.kinds):
            yield from compiled.validations


def mutated(value: Any, random: Random) -> Any:
    """`value` with one part of it replaced or taken away; never one of the fields that every fact has."""
    whole = deepcopy(value)
    at, depth = whole, 0
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        if not keys:
            return whole
        key = random.choice(keys)
        inner = at[key]
        if depth > 0 and (not isinstance(inner, dict | list) or random.random() < 0.15):
            if isinstance(at, dict) and random.random() < 0.3:
                del at[key]
            else:
                at[key] = random.choice(ODD_VALUES)
            return whole
        if not isinstance(inner, dict | list):
            return whole
        at, depth = inner, depth + 1


@settings(max_examples=250, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 2**32), st.integers(0, 3))
def test_the_fused_form_agrees_with_each_program_on_data_of_any_shape(place: int, seed: int, changes: int) -> None:
    fact = example_facts()[place % len(example_facts())]
    random = Random(seed)
    value = fact.value
    for _ in range(changes):
        value = mutated(value, random)
    changed = Fact(kind=fact.kind, resource=fact.resource, value=value, roots=fact.roots)
    assert fused(changed) == by_themselves(changed, validations_for(fact.kind))


def test_real_resources_are_decided_by_the_fast_form_alone() -> None:
    """A rule that always needs its exact form costs ten times what it should: write its expression in another way."""
    slow: dict[str, int] = {}
    for fact in example_facts():
        for step in plan().steps(fact.kind):
            doubts: list[Any] = []
            step.prepare()(fact.value, [], doubts)
            for doubt in doubts:
                name = step.validations[doubt[0]].rule.id
                slow[name] = slow.get(name, 0) + 1
    assert {name: count for name, count in slow.items() if count > 3} == {}
