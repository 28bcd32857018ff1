"""Where does traffic go, once a Service, an Ingress or a route has it?

Facts: ``ServiceSelection``, ``RouteBackends``, ``RouteHosts``.

A Service that selects nothing, a route to a Service that does not exist and a host that two namespaces claim are each an
offer to whoever creates the missing name or the competing route next.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seawall.facts.network import NETWORKING
from seawall.facts.pods import (
    PodSet,
    as_scan,
    describe,
    mapping,
    maps_in,
    resources_of_kind,
    some_of,
)
from seawall.model.fact import Fact
from seawall.model.field_path import FieldPath
from seawall.model.resource import Resource

GATEWAY = "gateway.networking.k8s.io"
_ROUTE_KINDS = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
# The AWS load balancer controller's name for "the annotation says where to", in the place of a port.
_ANNOTATION_PORT = "use-annotation"


def derive_service_selections(resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield one `ServiceSelection` for each Service that selects pods by labels.

    ``podsKnown`` as in `PolicySelection`. ``ports`` are the Service's, each with ``missing``: true where it is forwarded to
    a named port that no container of a selected pod has.
    """
    services = resources_of_kind(resources, "", "Service")
    if not services:
        return
    scan = as_scan(resources)
    for service in services:
        spec = mapping(service.object.get("spec"))
        labels = mapping(spec.get("selector"))
        if not labels or spec.get("type") == "ExternalName":
            continue
        selected, known = scan.find_selected(service.ref.namespace, {"matchLabels": labels})
        names = {name for pod_set in selected for name in _port_names(pod_set)}
        yield Fact(
            kind="ServiceSelection",
            resource=service,
            value={
                "selected": len(selected),
                "podsKnown": known,
                "selector": labels,
                "ports": [
                    {**port, "missing": bool(selected) and _names_missing_port(port, names)}
                    for port in maps_in(spec.get("ports"))
                ],
            },
            roots={"selector": ("spec", "selector"), "ports": ("spec", "ports")},
        )


def _port_names(pod_set: PodSet) -> Iterator[str]:
    for field in ("containers", "initContainers"):
        for container in maps_in(pod_set.spec.get(field)):
            for port in maps_in(container.get("ports")):
                if isinstance(port.get("name"), str):
                    yield port["name"]


def _names_missing_port(port: Mapping[str, Any], names: set[str]) -> bool:
    target = port.get("targetPort")
    return isinstance(target, str) and target != "" and not target.isdigit() and target not in names


def derive_route_backends(resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield one `RouteBackends` for each Ingress and Gateway API route: the Services that it forwards to.

    ``backends`` have ``title`` and ``missing``; the latter only where the scan has other Services of that namespace,
    and no custom resource there might make this one.
    """
    routes = [
        *resources_of_kind(resources, NETWORKING, "Ingress"),
        *resources_of_kind(resources, "extensions", "Ingress"),
        *resources_of_kind(resources, GATEWAY, *_ROUTE_KINDS),
    ]
    if not routes:
        return
    services = {(service.ref.namespace, service.ref.name) for service in resources_of_kind(resources, "", "Service")}
    # An operator that makes pods makes the Services before them too.
    places = {namespace for namespace, _ in services} - as_scan(resources).opaque_namespaces
    for route in routes:
        found = list(_ingress_backends(route) if route.ref.kind == "Ingress" else _route_backends(route))
        yield Fact(
            kind="RouteBackends",
            resource=route,
            value={
                "backends": [
                    {
                        "title": f"Service {namespace}/{name}" if namespace else f"Service {name}",
                        "name": name,
                        "missing": namespace in places
                        and (namespace, name) not in services
                        and ("", name) not in services,
                    }
                    for namespace, name, _ in found
                ]
            },
            roots={"backends": [path for _, _, path in found]},
        )


def _ingress_backends(ingress: Resource) -> Iterator[tuple[str, str, FieldPath]]:
    """Yield (namespace, Service, path of the backend) of an Ingress of any version."""
    spec = mapping(ingress.object.get("spec"))
    places: list[tuple[Any, FieldPath]] = [
        (spec.get("defaultBackend"), ("spec", "defaultBackend")),
        (spec.get("backend"), ("spec", "backend")),
    ]
    for rule_index, rule in enumerate(maps_in(spec.get("rules"))):
        for path_index, path in enumerate(maps_in(mapping(rule.get("http")).get("paths"))):
            places.append((path.get("backend"), ("spec", "rules", rule_index, "http", "paths", path_index, "backend")))
    for backend, place in places:
        service = mapping(mapping(backend).get("service"))
        name = service.get("name") or mapping(backend).get("serviceName")
        port = mapping(service.get("port")).get("name") or mapping(backend).get("servicePort")
        if isinstance(name, str) and port != _ANNOTATION_PORT:
            yield ingress.ref.namespace, name, place


def _route_backends(route: Resource) -> Iterator[tuple[str, str, FieldPath]]:
    """Yield (namespace, Service, path of the reference) of a Gateway API route."""
    for rule_index, rule in enumerate(maps_in(mapping(route.object.get("spec")).get("rules"))):
        for index, backend in enumerate(maps_in(rule.get("backendRefs"))):
            name = backend.get("name")
            if isinstance(name, str) and backend.get("kind", "Service") == "Service" and not backend.get("group"):
                namespace = str(backend.get("namespace") or route.ref.namespace)
                yield namespace, name, ("spec", "rules", rule_index, "backendRefs", index)


def derive_route_hosts(resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield one `RouteHosts` for each Ingress: its hosts and paths, and the Ingresses of other namespaces that claim the same.

    Two Ingresses of different classes do not compete, so they are compared within a class.
    """
    ingresses = resources_of_kind(resources, NETWORKING, "Ingress")
    claims: dict[tuple[str, str, str], dict[str, Resource]] = {}
    listed: list[tuple[Resource, list[tuple[str, str, FieldPath]], str]] = []
    for ingress in ingresses:
        spec = mapping(ingress.object.get("spec"))
        annotations = mapping(mapping(ingress.object.get("metadata")).get("annotations"))
        ingress_class = str(spec.get("ingressClassName") or annotations.get("kubernetes.io/ingress.class") or "")
        own = list(_claims(spec))
        listed.append((ingress, own, ingress_class))
        for host, path, _ in own:
            claims.setdefault((ingress_class, host, path), {}).setdefault(ingress.ref.namespace, ingress)
    for ingress, own, ingress_class in listed:
        hosts = []
        for host, path, _ in own:
            rivals = claims[ingress_class, host, path]
            others = [describe(rival) for namespace, rival in rivals.items() if namespace != ingress.ref.namespace]
            hosts.append({"host": host, "path": path, "others": some_of(sorted(others))})
        yield Fact(
            kind="RouteHosts",
            resource=ingress,
            value={"hosts": hosts},
            roots={"hosts": [place for _, _, place in own]},
        )


def _claims(spec: Mapping[str, Any]) -> Iterator[tuple[str, str, FieldPath]]:
    for index, rule in enumerate(maps_in(spec.get("rules"))):
        host = rule.get("host")
        if isinstance(host, str) and host:
            paths = maps_in(mapping(rule.get("http")).get("paths")) or [{}]
            for path in paths:
                yield host, str(path.get("path") or "/"), ("spec", "rules", index, "host")
