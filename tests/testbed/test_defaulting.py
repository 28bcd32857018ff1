"""The judge of `seawall.formats.admitted`: what a real API server shows to a validating webhook for every example object."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from copy import deepcopy
from pathlib import Path
from typing import Any

import seawall
from seawall.formats import kubernetes_yaml
from seawall.formats.admitted import admitted
from seawall.formats.admitted_changes import UID
from seawall.formats.custom_resources import admitted_custom, schemas_of
from seawall.formats.kubernetes_types import type_of
from tests.testbed import admission_recorder, type_tables
from tests.testbed.api_client import ApiClient
from tests.testbed.control_plane import ControlPlane

Object = dict[str, Any]

USER = "defaulting"

_ROOT = Path(__file__).parents[2]
_SET_BY_SERVER = ("uid", "creationTimestamp", "managedFields", "resourceVersion", "generation")


def _objects() -> Iterator[tuple[str, Object]]:
    folders = (Path(seawall.__file__).parent / "rules", _ROOT / "examples", Path(__file__).parent / "data")
    for folder in folders:
        for path in sorted(folder.rglob("*.yaml")):
            if path.name == "rule.yaml" or "charts" in path.parts or "templates" in path.parts:
                continue
            parsed = kubernetes_yaml.parse(str(path.relative_to(folder.parent)), path.read_bytes())
            for document in parsed.documents:
                for resource in kubernetes_yaml.resources(document):
                    yield f"{document.path}:{document.line}", resource.object


def _stripped(value: Object, kind: str, uid: str) -> Object:
    """The object without what only the server can know."""
    copy: Object = json.loads(json.dumps(value).replace(uid, UID)) if uid else deepcopy(value)
    for field in _SET_BY_SERVER:
        copy["metadata"].pop(field, None)
    if kind in ("PersistentVolume", "CustomResourceDefinition"):
        copy.pop("status", None)  # a time, and names that are still to be accepted
    spec = copy.get("spec")
    if kind == "Service" and isinstance(spec, dict):
        for field in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "healthCheckNodePort"):
            spec.pop(field, None)
        for port in spec.get("ports", ()):
            port.pop("nodePort", None)
    if kind == "Pod" and spec.get("priorityClassName"):
        spec.pop("priority", None)
    return copy


def _difference(theirs: Any, ours: Any, path: str = "") -> str:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in (*theirs, *ours):
            if key not in ours:
                return f"{path}.{key}: the API server has {theirs[key]!r}, we have nothing"
            if key not in theirs:
                return f"{path}.{key}: the API server has nothing, we have {ours[key]!r}"
            if theirs[key] != ours[key]:
                return _difference(theirs[key], ours[key], f"{path}.{key}")
    if isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for index, (one, other) in enumerate(zip(theirs, ours, strict=True)):
            if one != other:
                return _difference(one, other, f"{path}[{index}]")
    return f"{path}: the API server has {theirs!r}, we have {ours!r}"


def test_an_example_is_defaulted_as_the_api_server_defaults_it(control_plane: ControlPlane) -> None:
    with (
        closing(control_plane.client_for(USER, ["system:masters"])) as client,
        admission_recorder.record(control_plane, USER) as reviews,
    ):
        _await_recorder(client, reviews)
        _compare(client, reviews)


def _await_recorder(client: ApiClient, reviews: list[Object]) -> None:
    deadline = time.monotonic() + 30
    probe = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "probe"}}
    while not reviews:
        assert time.monotonic() < deadline, "the recorder is not in force"
        client.create(probe, dry_run=True)
        time.sleep(0.1)


def _compare(client: ApiClient, reviews: list[Object]) -> None:
    seen: set[str] = set()
    kinds: Counter[str] = Counter()
    differences: list[str] = []
    refused: list[str] = []
    for place, value in _objects():
        if type_of(value["apiVersion"], value["kind"]) is None or not client.knows(value["apiVersion"], value["kind"]):
            continue
        key = json.dumps(value, sort_keys=True, default=str)
        if key in seen:
            continue
        seen.add(key)
        value = json.loads(key)
        if client.is_namespaced(value["apiVersion"], value["kind"]):
            value["metadata"]["namespace"] = "default"
        reviews.clear()
        response = client.create(value, dry_run=True)
        if not reviews and response.status != 201:  # refused before any policy sees it
            refused.append(f"{place}: {response.message}")
            continue
        kinds[value["kind"]] += 1
        # Webhooks are not asked about webhook configurations; policies are.
        shown = reviews[0]["request"]["object"] if reviews else response.body
        theirs = _stripped(shown, value["kind"], shown["metadata"].get("uid", ""))
        ours = _stripped(admitted(value, service_account=False), value["kind"], "")
        if theirs != ours:
            differences.append(f"{place}: {value['kind']}{_difference(theirs, ours)}")
    assert not differences, f"{len(differences)} differences\n" + "\n".join(differences[:40])
    assert sum(kinds.values()) > 700, kinds
    # What is refused shows nothing; examples of rules may be refused, the objects of this test may not.
    assert not [text for text in refused if text.startswith("data/")]


def test_the_tables_of_types_are_those_of_kubernetes(control_plane: ControlPlane) -> None:
    del control_plane  # marks the test as one that needs Go
    for name, text in type_tables.tables().items():
        assert (type_tables.PACKAGE / name).read_text() == text, f"run python -m tests.testbed.type_tables ({name})"


_DEFINITION: Object = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.defaulting.seawall.dev"},
    "spec": {
        "group": "defaulting.seawall.dev",
        "scope": "Namespaced",
        "names": {"kind": "Widget", "plural": "widgets", "singular": "widget", "listKind": "WidgetList"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "default": {"size": 7},
                                "properties": {
                                    "size": {"type": "integer", "default": 3},
                                    "mode": {"type": "string", "default": "auto"},
                                    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                                    "parts": {
                                        "type": "array",
                                        "items": {
                                            "type": "object",
                                            "properties": {
                                                "name": {"type": "string"},
                                                "on": {"type": "boolean", "default": True},
                                            },
                                        },
                                    },
                                    "named": {
                                        "type": "object",
                                        "additionalProperties": {
                                            "type": "object",
                                            "properties": {"weight": {"type": "number", "default": 0.5}},
                                        },
                                    },
                                },
                            }
                        },
                    }
                },
            }
        ],
    },
}


def test_a_custom_resource_is_pruned_and_defaulted_by_its_schema(control_plane: ControlPlane) -> None:
    control_plane.client.apply(_DEFINITION)
    schema = schemas_of([_DEFINITION])["defaulting.seawall.dev/v1", "Widget"]
    specs: list[Object | None] = [
        None,
        {},
        {"size": 1, "mode": "x", "unknown": 1},
        {"parts": [{"name": "a", "extra": True}, {"on": False}], "named": {"a": {}, "b": {"weight": 2, "x": 1}}},
        {"free": {"anything": {"goes": [1]}}},
    ]
    deadline = time.monotonic() + 30
    while not control_plane.client.knows("defaulting.seawall.dev/v1", "Widget"):
        assert time.monotonic() < deadline
        control_plane.client.forget_discovery()
        time.sleep(0.1)
    for spec in specs:
        value: Object = {
            "apiVersion": "defaulting.seawall.dev/v1",
            "kind": "Widget",
            "metadata": {"name": "w", "namespace": "default"},
            "other": 1,
        }
        if spec is not None:
            value["spec"] = spec
        response = control_plane.client.create(value, dry_run=True)
        assert response.status == 201, response.message
        assert _stripped(response.body, "Widget", "") == admitted_custom(value, schema)
    control_plane.client.delete(_DEFINITION)
