"""Which sets of pods does a scan hold, and where? What the facts about several resources start from.

A *pod set* is a resource that makes pods: a bare Pod or a controller. Two more things can make pods: a custom resource whose
operator writes the controller (a `Prometheus`, a Knative `Service`), and whatever is not in the scan. Facts that say "nothing
is selected" ask `may_make_pods` before they say it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from seawall.facts.selectors import LabelIndex, selects
from seawall.facts.workloads import POD_TEMPLATE_PATHS
from seawall.model.field_path import FieldPath
from seawall.model.resource import Resource


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


def describe(resource: Resource) -> str:
    """Return ``Kind namespace/name``, or ``Kind name`` where no namespace is written."""
    ref = resource.ref
    return f"{ref.kind} {ref.namespace}/{ref.name}" if ref.namespace else f"{ref.kind} {ref.name}"


def resources_of_kind(resources: Iterable[Resource], group: str, *kinds: str) -> Iterator[Resource]:
    """Yield the resources of `kinds` in the API `group` (empty: core), of any version."""
    wanted = frozenset(kinds)
    for resource in resources:
        if resource.ref.kind in wanted and group_of(resource) == group:
            yield resource


def group_of(resource: Resource) -> str:
    """Return the API group of `resource`, empty for the core group."""
    group, slash, _ = resource.ref.api_version.partition("/")
    return group if slash else ""


def collect_pod_sets(resources: Iterable[Resource]) -> list[PodSet]:
    """Return the pod sets among `resources`, in their order."""
    found = []
    for resource in resources:
        path = _KINDS.get((group_of(resource), resource.ref.kind))
        if path is None:
            continue
        template: Any = resource.object
        for step in path:
            template = template.get(step) if isinstance(template, dict) else None
        if isinstance(template, dict) and isinstance(template.get("spec"), dict):
            labels = mapping(mapping(template.get("metadata")).get("labels"))
            found.append(PodSet(resource, resource.ref.namespace, labels, template["spec"], path))
    return found


def index_by_namespace(pod_sets: Iterable[PodSet]) -> dict[str, LabelIndex[PodSet]]:
    """Return the pod sets indexed by their labels, a namespace each."""
    grouped: dict[str, list[tuple[Mapping[str, Any], PodSet]]] = {}
    for pod_set in pod_sets:
        grouped.setdefault(pod_set.namespace, []).append((pod_set.labels, pod_set))
    return {namespace: LabelIndex(entries) for namespace, entries in grouped.items()}


def collect_custom_labels(resources: Iterable[Resource]) -> dict[str, list[Mapping[str, Any]]]:
    """Return, by namespace, the label sets under which custom resources might make pods.

    An operator commonly puts the labels of the resource itself, or those of ``spec.podMetadata``, ``spec.template.metadata``
    and their like, on the pods that it makes. Nobody can know without the operator; so these are only grounds for silence.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    for resource in resources:
        group = group_of(resource)
        if group in _BUILT_IN_GROUPS or group.endswith(".k8s.io"):
            continue
        labels: dict[str, Any] = dict(mapping(mapping(resource.object.get("metadata")).get("labels")))
        spec = mapping(resource.object.get("spec"))
        for inner in (spec.get("podMetadata"), mapping(spec.get("template")).get("metadata"), spec.get("podTemplate")):
            labels.update(mapping(mapping(inner).get("labels")))
        found.setdefault(resource.ref.namespace, []).append(labels)
    return found


def may_make_pods(selector: Mapping[str, Any], custom_labels: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether one of `custom_labels` (of `collect_custom_labels`) could be that of a pod that `selector` selects."""
    return any(selects(selector, labels) for labels in custom_labels)


def some_of(titles: Sequence[str]) -> str:
    """Return `titles` as text: the first few by name, then how many more."""
    text = ", ".join(titles[:_NAMED_AT_MOST])
    more = len(titles) - _NAMED_AT_MOST
    return f"{text} and {more} more" if more > 0 else text


def mapping(value: Any) -> Mapping[str, Any]:
    """Return `value` when it is a map, else the empty map: what a reader of unchecked manifests needs at every step."""
    return value if isinstance(value, Mapping) else {}


def maps_in(value: Any) -> list[Mapping[str, Any]]:
    """Return the maps in the list `value`, nothing for anything else."""
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []
