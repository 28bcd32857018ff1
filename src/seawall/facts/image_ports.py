"""Do an image and the manifests that run it name the same ports? (facts ``ImagePorts`` and ``WorkloadPorts``)

An image and a container belong together where the container names the image's digest, or else the same repository and tag: by
the reference that the user scanned, or by what its archive calls it. Another tag of the same repository is another image. Of an
image that no manifest of the scan runs nobody can tell what is declared for it; that is unknown, not right.

A port is declared by ``containerPort``, by the target port of a Service that selects the pods, or by ``prometheus.io/port``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from seawall.cel.unknown import UNKNOWN
from seawall.facts.image_values import IMAGE, ImageOrigin, exposed_ports
from seawall.facts.images import ImageInventory
from seawall.facts.inventory import API_VERSION
from seawall.facts.pods import PodSet, Scan, as_scan, mapping, maps_in, resources_of_kind
from seawall.formats.image_reference import ImageReference, ImageReferenceError, parse_image_reference
from seawall.model.fact import Fact
from seawall.model.field_path import FieldPath
from seawall.model.resource import Resource, ResourceRef

IMAGE_PORTS, WORKLOAD_PORTS = "ImagePorts", "WorkloadPorts"

Port = tuple[int, str]
"""Number and protocol, in small letters."""


class _Use(NamedTuple):
    """A container that runs an image of the scan."""

    pod_set: PodSet
    container: Mapping[str, Any]
    path: FieldPath


def derive_image_ports(inventories: Iterable[ImageInventory], resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield one `ImagePorts` for each image that exposes ports, where the scan has resources that make pods.

    ``exposed`` are its ports, each with ``declared``: `UNKNOWN` where no manifest runs the image. ``users`` names who does.
    """
    scan = as_scan(resources)
    services: dict[int, set[Port]] | None = None
    for inventory in inventories if scan.pod_sets else ():
        exposed = exposed_ports(inventory.image.config)
        if not exposed:
            continue
        if services is None:
            services = _service_ports(scan)
        uses = list(_uses(inventory, scan))
        declared = {port for use in uses for port in (*_declared(use.container), *services.get(id(use.pod_set), ()))}
        declared.update(port for use in uses for port in _scraped(use.pod_set))
        value = {
            "image": inventory.image.name,
            "users": list(dict.fromkeys(use.pod_set.title for use in uses)),
            "exposed": [
                {**port, "declared": any(_within(one, port) for one in declared) if uses else UNKNOWN}
                for port in exposed
            ],
        }
        ref = ResourceRef(API_VERSION, IMAGE, "", inventory.image.name)
        doubt = "" if uses else "no manifest of the scan runs this image; name or tag it as a manifest does"
        yield Fact(IMAGE_PORTS, Resource(ref, value, ImageOrigin(inventory.image.name)), value, {}, doubt=doubt)


def derive_workload_ports(inventories: Iterable[ImageInventory], resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield one `WorkloadPorts` for each resource that makes pods and runs an image of the scan that exposes ports.

    ``ports`` are those of its containers that do, each with ``exposed``: whether the image names the port too.
    """
    scan = as_scan(resources)
    found: dict[int, tuple[PodSet, list[dict[str, Any]], list[FieldPath]]] = {}
    for inventory in inventories:
        exposed = exposed_ports(inventory.image.config)
        for use in _uses(inventory, scan) if exposed else ():
            _, ports, places = found.setdefault(id(use.pod_set), (use.pod_set, [], []))
            for index, port in enumerate(maps_in(use.container.get("ports"))):
                number = _number(port)
                if number is not None:
                    ports.append(
                        {
                            "container": str(use.container.get("name", "")),
                            "image": inventory.image.name,
                            "containerPort": number[0],
                            "protocol": number[1],
                            "exposed": any(_within(number, one) for one in exposed),
                        }
                    )
                    places.append((*use.path, "ports", index))
    for pod_set, ports, places in found.values():
        value = {"title": pod_set.title, "ports": ports}
        yield Fact(WORKLOAD_PORTS, pod_set.resource, value, {"ports": places})


def _uses(inventory: ImageInventory, scan: Scan) -> Iterator[_Use]:
    image = inventory.image
    names = [name for text in image.names if (name := _reference(text)) is not None]
    digests = {image.digest, *(name.digest for name in names)} - {""}
    known = {(name.host, name.repository, name.tag) for name in names if name.tag}
    for pod_set in scan.pod_sets:
        for field in ("containers", "initContainers"):
            for index, container in enumerate(maps_in(pod_set.spec.get(field))):
                wanted = _reference(container.get("image"))
                if wanted is None:
                    continue
                if wanted.digest in digests or (
                    not wanted.digest and (wanted.host, wanted.repository, wanted.tag) in known
                ):
                    yield _Use(pod_set, container, (*pod_set.template_path, "spec", field, index))


def _reference(text: Any) -> ImageReference | None:
    try:
        return parse_image_reference(text) if isinstance(text, str) else None
    except ImageReferenceError:
        return None


def _declared(container: Mapping[str, Any]) -> Iterator[Port]:
    for port in maps_in(container.get("ports")):
        number = _number(port)
        if number is not None:
            yield number


def _number(port: Mapping[str, Any]) -> Port | None:
    number = port.get("containerPort")
    return (number, str(port.get("protocol") or "TCP").lower()) if isinstance(number, int) else None


def _service_ports(scan: Scan) -> dict[int, set[Port]]:
    """Return the ports that Services forward to by number, by the identity of the pod set; names stand for a container's port."""
    found: dict[int, set[Port]] = {}
    for service in resources_of_kind(scan, "", "Service"):
        spec = mapping(service.object.get("spec"))
        labels = mapping(spec.get("selector"))
        if not labels:
            continue
        ports = set[Port]()
        for port in maps_in(spec.get("ports")):
            target = port.get("targetPort", port.get("port"))
            if isinstance(target, int) or (isinstance(target, str) and target.isdigit()):
                ports.add((int(target), str(port.get("protocol") or "TCP").lower()))
        for pod_set in scan.find_selected(service.ref.namespace, {"matchLabels": labels})[0]:
            found.setdefault(id(pod_set), set()).update(ports)
    return found


def _scraped(pod_set: PodSet) -> Iterator[Port]:
    template: Any = pod_set.resource.object
    for step in pod_set.template_path:
        template = template[step]  # a pod set was read from there
    port = mapping(mapping(mapping(template).get("metadata")).get("annotations")).get("prometheus.io/port")
    if isinstance(port, str) and port.isdigit():
        yield int(port[:5]), "tcp"


def _within(port: Port, exposed: Mapping[str, Any]) -> bool:
    """Tell whether `port` is in `exposed`, which may be a range."""
    return bool(exposed["port"] <= port[0] <= exposed["last"]) and port[1] == exposed["protocol"]
