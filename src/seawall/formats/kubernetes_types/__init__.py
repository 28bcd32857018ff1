"""The fields of Kubernetes' own kinds, as the API server reads and writes them.

`pods`, `core` and `groups` hold one paragraph a type, generated from the Go types of Kubernetes 1.36.3::

    Container name=string! image=string ports=[ContainerPort] resources=ResourceRequirements securityContext=*SecurityContext …

After the ``=`` stands the kind of value: ``string bool int float bytes time quantity intstr any``, a list ``[…]``, a map ``{…}``,
the name of another type, and ``*`` before what may be absent altogether. ``!`` marks a field that is written also when it is
empty, ``?`` a structure that is not. Types that only a status holds are ``any``.
"""

from collections.abc import Iterator
from functools import cache
from typing import Final

import msgspec

KINDS: Final = """
admissionregistration.k8s.io/v1: MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration
  ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration
apiextensions.k8s.io/v1: CustomResourceDefinition
apps/v1: ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet
autoscaling/v1: HorizontalPodAutoscaler=autoscalingHorizontalPodAutoscaler
autoscaling/v2: HorizontalPodAutoscaler
batch/v1: CronJob Job
certificates.k8s.io/v1: CertificateSigningRequest
coordination.k8s.io/v1: Lease
discovery.k8s.io/v1: EndpointSlice
events.k8s.io/v1: Event=eventsEvent
flowcontrol.apiserver.k8s.io/v1: FlowSchema PriorityLevelConfiguration
networking.k8s.io/v1: IPAddress Ingress IngressClass NetworkPolicy ServiceCIDR
node.k8s.io/v1: RuntimeClass
policy/v1: Eviction PodDisruptionBudget
rbac.authorization.k8s.io/v1: ClusterRole ClusterRoleBinding Role RoleBinding
scheduling.k8s.io/v1: PriorityClass
storage.k8s.io/v1: CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment VolumeAttributesClass
v1: Binding ComponentStatus ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume PersistentVolumeClaim
  Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount
"""


class Kind(msgspec.Struct, frozen=True):
    """What a value is: `form` is ``scalar``, ``list``, ``map``, ``struct`` or ``pointer``; `name` is the scalar's or the type's,
    `inner` the kind of elements, or of what is pointed to."""

    form: str
    name: str = ""
    inner: "Kind | None" = None

    @property
    def pointed(self) -> "Kind":
        """This kind without a pointer."""
        return self.inner if self.form == "pointer" and self.inner is not None else self


class Field(msgspec.Struct, frozen=True):
    """One field of a type. `keep`: written also when empty; `drop`: a structure that is left out when it is empty."""

    kind: Kind
    keep: bool
    drop: bool


Fields = dict[str, Field]

_SCALARS: Final = frozenset("string bool int float bytes time quantity intstr any".split())  # noqa: SIM905 - as in the tables


@cache
def fields_of(name: str) -> Fields:
    """Return the fields of the type `name`."""
    return {
        entry: Field(_kind(kind.rstrip("!?")), kind.endswith("!"), kind.endswith("?"))
        for entry, _, kind in (text.partition("=") for text in _paragraphs()[name])
    }


def type_of(api_version: str, kind: str) -> str | None:
    """Return the type of `kind` in `api_version`, or None where it is not one of Kubernetes' own."""
    return _kinds().get((api_version, kind))


@cache
def _kinds() -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for first, *rest in _join(KINDS):
        for entry in rest:
            kind, _, name = entry.partition("=")
            found[first.rstrip(":"), kind] = name or kind
    return found


@cache
def _paragraphs() -> dict[str, list[str]]:
    from seawall.formats.kubernetes_types import core, groups, pods

    return {words[0]: words[1:] for text in (pods.TYPES, core.TYPES, groups.TYPES) for words in _join(text)}


def _join(text: str) -> Iterator[list[str]]:
    """Yield the words of each paragraph; a line that starts with white space continues the one before."""
    for paragraph in text.strip().replace("\n ", " ").splitlines():
        yield paragraph.split()


@cache
def _kind(text: str) -> Kind:
    if text.startswith("*"):
        return Kind("pointer", inner=_kind(text[1:]))
    if text.startswith("["):
        return Kind("list", inner=_kind(text[1:-1]))
    if text.startswith("{"):
        return Kind("map", inner=_kind(text[1:-1]))
    return Kind("scalar" if text in _SCALARS else "struct", text)
