"""Budgets and replicas: what an eviction would do."""

from sample_manifests import deployment, resources_in
from seawall.facts.availability import derive_disruption_budget_uses, derive_workload_disruptions

BUDGET = (
    "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: b, namespace: shop}\n"
    "spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}\n"
)
SCALER = (
    "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: shop}\n"
    "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 3, maxReplicas: 5}\n"
)
WEB = deployment("web", "{app: web}")


def test_replicas_default_to_one_and_an_autoscaler_decides_over_them() -> None:
    [fact] = derive_workload_disruptions(resources_in(WEB))
    assert (fact.value["replicas"], fact.value["autoscaled"], fact.value["budgets"]) == (1, False, 0)
    [fact] = derive_workload_disruptions(resources_in(WEB + SCALER + BUDGET))
    assert (fact.value["replicas"], fact.value["autoscaled"], fact.value["budgets"]) == (3, True, 1)


def test_the_number_of_replicas_is_known_only_where_it_is_fixed() -> None:
    [fact] = derive_disruption_budget_uses(resources_in(WEB + BUDGET))
    assert (fact.value["selected"], fact.value["replicas"], fact.value["replicasKnown"]) == (1, 1, True)
    [fact] = derive_disruption_budget_uses(resources_in(WEB + BUDGET + SCALER))
    assert fact.value["replicasKnown"] is False
    [fact] = derive_disruption_budget_uses(resources_in(BUDGET))
    assert (fact.value["podsKnown"], fact.value["replicasKnown"]) == (False, False)
