"""The defaults of the API server, by type: each function fills in what is absent.

Values are as the Go decoder holds them: a scalar that is zero is absent, a structure that is no pointer is there. Source:
k8s.io/kubernetes pkg/apis/*/v1/defaults.go and the ``+default`` marks of k8s.io/api (v1.36).
"""

from collections.abc import Callable
from typing import Any, Final

from seawall.formats.admitted_resources import set_pod_resources
from seawall.formats.kubernetes_images import default_pull_policy

Object = dict[str, Any]
Default = Callable[[Object], None]


def _fill(**values: Any) -> Default:
    """Set each field that is absent."""

    def default(value: Object) -> None:
        for key, item in values.items():
            value.setdefault(key, item)

    return default


def _all(*defaults: Default) -> Default:
    def default(value: Object) -> None:
        for one in defaults:
            one(value)

    return default


def _container(value: Object) -> None:
    value.setdefault("imagePullPolicy", default_pull_policy(value.get("image")))
    value.setdefault("terminationMessagePath", "/dev/termination-log")
    value.setdefault("terminationMessagePolicy", "File")


def _volume(value: Object) -> None:
    if value.keys() <= {"name"}:
        value["emptyDir"] = {}
    image = value.get("image")
    if isinstance(image, dict):
        image.setdefault("pullPolicy", default_pull_policy(image.get("reference")))


def _pod(value: Object) -> None:
    spec = value["spec"]
    if not isinstance(spec, dict):
        return
    containers = [one for key in ("containers", "initContainers") for one in _objects(spec.get(key))]
    for container in containers:
        resources = container.get("resources")
        if isinstance(resources, dict) and isinstance(resources.get("limits"), dict):
            requests = resources.setdefault("requests", {})
            if isinstance(requests, dict):
                for key, quantity in resources["limits"].items():
                    requests.setdefault(key, quantity)
    set_pod_resources(spec)
    spec.setdefault("enableServiceLinks", True)
    if spec.get("hostNetwork"):
        for container in containers:
            for port in _objects(container.get("ports")):
                if "containerPort" in port:
                    port.setdefault("hostPort", port["containerPort"])


def _objects(value: Any) -> list[Object]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _pod_spec(value: Object) -> None:
    value.setdefault("dnsPolicy", "ClusterFirst")
    value.setdefault("restartPolicy", "Always")
    value.setdefault("securityContext", {})
    value.setdefault("terminationGracePeriodSeconds", 30)
    value.setdefault("schedulerName", "default-scheduler")
    # `serviceAccount` is the old name of the field; both are written.
    account = value.get("serviceAccountName") or value.get("serviceAccount")
    if account:
        value["serviceAccountName"] = value["serviceAccount"] = account


def _service(value: Object) -> None:
    spec = value["spec"]
    if not isinstance(spec, dict):
        return
    spec.setdefault("sessionAffinity", "None")
    if spec["sessionAffinity"] == "None":
        spec.pop("sessionAffinityConfig", None)
    elif spec["sessionAffinity"] == "ClientIP":
        config = spec.get("sessionAffinityConfig")
        client = config.get("clientIP") if isinstance(config, dict) else None
        if not isinstance(client, dict) or "timeoutSeconds" not in client:
            spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": 10800}}
    kind = spec.setdefault("type", "ClusterIP")
    for port in _objects(spec.get("ports")):
        port.setdefault("protocol", "TCP")
        if not port.get("targetPort"):
            port["targetPort"] = port.get("port", 0)
    if kind in ("NodePort", "LoadBalancer") or (kind == "ClusterIP" and spec.get("externalIPs")):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if kind in ("NodePort", "LoadBalancer", "ClusterIP"):
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if kind == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)


def _limit_range_item(value: Object) -> None:
    if value.get("type") != "Container":
        return
    limits, requests = value.setdefault("default", {}), value.setdefault("defaultRequest", {})
    for source, target in ((value.get("max"), limits), (limits, requests), (value.get("min"), requests)):
        for key, quantity in (source or {}).items():
            target.setdefault(key, quantity)


def _node_status(value: Object) -> None:
    if value.get("capacity") is not None:
        value.setdefault("allocatable", dict(value["capacity"]))


