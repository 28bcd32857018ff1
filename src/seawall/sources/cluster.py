"""Resources from a live API server: the same objects, with the same verdicts, as from files. Read-only.

Kinds are found by discovery and listed in pages. What may not be listed, or is not answered, is an `Unscanned` value with
the grant that is missing; the rest of the scan goes on. Secrets are never read: no rule needs their contents.

One root cause is one finding: a Pod, ReplicaSet or Job whose controller was read too is left out, because it is made from
the controller's template. What stands alone, or belongs to a controller that could not be read, stays.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from seawall.model.errors import SourceError
from seawall.model.field_path import FieldPath, format_field_path, value_at
from seawall.model.resource import Location, Place, Resource, ResourceRef, Unscanned
from seawall.sources.api_server import ApiError, ApiServer
from seawall.sources.kubeconfig import ClusterAccess

# Owners before what they own, so that an owned object is known as such when its page comes.
CONTROLLERS = (
    "batch/CronJob",
    "apps/Deployment",
    "apps/StatefulSet",
    "apps/DaemonSet",
    "apps/ReplicaSet",
    "ReplicationController",
    "batch/Job",
)
KINDS: tuple[str, ...] = (
    *CONTROLLERS,
    "Pod",
    "PodTemplate",
    "Namespace",
    "Node",
    "Service",
    "ServiceAccount",
    "ConfigMap",
    "LimitRange",
    "ResourceQuota",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "admissionregistration.k8s.io/MutatingWebhookConfiguration",
    "admissionregistration.k8s.io/ValidatingAdmissionPolicy",
    "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding",
    "admissionregistration.k8s.io/ValidatingWebhookConfiguration",
    "apiregistration.k8s.io/APIService",
    "autoscaling/HorizontalPodAutoscaler",
    "certificates.k8s.io/CertificateSigningRequest",
    "gateway.networking.k8s.io/Gateway",
    "gateway.networking.k8s.io/HTTPRoute",
    "networking.istio.io/DestinationRule",
    "networking.istio.io/Gateway",
    "networking.k8s.io/Ingress",
    "networking.k8s.io/NetworkPolicy",
    "policy/PodDisruptionBudget",
    "rbac.authorization.k8s.io/ClusterRole",
    "rbac.authorization.k8s.io/ClusterRoleBinding",
    "rbac.authorization.k8s.io/Role",
    "rbac.authorization.k8s.io/RoleBinding",
    "scheduling.k8s.io/PriorityClass",
    "security.istio.io/PeerAuthentication",
    "storage.k8s.io/StorageClass",
)
# Kinds that no server can be without: not finding one means that discovery is incomplete, not that there is nothing.
_BUILT_IN_GROUPS = frozenset(
    {"", "apps", "batch", "policy", "networking.k8s.io", "rbac.authorization.k8s.io", "storage.k8s.io"}
)
_SKIPPABLE = frozenset({"Pod", "apps/ReplicaSet", "batch/Job"})
_NEVER_READ = frozenset({"Secret"})
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_DISCOVERY = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
)
_MAX_SNIPPET = 200


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


class ClusterObject(msgspec.Struct, frozen=True, eq=False):
    """The origin of an object that was read from a cluster: its path there; line 1, because there are no lines."""

    path: str
    object: dict[str, Any]

    def locate(self, field: FieldPath) -> Place:
        """Return the object's place; evidence is the field's value as JSON, None where it is absent."""
        value = value_at(self.object, field)
        location = Location(self.path, 1, 1, 1, 1)
        if value is None:
            return Place(location, None, "")
        evidence = msgspec.json.encode(value).decode()
        shown = evidence if len(evidence) <= _MAX_SNIPPET else evidence[: _MAX_SNIPPET - 1] + "…"
        return Place(location, evidence, f"{format_field_path(field)}: {shown}")


def read(
    access: ClusterAccess, kinds: Collection[str] = KINDS, namespaces: Sequence[str] = ()
) -> Iterator[Resource | Unscanned]:
    """Yield what the server of `access` holds of `kinds` (``Kind`` for core, else ``group/Kind``), in a stable order.

    `namespaces` restricts namespaced kinds. Raises `SourceError` when the server cannot be reached or refuses us outright;
    a kind that it does not serve is absent, a kind that it does not show is `Unscanned`.
    """
    server = ApiServer(access)
    prefix = f"cluster/{access.context}"
    try:
        wanted = [kind for kind in _in_order(kinds) if kind not in _NEVER_READ]
        try:
            served, incomplete = _discover(server, wanted)
        except ApiError as error:
            raise SourceError(
                f"the API server of context {access.context!r} refused discovery: {error.code} {error.message}",
                place=access.place,
                remedy="check the credentials of the context (`kubectl auth whoami`)",
            ) from None
        yield from (Unscanned(f"{prefix}: {group}", reason) for group, reason in incomplete)
        owners: set[str] = set()
        for kind in wanted:
            resource = served.get(kind)
            if resource is None:
                if kind.rpartition("/")[0] in _BUILT_IN_GROUPS and not incomplete:
                    yield Unscanned(
                        f"{prefix}: {kind}", "the server does not serve this built-in kind to us; check its version"
                    )
                continue
            for item in _list(server, resource, access, prefix, namespaces):
                if isinstance(item, Unscanned):
                    yield item
                    continue
                metadata = item.get("metadata") or {}
                if kind in CONTROLLERS and (uid := metadata.get("uid")):
                    owners.add(uid)
                if kind in _SKIPPABLE and _controller(metadata) in owners:
                    continue
                yield _resource(item, resource, prefix)
    finally:
        server.close()


def _in_order(kinds: Collection[str]) -> list[str]:
    """Return the kinds with controllers first; controllers come along with what they own, to tell it apart."""
    chosen = set(kinds)
    return [kind for kind in CONTROLLERS if kind in chosen] + sorted(chosen.difference(CONTROLLERS))


def _discover(server: ApiServer, wanted: Sequence[str]) -> tuple[dict[str, ApiResource], list[tuple[str, str]]]:
    """Return the served resource of each wanted kind, in the server's preferred version, and what is incomplete."""
    served: dict[str, ApiResource] = {}
    incomplete: list[tuple[str, str]] = []
    groups = {kind.rpartition("/")[0] for kind in wanted}
    for path in ("/api", "/apis"):
        answer = server.get(path, accept=_DISCOVERY)
        if answer.get("kind") == "APIGroupDiscoveryList":
            for group in answer.get("items") or []:
                name = (group.get("metadata") or {}).get("name", "")
                if name in groups:
                    for version in group.get("versions") or []:
                        if version.get("freshness") == "Stale":
                            incomplete.append((f"{name}/{version.get('version')}", _STALE))
                        for item in version.get("resources") or []:
                            kind = (item.get("responseKind") or {}).get("kind", "")
                            namespaced = item.get("scope") == "Namespaced"
                            _serve(served, kind, name, version["version"], item["resource"], namespaced, item)
            continue
        # A server before 1.26 answers with group names; its resources come one version at a time.
        for name, version in _preferred_versions(answer, groups):
            base = f"/apis/{name}/{version}" if name else f"/api/{version}"
            try:
                listed = server.get(base)
            except ApiError as error:
                incomplete.append((base, f"discovery failed: {error.code} {error.message}"))
                continue
            for item in listed.get("resources") or []:
                if "/" not in item.get("name", "/"):
                    _serve(served, item.get("kind", ""), name, version, item["name"], item.get("namespaced"), item)
    return {kind: served[kind] for kind in wanted if kind in served}, incomplete


