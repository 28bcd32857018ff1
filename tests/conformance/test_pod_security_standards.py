"""The Pod Security Standards, judged by Kubernetes' own test data: 4,241 pods, sorted by level, version and verdict.

`k8s.io/pod-security-admission` generates them from its checks, one pod for every way to pass and to fail a check at every
version since 1.0. Seawall's rule sets ``pss-baseline`` and ``pss-restricted`` must give the same verdict on every file; where
a file was made to fail one check, a rule of that check must be among those that fail.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from seawall.facts import catalogue
from seawall.formats import kubernetes_yaml
from seawall.model.rule import Rule
from seawall.policy import select
from seawall.policy.compile import compile_rule
from seawall.policy.evaluate import Plan
from seawall.stages import rule_sets

LEVELS = ("baseline", "restricted")
MINORS = range(36)
FILES = 4241
FRAMEWORK = Path(catalogue.__file__).parents[1] / "frameworks" / "pss.yaml"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One pod of the test data: its file, the check that it was made for, and whether it must pass."""

    path: Path
    check: str
    passes: bool


@cache
def checks() -> dict[str, dict[str, Any]]:
    """Return the checks of the framework page by lower-case id."""
    (document,) = kubernetes_yaml.parse("pss.yaml", FRAMEWORK.read_bytes()).documents
    return {name.lower(): check for name, check in document.value["checks"].items()}


@cache
def rules(level: str) -> tuple[Rule, ...]:
    return tuple(select.in_sets(rule_sets.shipped_rules(), [f"pss-{level}"]))


def plan_for(level: str, minor: int) -> Plan:
    version = {"kubernetesVersion": minor}
    return Plan([compile_rule(rule, version if "kubernetesVersion" in rule.params else {}) for rule in rules(level)])


def manifests(root: Path, level: str, minor: int) -> Iterator[Manifest]:
    for verdict in ("pass", "fail"):
        for path in sorted((root / level / f"v1.{minor}" / verdict).glob("*.yaml")):
            yield Manifest(path, re.sub(r"\d+$", "", path.stem), verdict == "pass")


def failing_rules(plan: Plan, manifest: Manifest) -> set[str]:
    parsed = kubernetes_yaml.parse(manifest.path.name, manifest.path.read_bytes())
    assert not parsed.unscanned
    resources = [resource for document in parsed.documents for resource in kubernetes_yaml.resources(document)]
    assert len(resources) == 1
    facts = [*catalogue.derive(plan.fact_kinds, resources), *plan.resource_facts(resources)]
    failures, inconclusive = plan.run(facts)
    assert not inconclusive, [item.reason for item in inconclusive]
    return {failure.validation.rule.id for failure in failures}


@pytest.mark.parametrize("minor", MINORS)
@pytest.mark.parametrize("level", LEVELS)
def test_every_pod_gets_the_verdict_of_kubernetes(pod_security_manifests: Path, level: str, minor: int) -> None:
    plan = plan_for(level, minor)
    wrong: list[str] = []
    count = 0
    for manifest in manifests(pod_security_manifests, level, minor):
        count += 1
        failing = failing_rules(plan, manifest)
        name = f"{level}/v1.{minor}/{'pass' if manifest.passes else 'fail'}/{manifest.path.name}"
        if manifest.passes != (not failing):
            wrong.append(f"{name}: failing rules: {sorted(failing)}")
        elif not manifest.passes and failing.isdisjoint(checks()[manifest.check]["rules"]):
            wrong.append(f"{name}: failed by {sorted(failing)}, none of which is a rule of {manifest.check}")
    print(f"{level} v1.{minor}: {count} pods, {len(wrong)} different")
    assert count > 0
    assert wrong == []


def test_no_file_of_the_test_data_is_left_out(pod_security_manifests: Path) -> None:
    judged = sum(1 for level in LEVELS for minor in MINORS for _ in manifests(pod_security_manifests, level, minor))
    assert judged == FILES == sum(1 for _ in pod_security_manifests.rglob("*.yaml"))