def _namespace(value: Object) -> None:
    name = value["metadata"].get("name")
    if name:
        value["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = name


def _replication_controller(value: Object) -> None:
    spec = value["spec"]
    spec.setdefault("replicas", 1)
    template = spec.get("template")
    labels = template["metadata"].get("labels") if isinstance(template, dict) else None
    if labels is not None:
        if not spec.get("selector"):
            spec["selector"] = dict(labels)
        if not value["metadata"].get("labels"):
            value["metadata"]["labels"] = dict(labels)


def _deployment(value: Object) -> None:
    spec = value["spec"]
    spec.setdefault("replicas", 1)
    strategy = spec["strategy"]
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", "25%")
        rolling.setdefault("maxSurge", "25%")
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)


def _daemon_set(value: Object) -> None:
    spec = value["spec"]
    strategy = spec["updateStrategy"]
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", 1)
        rolling.setdefault("maxSurge", 0)
    spec.setdefault("revisionHistoryLimit", 10)


def _stateful_set(value: Object) -> None:
    spec = value["spec"]
    spec.setdefault("podManagementPolicy", "OrderedReady")
    strategy = spec["updateStrategy"]
    if "type" not in strategy:
        strategy["type"] = "RollingUpdate"
        strategy.setdefault("rollingUpdate", {})
    if strategy["type"] == "RollingUpdate" and "rollingUpdate" in strategy:
        strategy["rollingUpdate"].setdefault("partition", 0)
    retention = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
    retention.setdefault("whenDeleted", "Retain")
    retention.setdefault("whenScaled", "Retain")
    spec.setdefault("replicas", 1)
    spec.setdefault("revisionHistoryLimit", 10)


def _job(value: Object) -> None:
    spec = value["spec"]
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = 1
    spec.setdefault("parallelism", 1)
    spec.setdefault("backoffLimit", 2**31 - 1 if "backoffLimitPerIndex" in spec else 6)
    labels = spec["template"]["metadata"].get("labels")
    if labels is not None and not value["metadata"].get("labels"):
        value["metadata"]["labels"] = labels  # one map for both, as there: what is added to one later is in the other
    spec.setdefault("completionMode", "NonIndexed")
    spec.setdefault("suspend", False)
    spec.setdefault("podReplacementPolicy", "Failed" if "podFailurePolicy" in spec else "TerminatingOrFailed")
    spec.setdefault("manualSelector", False)


def _network_policy(value: Object) -> None:
    spec = value["spec"]
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]


_RBAC: Final = "rbac.authorization.k8s.io"


def _role_binding(value: Object) -> None:
    value["roleRef"].setdefault("apiGroup", _RBAC)


def _subject(value: Object) -> None:
    if value.get("kind") in ("User", "Group"):
        value.setdefault("apiGroup", _RBAC)


def _autoscaler(value: Object) -> None:
    spec = value["spec"]
    spec.setdefault("minReplicas", 1)
    if not spec.get("metrics"):
        target = {"type": "Utilization", "averageUtilization": 80}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    behavior = spec.get("behavior")
    if isinstance(behavior, dict):
        up = {"type": "Pods", "value": 4, "periodSeconds": 15}
        percent = {"type": "Percent", "value": 100, "periodSeconds": 15}
        behavior["scaleUp"] = {
            "stabilizationWindowSeconds": 0,
            "selectPolicy": "Max",
            "policies": [up, dict(percent)],
            **behavior.get("scaleUp", {}),
        }
        behavior["scaleDown"] = {"selectPolicy": "Max", "policies": [percent], **behavior.get("scaleDown", {})}


def _custom_resource_definition(value: Object) -> None:
    spec = value["spec"]
    names = spec["names"]
    kind = names.get("kind", "")
    if kind:
        names.setdefault("singular", kind.lower())
        names.setdefault("listKind", f"{kind}List")
    spec.setdefault("conversion", {"strategy": "None"})


def _ingress_class(value: Object) -> None:
    parameters = value["spec"].get("parameters")
    if isinstance(parameters, dict):
        parameters.setdefault("scope", "Cluster")


def _csi_driver(value: Object) -> None:
    spec = value["spec"]
    _fill(
        attachRequired=True,
        podInfoOnMount=False,
        storageCapacity=False,
        fsGroupPolicy="ReadWriteOnceWithFSType",
        requiresRepublish=False,
        seLinuxMount=False,
    )(spec)
    if not spec.get("volumeLifecycleModes"):
        spec["volumeLifecycleModes"] = ["Persistent"]


def _match_resources(value: Object) -> None:
    value.setdefault("matchPolicy", "Equivalent")
    value.setdefault("namespaceSelector", {})
    value.setdefault("objectSelector", {})


