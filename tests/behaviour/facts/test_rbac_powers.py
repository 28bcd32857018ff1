"""RBAC is judged as bound: who holds a power, where, and through which binding.

Tests named after a project and a number are for the thread in which users of that project asked for it.
"""

from typing import Any

import pytest

from sample_manifests import deployment, resources_in
from seawall.facts.rbac import derive_rbac_powers
from seawall.facts.rbac_powers import powers_of
from seawall.facts.rbac_references import derive_binding_references


def role(name: str, rules: str, *, kind: str = "ClusterRole", namespace: str = "", extra: str = "") -> str:
    place = f", namespace: {namespace}" if namespace else ""
    metadata = f"metadata: {{name: '{name}'{place}{extra}}}"
    return f"---\napiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\n{metadata}\nrules: {rules}\n"


def binding(name: str, role_name: str, subject: str, *, namespace: str = "", role_kind: str = "ClusterRole") -> str:
    kind, place = ("RoleBinding", f", namespace: {namespace}") if namespace else ("ClusterRoleBinding", "")
    return (
        f"---\napiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: {name}{place}}}\n"
        f"roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {role_kind}, name: '{role_name}'}}\nsubjects: [{subject}]\n"
    )


def account(name: str, namespace: str) -> str:
    return f"{{kind: ServiceAccount, name: {name}, namespace: {namespace}}}"


def powers(text: str) -> list[dict[str, Any]]:
    return [fact.value for fact in derive_rbac_powers(resources_in(text))]


SECRETS = '[{apiGroups: [""], resources: [secrets], verbs: [get, list]}]'
PROXY = '[{apiGroups: [""], resources: [nodes/proxy], verbs: [get]}]'


def test_trivy_9826_a_cluster_role_that_only_a_role_binding_hands_out_reaches_one_namespace() -> None:
    [power] = powers(role("reader", SECRETS) + binding("b", "reader", account("app", "shop"), namespace="shop"))
    assert (power["power"], power["scope"], power["where"]) == ("secrets-read", "namespace", "in namespace shop")
    assert (power["holders"], power["bindings"]) == ("ServiceAccount shop/app", "RoleBinding shop/b")


def test_a_cluster_role_binding_reaches_every_namespace_and_wins() -> None:
    text = role("reader", SECRETS) + binding("b", "reader", account("app", "shop"), namespace="shop")
    [power] = powers(text + binding("c", "reader", account("backup", "ops")))
    assert (power["scope"], power["holders"]) == ("cluster", "ServiceAccount ops/backup")


def test_a_resource_without_namespace_is_not_granted_by_a_role_binding() -> None:
    assert powers(role("scraper", PROXY) + binding("b", "scraper", account("app", "shop"), namespace="shop")) == []
    assert [p["power"] for p in powers(role("scraper", PROXY) + binding("b", "scraper", account("app", "shop")))] == [
        "nodes-proxy"
    ]
    assert powers(role("scraper", PROXY, kind="Role", namespace="shop")) == []


def test_an_unbound_role_is_said_to_be_unbound() -> None:
    [power] = powers(role("reader", SECRETS))
    assert (power["scope"], power["holders"], power["bindings"]) == ("unbound", "", "")


def test_a_binding_without_subjects_grants_nothing() -> None:
    [power] = powers(role("reader", SECRETS) + binding("b", "reader", ""))
    assert power["scope"] == "unbound"


def test_a_role_is_not_bound_by_a_binding_of_another_namespace() -> None:
    text = role("reader", SECRETS, kind="Role", namespace="shop")
    text += binding("b", "reader", account("app", "other"), namespace="other", role_kind="Role")
    assert [power["scope"] for power in powers(text)] == ["unbound"]


def test_kubectl_who_can_86_and_31_groups_of_service_accounts_and_system_masters_are_holders() -> None:
    group = '{kind: Group, apiGroup: rbac.authorization.k8s.io, name: "system:serviceaccounts"}'
    masters = '{kind: Group, apiGroup: rbac.authorization.k8s.io, name: "system:masters"}'
    [power] = powers(role("reader", SECRETS) + binding("b", "reader", f"{group}, {masters}"))
    assert power["holders"] == "Group system:masters, Group system:serviceaccounts"


def test_the_workloads_that_run_as_a_holder_are_named() -> None:
    text = role("reader", SECRETS) + binding("b", "reader", account("app", "shop"))
    text += deployment("web", "{app: web}", account="app") + deployment("other", "{app: other}")
    [power] = powers(text)
    assert power["workloads"] == "Deployment shop/web"


def test_a_service_account_without_namespace_is_that_of_the_binding() -> None:
    subject = "{kind: ServiceAccount, name: app}"
    text = role("reader", SECRETS, kind="Role", namespace="shop")
    [power] = powers(text + binding("b", "reader", subject, namespace="shop", role_kind="Role"))
    assert power["holders"] == "ServiceAccount shop/app"


