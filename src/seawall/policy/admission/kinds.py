"""Under which resource does the API server serve a kind, and does it live in a namespace?

The built-in kinds are those that Kubernetes 1.36 serves by default (`tests/testbed/test_admission_policies.py` holds the table to
a real API server); CustomResourceDefinitions add theirs. A kind that neither knows is not guessed here.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from seawall.formats.admission_review import GroupVersionKind, GroupVersionResource

# apiVersion: Kind=resource; an exclamation mark says that the kind has no namespace.
_BUILT_IN: Final = """
v1: Binding=bindings ComponentStatus=componentstatuses! ConfigMap=configmaps Endpoints=endpoints Event=events
v1: LimitRange=limitranges Namespace=namespaces! Node=nodes! PersistentVolumeClaim=persistentvolumeclaims
v1: PersistentVolume=persistentvolumes! Pod=pods PodTemplate=podtemplates ReplicationController=replicationcontrollers
v1: ResourceQuota=resourcequotas Secret=secrets ServiceAccount=serviceaccounts Service=services
apiregistration.k8s.io/v1: APIService=apiservices!
apps/v1: ControllerRevision=controllerrevisions DaemonSet=daemonsets Deployment=deployments ReplicaSet=replicasets
apps/v1: StatefulSet=statefulsets
events.k8s.io/v1: Event=events
authentication.k8s.io/v1: SelfSubjectReview=selfsubjectreviews! TokenReview=tokenreviews!
authorization.k8s.io/v1: LocalSubjectAccessReview=localsubjectaccessreviews SelfSubjectAccessReview=selfsubjectaccessreviews!
authorization.k8s.io/v1: SelfSubjectRulesReview=selfsubjectrulesreviews! SubjectAccessReview=subjectaccessreviews!
autoscaling/v2: HorizontalPodAutoscaler=horizontalpodautoscalers
autoscaling/v1: HorizontalPodAutoscaler=horizontalpodautoscalers
batch/v1: CronJob=cronjobs Job=jobs
certificates.k8s.io/v1: CertificateSigningRequest=certificatesigningrequests!
networking.k8s.io/v1: IngressClass=ingressclasses! Ingress=ingresses IPAddress=ipaddresses! NetworkPolicy=networkpolicies
networking.k8s.io/v1: ServiceCIDR=servicecidrs!
policy/v1: PodDisruptionBudget=poddisruptionbudgets
rbac.authorization.k8s.io/v1: ClusterRoleBinding=clusterrolebindings! ClusterRole=clusterroles! RoleBinding=rolebindings
rbac.authorization.k8s.io/v1: Role=roles
storage.k8s.io/v1: CSIDriver=csidrivers! CSINode=csinodes! CSIStorageCapacity=csistoragecapacities StorageClass=storageclasses!
storage.k8s.io/v1: VolumeAttachment=volumeattachments! VolumeAttributesClass=volumeattributesclasses!
admissionregistration.k8s.io/v1: MutatingAdmissionPolicy=mutatingadmissionpolicies!
admissionregistration.k8s.io/v1: MutatingAdmissionPolicyBinding=mutatingadmissionpolicybindings!
admissionregistration.k8s.io/v1: MutatingWebhookConfiguration=mutatingwebhookconfigurations!
admissionregistration.k8s.io/v1: ValidatingAdmissionPolicy=validatingadmissionpolicies!
admissionregistration.k8s.io/v1: ValidatingAdmissionPolicyBinding=validatingadmissionpolicybindings!
admissionregistration.k8s.io/v1: ValidatingWebhookConfiguration=validatingwebhookconfigurations!
apiextensions.k8s.io/v1: CustomResourceDefinition=customresourcedefinitions!
scheduling.k8s.io/v1: PriorityClass=priorityclasses!
coordination.k8s.io/v1: Lease=leases
node.k8s.io/v1: RuntimeClass=runtimeclasses!
discovery.k8s.io/v1: EndpointSlice=endpointslices
resource.k8s.io/v1: DeviceClass=deviceclasses! ResourceClaim=resourceclaims ResourceClaimTemplate=resourceclaimtemplates
resource.k8s.io/v1: ResourceSlice=resourceslices!
flowcontrol.apiserver.k8s.io/v1: FlowSchema=flowschemas! PriorityLevelConfiguration=prioritylevelconfigurations!
"""

# Resources of two groups with one storage: a policy on one of them sees requests for the other (matchPolicy: Equivalent).
# Source: k8s.io/kubernetes pkg/kubeapiserver/default_storage_factory_builder.go (AddCohabitatingResources).
_SAME_STORAGE: Final = ((("", "events"), ("events.k8s.io", "events")),)


class ServedKind(msgspec.Struct, frozen=True):
    """A kind as the API server serves it. `convertible` says that its versions differ in ``apiVersion`` alone."""

    kind: GroupVersionKind
    resource: GroupVersionResource
    namespaced: bool
    convertible: bool = False


class KindTable:
    """The kinds of Kubernetes 1.36, and those of the CustomResourceDefinitions that are given as objects."""

    def __init__(self, definitions: Iterable[Mapping[str, Any]] = ()) -> None:
        self._by_kind: dict[tuple[str, str, str], ServedKind] = {}
        self._by_resource: dict[tuple[str, str], list[ServedKind]] = {}
        for served in (*_built_in(), *(kind for one in definitions for kind in _of_definition(one))):
            kind, resource = served.kind, served.resource
            self._by_kind[kind.group, kind.version, kind.kind] = served
            self._by_resource.setdefault((resource.group, resource.resource), []).append(served)

    def find(self, api_version: str, kind: str) -> ServedKind | None:
        """Return what is known of `kind` in `api_version`, or None."""
        group, _, version = api_version.rpartition("/")
        return self._by_kind.get((group, version, kind))

    def all(self) -> Iterable[ServedKind]:
        """Return every kind."""
        return self._by_kind.values()

    def equivalents(self, resource: GroupVersionResource) -> list[ServedKind]:
        """Return every form in which the API server serves what `resource` is, this one included."""
        key = (resource.group, resource.resource)
        for family in _SAME_STORAGE:
            if key in family:
                return [served for member in family for served in self._by_resource.get(member, ())]
        return self._by_resource.get(key, [])


def _built_in() -> Iterable[ServedKind]:
    for line in filter(None, _BUILT_IN.splitlines()):
        api_version, _, entries = line.partition(": ")
        group, _, version = api_version.rpartition("/")
        for entry in entries.split():
            kind, _, resource = entry.partition("=")
            yield ServedKind(
                GroupVersionKind(group, version, kind),
                GroupVersionResource(group, version, resource.rstrip("!")),
                not resource.endswith("!"),
            )


def _of_definition(definition: Mapping[str, Any]) -> Iterable[ServedKind]:
    """Yield the kinds of a CustomResourceDefinition; one that is not complete has none."""
    spec = definition.get("spec")
    names = spec.get("names") if isinstance(spec, dict) else None
    if not isinstance(spec, dict) or not isinstance(names, dict):
        return
    conversion = spec.get("conversion")
    strategy = conversion.get("strategy") if isinstance(conversion, dict) else None
    group, kind, plural = spec.get("group"), names.get("kind"), names.get("plural")
    for version in spec.get("versions") or ():
        name = version.get("name") if isinstance(version, dict) else None
        if isinstance(name, str) and isinstance(group, str) and isinstance(kind, str) and isinstance(plural, str):
            if version.get("served") is False:
                continue
            yield ServedKind(
                GroupVersionKind(group, name, kind),
                GroupVersionResource(group, name, plural),
                spec.get("scope") != "Cluster",
                strategy in (None, "None"),
            )
