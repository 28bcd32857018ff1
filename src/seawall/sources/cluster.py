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
from seawall.sources.api_discovery import ApiResource, discover
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
    "gateway.networking.k8s.io/GRPCRoute",
    "gateway.networking.k8s.io/HTTPRoute",
    "gateway.networking.k8s.io/TCPRoute",
    "gateway.networking.k8s.io/TLSRoute",
    "gateway.networking.k8s.io/UDPRoute",
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
NEVER_READ = frozenset({"Secret"})
"""A scanner that may list Secrets holds every credential of the cluster; what it could find is not worth that."""

# A policy of whatever kind may isolate pods, so none may be missed: an unread one would be a false finding on every workload.
_ALWAYS_WANTED = "NetworkPolicy"
# Custom resources that are many, change all the time and make no pods: reports about the cluster, and a network's bookkeeping.
_BOOKKEEPING_GROUPS = frozenset(
    {
        "aquasecurity.github.io",
        "openreports.io",
        "reports.kyverno.io",
        "spdx.softwarecomposition.kubescape.io",
        "wgpolicyk8s.io",
    }
)
_BOOKKEEPING_KINDS = frozenset({"CiliumEndpoint", "CiliumEndpointSlice", "CiliumIdentity", "IPAMBlock", "IPAMHandle"})
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_MAX_SNIPPET = 200


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

    Network policies of every kind are read in any case. Of all other custom resources in namespaces the metadata comes
    along, which says for which pods an operator stands; where they may not be listed, nothing is missing.

    `namespaces` restricts namespaced kinds; cluster-wide ones that may not be listed are then missing only where what they
    say holds in a namespace (ClusterRoles, network policies). A kind that the server does not serve is absent, a kind that
    it does not show is `Unscanned`. Raises `SourceError` when the server cannot be reached or refuses us outright.
    """
    server = ApiServer(access)
    prefix = f"cluster/{access.context}"
    try:
        try:
            served, incomplete = discover(server)
        except ApiError as error:
            raise SourceError(
                f"the API server of context {access.context!r} refused discovery: {error.code} {error.message}",
                place=access.place,
                remedy="check the credentials of the context (`kubectl auth whoami`)",
            ) from None
        policies = {kind for kind in served if kind.endswith(_ALWAYS_WANTED)}
        wanted = [kind for kind in _in_order({*kinds, *policies}) if kind not in NEVER_READ]
        groups = {kind.rpartition("/")[0] for kind in wanted}
        gaps = [(place, reason) for group, place, reason in incomplete if group in groups]
        yield from (Unscanned(f"{prefix}: {place}", reason) for place, reason in gaps)
        owners: set[str] = set()
        tidy = _Tidy()
        patience = _Patience(prefix)
        for kind in wanted:
            resource = served.get(kind)
            if resource is None:
                if kind.rpartition("/")[0] in _BUILT_IN_GROUPS and not gaps:
                    yield Unscanned(
                        f"{prefix}: {kind}", "the server does not serve this built-in kind to us; check its version"
                    )
                continue
            for item in patience.with_list(resource, _list(server, resource, access, prefix, namespaces)):
                if isinstance(item, Unscanned):
                    yield item
                    continue
                metadata = item.get("metadata") or {}
                if kind in CONTROLLERS and (uid := metadata.get("uid")):
                    owners.add(uid)
                if kind in _SKIPPABLE and _controller(metadata) in owners:
                    continue
                yield _resource(item, resource, prefix, tidy)
        for kind in sorted(served.keys() - set(wanted)):
            if _is_context(served[kind]):
                listed = _list(server, served[kind], access, prefix, namespaces, accept=_METADATA_ONLY)
                for item in patience.with_list(served[kind], listed):
                    if not isinstance(item, Unscanned):
                        yield _resource({"metadata": item.get("metadata")}, served[kind], prefix, tidy)
    finally:
        server.close()


class _Patience:
    """Goes on where one list is not answered in time: another kind may be. Two in a row mean that the server is gone."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._failed = False

    def with_list(
        self, resource: ApiResource, items: Iterator[dict[str, Any] | Unscanned]
    ) -> Iterator[dict[str, Any] | Unscanned]:
        """Yield the `items`, and an `Unscanned` where they break off. Raises `SourceError` at the second time in a row."""
        try:
            yield from items
        except SourceError as error:
            if self._failed:
                raise
            self._failed = True
            remedy = "; read less with --namespace, or try again" if resource.namespaced else "; try again"
            yield Unscanned(f"{self._prefix}: {_plural(resource)}", error.message + remedy)
        else:
            self._failed = False


def _plural(resource: ApiResource) -> str:
    return f"{resource.plural}.{resource.group}" if resource.group else resource.plural


def _is_context(resource: ApiResource) -> bool:
    group = resource.group
    custom = "." in group and not group.endswith(".k8s.io")
    bookkeeping = group in _BOOKKEEPING_GROUPS or resource.kind in _BOOKKEEPING_KINDS
    return custom and resource.namespaced and not bookkeeping


