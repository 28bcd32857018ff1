"""Which dangerous powers does one entry of a role's ``rules`` grant? The table behind the fact ``RbacPower``.

A power is a pair of resource and verb that leads further than it says: reading Secrets is being every account whose token or
password is in one. Matching is that of the RBAC authorizer: ``*`` matches every group, resource (subresources included) or
verb, and ``*/name`` matches that subresource of every resource. An entry that names its objects (``resourceNames``) grants a
power only where the named objects are the powerful ones, since ``create``, ``list`` and ``watch`` of everything are not
granted by it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

RBAC = "rbac.authorization.k8s.io"
ALL_RESOURCES = "all-resources"
_WRITE = ("create", "update", "patch")
_STRONG_NAMES = frozenset({"cluster-admin", "admin", "edit", "system:masters"})


class Power(msgspec.Struct, frozen=True):
    """A power: any of `verbs` on any of `resources` of `groups`. `cluster_only`: the resource has no namespace, so that
    a RoleBinding cannot grant it. `strong_names`: named objects that carry the power by themselves."""

    name: str
    groups: tuple[str, ...]
    resources: tuple[str, ...]
    verbs: tuple[str, ...]
    cluster_only: bool = False
    strong_names: frozenset[str] = frozenset()


POWERS: tuple[Power, ...] = (
    Power("secrets-read", ("",), ("secrets",), ("get", "list", "watch")),
    Power("pods-create", ("",), ("pods", "replicationcontrollers"), ("create",)),
    Power("pods-create", ("apps",), ("deployments", "daemonsets", "statefulsets", "replicasets"), _WRITE),
    Power("pods-create", ("batch",), ("jobs", "cronjobs"), ("create",)),
    Power("pods-create", ("batch",), ("cronjobs",), ("update", "patch")),
    Power("pods-exec", ("",), ("pods/exec", "pods/attach"), ("create", "get")),
    Power("ephemeral-containers", ("",), ("pods/ephemeralcontainers",), ("update", "patch")),
    Power("port-forward", ("",), ("pods/portforward",), ("create", "get")),
    Power("pods-proxy", ("",), ("pods/proxy", "services/proxy"), ("create", "get", "update", "patch", "delete")),
    Power("nodes-proxy", ("",), ("nodes/proxy",), ("get", "create", "update", "patch", "delete"), cluster_only=True),
    Power("tokens-create", ("",), ("serviceaccounts/token",), ("create",)),
    Power(
        "certificates-sign",
        ("certificates.k8s.io",),
        ("signers",),
        ("approve", "sign"),
        cluster_only=True,
        strong_names=frozenset(
            {
                "kubernetes.io/*",
                "kubernetes.io/kube-apiserver-client",
                "kubernetes.io/kube-apiserver-client-kubelet",
                "kubernetes.io/legacy-unknown",
            }
        ),
    ),
    Power(
        "admission-write",
        ("admissionregistration.k8s.io",),
        (
            "validatingwebhookconfigurations",
            "mutatingwebhookconfigurations",
            "validatingadmissionpolicies",
            "validatingadmissionpolicybindings",
            "mutatingadmissionpolicies",
            "mutatingadmissionpolicybindings",
        ),
        (*_WRITE, "delete", "deletecollection"),
        cluster_only=True,
    ),
    Power("api-services-write", ("apiregistration.k8s.io",), ("apiservices",), _WRITE, cluster_only=True),
    Power("volumes-create", ("",), ("persistentvolumes",), ("create",), cluster_only=True),
    Power("rbac-write", (RBAC,), ("roles", "clusterroles", "rolebindings", "clusterrolebindings"), _WRITE),
    Power("secrets-write", ("",), ("secrets",), _WRITE),
    Power("config-maps-write", ("",), ("configmaps",), ("update", "patch")),
    Power("endpoints-write", ("",), ("endpoints",), _WRITE),
    Power("endpoints-write", ("discovery.k8s.io",), ("endpointslices",), _WRITE),
    Power("nodes-write", ("",), ("nodes", "nodes/status"), ("update", "patch", "delete", "create"), cluster_only=True),
    Power("namespaces-write", ("",), ("namespaces",), ("update", "patch")),
    Power(
        "network-policies-write", ("networking.k8s.io",), ("networkpolicies",), (*_WRITE, "delete", "deletecollection")
    ),
    Power("events-delete", ("", "events.k8s.io"), ("events",), ("delete", "deletecollection")),
    Power("escalate", (RBAC,), ("roles", "clusterroles"), ("escalate",), strong_names=_STRONG_NAMES),
    Power("bind", (RBAC,), ("roles", "clusterroles"), ("bind",), strong_names=_STRONG_NAMES),
    Power("impersonate", ("",), ("users", "groups", "serviceaccounts"), ("impersonate",), strong_names=_STRONG_NAMES),
)
"""The table. The order is that of the facts of one role."""

_BY_GROUP: dict[str, list[Power]] = {}
for _power in POWERS:
    for _group in _power.groups:
        _BY_GROUP.setdefault(_group, []).append(_power)

MAJOR_POWERS = frozenset(
    {power.name for power in POWERS}
    - {
        *("port-forward", "pods-proxy", "network-policies-write", "events-delete"),
        *("secrets-write", "config-maps-write", "endpoints-write", "nodes-write"),
    }
) | {ALL_RESOURCES}
"""The powers that alone lead to other accounts, to a node or to the whole cluster."""


def powers_of(entry: Mapping[str, Any]) -> Iterator[Power]:
    """Yield the powers that `entry`, one element of a role's ``rules``, grants.

    An entry for all resources of the core group yields one power, `ALL_RESOURCES`, in place of each that it includes: it is
    one mistake.
    """
    groups, resources, verbs = _strings(entry, "apiGroups"), _strings(entry, "resources"), _strings(entry, "verbs")
    if not resources or not verbs:
        return
    names = _strings(entry, "resourceNames")
    every_group = "*" in groups
    if "*" in resources and (every_group or "" in groups):
        if not names:
            yield Power(ALL_RESOURCES, ("",), ("*",), tuple(sorted(verbs)))
        return
    every_verb = "*" in verbs
    candidates = POWERS if every_group else [power for group in sorted(groups) for power in _BY_GROUP.get(group, ())]
    for power in candidates:
        if (
            (every_verb or not verbs.isdisjoint(power.verbs))
            and _names_resource(resources, power.resources)
            and (not names or not names.isdisjoint(power.strong_names))
        ):
            yield power


def _names_resource(granted: frozenset[str], wanted: tuple[str, ...]) -> bool:
    if "*" in granted or not granted.isdisjoint(wanted):
        return True
    return any("/" in resource and f"*/{resource.partition('/')[2]}" in granted for resource in wanted)


def _strings(entry: Mapping[str, Any], field: str) -> frozenset[str]:
    values = entry.get(field)
    return frozenset(value for value in values if isinstance(value, str)) if isinstance(values, list) else frozenset()
