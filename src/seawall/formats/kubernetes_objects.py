"""What in a document claims to be a Kubernetes object and cannot be read as one.

Rules look at what has the shape of its kind. Something that has not (an item of a List without a kind, a pod spec that is a
number, a Deployment in the core group) would match no rule and look clean; it is named instead. The API server refuses all
of these.
"""

from collections.abc import Iterator
from typing import Any

from seawall.formats.kubernetes_yaml import Document
from seawall.model.field_path import FieldPath, format_field_path
from seawall.model.resource import Unscanned

# Where the kinds that make pods keep the spec of their pods, and the group that each belongs to.
_POD_SPECS: dict[str, tuple[str, FieldPath]] = {
    "Pod": ("", ("spec",)),
    "PodTemplate": ("", ("template", "spec")),
    "ReplicationController": ("", ("spec", "template", "spec")),
    "Deployment": ("apps", ("spec", "template", "spec")),
    "ReplicaSet": ("apps", ("spec", "template", "spec")),
    "StatefulSet": ("apps", ("spec", "template", "spec")),
    "DaemonSet": ("apps", ("spec", "template", "spec")),
    "Job": ("batch", ("spec", "template", "spec")),
    "CronJob": ("batch", ("spec", "jobTemplate", "spec", "template", "spec")),
}
# Groups in which these names can only be a slip; `extensions` had some of them, and a rule says that it is gone.
_BUILT_IN = frozenset({"", "apps", "batch", "autoscaling", "policy", "networking.k8s.io", "rbac.authorization.k8s.io"})


def find_misfits(document: Document) -> Iterator[Unscanned]:
    """Yield what in `document` should be a Kubernetes object and is none, with its line."""
    value = document.value
    if isinstance(value, dict) and isinstance(value.get("kind"), str) and isinstance(value.get("apiVersion"), str):
        yield from _misfits(document, value, ())


def _misfits(document: Document, value: dict[str, Any], prefix: FieldPath) -> Iterator[Unscanned]:
    kind = value["kind"]
    if kind == "List" or (kind.endswith("List") and isinstance(value.get("items"), list)):
        items = value.get("items")
        if items is not None and not isinstance(items, list):
            yield _unscanned(document, (*prefix, "items"), f"items of a List is a list, not {_name(items)}")
            return
        for index, item in enumerate(items or ()):
            place = (*prefix, "items", index)
            if not isinstance(item, dict):
                yield _unscanned(document, place, f"an item of a {kind} is an object, not {_name(item)}")
            elif kind == "List" and not _is_object(item):
                yield _unscanned(document, place, "an item of a List has no apiVersion and kind")
            elif _is_object(item):
                yield from _misfits(document, item, place)
        return
    known = _POD_SPECS.get(kind)
    if known is None:
        return
    group, path = known
    written = value["apiVersion"].rpartition("/")[0]
    if written != group and written in _BUILT_IN:
        right = f"{group}/v1" if group else "v1"
        yield _unscanned(document, (*prefix, "apiVersion"), f"{value['apiVersion']} has no {kind}; {right} has")
        return
    if written != group:
        return
    at: Any = value
    for depth, step in enumerate(path, start=1):
        at = at.get(step)
        if at is None:
            return
        if not isinstance(at, dict):
            field = path[:depth]
            yield _unscanned(
                document, (*prefix, *field), f"{format_field_path(field)} of a {kind} is a map, not {_name(at)}"
            )
            return


def _is_object(value: dict[str, Any]) -> bool:
    kind, version = value.get("kind"), value.get("apiVersion")
    return isinstance(kind, str) and isinstance(version, str) and bool(kind) and bool(version)


def _unscanned(document: Document, field: FieldPath, reason: str) -> Unscanned:
    return Unscanned(f"{document.path}:{document.locate(field).location.line}", f"{reason}; the API server refuses it")


def _name(value: object) -> str:
    names = {str: "a text", bool: "a truth value", int: "a number", float: "a number", list: "a list", dict: "a map"}
    return names.get(type(value), "nothing")