_STALE = "the server behind this API group does not answer; its kinds may be missing (see `kubectl get apiservices`)"


def _serve(
    served: dict[str, ApiResource],
    kind: str,
    group: str,
    version: str,
    plural: str,
    namespaced: Any,
    item: Mapping[str, Any],
) -> None:
    if "list" in (item.get("verbs") or []):
        served.setdefault(
            f"{group}/{kind}" if group else kind, ApiResource(kind, group, version, plural, bool(namespaced))
        )


def _preferred_versions(answer: Mapping[str, Any], groups: Collection[str]) -> Iterator[tuple[str, str]]:
    if "groups" not in answer:
        yield from (("", version) for version in answer.get("versions") or [])
        return
    for group in answer["groups"] or []:
        if group.get("name") in groups:
            yield from ((group["name"], version["version"]) for version in group.get("versions") or [])


def _list(
    server: ApiServer, resource: ApiResource, access: ClusterAccess, prefix: str, namespaces: Sequence[str]
) -> Iterator[dict[str, Any] | Unscanned]:
    if resource.namespaced and namespaces:
        for namespace in namespaces:
            try:
                yield from server.list_items(resource.list_path(namespace))
            except ApiError as error:
                yield _unlisted(resource, prefix, f"in namespace {namespace}", error)
        return
    try:
        yield from server.list_items(resource.list_path())
        return
    except ApiError as error:
        if error.code != 403 or not resource.namespaced or not access.namespace:
            yield _unlisted(resource, prefix, "in all namespaces" if resource.namespaced else "", error)
            return
        refused = error
    # A user of one namespace reads that one; what lies outside stays unscanned, and said so.
    try:
        yield from server.list_items(resource.list_path(access.namespace))
    except ApiError as error:
        yield _unlisted(resource, prefix, "in all namespaces", error)
        return
    yield _unlisted(resource, prefix, f"outside namespace {access.namespace}", refused)


def _unlisted(resource: ApiResource, prefix: str, where: str, error: ApiError) -> Unscanned:
    plural = f"{resource.plural}.{resource.group}" if resource.group else resource.plural
    path = f"{prefix}: {plural} {where}".rstrip()
    if error.code == 403:
        return Unscanned(path, f"forbidden: {error.message}; grant list on {plural}, or name --namespace to read less")
    return Unscanned(path, f"the server answered {error.code} {error.reason}: {error.message}; try again")


def _controller(metadata: Mapping[str, Any]) -> str:
    for owner in metadata.get("ownerReferences") or []:
        if owner.get("controller") is True:
            return str(owner.get("uid") or "")
    return ""


def _resource(item: dict[str, Any], resource: ApiResource, prefix: str) -> Resource:
    """Return the object as a file would have it: list items carry no apiVersion and kind, and no manifest managedFields."""
    value: dict[str, Any] = _without_nulls({"apiVersion": resource.api_version, "kind": resource.kind, **item})
    metadata = value.get("metadata")
    if isinstance(metadata, dict):
        metadata.pop("managedFields", None)
        annotations = metadata.get("annotations")
        if isinstance(annotations, dict):
            # kubectl's copy of the object's own text: a flaw in it is the object's flaw, not a second one.
            annotations.pop(_LAST_APPLIED, None)
    else:
        metadata = {}
    namespace, name = str(metadata.get("namespace") or ""), str(metadata.get("name") or "")
    path = "/".join(part for part in (prefix, namespace, resource.kind, name) if part)
    ref = ResourceRef(resource.api_version, resource.kind, namespace, name)
    return Resource(ref, value, ClusterObject(path, value))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value
