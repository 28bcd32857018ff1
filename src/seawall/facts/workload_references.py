"""Do the names exist that a workload depends on? (fact ``WorkloadReferences``)

A StatefulSet without its Service has no names for its pods, and pods of a service account that does not exist are not made;
whoever may create the missing one decides what they get. As in `rbac_references`, a name is only missing where the scan shows
that it holds the place in which it should be.
"""

from collections.abc import Iterator, Sequence

from seawall.facts.pods import as_scan, describe, mapping, resources_of_kind
from seawall.model.fact import Fact
from seawall.model.resource import Resource


def derive_workload_references(resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield one `WorkloadReferences` for each resource that makes pods.

    ``account`` and ``service`` are the names (empty where none is written); ``accountMissing`` and ``serviceMissing`` are true
    where the scan has others of the kind in the namespace, and not this one.
    """
    scan = as_scan(resources)
    if not scan.pod_sets:
        return
    accounts = {(r.ref.namespace, r.ref.name) for r in resources_of_kind(resources, "", "ServiceAccount")}
    services = {(r.ref.namespace, r.ref.name) for r in resources_of_kind(resources, "", "Service")}
    # The control plane makes accounts of its own in kube-system, which few scans show.
    # A custom resource whose operator makes pods makes their accounts and Services too.
    account_places = {place for place, _ in accounts} - {"kube-system"} - scan.opaque_namespaces
    service_places = {place for place, _ in services} - scan.opaque_namespaces
    for pod_set in scan.pod_sets:
        namespace = pod_set.namespace
        account = str(pod_set.spec.get("serviceAccountName") or pod_set.spec.get("serviceAccount") or "")
        service = ""
        if pod_set.resource.ref.kind == "StatefulSet":
            service = str(mapping(pod_set.resource.object.get("spec")).get("serviceName") or "")
        yield Fact(
            kind="WorkloadReferences",
            resource=pod_set.resource,
            value={
                "title": describe(pod_set.resource),
                "account": account,
                "accountMissing": account not in ("", "default")
                and namespace in account_places
                and _is_missing(namespace, account, accounts),
                "service": service,
                "serviceMissing": service != ""
                and namespace in service_places
                and _is_missing(namespace, service, services),
            },
            roots={
                "title": ("metadata", "name"),
                "account": (*pod_set.template_path, "spec", "serviceAccountName"),
                "service": ("spec", "serviceName"),
            },
        )


def _is_missing(namespace: str, name: str, known: set[tuple[str, str]]) -> bool:
    return (namespace, name) not in known and ("", name) not in known
