"""What holds a namespace's tenants apart? (fact ``NamespaceGuards``)"""

from collections import Counter
from collections.abc import Iterator, Sequence

from seawall.facts.pods import resources_of_kind
from seawall.model.fact import Fact
from seawall.model.resource import Resource


def derive_namespace_guards(resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield one `NamespaceGuards` for each Namespace of the scan: how many ResourceQuotas and LimitRanges it has."""
    namespaces = resources_of_kind(resources, "", "Namespace")
    if not namespaces:
        return
    quotas = Counter(resource.ref.namespace for resource in resources_of_kind(resources, "", "ResourceQuota"))
    ranges = Counter(resource.ref.namespace for resource in resources_of_kind(resources, "", "LimitRange"))
    for namespace in namespaces:
        name = namespace.ref.name
        yield Fact(
            kind="NamespaceGuards",
            resource=namespace,
            value={"name": name, "quotas": quotas[name], "limitRanges": ranges[name]},
            roots={"name": ("metadata", "name")},
        )
