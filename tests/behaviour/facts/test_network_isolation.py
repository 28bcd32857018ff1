"""NetworkPolicies isolate the pods that they select, in their own namespace, and nothing else.

Tests named after a project and a number are for the thread in which users of that project asked for it.
"""

from typing import Any

import pytest

from sample_manifests import deployment, policy, resources_in
from seawall.cel.unknown import UNKNOWN
from seawall.facts.network import (
    derive_namespace_isolation,
    derive_policy_selections,
    derive_workload_isolation,
    policy_directions,
)

FRONTEND = deployment("frontend", "{app: frontend}")
CART = deployment("cart", "{app: cart}")


def namespaces(text: str) -> dict[str, Any]:
    return {fact.value["name"]: fact.value for fact in derive_namespace_isolation(resources_in(text))}


def workloads(text: str) -> dict[str, str]:
    return {fact.resource.ref.name: fact.value["ingress"] for fact in derive_workload_isolation(resources_in(text))}


def test_checkov_7474_a_policy_for_all_pods_of_one_namespace_isolates_no_other() -> None:
    text = FRONTEND + deployment("api", "{app: api}", namespace="billing") + policy("deny", "{}", namespace="billing")
    assert namespaces(text)["shop"]["ingress"] == "none"
    assert namespaces(text)["billing"]["ingress"] == "all"


def test_checkov_7668_match_expressions_narrow_a_selector() -> None:
    text = FRONTEND + CART + policy("p", "{matchExpressions: [{key: app, operator: NotIn, values: [cart]}]}")
    assert workloads(text) == {"frontend": "isolated", "cart": "open"}


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("cilium.io/v2", "CiliumNetworkPolicy"),
        ("crd.projectcalico.org/v1", "NetworkPolicy"),
        ("projectcalico.org/v3", "NetworkPolicy"),
        ("crd.antrea.io/v1beta1", "NetworkPolicy"),
    ],
)
def test_checkov_7444_a_policy_of_an_unknown_kind_makes_the_answer_unknown(api_version: str, kind: str) -> None:
    other = f"---\napiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: p, namespace: shop}}\nspec: {{}}\n"
    found = namespaces(FRONTEND + deployment("api", "{app: api}", namespace="billing") + other)
    assert found["shop"]["ingress"] is UNKNOWN
    assert found["shop"]["egress"] is UNKNOWN
    assert found["billing"]["ingress"] == "none"
    assert workloads(FRONTEND + other) == {"frontend": "unknown"}


@pytest.mark.parametrize(
    "kind", ["CiliumClusterwideNetworkPolicy", "GlobalNetworkPolicy", "BaselineAdminNetworkPolicy"]
)
def test_a_cluster_wide_policy_of_an_unknown_kind_makes_every_namespace_unknown(kind: str) -> None:
    other = f"---\napiVersion: example.com/v1\nkind: {kind}\nmetadata: {{name: p}}\nspec: {{}}\n"
    assert namespaces(FRONTEND + other)["shop"]["ingress"] is UNKNOWN


def test_what_is_isolated_for_certain_stays_so_beside_an_unknown_policy() -> None:
    other = "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec: {}\n"
    assert namespaces(FRONTEND + policy("deny", "{}") + other)["shop"]["ingress"] == "all"
    assert workloads(FRONTEND + policy("deny", "{}") + other) == {"frontend": "isolated"}


def test_pods_on_the_host_network_are_left_out() -> None:
    text = FRONTEND.replace("spec: {serviceAccountName", "spec: {hostNetwork: true, serviceAccountName")
    assert namespaces(text) == {}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, ["Ingress"]),
        ({"egress": []}, ["Ingress"]),
        ({"egress": [{}]}, ["Ingress", "Egress"]),
        ({"policyTypes": []}, ["Ingress"]),
        ({"policyTypes": ["Egress"], "ingress": [{}]}, ["Egress"]),
        ({"policyTypes": ["Egress", "Ingress"]}, ["Ingress", "Egress"]),
    ],
)
def test_policy_types_are_defaulted_as_the_api_server_does(spec: dict[str, Any], expected: list[str]) -> None:
    assert policy_directions(spec) == expected


def test_an_egress_rule_for_everything_limits_nothing() -> None:
    text = FRONTEND + policy("open", "{}", spec="policyTypes: [Egress]\n  egress: [{}]")
    assert namespaces(text)["shop"]["egress"] == "none"


def test_a_namespace_is_blamed_once_and_by_its_own_manifest_where_there_is_one() -> None:
    namespace = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
    [fact] = derive_namespace_isolation(resources_in(FRONTEND + CART + namespace))
    assert (fact.resource.ref.kind, fact.value["workloads"]) == ("Namespace", 2)
    [fact] = derive_namespace_isolation(resources_in(FRONTEND + CART))
    assert fact.resource.ref.name == "frontend"