def test_kubectl_permissions_97_and_15_rules_flow_through_aggregation_transitively() -> None:
    text = role("leaf", SECRETS, extra=", labels: {to-middle: 'yes'}")
    text += (
        role("middle", "[]", extra=", labels: {to-top: 'yes'}")
        + "aggregationRule: {clusterRoleSelectors: [{matchLabels: {to-middle: 'yes'}}]}\n"
    )
    text += role("top", "[]") + "aggregationRule: {clusterRoleSelectors: [{matchLabels: {to-top: 'yes'}}]}\n"
    [power] = powers(text + binding("b", "top", account("app", "shop")))
    assert (power["role"], power["scope"], power["holders"]) == (
        "ClusterRole leaf",
        "cluster",
        "ServiceAccount shop/app",
    )


def test_aggregation_in_a_circle_ends() -> None:
    text = (
        role("a", SECRETS, extra=", labels: {x: 'yes'}")
        + "aggregationRule: {clusterRoleSelectors: [{matchLabels: {x: 'yes'}}]}\n"
    )
    text += (
        role("b", "[]", extra=", labels: {x: 'yes'}")
        + "aggregationRule: {clusterRoleSelectors: [{matchLabels: {x: 'yes'}}]}\n"
    )
    [power] = powers(text + binding("c", "b", account("app", "shop")))
    assert power["scope"] == "cluster"


@pytest.mark.parametrize(
    ("label", "expected"), [("view", ["view", "edit", "admin"]), ("edit", ["edit", "admin"]), ("admin", ["admin"])]
)
def test_labels_that_aggregate_into_built_in_roles_are_followed(label: str, expected: list[str]) -> None:
    labels = f", labels: {{rbac.authorization.k8s.io/aggregate-to-{label}: 'true'}}"
    [power] = powers(role("extra", SECRETS, extra=labels))
    assert power["aggregatesTo"] == expected
    [power] = powers(
        role("extra", SECRETS, extra=labels) + binding("b", "admin", account("app", "shop"), namespace="shop")
    )
    assert (power["scope"], power["where"]) == ("namespace", "in namespace shop")


def test_roles_that_kubernetes_makes_yield_nothing() -> None:
    labels = ", labels: {kubernetes.io/bootstrapping: rbac-defaults}"
    text = role("system:controller:x", SECRETS, extra=labels) + role("admin", SECRETS, extra=labels)
    assert powers(text + binding("b", "system:controller:x", account("app", "shop"))) == []
    assert powers(role("mine", SECRETS, extra=labels)) != []


def test_one_fact_a_role_and_power_however_many_bindings() -> None:
    many = "".join(binding(f"b{n}", "reader", account(f"a{n}", "shop")) for n in range(9))
    [power] = powers(role("reader", SECRETS) + many)
    assert power["holders"] == "ServiceAccount shop/a0, ServiceAccount shop/a1, ServiceAccount shop/a2 and 6 more"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"apiGroups": [""], "resources": ["secrets"], "verbs": ["*"]}, ["secrets-read", "secrets-write"]),
        ({"apiGroups": ["*"], "resources": ["secrets"], "verbs": ["watch"]}, ["secrets-read"]),
        ({"apiGroups": ["apps"], "resources": ["secrets"], "verbs": ["get"]}, []),
        ({"apiGroups": [""], "resources": ["secrets"], "verbs": ["create", "delete"]}, ["secrets-write"]),
        ({"apiGroups": [""], "resources": ["secrets"], "verbs": ["delete"]}, []),
        ({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": ["one"]}, []),
        ({"apiGroups": [""], "resources": ["*"], "verbs": ["get"]}, ["all-resources"]),
        ({"apiGroups": ["*"], "resources": ["*/exec"], "verbs": ["create"]}, ["pods-exec"]),
        ({"apiGroups": ["batch"], "resources": ["*"], "verbs": ["create"]}, ["pods-create"]),
        ({"apiGroups": ["example.com"], "resources": ["*"], "verbs": ["*"]}, []),
        ({"nonResourceURLs": ["*"], "verbs": ["*"]}, []),
        ({"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["clusterroles"], "verbs": ["bind"]}, ["bind"]),
        (
            {
                "apiGroups": ["rbac.authorization.k8s.io"],
                "resources": ["clusterroles"],
                "verbs": ["bind"],
                "resourceNames": ["x"],
            },
            [],
        ),
    ],
)
def test_an_entry_grants_what_the_authorizer_would_grant(entry: dict[str, Any], expected: list[str]) -> None:
    assert [power.name for power in powers_of(entry)] == expected


def missing(text: str) -> list[str]:
    return [
        s["title"]
        for fact in derive_binding_references(resources_in(text))
        for s in fact.value["subjects"]
        if s["missing"]
    ]


def test_a_subject_is_missing_only_where_the_scan_holds_its_namespace() -> None:
    bound = binding(
        "b", "view", f"{account('gone', 'shop')}, {account('gone', 'elsewhere')}, {account('default', 'shop')}"
    )
    assert missing(bound) == []
    assert missing(bound + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n") == [
        "ServiceAccount shop/gone"
    ]
    # A manifest that names no namespace may be applied to that one.
    loose = "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: gone}\n"
    assert missing(bound + loose + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n") == []
