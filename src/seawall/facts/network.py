"""Which pods does a NetworkPolicy isolate, and in which direction?

Facts: ``NamespaceIsolation``, ``WorkloadIsolation``, ``PolicySelection``, ``PolicyPeers``.

A pod is isolated for a direction when a NetworkPolicy *of its own namespace* selects it and has that direction among its
``policyTypes``; only then is anything denied. Selectors are evaluated in full. Pods on the host network are left out: no policy
reaches them. For egress, one rule without destination and ports (``egress: [{}]``, the common way to say "not now") undoes
the isolation of the pods that its policy selects, whatever other policies say; so they count as open. For ingress such a
rule has a rule of its own to blame the policy, and the pods count as isolated.

Policies of Cilium isolate as well (`cilium`). Other kinds (Calico, Antrea, the cluster-wide ones of the policy working
group), and what of Cilium's only a running Cilium can tell, are not read. Where one of them might isolate a pod that no policy
isolates for certain, the answer is `UNKNOWN`, which no rule may take for a pass or a fail. It stands in the namespace's fact,
once, and not in that of each workload.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from seawall.cel.unknown import UNKNOWN
from seawall.facts import cilium
from seawall.facts.pods import (
    PodSet,
    Scan,
    as_scan,
    group_of,
    mapping,
    maps_in,
    resources_of_kind,
    some_pods,
)
from seawall.model.fact import Fact
from seawall.model.resource import Resource

NETWORKING = "networking.k8s.io"
_DIRECTIONS = ("Ingress", "Egress")


class Isolation(msgspec.Struct, frozen=True, eq=False):
    """What the NetworkPolicies of a scan do. `isolated` holds, by direction, the ids of the isolated pod sets; `deny_all` the
    namespaces in which a policy selects every pod; `policies` counts them by namespace. `other_policies` are the namespaces
    with policies of unknown kinds, None standing for all namespaces."""

    pod_sets: dict[str, list[PodSet]]
    isolated: dict[str, set[int]]
    deny_all: dict[str, set[str]]
    policies: dict[str, int]
    other_policies: set[str | None]

    def is_unknown(self, namespace: str) -> bool:
        """Return whether policies of unknown kinds may hold in `namespace`."""
        return None in self.other_policies or namespace in self.other_policies


def policy_directions(spec: Mapping[str, Any]) -> list[str]:
    """Return the directions that a NetworkPolicy's `spec` isolates, defaulted as the API server defaults ``policyTypes``."""
    types = spec.get("policyTypes")
    if isinstance(types, list) and types:
        return [direction for direction in _DIRECTIONS if direction in types]
    return ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]


def read_isolation(scan: Scan) -> Isolation:
    """Return what the NetworkPolicies of `scan` isolate."""
    grouped: dict[str, list[PodSet]] = {}
    for pod_set in scan.pod_sets:
        if pod_set.spec.get("hostNetwork") is not True:
            grouped.setdefault(pod_set.namespace, []).append(pod_set)
    unlimited: set[int] = set()
    found = Isolation(grouped, {d: set() for d in _DIRECTIONS}, {d: set() for d in _DIRECTIONS}, {}, set())
    policies = [
        resource for (_, kind), same in scan.by_kind.items() if kind.endswith("NetworkPolicy") for resource in same
    ]
    for resource in policies:
        namespace = resource.ref.namespace
        if group_of(resource) == cilium.GROUP and resource.ref.kind in cilium.KINDS:
            rules = cilium.read_rules(resource)
            if rules is not None:
                _apply_cilium(found, scan, rules, unlimited)
                continue
        if group_of(resource) != NETWORKING:
            everywhere = any(word in resource.ref.kind for word in ("Cluster", "Global", "Admin"))
            found.other_policies.add(None if everywhere else namespace)
            continue
        found.policies[namespace] = found.policies.get(namespace, 0) + 1
        spec = mapping(resource.object.get("spec"))
        selector = mapping(spec.get("podSelector"))
        pods = scan.pods_by_namespace.get(namespace)
        selected = pods.select(selector) if pods is not None else []
        for direction in policy_directions(spec):
            found.isolated[direction].update(id(pod_set) for pod_set in selected)
            if not selector.get("matchLabels") and not selector.get("matchExpressions"):
                found.deny_all[direction].add(namespace)
        if any(not rule.get("to") and not rule.get("ports") for rule in maps_in(spec.get("egress"))):
            unlimited.update(id(pod_set) for pod_set in selected)
    found.isolated["Egress"] -= unlimited
    return found


def _apply_cilium(found: Isolation, scan: Scan, rules: Iterable[cilium.EndpointRule], unlimited: set[int]) -> None:
    for rule in rules:
        namespaces = list(found.pod_sets) if rule.namespace is None else [rule.namespace]
        for namespace in namespaces:
            found.policies[namespace] = found.policies.get(namespace, 0) + 1
            pods = scan.pods_by_namespace.get(namespace)
            selected = pods.select(rule.selector) if pods is not None else []
            for direction in rule.directions:
                found.isolated[direction].update(id(pod_set) for pod_set in selected)
                if not rule.selector.get("matchLabels") and not rule.selector.get("matchExpressions"):
                    found.deny_all[direction].add(namespace)
            if rule.open_egress:
                unlimited.update(id(pod_set) for pod_set in selected)


def _coverage(isolation: Isolation, namespace: str, direction: str) -> Any:
    """Return ``all``, ``some`` or ``none`` of the namespace's pod sets, or `UNKNOWN` where it is neither known nor ``all``."""
    isolated = isolation.isolated[direction]
    pod_sets = isolation.pod_sets[namespace]
    count = sum(id(pod_set) in isolated for pod_set in pod_sets)
    if count == len(pod_sets):
        return "all"
    if isolation.is_unknown(namespace):
        return UNKNOWN
    return "some" if count else "none"


