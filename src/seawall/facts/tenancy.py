"""What holds a namespace's tenants apart? (fact ``NamespaceGuards``)"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seawall.facts.pods import PodSet, as_scan, mapping, maps_in, resources_of_kind, some_pods
from seawall.model.fact import Fact
from seawall.model.resource import Resource


def derive_namespace_guards(resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield one `NamespaceGuards` for each Namespace of the scan: how many ResourceQuotas and LimitRanges it has.

    ``unbounded`` names the workloads of the namespace, in words, that have a container without memory limit.
    """
    namespaces = resources_of_kind(resources, "", "Namespace")
    if not namespaces:
        return
    quotas = Counter(resource.ref.namespace for resource in resources_of_kind(resources, "", "ResourceQuota"))
    ranges = Counter(resource.ref.namespace for resource in resources_of_kind(resources, "", "LimitRange"))
    unbounded: dict[str, list[PodSet]] = {namespace.ref.name: [] for namespace in namespaces}
    for pod_set in as_scan(resources).pod_sets:
        if pod_set.namespace in unbounded and _is_unbounded(pod_set):
            unbounded[pod_set.namespace].append(pod_set)
    for namespace in namespaces:
        name = namespace.ref.name
        yield Fact(
            kind="NamespaceGuards",
            resource=namespace,
            value={
                "name": name,
                "quotas": quotas[name],
                "limitRanges": ranges[name],
                "unbounded": some_pods(unbounded[name]),
            },
            roots={"name": ("metadata", "name")},
        )


def _is_unbounded(pod_set: PodSet) -> bool:
    """Return whether the memory of the pods has no limit: neither the pod's own nor one of every container."""
    if _limits_memory(pod_set.spec):
        return False
    for container in (*maps_in(pod_set.spec.get("containers")), *maps_in(pod_set.spec.get("initContainers"))):
        if not _limits_memory(container):
            return True
    return False


def _limits_memory(holder: Mapping[str, Any]) -> bool:
    return "memory" in mapping(mapping(holder.get("resources")).get("limits"))
