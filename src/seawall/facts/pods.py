"""Which sets of pods does a scan hold, and where? What the facts about several resources start from.

A *pod set* is a resource that makes pods: a bare Pod or a controller. Two more things can make pods: a custom resource whose
operator writes the controller (a `Prometheus`, a Knative `Service`), and whatever is not in the scan. Facts that say "nothing
is selected" ask `Scan.find_selected` whether it can be said.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from seawall.facts.selectors import LabelIndex
from seawall.facts.workloads import POD_TEMPLATE_PATHS
from seawall.model.field_path import FieldPath
from seawall.model.resource import Resource

Found = TypeVar("Found")


class PodSet(msgspec.Struct, frozen=True, eq=False):
    """A resource that makes pods. `labels` are the pods' labels, `spec` is the pod spec, `namespace` is empty where none is
    written; all manifests without a namespace are applied to one namespace, so they are taken to be in the same one.
    `template_path` is where the pod stands in the resource."""

    resource: Resource
    namespace: str
    labels: Mapping[str, Any]
    spec: Mapping[str, Any]
    template_path: FieldPath

    @property
    def title(self) -> str:
        """How a message names it: ``Deployment shop/frontend``."""
        return describe(self.resource)


_KINDS = {(kind.rpartition("/")[0], kind.rpartition("/")[2]): path for kind, path in POD_TEMPLATE_PATHS.items()}
_BUILT_IN_GROUPS = frozenset({"", "apps", "batch", "autoscaling", "policy", "extensions"})

_NAMED_AT_MOST = 3

# Custom resources that configure other things and make no pods: silence about "selects nothing" is not owed to them.
_GROUPS_WITHOUT_PODS = (
    "cert-manager.io",
    "istio.io",
    "external-secrets.io",
    "bitnami.com",
    "kyverno.io",
    "gatekeeper.sh",
    "cilium.io",
    "projectcalico.org",
    "traefik.io",
    "traefik.containo.us",
    "projectcontour.io",
    "configuration.konghq.com",
    "toolkit.fluxcd.io",
)
_KINDS_WITHOUT_PODS = frozenset(
    {
        *("ServiceMonitor", "PodMonitor", "PrometheusRule", "Probe", "ScrapeConfig", "AlertmanagerConfig"),
        *(
            "Application",
            "ApplicationSet",
            "AppProject",
            "ScaledObject",
            "TriggerAuthentication",
            "VerticalPodAutoscaler",
        ),
        *("RoleList", "RoleBindingList", "BackendConfig", "FrontendConfig", "ManagedCertificate", "GrafanaDashboard"),
    }
)
_CONTROLLER_LABELS = frozenset(
    {
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "controller-revision-hash",
        "pod-template-hash",
        "batch.kubernetes.io/job-name",
        "batch.kubernetes.io/job-completion-index",
        "batch.kubernetes.io/controller-uid",
        "controller-uid",
        "job-name",
    }
)


def describe(resource: Resource) -> str:
    """Return ``Kind namespace/name``, or ``Kind name`` where no namespace is written."""
    ref = resource.ref
    return f"{ref.kind} {ref.namespace}/{ref.name}" if ref.namespace else f"{ref.kind} {ref.name}"


def resources_of_kind(resources: Sequence[Resource], group: str, *kinds: str) -> list[Resource]:
    """Return the resources of `kinds` in the API `group` (empty: core), of any version, kind by kind."""
    by_kind = as_scan(resources).by_kind
    return [resource for kind in kinds for resource in by_kind.get((group, kind), ())]


def group_of(resource: Resource) -> str:
    """Return the API group of `resource`, empty for the core group."""
    group, slash, _ = resource.ref.api_version.partition("/")
    return group if slash else ""


class Scan(tuple[Resource, ...]):
    """The resources of one scan, with what several facts ask of them worked out once.

    It is what `catalogue.derive` hands to each function over a set; `as_scan` makes one of any other sequence.
    """

    @cached_property
    def known(self) -> dict[Callable[["Scan"], Any], Any]:
        """What `once` has worked out."""
        return {}

    def once(self, derive: Callable[["Scan"], Found]) -> Found:
        """Return what `derive` makes of this scan, worked out when it is asked for first."""
        if derive not in self.known:
            self.known[derive] = derive(self)
        found: Found = self.known[derive]
        return found

    @cached_property
    def by_kind(self) -> dict[tuple[str, str], list[Resource]]:
        """The resources by (group, kind), in their order."""
        found: dict[tuple[str, str], list[Resource]] = {}
        for resource in self:
            ref = resource.ref
            group, slash, _ = ref.api_version.partition("/")
            found.setdefault((group if slash else "", ref.kind), []).append(resource)
        return found

    @cached_property
    def pod_sets(self) -> list[PodSet]:
        """The resources that make pods, kind by kind."""
        return [
            pod_set
            for group_and_kind, path in _KINDS.items()
            for resource in self.by_kind.get(group_and_kind, ())
            if (pod_set := _read_pod_set(resource, path)) is not None
        ]

    @cached_property
    def pods_by_namespace(self) -> dict[str, LabelIndex[PodSet]]:
        """The pod sets, indexed by their labels, a namespace each."""
        grouped: dict[str, list[tuple[Mapping[str, Any], PodSet]]] = {}
        for pod_set in self.pod_sets:
            grouped.setdefault(pod_set.namespace, []).append((pod_set.labels, pod_set))
        return {namespace: LabelIndex(entries) for namespace, entries in grouped.items()}

    @cached_property
    def opaque_namespaces(self) -> frozenset[str]:
        """The namespaces in which a custom resource might make pods: with what labels, only its operator knows."""
        return frozenset(
            resource.ref.namespace
            for (group, kind), resources in self.by_kind.items()
            if not _makes_no_pods(group, kind)
            for resource in resources
        )

    def find_selected(self, namespace: str, selector: Mapping[str, Any] | None) -> tuple[list[PodSet], bool]:
        """Return the pod sets of `namespace` that `selector` means, and whether the scan can tell that there are no others.

        It cannot where it has no pods of the namespace at all, or a custom resource that might make them. Labels that
        controllers put on single pods are taken out of the selector, so the answer is what is *meant*; what is selected
        exactly is `pods_by_namespace`'s answer.
        """
        pods = self.pods_by_namespace.get(namespace)
        if pods is None or selector is None:
            return [], False
        selected = pods.select(_without_controller_labels(selector))
        return selected, bool(selected) or namespace not in self.opaque_namespaces


def as_scan(resources: Sequence[Resource]) -> Scan:
    """Return `resources` as a `Scan`, itself where it is one."""
    return resources if isinstance(resources, Scan) else Scan(resources)


def _read_pod_set(resource: Resource, path: FieldPath) -> PodSet | None:
    template: Any = resource.object
    for step in path:
        template = template.get(step) if isinstance(template, dict) else None
    if not isinstance(template, dict) or not isinstance(template.get("spec"), dict):
        return None
    labels = mapping(mapping(template.get("metadata")).get("labels"))
    return PodSet(resource, resource.ref.namespace, labels, template["spec"], path)


def _makes_no_pods(group: str, kind: str) -> bool:
    if group in _BUILT_IN_GROUPS or group.endswith(".k8s.io") or group.endswith(_GROUPS_WITHOUT_PODS):
        return True
    return kind in _KINDS_WITHOUT_PODS


def _without_controller_labels(selector: Mapping[str, Any]) -> Mapping[str, Any]:
    wanted = mapping(selector.get("matchLabels"))
    if _CONTROLLER_LABELS.isdisjoint(wanted):
        return selector
    return {**selector, "matchLabels": {key: value for key, value in wanted.items() if key not in _CONTROLLER_LABELS}}


def some_pods(pod_sets: Sequence[PodSet]) -> str:
    """Return the titles of `pod_sets` as `some_of` would. There may be thousands, of which a few are named."""
    return some_of([pod_set.title for pod_set in pod_sets[:_NAMED_AT_MOST]], len(pod_sets))


def some_of(titles: Sequence[str], count: int | None = None) -> str:
    """Return `titles` as text: the first few by name, then how many more. `count` is given where these are not all."""
    text = ", ".join(titles[:_NAMED_AT_MOST])
    more = (len(titles) if count is None else count) - _NAMED_AT_MOST
    return f"{text} and {more} more" if more > 0 else text


def mapping(value: Any) -> Mapping[str, Any]:
    """Return `value` when it is a map, else the empty map: what a reader of unchecked manifests needs at every step."""
    return value if isinstance(value, dict) else {}


def maps_in(value: Any) -> list[Mapping[str, Any]]:
    """Return the maps in the list `value`, nothing for anything else."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
