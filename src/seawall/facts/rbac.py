"""Who holds which dangerous power, where, and through which binding? (fact ``RbacPower``)

A role's text says little: the same ClusterRole is harmless where nobody is bound to it, reaches one namespace through a
RoleBinding and every namespace through a ClusterRoleBinding. The fact joins roles, bindings, aggregation and the workloads
that run as the bound service accounts. It blames the role, since that is where the power is written: one fact a role and
power, however many bindings and workloads there are.

Aggregation is closed over: rules of a ClusterRole are also those of every ClusterRole whose ``aggregationRule`` selects it,
and of the built-in ``admin``, ``edit`` and ``view`` by their well-known labels, which reach each other.
Roles that Kubernetes itself makes at start (``system:`` and the like, labelled as bootstrap defaults) are as they must be
and yield nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from seawall.facts.pods import PodSet, as_scan, describe, mapping, maps_in, resources_of_kind, some_of
from seawall.facts.rbac_powers import MAJOR_POWERS, RBAC, Power, powers_of
from seawall.facts.selectors import LabelIndex
from seawall.model.fact import Fact
from seawall.model.resource import Resource

BUILT_IN_ROLES = frozenset({"cluster-admin", "admin", "edit", "view"})
"""The user-facing ClusterRoles that every cluster has (besides those whose name starts with ``system:``)."""

_AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-"
# Kubernetes labels its own `view` as aggregating to `edit`, and `edit` to `admin`.
_AGGREGATES_ON = {"view": ("view", "edit", "admin"), "edit": ("edit", "admin"), "admin": ("admin",)}

RoleKey = tuple[str, str, str]
"""(kind, namespace, name); the namespace of a ClusterRole is empty."""


class Binding(msgspec.Struct, frozen=True, eq=False):
    """A RoleBinding or ClusterRoleBinding with its subjects. `namespace` is where it grants, empty for a RoleBinding
    that writes none; `everywhere` is true for a ClusterRoleBinding."""

    resource: Resource
    everywhere: bool
    namespace: str
    subjects: list[Mapping[str, Any]]


def derive_rbac_powers(resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield one `RbacPower` for each role of the scan and power that it grants, in the roles' order.

    A power over a resource without namespace that only RoleBindings hand out is not granted, and yields nothing.
    """
    roles = [role for role in resources_of_kind(resources, RBAC, "Role", "ClusterRole") if not is_built_in(role)]
    if not roles:
        return
    bindings = collect_bindings(resources)
    aggregators = _aggregators([role for role in roles if role.ref.kind == "ClusterRole"])
    users = _users_of_accounts(resources)
    for role in roles:
        granted = _powers_with_places(role)
        if not granted:
            continue
        key = role_key(role)
        aggregates_to = aggregators.get(key, [])
        reached = [*bindings.get(key, ()), *(binding for other in aggregates_to for binding in bindings.get(other, ()))]
        yield from _facts_of_role(role, granted, reached, [name for _, _, name in aggregates_to], users)


def _facts_of_role(
    role: Resource,
    granted: Mapping[str, tuple[Power, int, Mapping[str, Any]]],
    bindings: Sequence[Binding],
    aggregates_to: Sequence[str],
    users: Mapping[tuple[str, str], list[PodSet]],
) -> Iterator[Fact]:
    everywhere = [binding for binding in bindings if binding.everywhere]
    first = True
    for name, (power, index, entry) in granted.items():
        giving = everywhere or ([] if power.cluster_only else list(bindings))
        if bindings and not giving:
            continue
        subjects = _unique_subjects(giving)
        if subjects and all(_is_control_plane(subject) for subject in subjects):
            continue
        scope = "cluster" if everywhere else "namespace" if giving else "unbound"
        namespaces = sorted({binding.namespace for binding in giving if binding.namespace})
        running = [pod_set.title for subject in subjects for pod_set in _running_as(subject, users)]
        yield Fact(
            kind="RbacPower",
            resource=role,
            value={
                "power": name,
                "role": f"{role.ref.kind} {role.ref.name}",
                "rule": entry,
                "verbs": [verb for verb in entry.get("verbs", []) if verb == "*" or verb in power.verbs],
                "scope": scope,
                "where": "in the whole cluster" if everywhere else _where(namespaces),
                "holders": some_of([subject_title(subject) for subject in subjects]),
                "bindings": some_of(sorted({describe(binding.resource) for binding in giving})),
                "workloads": some_of(sorted(set(running))),
                "aggregatesTo": [other for other in aggregates_to if other in BUILT_IN_ROLES],
                "first": first and name in MAJOR_POWERS,
            },
            roots={"rule": ("rules", index), "verbs": ("rules", index, "verbs")},
        )
        first = first and name not in MAJOR_POWERS


def is_built_in(role: Resource) -> bool:
    """Return whether `role` is one that the API server makes and keeps itself."""
    labels = mapping(mapping(role.object.get("metadata")).get("labels"))
    name = role.ref.name
    return labels.get("kubernetes.io/bootstrapping") == "rbac-defaults" and (
        name.startswith("system:") or name in BUILT_IN_ROLES
    )


def role_key(role: Resource) -> RoleKey:
    """Return the key under which bindings find `role`."""
    return (role.ref.kind, role.ref.namespace if role.ref.kind == "Role" else "", role.ref.name)


