"""Which storage class do the claims of a resource take, and what does that class say? (fact ``ClaimStorage``)

A claim says how much; its class says where and whether encrypted. A claim may stand alone (PersistentVolumeClaim), in a
StatefulSet's ``volumeClaimTemplates`` or in a pod's ephemeral volumes.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seawall.facts.pods import as_scan, mapping, maps_in, resources_of_kind
from seawall.model.fact import Fact
from seawall.model.field_path import FieldPath
from seawall.model.resource import Resource

_Claims = list[tuple[str, Mapping[str, Any], FieldPath]]

_STORAGE = "storage.k8s.io"
_OLD_CLASS = "volume.beta.kubernetes.io/storage-class"
_DEFAULT = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")


def derive_claim_storage(resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield one `ClaimStorage` for each resource that claims storage.

    ``claims`` have ``name``, ``class`` (empty: none is written), ``known`` (the scan holds the class that the claim takes),
    and that class's ``provisioner`` and ``parameters``. A claim without a class takes the default one, where the scan has it.
    """
    scan = as_scan(resources)
    places: list[tuple[Resource, _Claims]] = [
        (claim, [(claim.ref.name, claim.object, ())])
        for claim in resources_of_kind(resources, "", "PersistentVolumeClaim")
    ]
    for pod_set in scan.pod_sets:
        spec = mapping(pod_set.resource.object.get("spec"))
        found: _Claims = [
            (str(mapping(template.get("metadata")).get("name", "")), template, ("spec", "volumeClaimTemplates", index))
            for index, template in enumerate(maps_in(spec.get("volumeClaimTemplates")))
        ]
        for index, volume in enumerate(maps_in(pod_set.spec.get("volumes"))):
            template = mapping(volume.get("ephemeral")).get("volumeClaimTemplate")
            if isinstance(template, dict):
                path = (*pod_set.template_path, "spec", "volumes", index, "ephemeral", "volumeClaimTemplate")
                found.append((str(volume.get("name", "")), template, path))
        if found:
            places.append((pod_set.resource, found))
    if not places:
        return
    classes = {item.ref.name: item for item in resources_of_kind(resources, _STORAGE, "StorageClass")}
    default = next((item for item in classes.values() if _is_default(item)), None)
    for resource, found in places:
        yield Fact(
            kind="ClaimStorage",
            resource=resource,
            value={"claims": [_describe(name, claim, classes, default) for name, claim, _ in found]},
            roots={"claims": [path for _, _, path in found]},
        )


def _is_default(storage_class: Resource) -> bool:
    annotations = mapping(mapping(storage_class.object.get("metadata")).get("annotations"))
    return any(annotations.get(name) == "true" for name in _DEFAULT)


def _describe(
    name: str, claim: Mapping[str, Any], classes: Mapping[str, Resource], default: Resource | None
) -> dict[str, Any]:
    spec = mapping(claim.get("spec"))
    written = spec.get("storageClassName")
    if not isinstance(written, str):
        written = mapping(mapping(claim.get("metadata")).get("annotations")).get(_OLD_CLASS)
    # An empty name asks for a volume without class, and a claim with a volume has one: no class decides about those.
    decided = isinstance(written, str) or bool(spec.get("volumeName"))
    taken = classes.get(written) if isinstance(written, str) and written else None if decided else default
    return {
        "name": name,
        "class": written if isinstance(written, str) else taken.ref.name if taken is not None else "",
        "known": taken is not None,
        "provisioner": str(taken.object.get("provisioner", "")) if taken is not None else "",
        "parameters": mapping(taken.object.get("parameters")) if taken is not None else {},
    }
