"""Where requests come in, and whether something authenticates them: the facts `Endpoint` and `ServedPorts`.

Routes of source texts are put beside what the manifests of the same scan let in: containers whose image is named like a directory
of the code, Services that select them, and what leads to those from outside (Ingress, LoadBalancer, NodePort). Where no container
runs the code, nothing is said about who reaches it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from seawall.facts.pods import PodSet, Scan, as_scan, describe, mapping, maps_in
from seawall.formats.code_routes import Listener, Route
from seawall.formats.source_code import SHOWN, SourceCode
from seawall.formats.text_places import TextOrigin
from seawall.model.fact import Fact
from seawall.model.field_path import FieldPath
from seawall.model.resource import Resource, ResourceRef

ENDPOINT: Final = "Endpoint"
SERVED: Final = "ServedPorts"

MEANT_FOR_STRANGERS: Final = re.compile(
    r"(?i)/(?:log-?in|log-?out|sign-?(?:in|up|out)|register|health\w*|livez?|liveness|readyz?|readiness|ping|version|status|static|assets|public"
    r"|favicon\S*|robots\.txt|\.well-known|oauth2?|auth|sso|saml|callback|webhooks?|docs|redoc|openapi\S*|forgot\S*|password\S*|reset\S*|token"
    r"|sessions?|index(?:\.html)?|about|welcome|home|metrics|error|404|500)(?:/|\.|\Z)|\A/?\Z|\A/?[*{]"
)
"""Routes that must answer whoever asks, by the names that people give them."""

MEANT_FOR_OPERATORS: Final = re.compile(
    r"(?i)\A/(?:debug|actuator|metrics|admin|internal|_internal|management|manage|pprof|jmx|console|h2-console|env|heapdump|trace|shutdown"
    r"|swagger\S*|phpinfo|server-status|private)(?:/|\Z)"
)
"""Routes for those who run the system, which outsiders need not reach."""


_SPRING_SECURITY: Final = ("SecurityFilterChain", "SecurityWebFilterChain", "WebSecurityConfigurer")


class RoutedCode(msgspec.Struct, frozen=True, kw_only=True):
    """A source text with its routes, its servers, whether it guards the whole application, and its views, guarded or not."""

    source: SourceCode
    routes: Sequence[Route]
    listeners: Sequence[Listener]
    guards_all: bool
    views: Mapping[str, bool | None]


class _Entrance(msgspec.Struct, frozen=True):
    """A way in from outside: in words, and the beginning of the paths that take it."""

    title: str
    prefix: str


def derive_endpoints(files: Sequence[RoutedCode], resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield an `Endpoint` for each route of `files`, and `ServedPorts` for each container of `resources` that runs such code."""
    scan = as_scan(resources)
    names = {part for file in files for part in _directories(file.source.path)}
    runs = [(name, pod_set, path, container) for name, pod_set, path, container in _containers(scan) if name in names]
    entrances: dict[str, list[_Entrance]] = {}
    for name, pod_set, _, _ in runs:
        entrances.setdefault(name, []).extend(_entrances(scan, pod_set))
    yield from _endpoints(files, entrances)
    for name, pod_set, path, container in runs:
        listeners = [one for file in files if name in _directories(file.source.path) for one in file.listeners]
        if listeners and all(one.port for one in listeners):
            yield _served(name, pod_set, path, container, {one.port for one in listeners})


def _endpoints(files: Sequence[RoutedCode], entrances: Mapping[str, list[_Entrance]]) -> Iterator[Fact]:
    java_decides = any(word in file.source.text for file in files for word in _SPRING_SECURITY)
    guarded_languages = {file.source.language for file in files if file.guards_all}
    views: dict[str, bool | None] = {}
    for file in files:
        for name, guarded in file.views.items():
            views[name] = guarded if views.get(name, guarded) is guarded else None  # two views of one name
    judged: list[tuple[RoutedCode, Route, bool | None]] = []
    for file in files:
        for route in file.routes:
            guarded = True if file.source.language in guarded_languages else route.guarded
            if guarded is None and route.framework == "spring" and not java_decides:
                guarded = False  # no configuration of Spring Security that could
            judged.append((file, route, views.get(route.view) if guarded is None and route.view else guarded))
    beside: dict[str, int] = {}
    for file, _, guarded in judged:
        beside[file.source.path] = beside.get(file.source.path, 0) + (guarded is True)
    for file, route, guarded in judged:
        reached = [
            entrance.title
            for name in dict.fromkeys(_directories(file.source.path))
            for entrance in entrances.get(name, ())
            if route.path.startswith(entrance.prefix.rstrip("/")) or entrance.prefix == "/"
        ]
        yield _endpoint(file.source, route, guarded, beside[file.source.path], list(dict.fromkeys(reached)))