def test_a_policy_that_may_mean_the_pods_of_a_custom_resource_is_not_said_to_select_nothing() -> None:
    custom = (
        "---\napiVersion: monitoring.coreos.com/v1\nkind: Prometheus\n"
        "metadata: {name: k8s, namespace: shop, labels: {app: prometheus}}\nspec: {}\n"
    )
    text = FRONTEND + policy("p", "{matchLabels: {app: prometheus}}")
    [without] = derive_policy_selections(resources_in(text))
    [with_custom] = derive_policy_selections(resources_in(text + custom))
    assert (without.value["selected"], without.value["podsKnown"]) == (0, True)
    assert (with_custom.value["selected"], with_custom.value["podsKnown"]) == (0, False)


def cilium(spec: str, *, name: str = "p", kind: str = "CiliumNetworkPolicy", namespace: str = "shop") -> str:
    place = f", namespace: {namespace}" if namespace else ""
    return f"---\napiVersion: cilium.io/v2\nkind: {kind}\nmetadata: {{name: {name}{place}}}\nspec: {spec}\n"


def test_checkov_7444_a_policy_of_cilium_isolates_the_pods_that_it_selects() -> None:
    text = FRONTEND + CART + cilium("{endpointSelector: {matchLabels: {app: cart}}, ingress: [{}]}")
    assert workloads(text) == {"frontend": "open", "cart": "isolated"}
    assert namespaces(text)["shop"]["ingress"] == "some"
    assert namespaces(text)["shop"]["egress"] == "none"


@pytest.mark.parametrize("key", ["app", "k8s:app", "any:app"])
def test_labels_of_endpoints_are_those_of_pods_with_a_source(key: str) -> None:
    text = FRONTEND + CART + cilium(f"{{endpointSelector: {{matchLabels: {{'{key}': cart}}}}, ingress: [{{}}]}}")
    assert workloads(text)["cart"] == "isolated"


def test_an_empty_rule_of_cilium_lets_nothing_out_and_the_entity_all_lets_everything_out() -> None:
    closed = cilium("{endpointSelector: {}, egress: [{}]}")
    assert namespaces(FRONTEND + closed)["shop"]["egress"] == "all"
    opened = cilium("{endpointSelector: {}, egress: [{toEntities: [all]}]}")
    assert namespaces(FRONTEND + opened)["shop"]["egress"] == "none"
    assert namespaces(FRONTEND + closed + opened)["shop"]["egress"] == "none"


def test_a_policy_of_cilium_can_leave_the_default_open_and_can_deny_alone() -> None:
    still_open = "{endpointSelector: {}, enableDefaultDeny: {ingress: false}, ingress: [{fromEntities: [cluster]}]}"
    assert namespaces(FRONTEND + cilium(still_open))["shop"]["ingress"] == "none"
    assert namespaces(FRONTEND + cilium("{endpointSelector: {}, ingressDeny: [{fromEntities: [world]}]}"))["shop"][
        "ingress"
    ] == ("all")


def test_a_cluster_wide_policy_of_cilium_reaches_every_namespace_or_the_one_that_it_names() -> None:
    billing = deployment("api", "{app: api}", namespace="billing")
    everywhere = cilium("{endpointSelector: {}, ingress: [{}]}", kind="CiliumClusterwideNetworkPolicy", namespace="")
    found = namespaces(FRONTEND + billing + everywhere)
    assert (found["shop"]["ingress"], found["billing"]["ingress"]) == ("all", "all")
    one = cilium(
        "{endpointSelector: {matchLabels: {'k8s:io.kubernetes.pod.namespace': billing}}, ingress: [{}]}",
        kind="CiliumClusterwideNetworkPolicy",
        namespace="",
    )
    found = namespaces(FRONTEND + billing + one)
    assert (found["shop"]["ingress"], found["billing"]["ingress"]) == ("none", "all")


def test_what_only_a_running_cilium_knows_stays_unknown_and_nodes_are_no_pods() -> None:
    account = "{endpointSelector: {matchLabels: {io.cilium.k8s.policy.serviceaccount: leia}}, ingress: [{}]}"
    assert namespaces(FRONTEND + cilium(account))["shop"]["ingress"] is UNKNOWN
    nodes = "{nodeSelector: {}, ingress: [{}]}"
    other = cilium(nodes, kind="CiliumClusterwideNetworkPolicy", namespace="")
    assert namespaces(FRONTEND + other)["shop"]["ingress"] == "none"
