"""What a Kubernetes API server fills into an object that is created, for the fields that rules look at. For tests only.

A restatement of the defaulting functions of k8s.io/kubernetes 1.36 (``pkg/apis/*/v1/defaults.go``) and of the admission plugins
that every cluster runs (ServiceAccount, Priority, DefaultTolerationSeconds). It is no complete defaulter: the suite against a
real API server is the judge, and this is what can be checked in milliseconds.
"""

import base64
import copy
from typing import Any

from seawall.facts.workloads import POD_TEMPLATE_PATHS, group_kind

Object = dict[str, Any]


def defaulted(resource: Object) -> Object:
    """Return a copy of `resource` with the server's defaults filled in; what is written stays as it is."""
    result = copy.deepcopy(resource)
    kind = group_kind(result.get("apiVersion", ""), result.get("kind", ""))
    path = POD_TEMPLATE_PATHS.get(kind)
    if path is not None:
        template: Any = result
        for step in path:
            template = template.get(step) if isinstance(template, dict) else None
        if isinstance(template, dict) and isinstance(template.get("spec"), dict):
            _default_pod(template, running=kind == "Pod")
    filler = _FILLERS.get(kind)
    if filler is not None:
        filler(result)
    return result


def _fill(target: Object, **values: Any) -> None:
    for field, value in values.items():
        target.setdefault(field, value)


def _default_pod(template: Object, *, running: bool) -> None:
    spec = template["spec"]
    _fill(
        spec,
        restartPolicy="Always",
        dnsPolicy="ClusterFirst",
        schedulerName="default-scheduler",
        terminationGracePeriodSeconds=30,
        securityContext={},
    )
    if spec.get("serviceAccountName"):
        spec["serviceAccount"] = spec["serviceAccountName"]
    elif spec.get("serviceAccount"):
        spec["serviceAccountName"] = spec["serviceAccount"]
    for field in ("containers", "initContainers", "ephemeralContainers"):
        for container in spec.get(field) or []:
            _default_container(container, host_network=spec.get("hostNetwork") is True)
    for volume in spec.get("volumes") or []:
        _default_volume(volume)
    if running:
        _fill(spec, enableServiceLinks=True, priority=0, preemptionPolicy="PreemptLowerPriority")
        _fill(spec, serviceAccountName="default", serviceAccount="default")
        _mount_token(spec)


def _default_container(container: Object, *, host_network: bool) -> None:
    image = str(container.get("image", ""))
    last = image.rpartition("/")[2]
    latest = "@" not in last and (":" not in last or last.endswith(":latest"))
    _fill(
        container,
        resources={},
        terminationMessagePath="/dev/termination-log",
        terminationMessagePolicy="File",
        imagePullPolicy="Always" if latest else "IfNotPresent",
    )
    limits = (container["resources"] or {}).get("limits")
    if isinstance(limits, dict):
        requests = container["resources"].setdefault("requests", {})
        for name, value in limits.items():
            requests.setdefault(name, value)
    for port in container.get("ports") or []:
        _fill(port, protocol="TCP")
        if host_network:
            port.setdefault("hostPort", port.get("containerPort"))
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        probe = container.get(name)
        if isinstance(probe, dict):
            _fill(probe, timeoutSeconds=1, periodSeconds=10, successThreshold=1, failureThreshold=3)
            _default_get(probe)
    for hook in (container.get("lifecycle") or {}).values():
        _default_get(hook)
    for variable in container.get("env") or []:
        reference = (variable.get("valueFrom") or {}).get("fieldRef")
        if isinstance(reference, dict):
            _fill(reference, apiVersion="v1")


def _default_get(handler: Object) -> None:
    get = handler.get("httpGet")
    if isinstance(get, dict):
        _fill(get, path="/", scheme="HTTP")


def _default_volume(volume: Object) -> None:
    sources = {key for key in volume if key != "name"}
    if not sources:
        volume["emptyDir"] = {}
    for field in ("secret", "configMap", "downwardAPI", "projected"):
        source = volume.get(field)
        if isinstance(source, dict):
            _fill(source, defaultMode=420)
    if isinstance(volume.get("hostPath"), dict):
        _fill(volume["hostPath"], type="")
    for source in (volume.get("projected") or {}).get("sources") or []:
        token = source.get("serviceAccountToken")
        if isinstance(token, dict):
            _fill(token, expirationSeconds=3600)


