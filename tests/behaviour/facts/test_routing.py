"""Services, Ingresses and routes: what they lead to, and who else claims the same."""

from typing import Any

from sample_manifests import deployment, resources_in
from seawall.facts.routing import derive_route_backends, derive_route_hosts, derive_service_selections

FRONTEND = deployment("frontend", "{app: frontend}", ports="[{name: http, containerPort: 8080}]")


def service(name: str, selector: str, *, ports: str = "[{port: 80}]", namespace: str = "shop") -> str:
    return (
        f"---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
        f"spec: {{selector: {selector}, ports: {ports}}}\n"
    )


def ingress(name: str, host: str, backend: str, *, namespace: str = "shop", ingress_class: str = "nginx") -> str:
    return (
        f"---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
        f"spec:\n  ingressClassName: {ingress_class}\n  rules:\n  - host: {host}\n    http:\n      paths:\n"
        f"      - {{path: /, pathType: Prefix, backend: {{service: {{name: {backend}, port: {{number: 80}}}}}}}}\n"
    )


def selections(text: str) -> list[tuple[int, bool]]:
    return [(f.value["selected"], f.value["podsKnown"]) for f in derive_service_selections(resources_in(text))]


def missing_backends(text: str) -> list[str]:
    return [
        b["name"] for fact in derive_route_backends(resources_in(text)) for b in fact.value["backends"] if b["missing"]
    ]


def others(text: str) -> list[str]:
    return [host["others"] for fact in derive_route_hosts(resources_in(text)) for host in fact.value["hosts"]]


def test_a_service_selects_by_all_its_labels_in_its_own_namespace() -> None:
    assert selections(FRONTEND + service("a", "{app: frontend}")) == [(1, True)]
    assert selections(FRONTEND + service("a", "{app: frontend, tier: x}")) == [(0, True)]
    assert selections(FRONTEND + service("a", "{app: frontend}", namespace="other")) == [(0, False)]


def test_a_service_without_selector_yields_nothing() -> None:
    assert selections(FRONTEND + service("a", "{}")) == []


def test_only_a_named_port_can_be_missing() -> None:
    ports = "[{port: 80, targetPort: http}, {port: 81, targetPort: web}, {port: 82, targetPort: 9999}, {port: 83}]"
    [fact] = derive_service_selections(resources_in(FRONTEND + service("a", "{app: frontend}", ports=ports)))
    assert [port["missing"] for port in fact.value["ports"]] == [False, True, False, False]


def test_a_backend_is_missing_only_where_the_scan_has_services_of_the_namespace() -> None:
    route = ingress("web", "a.example.com", "gone")
    assert missing_backends(route) == []
    assert missing_backends(route + service("frontend", "{app: frontend}", namespace="other")) == []
    assert missing_backends(route + service("frontend", "{app: frontend}")) == ["gone"]


def test_the_backend_is_blamed_where_it_stands() -> None:
    [fact] = derive_route_backends(resources_in(ingress("web", "a.example.com", "gone")))
    expected: list[Any] = [("spec", "rules", 0, "http", "paths", 0, "backend")]
    assert fact.roots["backends"] == expected


def test_a_host_is_contested_only_between_namespaces_and_within_a_class() -> None:
    first = ingress("web", "a.example.com", "frontend")
    assert others(first + ingress("more", "a.example.com", "frontend")) == ["", ""]
    assert others(first + ingress("web", "a.example.com", "x", namespace="b", ingress_class="internal")) == ["", ""]
    assert others(first + ingress("web", "a.example.com", "x", namespace="b")) == ["Ingress b/web", "Ingress shop/web"]
