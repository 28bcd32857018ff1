"""Do pods survive an eviction, and can they be evicted at all?

Facts: ``WorkloadDisruption``, ``DisruptionBudgetUse``, ``AutoscalerTarget``.

Availability is security's third leg; and a budget that never allows an eviction keeps a vulnerable pod where it is.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from seawall.facts.pods import (
    PodSet,
    as_scan,
    mapping,
    resources_of_kind,
)
from seawall.model.fact import Fact
from seawall.model.resource import Resource

_REPLICATED = ("Deployment", "StatefulSet")
_SCALED = (*_REPLICATED, "ReplicaSet")


def derive_workload_disruptions(resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield one `WorkloadDisruption` for each Deployment and StatefulSet.

    ``replicas`` is as the API server defaults it, raised to an autoscaler's minimum; ``budgets`` counts the
    PodDisruptionBudgets of the namespace that select its pods.
    """
    scan = as_scan(resources)
    pod_sets = [pod_set for pod_set in scan.pod_sets if pod_set.resource.ref.kind in _REPLICATED]
    if not pod_sets:
        return
    budgets: dict[int, int] = {}
    for budget in resources_of_kind(resources, "policy", "PodDisruptionBudget"):
        selector = mapping(budget.object.get("spec")).get("selector")
        pods = scan.pods_by_namespace.get(budget.ref.namespace)
        if pods is not None and isinstance(selector, dict):
            for pod_set in pods.select(selector):
                budgets[id(pod_set)] = budgets.get(id(pod_set), 0) + 1
    minimum = _autoscaled(resources)
    for pod_set in pod_sets:
        ref = pod_set.resource.ref
        replicas = _replicas(pod_set)
        least = minimum.get((ref.namespace, ref.kind, ref.name))
        yield Fact(
            kind="WorkloadDisruption",
            resource=pod_set.resource,
            value={
                "title": pod_set.title,
                "replicas": replicas if least is None else max(least, 1),
                "autoscaled": least is not None,
                "budgets": budgets.get(id(pod_set), 0),
            },
            roots={"title": ("metadata", "name"), "replicas": ("spec", "replicas")},
        )


def _replicas(pod_set: PodSet) -> int:
    replicas = mapping(pod_set.resource.object.get("spec")).get("replicas")
    return replicas if isinstance(replicas, int) else 1


def _autoscaled(resources: Sequence[Resource]) -> dict[tuple[str, str, str], int]:
    """Return the least number of replicas of each (namespace, kind, name) that a HorizontalPodAutoscaler scales."""
    found: dict[tuple[str, str, str], int] = {}
    for scaler in resources_of_kind(resources, "autoscaling", "HorizontalPodAutoscaler"):
        spec = mapping(scaler.object.get("spec"))
        target = mapping(spec.get("scaleTargetRef"))
        least = spec.get("minReplicas")
        key = (scaler.ref.namespace, str(target.get("kind", "")), str(target.get("name", "")))
        found[key] = least if isinstance(least, int) else 1
    return found


def derive_disruption_budget_uses(resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield one `DisruptionBudgetUse` for each PodDisruptionBudget.

    ``selected`` counts the resources whose pods it selects, ``replicas`` their pods; ``replicasKnown`` is false where an
    autoscaler, a DaemonSet or a bare Pod makes the number uncertain. ``podsKnown`` as in `PolicySelection`. The value repeats
    the budget's ``spec``.
    """
    budgets = resources_of_kind(resources, "policy", "PodDisruptionBudget")
    if not budgets:
        return
    scan = as_scan(resources)
    scaled = _autoscaled(resources)
    for budget in budgets:
        spec: Any = mapping(budget.object.get("spec"))
        selector = spec.get("selector")
        selected, known = scan.find_selected(budget.ref.namespace, selector if isinstance(selector, dict) else None)
        refs = [(pod_set.namespace, pod_set.resource.ref.kind, pod_set.resource.ref.name) for pod_set in selected]
        yield Fact(
            kind="DisruptionBudgetUse",
            resource=budget,
            value={
                "selected": len(selected),
                "podsKnown": known,
                "replicas": sum(_replicas(pod_set) for pod_set in selected),
                "replicasKnown": bool(refs) and all(ref[1] in _REPLICATED and ref not in scaled for ref in refs),
                "spec": spec,
            },
            roots={},
        )


def derive_autoscaler_targets(resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield one `AutoscalerTarget` for each HorizontalPodAutoscaler.

    ``missing`` is true where the target is of a built-in kind, the scan has workloads of that kind in the namespace, and this
    one is not among them.
    """
    scalers = resources_of_kind(resources, "autoscaling", "HorizontalPodAutoscaler")
    if not scalers:
        return
    names = {
        (item.ref.namespace, item.ref.kind, item.ref.name) for item in resources_of_kind(resources, "apps", *_SCALED)
    }
    places = {(namespace, kind) for namespace, kind, _ in names}
    for scaler in scalers:
        target = mapping(mapping(scaler.object.get("spec")).get("scaleTargetRef"))
        kind, name, namespace = str(target.get("kind", "")), str(target.get("name", "")), scaler.ref.namespace
        built_in = str(target.get("apiVersion", "apps/v1")).startswith("apps/")
        yield Fact(
            kind="AutoscalerTarget",
            resource=scaler,
            value={
                "title": f"{kind} {name}",
                "missing": built_in
                and (namespace, kind) in places
                and (namespace, kind, name) not in names
                and ("", kind, name) not in names,
            },
            roots={"title": ("spec", "scaleTargetRef", "name")},
        )