def _mount_token(spec: Object) -> None:
    """The ServiceAccount admission plugin, for an account that mounts its token."""
    if spec.get("automountServiceAccountToken") is False:
        return
    sources = [
        {"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
    ]
    spec["volumes"] = [
        *(spec.get("volumes") or []),
        {"name": "kube-api-access-x7k2p", "projected": {"defaultMode": 420, "sources": sources}},
    ]
    mount = {
        "name": "kube-api-access-x7k2p",
        "readOnly": True,
        "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
    }
    for field in ("containers", "initContainers"):
        for container in spec.get(field) or []:
            container["volumeMounts"] = [*(container.get("volumeMounts") or []), mount]
    spec["tolerations"] = [
        *(spec.get("tolerations") or []),
        {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
    ]


def _default_deployment(resource: Object) -> None:
    _fill(resource["spec"], replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600, strategy={})
    _fill(resource["spec"]["strategy"], type="RollingUpdate")


def _default_stateful_set(resource: Object) -> None:
    _fill(resource["spec"], replicas=1, revisionHistoryLimit=10, podManagementPolicy="OrderedReady", updateStrategy={})
    _fill(resource["spec"]["updateStrategy"], type="RollingUpdate")
    for claim in resource["spec"].get("volumeClaimTemplates") or []:
        _fill(claim.setdefault("spec", {}), volumeMode="Filesystem")


def _default_daemon_set(resource: Object) -> None:
    _fill(resource["spec"], revisionHistoryLimit=10, updateStrategy={})
    _fill(resource["spec"]["updateStrategy"], type="RollingUpdate")


def _default_job(resource: Object) -> None:
    _fill(resource["spec"], completions=1, parallelism=1, backoffLimit=6, suspend=False, completionMode="NonIndexed")


def _default_cron_job(resource: Object) -> None:
    _fill(
        resource["spec"],
        concurrencyPolicy="Allow",
        suspend=False,
        successfulJobsHistoryLimit=3,
        failedJobsHistoryLimit=1,
    )


def _default_service(resource: Object) -> None:
    spec = resource.setdefault("spec", {})
    _fill(spec, type="ClusterIP", sessionAffinity="None")
    if spec["type"] != "ExternalName":
        _fill(spec, internalTrafficPolicy="Cluster", ipFamilyPolicy="SingleStack", clusterIP="10.96.7.7")
    if spec["type"] in ("NodePort", "LoadBalancer"):
        _fill(spec, externalTrafficPolicy="Cluster")
    if spec["type"] == "LoadBalancer":
        _fill(spec, allocateLoadBalancerNodePorts=True)
    for port in spec.get("ports") or []:
        _fill(port, protocol="TCP", targetPort=port.get("port"))


def _default_network_policy(resource: Object) -> None:
    spec = resource.get("spec") or {}
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
    for direction in ("ingress", "egress"):
        for rule in spec.get(direction) or []:
            for port in rule.get("ports") or []:
                _fill(port, protocol="TCP")


def _default_binding(resource: Object) -> None:
    _fill(resource.get("roleRef") or {}, apiGroup="rbac.authorization.k8s.io")
    for subject in resource.get("subjects") or []:
        if subject.get("kind") in ("User", "Group"):
            _fill(subject, apiGroup="rbac.authorization.k8s.io")


def _default_webhooks(resource: Object) -> None:
    for webhook in resource.get("webhooks") or []:
        _fill(
            webhook,
            failurePolicy="Fail",
            matchPolicy="Equivalent",
            timeoutSeconds=10,
            namespaceSelector={},
            objectSelector={},
        )
        for rule in webhook.get("rules") or []:
            _fill(rule, scope="*")
        service = (webhook.get("clientConfig") or {}).get("service")
        if isinstance(service, dict):
            _fill(service, port=443)


def _default_policy(resource: Object) -> None:
    spec = resource.get("spec") or {}
    _fill(spec, failurePolicy="Fail")
    if isinstance(spec.get("matchConstraints"), dict):
        _fill(spec["matchConstraints"], matchPolicy="Equivalent", namespaceSelector={}, objectSelector={})


def _default_namespace(resource: Object) -> None:
    metadata = resource["metadata"]
    metadata["labels"] = {"kubernetes.io/metadata.name": metadata["name"], **(metadata.get("labels") or {})}
    _fill(resource, spec={"finalizers": ["kubernetes"]}, status={"phase": "Active"})


def _default_storage_class(resource: Object) -> None:
    _fill(resource, reclaimPolicy="Delete", volumeBindingMode="Immediate")


def _default_claim(resource: Object) -> None:
    _fill(resource.get("spec") or {}, volumeMode="Filesystem")


def _default_volume_object(resource: Object) -> None:
    _fill(resource.get("spec") or {}, volumeMode="Filesystem", persistentVolumeReclaimPolicy="Retain")
    source = (resource.get("spec") or {}).get("hostPath")
    if isinstance(source, dict):
        _fill(source, type="")


def _default_autoscaler(resource: Object) -> None:
    _fill(resource["spec"], minReplicas=1)


def _default_secret(resource: Object) -> None:
    written = resource.pop("stringData", None) or {}
    resource.setdefault("data", {}).update(
        {key: base64.b64encode(str(value).encode()).decode() for key, value in written.items()}
    )
    _fill(resource, type="Opaque")


def _default_api_service(resource: Object) -> None:
    service = (resource.get("spec") or {}).get("service")
    if isinstance(service, dict):
        _fill(service, port=443)


_FILLERS = {
    "apps/Deployment": _default_deployment,
    "apps/StatefulSet": _default_stateful_set,
    "apps/DaemonSet": _default_daemon_set,
    "batch/Job": _default_job,
    "batch/CronJob": _default_cron_job,
    "Service": _default_service,
    "networking.k8s.io/NetworkPolicy": _default_network_policy,
    "rbac.authorization.k8s.io/RoleBinding": _default_binding,
    "rbac.authorization.k8s.io/ClusterRoleBinding": _default_binding,
    "admissionregistration.k8s.io/ValidatingWebhookConfiguration": _default_webhooks,
    "admissionregistration.k8s.io/MutatingWebhookConfiguration": _default_webhooks,
    "admissionregistration.k8s.io/ValidatingAdmissionPolicy": _default_policy,
    "Namespace": _default_namespace,
    "storage.k8s.io/StorageClass": _default_storage_class,
    "PersistentVolumeClaim": _default_claim,
    "PersistentVolume": _default_volume_object,
    "autoscaling/HorizontalPodAutoscaler": _default_autoscaler,
    "Secret": _default_secret,
    "apiregistration.k8s.io/APIService": _default_api_service,
}
