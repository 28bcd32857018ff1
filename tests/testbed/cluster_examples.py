"""The rules' own examples as objects that one API server can hold side by side.

Every file gets namespaces of its own, and names of cluster-wide objects that no other file uses; where a name is referred to, the
reference follows. Both scans see the same renamed objects, so no verdict depends on the renaming.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seawall.formats import kubernetes_yaml
from seawall.sources import rule_folders
from seawall.stages import example_inventories
from tests.testbed.api_client import ApiClient, Object

# What changes how the server treats others comes last: by then the others are there.
LAST = (
    "LimitRange",
    "ResourceQuota",
    "PriorityClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
    "APIService",
)


def read_examples() -> list[list[Object]]:
    """Return the objects of every example file, bad and good, of every shipped rule."""
    files = []
    for folder in rule_folders.read(rule_folders.SHIPPED):
        for kind in ("bad", "good"):
            for name in folder.example_names(kind):
                data = rule_folders.read_file(Path(folder.place) / name)
                documents = kubernetes_yaml.parse(name, data).documents
                found = [resource.object for document in documents for resource in kubernetes_yaml.resources(document)]
                files.append([value for value in found if _is_object(value)])
    return files


def _is_object(value: Object) -> bool:
    """Tell whether an example is an object for a cluster; others describe repositories and images."""
    return isinstance(value.get("metadata"), dict) and value.get("apiVersion") != example_inventories.API_VERSION


def missing_kinds(client: ApiClient, files: list[list[Object]]) -> Iterator[Object]:
    """Yield a CustomResourceDefinition for every kind of the examples that the server does not serve."""
    wanted = {(value["apiVersion"], value["kind"]) for objects in files for value in objects}
    done = set()
    for api_version, kind in sorted(wanted):
        group, slash, version = api_version.partition("/")
        if not slash or "." not in group or client.knows(api_version, kind) or (group, kind) in done:
            continue
        if group.endswith(".k8s.io") and group != "gateway.networking.k8s.io":
            continue  # an old version of a built-in group: not ours to define
        done.add((group, kind))
        plural = f"{kind.lower()}s"
        schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
        yield {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {
                "name": f"{plural}.{group}",
                "annotations": {"api-approved.kubernetes.io": "unapproved, testbed"},
            },
            "spec": {
                "group": group,
                "names": {"kind": kind, "plural": plural},
                "scope": "Namespaced",
                "versions": [{"name": version, "served": True, "storage": True, "schema": schema}],
            },
        }


def spread(client: ApiClient, files: list[list[Object]]) -> list[Object]:
    """Return the objects of all files, renamed apart, in an order in which they can be created."""
    spread_out: list[Object] = []
    for number, objects in enumerate(files):
        names: dict[str, str] = {}
        for value in objects:
            metadata = value["metadata"]
            namespaced = client.knows(value["apiVersion"], value["kind"]) and client.is_namespaced(
                value["apiVersion"], value["kind"]
            )
            if namespaced and metadata.get("namespace"):
                names[metadata["namespace"]] = f"t{number}-{metadata['namespace']}"
            elif not namespaced and metadata.get("name"):
                names[metadata["name"]] = f"t{number}-{metadata['name']}"
        for value in objects:
            moved = _rename(value, names)
            if client.knows(value["apiVersion"], value["kind"]) and client.is_namespaced(
                value["apiVersion"], value["kind"]
            ):
                moved["metadata"].setdefault("namespace", f"t{number}")
            spread_out.append(moved)
    return sorted(spread_out, key=_order)


def _rename(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _rename(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rename(inner, names) for inner in value]
    return names.get(value, value) if isinstance(value, str) else value


def _order(value: Object) -> int:
    kind = value["kind"]
    return 0 if kind == "Namespace" else 2 + LAST.index(kind) if kind in LAST else 1