def derive_namespace_isolation(resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield one `NamespaceIsolation` for each namespace with pods in the scan, in name order.

    The fact blames the Namespace when the scan has it, else the first resource that makes pods there: a controller, where
    there is one, since a bare Pod is often a chart's test.
    """
    isolation = as_scan(resources).once(read_isolation)
    named = {resource.ref.name: resource for resource in resources_of_kind(resources, "", "Namespace")}
    for namespace, pod_sets in sorted(isolation.pod_sets.items()):
        lasting = [pod_set for pod_set in pod_sets if pod_set.resource.ref.kind != "Pod"] or pod_sets
        resource = named.get(namespace) or lasting[0].resource
        value: dict[str, Any] = {
            "name": namespace,
            "title": f"namespace {namespace}" if namespace else "the namespace of these manifests",
            "workloads": len(pod_sets),
            "policies": isolation.policies.get(namespace, 0),
        }
        for direction in _DIRECTIONS:
            field = direction.lower()
            isolated = isolation.isolated[direction]
            value[field] = _coverage(isolation, namespace, direction)
            value[f"{field}Open"] = some_pods([p for p in pod_sets if id(p) not in isolated])
            denied = namespace in isolation.deny_all[direction]
            value[f"{field}DefaultDeny"] = True if denied else UNKNOWN if isolation.is_unknown(namespace) else False
        at = ("metadata", "name") if resource.ref.kind == "Namespace" else ("metadata",)
        yield Fact(kind="NamespaceIsolation", resource=resource, value=value, roots={"name": at, "title": at})


def derive_workload_isolation(resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield one `WorkloadIsolation` for each resource that makes pods and is not on the host network.

    ``ingress`` and ``egress`` are ``isolated``, ``open``, or ``unknown`` where a policy of another kind may isolate the pods;
    ``namespaceIngress`` and ``namespaceEgress`` say what holds for the whole namespace, ``unknown`` included.
    """
    isolation = as_scan(resources).once(read_isolation)
    for namespace, pod_sets in sorted(isolation.pod_sets.items()):
        unknown = isolation.is_unknown(namespace)
        coverage = {direction: _coverage(isolation, namespace, direction) for direction in _DIRECTIONS}
        for pod_set in pod_sets:
            value: dict[str, Any] = {"title": pod_set.title, "labels": pod_set.labels, "spec": pod_set.spec}
            for direction in _DIRECTIONS:
                open_word = "unknown" if unknown else "open"
                isolated = id(pod_set) in isolation.isolated[direction]
                value[direction.lower()] = "isolated" if isolated else open_word
                whole = coverage[direction]
                value[f"namespace{direction}"] = whole if isinstance(whole, str) else "unknown"
            yield Fact(
                kind="WorkloadIsolation",
                resource=pod_set.resource,
                value=value,
                roots={"title": ("metadata", "name"), "labels": _labels_path(pod_set)},
            )


def _labels_path(pod_set: PodSet) -> tuple[str | int, ...]:
    return (*pod_set.template_path, "metadata", "labels")


def derive_policy_selections(resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield one `PolicySelection` for each NetworkPolicy: how many resources that make pods it selects.

    ``podsKnown`` is false where the scan has no pods of the namespace at all, or where a custom resource might make the pods
    that the policy means: then nobody can say that it selects nothing.
    """
    policies = resources_of_kind(resources, NETWORKING, "NetworkPolicy")
    if not policies:
        return
    scan = as_scan(resources)
    for policy in policies:
        spec = mapping(policy.object.get("spec"))
        selector = mapping(spec.get("podSelector"))
        selected, known = scan.find_selected(policy.ref.namespace, selector)
        yield Fact(
            kind="PolicySelection",
            resource=policy,
            value={"selected": len(selected), "podsKnown": known, "podSelector": selector},
            roots={"podSelector": ("spec", "podSelector")},
        )


def derive_policy_peers(resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield one `PolicyPeers` for each NetworkPolicy that names pods of its own namespace as peers.

    ``peers`` have ``selector`` in words, ``direction`` and ``missing``: true where the scan can tell that no pod of the
    namespace has these labels. Peers with a namespaceSelector are left out: other namespaces need not be in the scan.
    """
    policies = resources_of_kind(resources, NETWORKING, "NetworkPolicy")
    if not policies:
        return
    scan = as_scan(resources)
    for policy in policies:
        spec = mapping(policy.object.get("spec"))
        found: list[dict[str, Any]] = []
        places: list[tuple[str | int, ...]] = []
        for direction, field in (("ingress", "from"), ("egress", "to")):
            for index, rule in enumerate(maps_in(spec.get(direction))):
                for number, peer in enumerate(maps_in(rule.get(field))):
                    selector = peer.get("podSelector")
                    if not isinstance(selector, dict) or "namespaceSelector" in peer:
                        continue
                    selected, known = scan.find_selected(policy.ref.namespace, selector)
                    words = ", ".join(f"{key}={value}" for key, value in mapping(selector.get("matchLabels")).items())
                    found.append(
                        {
                            "selector": words or "an expression",
                            "direction": direction,
                            "missing": known and not selected,
                        }
                    )
                    places.append(("spec", direction, index, field, number, "podSelector"))
        if found:
            yield Fact(kind="PolicyPeers", resource=policy, value={"peers": found}, roots={"peers": places})
