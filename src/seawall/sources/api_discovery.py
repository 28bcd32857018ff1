"""Which kinds an API server serves: one request each for the core and for all groups, on servers since 1.26.

https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery. An older server is asked for one version of a
group after the other.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from seawall.sources.api_server import ApiError, ApiServer

_AGGREGATED = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
)
_STALE = "the server behind this API group does not answer; its kinds may be missing (see `kubectl get apiservices`)"


class ApiResource(msgspec.Struct, frozen=True):
    """One listable kind of the server: `path` is the URL path of its cluster-wide list."""

    kind: str
    group: str
    version: str
    plural: str
    namespaced: bool

    @property
    def api_version(self) -> str:
        """``group/version``, or the bare version for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def list_path(self, namespace: str = "") -> str:
        """The URL path that lists the kind, in one namespace or in all."""
        base = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        return f"{base}/namespaces/{namespace}/{self.plural}" if namespace else f"{base}/{self.plural}"


def discover(server: ApiServer) -> tuple[dict[str, ApiResource], list[tuple[str, str, str]]]:
    """Return the listable resource of each kind (``Kind``, or ``group/Kind``) in the server's preferred version.

    The second part says what is incomplete: group, place and reason. Raises `ApiError` when the server refuses discovery.
    """
    served: dict[str, ApiResource] = {}
    incomplete: list[tuple[str, str, str]] = []
    for path in ("/api", "/apis"):
        answer = server.get(path, accept=_AGGREGATED)
        if answer.get("kind") == "APIGroupDiscoveryList":
            for group in answer.get("items") or []:
                name = (group.get("metadata") or {}).get("name", "")
                for version in group.get("versions") or []:
                    if version.get("freshness") == "Stale":
                        incomplete.append((name, f"{name}/{version.get('version')}", _STALE))
                    for item in version.get("resources") or []:
                        kind = (item.get("responseKind") or {}).get("kind", "")
                        namespaced = item.get("scope") == "Namespaced"
                        _serve(served, kind, name, version["version"], item["resource"], namespaced, item)
            continue
        for name, version in _group_versions(answer):
            base = f"/apis/{name}/{version}" if name else f"/api/{version}"
            try:
                listed = server.get(base)
            except ApiError as error:
                incomplete.append((name, base, f"discovery failed: {error.code} {error.message}"))
                continue
            for item in listed.get("resources") or []:
                if "/" not in item.get("name", "/"):
                    _serve(served, item.get("kind", ""), name, version, item["name"], item.get("namespaced"), item)
    return served, incomplete


def _serve(
    served: dict[str, ApiResource],
    kind: str,
    group: str,
    version: str,
    plural: str,
    namespaced: Any,
    item: Mapping[str, Any],
) -> None:
    # The preferred version comes first.
    if "list" in (item.get("verbs") or []):
        served.setdefault(
            f"{group}/{kind}" if group else kind, ApiResource(kind, group, version, plural, bool(namespaced))
        )


def _group_versions(answer: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "groups" not in answer:
        yield from (("", version) for version in answer.get("versions") or [])
        return
    for group in answer["groups"] or []:
        yield from ((group["name"], version["version"]) for version in group.get("versions") or [])