def _in_order(kinds: Collection[str]) -> list[str]:
    """Return the kinds with controllers first; controllers come along with what they own, to tell it apart."""
    chosen = set(kinds)
    return [kind for kind in CONTROLLERS if kind in chosen] + sorted(chosen.difference(CONTROLLERS))


def _list(
    server: ApiServer,
    resource: ApiResource,
    access: ClusterAccess,
    prefix: str,
    namespaces: Sequence[str],
    accept: str = "application/json",
) -> Iterator[dict[str, Any] | Unscanned]:
    if not namespaces:
        yield from _list_everywhere(server, resource, access, prefix, accept)
    elif resource.namespaced:
        for namespace in namespaces:
            try:
                yield from server.list_items(resource.list_path(namespace), accept)
            except ApiError as error:
                yield _unlisted(resource, prefix, f"in namespace {namespace}", error)
    elif (resource.group, resource.kind) == ("", "Namespace"):
        for namespace in namespaces:
            try:
                yield server.get(f"{resource.list_path()}/{namespace}")
            except ApiError as error:
                yield _without_namespace(prefix, namespace, error)
    else:
        try:
            yield from server.list_items(resource.list_path(), accept)
        except ApiError as error:
            # What is cluster-wide is not in the namespaces that were asked for; but what some of it says holds there too.
            if resource.kind == "ClusterRole" or resource.kind.endswith(_ALWAYS_WANTED) or error.code != 403:
                yield _unlisted(resource, prefix, "", error)


def _list_everywhere(
    server: ApiServer, resource: ApiResource, access: ClusterAccess, prefix: str, accept: str
) -> Iterator[dict[str, Any] | Unscanned]:
    everywhere = "in all namespaces" if resource.namespaced else ""
    hint = ", or name --namespace to read less" if resource.namespaced else ""
    try:
        yield from server.list_items(resource.list_path(), accept)
        return
    except ApiError as error:
        if error.code != 403 or not resource.namespaced or not access.namespace:
            yield _unlisted(resource, prefix, everywhere, error, hint)
            return
        refused = error
    # A user of one namespace reads that one; what lies outside stays unscanned, and said so.
    try:
        yield from server.list_items(resource.list_path(access.namespace), accept)
    except ApiError as error:
        yield _unlisted(resource, prefix, everywhere, error, hint)
        return
    yield _unlisted(resource, prefix, f"outside namespace {access.namespace}", refused, hint)


def _unlisted(resource: ApiResource, prefix: str, where: str, error: ApiError, hint: str = "") -> Unscanned:
    plural = _plural(resource)
    path = f"{prefix}: {plural} {where}".rstrip()
    if error.code == 403:
        return Unscanned(path, f"forbidden: {error.message}; grant list on {plural}{hint}")
    return Unscanned(path, f"the server answered {error.code} {error.reason}: {error.message}; try again")


def _without_namespace(prefix: str, namespace: str, error: ApiError) -> Unscanned:
    path = f"{prefix}: namespace {namespace}"
    if error.code == 404:
        # Its lists are empty, and would pass.
        return Unscanned(path, "there is no such namespace: check --namespace")
    if error.code == 403:
        return Unscanned(path, f"forbidden: {error.message}; grant get on namespaces")
    return Unscanned(path, f"the server answered {error.code} {error.reason}: {error.message}; try again")


def _controller(metadata: Mapping[str, Any]) -> str:
    for owner in metadata.get("ownerReferences") or []:
        if owner.get("controller") is True:
            return str(owner.get("uid") or "")
    return ""


class _Tidy:
    """Gives values back without nulls in maps, and with one string for all equal ones: a cluster repeats itself."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def value(self, value: Any) -> Any:
        """Return `value` tidied."""
        kind = type(value)
        if kind is str:
            return self._known.setdefault(value, value) if len(value) <= _SHARED_LENGTH else value
        if kind is dict:
            return {key: self.value(item) for key, item in value.items() if item is not None}
        if kind is list:
            return [self.value(item) for item in value]
        return value


_SHARED_LENGTH = 64
"""Longer text (a certificate, a description) seldom stands twice, and to look it up costs more than it saves."""


def _resource(item: dict[str, Any], resource: ApiResource, prefix: str, tidy: _Tidy) -> Resource:
    """Return the object as a file would have it: list items carry no apiVersion and kind, and no manifest managedFields."""
    metadata = item.get("metadata") or {}
    metadata.pop("managedFields", None)
    # kubectl's copy of the object's own text: a flaw in it is the object's flaw, not a second one.
    (metadata.get("annotations") or {}).pop(_LAST_APPLIED, None)
    value: dict[str, Any] = tidy.value({"apiVersion": resource.api_version, "kind": resource.kind, **item})
    namespace, name = str(metadata.get("namespace") or ""), str(metadata.get("name") or "")
    path = "/".join(part for part in (prefix, namespace, resource.kind, name) if part)
    ref = ResourceRef(resource.api_version, resource.kind, namespace, name)
    return Resource(ref, value, ClusterObject(path, value))