def collect_bindings(resources: Sequence[Resource]) -> dict[RoleKey, list[Binding]]:
    """Return the bindings of the scan by the role that they refer to. A binding without subjects grants nothing."""
    found: dict[RoleKey, list[Binding]] = {}
    for resource in resources_of_kind(resources, RBAC, "RoleBinding", "ClusterRoleBinding"):
        reference = mapping(resource.object.get("roleRef"))
        everywhere = resource.ref.kind == "ClusterRoleBinding"
        namespace = "" if everywhere else resource.ref.namespace
        subjects = maps_in(resource.object.get("subjects"))
        if subjects:
            kind = str(reference.get("kind", ""))
            key = (kind, namespace if kind == "Role" else "", str(reference.get("name", "")))
            found.setdefault(key, []).append(Binding(resource, everywhere, namespace, subjects))
    return found


def _aggregators(roles: Sequence[Resource]) -> dict[RoleKey, list[RoleKey]]:
    """Return, for each ClusterRole, the ClusterRoles that its rules flow into, built-in ones included, transitively."""
    by_labels = LabelIndex(
        (mapping(mapping(role.object.get("metadata")).get("labels")), role_key(role)) for role in roles
    )
    direct: dict[RoleKey, list[RoleKey]] = {}
    for role in roles:
        for selector in maps_in(mapping(role.object.get("aggregationRule")).get("clusterRoleSelectors")):
            for source in by_labels.select(selector):
                if source != role_key(role):
                    direct.setdefault(source, []).append(role_key(role))
    for role in roles:
        labels = mapping(mapping(role.object.get("metadata")).get("labels"))
        for target, reached in _AGGREGATES_ON.items():
            if labels.get(_AGGREGATE + target) == "true":
                direct.setdefault(role_key(role), []).extend(("ClusterRole", "", name) for name in reached)
    closed: dict[RoleKey, list[RoleKey]] = {}
    for source in direct:
        seen: dict[RoleKey, None] = {}
        waiting = list(direct[source])
        while waiting:
            target_key = waiting.pop(0)
            if target_key not in seen and target_key != source:
                seen[target_key] = None
                waiting += direct.get(target_key, [])
        closed[source] = list(seen)
    return closed


def _powers_with_places(role: Resource) -> dict[str, tuple[Power, int, Mapping[str, Any]]]:
    """Return each power that `role` writes down with the index and text of the first entry that grants it."""
    found: dict[str, tuple[Power, int, Mapping[str, Any]]] = {}
    rules = role.object.get("rules")
    for index, entry in enumerate(rules if isinstance(rules, list) else []):
        if isinstance(entry, dict):
            for power in powers_of(entry):
                if not (power.cluster_only and role.ref.kind == "Role"):
                    found.setdefault(power.name, (power, index, entry))
    return found


def _users_of_accounts(resources: Sequence[Resource]) -> dict[tuple[str, str], list[PodSet]]:
    """Return the pod sets by (namespace, name) of the service account that they run as."""
    found: dict[tuple[str, str], list[PodSet]] = {}
    for pod_set in as_scan(resources).pod_sets:
        account = pod_set.spec.get("serviceAccountName") or pod_set.spec.get("serviceAccount") or "default"
        found.setdefault((pod_set.namespace, str(account)), []).append(pod_set)
    return found


def _running_as(subject: Mapping[str, Any], users: Mapping[tuple[str, str], list[PodSet]]) -> list[PodSet]:
    if subject.get("kind") != "ServiceAccount":
        return []
    return users.get((str(subject.get("namespace", "")), str(subject.get("name", ""))), [])


def _is_control_plane(subject: Mapping[str, Any]) -> bool:
    """Return whether `subject` is a component of the control plane, which has its powers by design."""
    name = str(subject.get("name", ""))
    return subject.get("kind") == "User" and (
        name in ("kube-apiserver", "kube-apiserver-kubelet-client")
        or (name.startswith("system:") and not name.startswith(("system:anonymous", "system:serviceaccount:")))
    )


def _unique_subjects(bindings: Sequence[Binding]) -> list[Mapping[str, Any]]:
    """Return the subjects of `bindings`, each once; a RoleBinding's service account without namespace is its own."""
    seen: dict[str, Mapping[str, Any]] = {}
    for binding in bindings:
        for subject in binding.subjects:
            if subject.get("kind") == "ServiceAccount" and not subject.get("namespace"):
                subject = {**subject, "namespace": binding.namespace}
            seen.setdefault(subject_title(subject), subject)
    return [seen[title] for title in sorted(seen)]


def subject_title(subject: Mapping[str, Any]) -> str:
    """Return how a message names `subject`: ``ServiceAccount monitoring/grafana``, ``Group devs``."""
    kind, name, namespace = subject.get("kind", ""), subject.get("name", ""), subject.get("namespace")
    return f"{kind} {namespace}/{name}" if kind == "ServiceAccount" and namespace else f"{kind} {name}"


def _where(namespaces: Sequence[str]) -> str:
    if not namespaces:
        return "in the namespace of these manifests"
    return f"in namespace{'s' if len(namespaces) > 1 else ''} {some_of(namespaces)}"
