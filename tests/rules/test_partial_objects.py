"""A patch, or an object that is not finished, is no error of a rule: what is not there is judged as absent."""

from typing import Any

import msgspec
import pytest

from rule_runs import plan_of, shipped
from seawall.facts import catalogue
from seawall.formats import kubernetes_yaml

VERSIONS = {"autoscaling": "v2", "gateway.networking.k8s.io": "v1", "cilium.io": "v2"}
PARTS: list[dict[str, Any]] = [
    {},
    {"metadata": {"name": "x"}},
    {"metadata": {"name": "x", "annotations": {}, "labels": {}}, "spec": {}},
    {"metadata": {"name": "x"}, "spec": {"template": {}}, "subjects": [], "rules": [], "webhooks": [], "roleRef": {}},
    {"metadata": {"name": "x"}, "spec": {"template": {"spec": {}}, "rules": [{}], "listeners": [{}], "ports": [{}]}},
    {
        "metadata": {"name": "x"},
        "spec": {"rules": [{"http": {}}], "egress": [{"to": [{}]}], "ingress": [{"from": [{}]}]},
        "rules": [{}],
        "subjects": [{}],
        "webhooks": [{"clientConfig": {}, "rules": [{}]}],
    },
]


def kinds_that_rules_look_at() -> list[str]:
    rules = [rule for rule in shipped().values() if rule.layer in ("cluster", "container")]
    written = {kind for rule in rules for kind in rule.match.kinds}
    derived = {kind for rule in rules for fact in rule.match.facts for kind in catalogue.FACT_KINDS[fact].kinds}
    return sorted(written | derived)


@pytest.mark.parametrize("kind", kinds_that_rules_look_at())
def test_no_rule_errs_on_an_object_that_lacks_almost_everything(kind: str) -> None:
    group, _, name = kind.rpartition("/")
    version = f"{group}/{VERSIONS.get(group, 'v1')}" if group else "v1"
    errors = []
    for part in PARTS:
        data = msgspec.json.encode({"apiVersion": version, "kind": name, **part})
        resources = [
            r for document in kubernetes_yaml.parse("x", data).documents for r in kubernetes_yaml.resources(document)
        ]
        for rule in shipped().values():
            if kind in rule.match.kinds or any(kind in catalogue.FACT_KINDS[fact].kinds for fact in rule.match.facts):
                plan = plan_of(rule.id)
                facts = [*catalogue.derive(plan.fact_kinds, resources), *plan.resource_facts(resources)]
                _, inconclusive = plan.run(facts)
                errors += [(rule.id, item.reason) for item in inconclusive]
    assert sorted(set(errors)) == [], sorted(set(errors))