def _endpoint(source: SourceCode, route: Route, guarded: bool | None, beside: int, reached: list[str]) -> Fact:
    methods = list(route.methods)
    value = {
        "framework": route.framework,
        "language": source.language,
        "path": source.path,
        "line": route.span.line,
        "route": route.path,
        "methods": methods,
        "title": f"{' '.join(methods) or 'any method'} {route.path}",
        "auth": "unknown" if guarded is None else "seen" if guarded else "none",
        "guardedBeside": beside,
        "forStrangers": bool(MEANT_FOR_STRANGERS.search(route.path)),
        "forOperators": bool(MEANT_FOR_OPERATORS.search(route.path)),
        "changes": not methods or not {"GET", "HEAD", "OPTIONS"}.issuperset(methods),
        "reachedThrough": reached,
    }
    origin = TextOrigin(source.path, source.lines, {(): route.span, ("route",): route.span})
    ref = ResourceRef("code", SHOWN[source.language], "", source.path)
    return Fact(ENDPOINT, Resource(ref, value, origin), value, {}, identity=f"{value['title']} {route.framework}")


def _served(name: str, pod_set: PodSet, path: FieldPath, container: Mapping[str, Any], served: set[int]) -> Fact:
    declared = [port for port in maps_in(container.get("ports")) if isinstance(port.get("containerPort"), int)]
    return Fact(
        kind=SERVED,
        resource=pod_set.resource,
        value={
            "title": pod_set.title,
            "container": container.get("name", ""),
            "code": name,
            "listens": sorted(served),
            "ports": [{"port": port["containerPort"], "served": port["containerPort"] in served} for port in declared],
        },
        roots={"ports": [(*path, "ports", index) for index in range(len(declared))]},
    )


def _containers(scan: Scan) -> Iterator[tuple[str, PodSet, FieldPath, Mapping[str, Any]]]:
    """Yield the containers of the scan with the last part of their image's name and where they stand."""
    for pod_set in scan.pod_sets:
        for index, container in enumerate(maps_in(pod_set.spec.get("containers"))):
            image = container.get("image")
            if isinstance(image, str):
                name = image.partition("@")[0].rpartition("/")[2].partition(":")[0]
                yield name, pod_set, (*pod_set.template_path, "spec", "containers", index), container


def _entrances(scan: Scan, pod_set: PodSet) -> Iterator[_Entrance]:
    """Yield the ways from outside the cluster to the pods of `pod_set`."""
    services = [
        service
        for service in scan.by_kind.get(("", "Service"), ())
        if service.ref.namespace == pod_set.namespace and _selects(service, pod_set)
    ]
    names = {service.ref.name for service in services}
    for service in services:
        if mapping(service.object.get("spec")).get("type") in ("LoadBalancer", "NodePort"):
            yield _Entrance(describe(service), "/")
    for ingress in scan.by_kind.get(("networking.k8s.io", "Ingress"), ()):
        if ingress.ref.namespace != pod_set.namespace:
            continue
        spec = mapping(ingress.object.get("spec"))
        if _service_name(spec.get("defaultBackend")) in names:
            yield _Entrance(describe(ingress), "/")
        for rule in maps_in(spec.get("rules")):
            for path in maps_in(mapping(rule.get("http")).get("paths")):
                if _service_name(path.get("backend")) in names:
                    yield _Entrance(describe(ingress), str(path.get("path") or "/"))


def _selects(service: Resource, pod_set: PodSet) -> bool:
    selector = mapping(mapping(service.object.get("spec")).get("selector"))
    return bool(selector) and all(pod_set.labels.get(key) == value for key, value in selector.items())


def _service_name(backend: Any) -> Any:
    return mapping(mapping(backend).get("service")).get("name")


def _directories(path: str) -> list[str]:
    return [
        part for part in path.split("/")[:-1] if part not in ("", ".", "..", "src", "app", "main", "lib", "cmd", "pkg")
    ]
