"""The defaults of a pod's own resources, which follow from those of its containers.

Source: ``defaultPodRequests`` and ``defaultHugePagePodLimits`` in k8s.io/kubernetes pkg/apis/core/v1/defaults.go over
k8s.io/component-helpers resource (v1.36).
"""

from collections.abc import Iterable
from typing import Any, Final

from seawall.formats.kubernetes_quantities import add_quantities, larger_quantity

Object = dict[str, Any]
Amounts = dict[str, str]

_HUGE: Final = "hugepages-"
_OF_PODS: Final = ("cpu", "memory")


def set_pod_resources(spec: Object) -> None:
    """Fill in what a pod's own resources leave open; one that states none gets none."""
    own = spec.get("resources")
    if not isinstance(own, dict) or not (own.get("limits") or own.get("requests")):
        return
    limits: Amounts = dict(own.get("limits") or {})
    for name, amount in _aggregate(spec, "limits").items():
        if name.startswith(_HUGE) and name not in (own.get("requests") or {}):
            limits.setdefault(name, amount)
    if not limits:
        return
    own["limits"] = limits
    requests: Amounts = dict(own.get("requests") or {})
    for name, amount in _aggregate(spec, "requests").items():
        if name in _OF_PODS:
            requests.setdefault(name, amount)
    for name, amount in limits.items():
        if name in _OF_PODS or name.startswith(_HUGE):
            requests.setdefault(name, amount)
    if requests:
        own["requests"] = requests


def _aggregate(spec: Object, part: str) -> Amounts:
    """What the containers need at once: the sum of those that run, or an init container with the sidecars before it."""
    running: Amounts = {}
    for container in _containers(spec, "containers"):
        _add(running, _amounts(container, part))
    sidecars: Amounts = {}
    starting: Amounts = {}
    for container in _containers(spec, "initContainers"):
        amounts = _amounts(container, part)
        if container.get("restartPolicy") == "Always":
            _add(running, amounts)
            _add(sidecars, amounts)
            at_once = sidecars
        else:
            at_once = dict(amounts)
            _add(at_once, sidecars)
        _raise(starting, at_once)
    _raise(running, starting)
    return running


def _containers(spec: Object, key: str) -> Iterable[Object]:
    return [one for one in spec.get(key) or () if isinstance(one, dict)]


def _amounts(container: Object, part: str) -> Amounts:
    resources = container.get("resources")
    return (resources.get(part) or {}) if isinstance(resources, dict) else {}


def _add(total: Amounts, more: Amounts) -> None:
    for name, amount in more.items():
        total[name] = add_quantities(total[name], amount) if name in total else amount


def _raise(total: Amounts, other: Amounts) -> None:
    for name, amount in other.items():
        total[name] = larger_quantity(total[name], amount) if name in total else amount