_webhook = _all(_match_resources, _fill(failurePolicy="Fail", timeoutSeconds=10))
_iscsi = _fill(iscsiInterface="default")
_rbd = _fill(pool="rbd", user="admin", keyring="/etc/ceph/keyring")
_scale_io = _fill(storageMode="ThinProvisioned", fsType="xfs")
_file_mode = _fill(defaultMode=0o644)

DEFAULTS: Final[dict[str, Default]] = {
    "Container": _container,
    "EphemeralContainer": _container,
    "ContainerPort": _fill(protocol="TCP"),
    "Probe": _fill(timeoutSeconds=1, periodSeconds=10, successThreshold=1, failureThreshold=3),
    "HTTPGetAction": _fill(path="/", scheme="HTTP"),
    "GRPCAction": _fill(service=""),
    "FileKeySelector": _fill(optional=False),
    "ObjectFieldSelector": _fill(apiVersion="v1"),
    "Volume": _volume,
    "SecretVolumeSource": _file_mode,
    "ConfigMapVolumeSource": _file_mode,
    "DownwardAPIVolumeSource": _file_mode,
    "ProjectedVolumeSource": _file_mode,
    "ServiceAccountTokenProjection": _fill(expirationSeconds=3600),
    "HostPathVolumeSource": _fill(type=""),
    "ISCSIVolumeSource": _iscsi,
    "ISCSIPersistentVolumeSource": _iscsi,
    "RBDVolumeSource": _rbd,
    "RBDPersistentVolumeSource": _rbd,
    "ScaleIOVolumeSource": _scale_io,
    "ScaleIOPersistentVolumeSource": _scale_io,
    "AzureDiskVolumeSource": _fill(cachingMode="ReadWrite", fsType="ext4", readOnly=False, kind="Shared"),
    "Pod": _pod,
    "PodSpec": _pod_spec,
    "Service": _service,
    "Secret": _fill(type="Opaque"),
    "PersistentVolumeSpec": _fill(persistentVolumeReclaimPolicy="Retain", volumeMode="Filesystem"),
    "PersistentVolumeClaimSpec": _fill(volumeMode="Filesystem"),
    "PersistentVolumeStatus": _fill(phase="Pending"),
    "PersistentVolumeClaimStatus": _fill(phase="Pending"),
    "coreEndpointPort": _fill(protocol="TCP"),
    "EndpointPort": _fill(name="", protocol="TCP"),
    "LimitRangeItem": _limit_range_item,
    "Namespace": _namespace,
    "NodeStatus": _node_status,
    "NamespaceStatus": _fill(phase="Active"),
    "ReplicationController": _replication_controller,
    "Deployment": _deployment,
    "DaemonSet": _daemon_set,
    "StatefulSet": _stateful_set,
    "ReplicaSetSpec": _fill(replicas=1),
    "Job": _job,
    "CronJobSpec": _fill(
        concurrencyPolicy="Allow", suspend=False, successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1
    ),
    "PodFailurePolicyOnPodConditionsPattern": _fill(status="True"),
    "NetworkPolicy": _network_policy,
    "NetworkPolicyPort": _fill(protocol="TCP"),
    "IngressClass": _ingress_class,
    "ClusterRoleBinding": _role_binding,
    "RoleBinding": _role_binding,
    "Subject": _subject,
    "StorageClass": _fill(reclaimPolicy="Delete", volumeBindingMode="Immediate"),
    "CSIDriver": _csi_driver,
    "HorizontalPodAutoscaler": _autoscaler,
    "autoscalingHorizontalPodAutoscalerSpec": _fill(minReplicas=1),
    "PriorityClass": _fill(preemptionPolicy="PreemptLowerPriority"),
    "ValidatingAdmissionPolicySpec": _fill(failurePolicy="Fail"),
    "MutatingAdmissionPolicySpec": _fill(failurePolicy="Fail"),
    "MatchResources": _match_resources,
    "ValidatingWebhook": _webhook,
    "MutatingWebhook": _all(_webhook, _fill(reinvocationPolicy="Never")),
    "RuleWithOperations": _fill(scope="*"),
    "NamedRuleWithOperations": _fill(scope="*"),
    "ServiceReference": _fill(port=443),
    "apiextensionsServiceReference": _fill(port=443),
    "CustomResourceDefinition": _custom_resource_definition,
}
"""Type -> what sets its defaults."""
