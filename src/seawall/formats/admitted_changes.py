"""What the API server changes in a new object besides defaults: its strategies, and the admission plugins that are always on.

Values are as in `admitted_defaults`. Source: ``PrepareForCreate`` in k8s.io/kubernetes pkg/registry, conversions in pkg/apis,
and plugin/pkg/admission/{defaulttolerationseconds,nodetaint,priority,storage/storageobjectinuseprotection} (v1.36). The
ServiceAccount plugin is apart (`mount_service_account`), for its effect depends on the service account.
"""

from base64 import b64encode
from collections.abc import Callable
from typing import Any, Final

Object = dict[str, Any]

UID: Final = "00000000-0000-0000-0000-000000000000"
"""Stands where the API server puts an identifier of its own making."""

_PRIORITIES: Final = {"system-node-critical": 2000001000, "system-cluster-critical": 2000000000}


def _pod(value: Object) -> None:
    spec = value["spec"]
    if not isinstance(spec, dict):
        return
    tolerations = spec.get("tolerations") or []
    added = [
        {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
        for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
        if not any(
            isinstance(one, dict) and one.get("key") in (key, None) and one.get("effect") in ("NoExecute", None)
            for one in tolerations
        )
    ]
    spec["tolerations"] = [*tolerations, *added]
    # Other priority classes are objects of the cluster: their numbers are not known here.
    name = spec.get("priorityClassName")
    if not name or name in _PRIORITIES:
        spec["priority"] = _PRIORITIES[name] if name else 0
        spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    _take_apparmor_annotations(value, spec)
    value["status"] = {"phase": "Pending", "qosClass": _quality_of_service(spec)}


def _take_apparmor_annotations(value: Object, spec: Object) -> None:
    """Copy the deprecated annotations of AppArmor into the field, where it is absent and the pod does not say the same."""
    annotations = value["metadata"].get("annotations") or {}
    system = spec.get("os")
    if isinstance(system, dict) and system.get("name") == "windows":
        return
    for container in _containers(spec):
        text = annotations.get(f"container.apparmor.security.beta.kubernetes.io/{container.get('name', '')}")
        context = container.get("securityContext") or {}
        if not isinstance(text, str) or "appArmorProfile" in context:
            continue
        kind, _, name = text.partition("/")
        profile = {"type": _APPARMOR[text]} if text in _APPARMOR else {"type": "Localhost", "localhostProfile": name}
        if (text in _APPARMOR or (kind == "localhost" and name)) and profile != spec["securityContext"].get(
            "appArmorProfile"
        ):
            container["securityContext"] = {**context, "appArmorProfile": profile}


_APPARMOR: Final = {"runtime/default": "RuntimeDefault", "unconfined": "Unconfined"}


def _containers(spec: Object) -> list[Object]:
    return [one for key in ("initContainers", "containers") for one in spec.get(key) or () if isinstance(one, dict)]


def _quality_of_service(spec: Object) -> str:
    """Return the class of service: Guaranteed where all that counts has equal limits and requests of both cpu and memory.

    The resources of the pod itself count, where it has any; otherwise those of each container.
    """
    own = spec.get("resources")
    sources = [own] if isinstance(own, dict) and (own.get("limits") or own.get("requests")) else []
    resources = sources or [one["resources"] for one in _containers(spec) if isinstance(one.get("resources"), dict)]
    guaranteed, best_effort = True, True
    for one in resources:
        limits, requests = one.get("limits") or {}, one.get("requests") or {}
        for name in ("cpu", "memory"):
            if limits.get(name, "0") != "0" or requests.get(name, "0") != "0":
                best_effort = False
            if name not in limits or limits[name] != requests.get(name):
                guaranteed = False
    return "BestEffort" if best_effort else "Guaranteed" if guaranteed else "Burstable"


def _job(value: Object) -> None:
    spec = value["spec"]
    if spec.get("manualSelector"):
        return
    name = value["metadata"].get("name", "")
    labels = spec["template"]["metadata"].setdefault("labels", {})
    for key, text in (("job-name", name), ("controller-uid", UID)):
        labels.setdefault(key, text)
        labels.setdefault(f"batch.kubernetes.io/{key}", text)
    selector = spec.setdefault("selector", {})
    selector.setdefault("matchLabels", {}).setdefault("batch.kubernetes.io/controller-uid", UID)


def _daemon_set(value: Object) -> None:
    value["metadata"].setdefault("annotations", {})["deprecated.daemonset.template.generation"] = "1"


def _stateful_set(value: Object) -> None:
    for claim in value["spec"].get("volumeClaimTemplates") or ():
        if isinstance(claim, dict):
            claim |= {"apiVersion": "v1", "kind": "PersistentVolumeClaim"}


def _secret(value: Object) -> None:
    texts = value.pop("stringData", None)
    if isinstance(texts, dict) and texts:
        encoded = {key: b64encode(text.encode()).decode() for key, text in texts.items() if isinstance(text, str)}
        value["data"] = {**(value.get("data") or {}), **encoded}


def _finalizer(name: str) -> Callable[[Object], None]:
    def change(value: Object) -> None:
        finalizers = value["metadata"].setdefault("finalizers", [])
        if name not in finalizers:
            finalizers.append(name)

    return change


def _claim(value: Object) -> None:
    value["status"] = {}  # it gets its phase when it is stored
    _finalizer("kubernetes.io/pvc-protection")(value)
    spec = value["spec"]
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    if source and not reference:
        spec["dataSourceRef"] = dict(source)
    elif reference and not source and "namespace" not in reference:
        spec["dataSource"] = dict(reference)


def _service_account(value: Object) -> None:
    secrets = value.get("secrets")
    if isinstance(secrets, list):
        value["secrets"] = [{"name": one["name"]} for one in secrets if isinstance(one, dict) and "name" in one]


def _node(value: Object) -> None:
    taint = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    taints = value["spec"].setdefault("taints", [])
    if not any(isinstance(one, dict) and all(one.get(key) == text for key, text in taint.items()) for one in taints):
        taints.append(taint)


def _namespace(value: Object) -> None:
    finalizers = value["spec"].setdefault("finalizers", [])
    if "kubernetes" not in finalizers:
        finalizers.append("kubernetes")


CHANGES: Final[dict[str, Callable[[Object], None]]] = {
    "Pod": _pod,
    "Job": _job,
    "DaemonSet": _daemon_set,
    "StatefulSet": _stateful_set,
    "Secret": _secret,
    "PersistentVolumeClaim": _claim,
    "PersistentVolume": _finalizer("kubernetes.io/pv-protection"),
    "Namespace": _namespace,
    "Node": _node,
    "ServiceAccount": _service_account,
}
"""Kind -> what changes a new object of it."""


def mount_service_account(value: Object) -> None:
    """Do to a Pod what the ServiceAccount admission plugin does for an account that mounts its token and has no pull secrets."""
    spec = value.get("spec")
    if not isinstance(spec, dict) or "kubernetes.io/config.mirror" in (value["metadata"].get("annotations") or {}):
        return
    account = spec.setdefault("serviceAccountName", "default")
    spec["serviceAccount"] = account
    if spec.get("automountServiceAccountToken") is False:
        return
    path = "/var/run/secrets/kubernetes.io/serviceaccount"
    name = "kube-api-access-00000"
    needed = False
    for container in _containers(spec):
        mounts = container.setdefault("volumeMounts", [])
        if not any(isinstance(one, dict) and one.get("mountPath") == path for one in mounts):
            mounts.append({"name": name, "readOnly": True, "mountPath": path})
            needed = True
    if needed:
        root = {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
        field = {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
        sources = [
            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": root},
            {"downwardAPI": {"items": [field]}},
        ]
        spec.setdefault("volumes", []).append({"name": name, "projected": {"sources": sources, "defaultMode": 0o644}})
