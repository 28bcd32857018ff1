"""Which pods does a resource make, and what is in them? (fact ``PodSpec``)

A rule about pods is written once, over this fact, and holds for a bare Pod and for every controller that embeds a pod
template (the kinds that Pod Security admission evaluates, plus PodTemplate and ReplicationController).
"""

from collections.abc import Iterator
from typing import Any

from seawall.model.fact import Fact
from seawall.model.field_path import FieldPath
from seawall.model.resource import Resource

POD_TEMPLATE_PATHS: dict[str, FieldPath] = {
    "Pod": (),
    "PodTemplate": ("template",),
    "ReplicationController": ("spec", "template"),
    "apps/Deployment": ("spec", "template"),
    "apps/ReplicaSet": ("spec", "template"),
    "apps/StatefulSet": ("spec", "template"),
    "apps/DaemonSet": ("spec", "template"),
    "batch/Job": ("spec", "template"),
    "batch/CronJob": ("spec", "jobTemplate", "spec", "template"),
}
"""Where each kind (``group/Kind``; core kinds without a group) keeps its pod template."""

CONTAINER_LISTS = ("containers", "initContainers", "ephemeralContainers")
"""The lists of a pod spec that hold containers, in the order of ``allContainers``."""


def group_kind(api_version: str, kind: str) -> str:
    """Return ``group/Kind``, or ``Kind`` alone for the core group: how rules and facts name kinds."""
    group, slash, _ = api_version.partition("/")
    return f"{group}/{kind}" if slash else kind


def derive_pod_specs(resource: Resource) -> Iterator[Fact]:
    """Yield the one `PodSpec` fact of `resource`, or nothing when it embeds no pod.

    The value has ``kind``, ``name``, ``namespace`` of the resource, ``labels`` and ``annotations`` of the resource's own
    metadata (empty maps where absent), ``metadata`` of the pod, ``spec`` of the pod and ``allContainers``.
    """
    ref = resource.ref
    template_path = POD_TEMPLATE_PATHS.get(group_kind(ref.api_version, ref.kind))
    if template_path is None:
        return
    template: Any = resource.object
    for step in template_path:
        template = template.get(step) if isinstance(template, dict) else None
    if not isinstance(template, dict):
        return
    spec = template.get("spec")
    if not isinstance(spec, dict):
        return
    spec_path = (*template_path, "spec")
    containers: list[Any] = []
    places: list[FieldPath] = []
    for name in CONTAINER_LISTS:
        listed = spec.get(name)
        if isinstance(listed, list):
            containers += listed
            list_path = (*spec_path, name)
            places += [(*list_path, index) for index in range(len(listed))]
    pod_metadata = template.get("metadata")
    metadata = resource.object.get("metadata")
    if not isinstance(metadata, dict):
        metadata = {}
    yield Fact(
        kind="PodSpec",
        resource=resource,
        value={
            "kind": ref.kind,
            "name": ref.name,
            "namespace": ref.namespace,
            "labels": metadata.get("labels") or {},
            "annotations": metadata.get("annotations") or {},
            "metadata": pod_metadata if isinstance(pod_metadata, dict) else {},
            "spec": spec,
            "allContainers": containers,
        },
        roots={
            "kind": ("kind",),
            "name": ("metadata", "name"),
            "namespace": ("metadata", "namespace"),
            "labels": ("metadata", "labels"),
            "annotations": ("metadata", "annotations"),
            "metadata": (*template_path, "metadata"),
            "spec": spec_path,
            "allContainers": places,
        },
    )
