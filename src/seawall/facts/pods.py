"""Which sets of pods does a scan hold, and where? What the facts about several resources start from.

A *pod set* is a resource that makes pods: a bare Pod or a controller. Two more things can make pods: a custom resource whose
operator writes the controller (a `Prometheus`, a Knative `Service`), and whatever is not in the scan. Facts that say "nothing
is selected" ask `Scan.may_make_pods` before they say it.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec

from seawall.facts.selectors import LabelIndex
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
    def custom_labels(self) -> dict[str, LabelIndex[Resource]]:
        """The custom resources that might make pods, indexed by the labels of such pods, a namespace each.

        An operator commonly puts the labels of the resource itself, or those of ``spec.podMetadata``,
        ``spec.template.metadata`` and their like, on the pods that it makes. Nobody can know without the operator; so these
        are only grounds for silence.
        """
        found: dict[str, list[tuple[Mapping[str, Any], Resource]]] = {}
        for (group, _), resources in self.by_kind.items():
            if group not in _BUILT_IN_GROUPS and not group.endswith(".k8s.io"):
                for resource in resources:
                    found.setdefault(resource.ref.namespace, []).append((_custom_labels(resource), resource))
        return {namespace: LabelIndex(entries) for namespace, entries in found.items()}

    def may_make_pods(self, namespace: str, selector: Mapping[str, Any]) -> bool:
        """Return whether a custom resource of `namespace` might make pods that `selector` selects."""
        custom = self.custom_labels.get(namespace)
        return custom is not None and bool(custom.select(selector))


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


def _custom_labels(resource: Resource) -> Mapping[str, Any]:
    labels: dict[str, Any] = dict(mapping(mapping(resource.object.get("metadata")).get("labels")))
    spec = mapping(resource.object.get("spec"))
    for inner in (spec.get("podMetadata"), mapping(spec.get("template")).get("metadata"), spec.get("podTemplate")):
        labels.update(mapping(mapping(inner).get("labels")))
    return labels


def some_of(titles: Sequence[str]) -> str:
    """Return `titles` as text: the first few by name, then how many more."""
    text = ", ".join(titles[:_NAMED_AT_MOST])
    more = len(titles) - _NAMED_AT_MOST
    return f"{text} and {more} more" if more > 0 else text


def mapping(value: Any) -> Mapping[str, Any]:
    """Return `value` when it is a map, else the empty map: what a reader of unchecked manifests needs at every step."""
    return value if isinstance(value, dict) else {}


def maps_in(value: Any) -> list[Mapping[str, Any]]:
    """Return the maps in the list `value`, nothing for anything else."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
