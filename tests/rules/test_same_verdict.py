"""A rule says the same of an object as it is written and as the API server stores it, and of a pod wherever it stands.

The rules' own examples are the data. Set facts look at several objects at once, so whole files are compared.
"""

import copy
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rule_runs import plan_of, shipped
from seawall.facts import catalogue
from seawall.facts.workloads import POD_TEMPLATE_PATHS, group_kind
from seawall.formats import kubernetes_yaml
from seawall.model.resource import Resource
from seawall.model.rule import Rule
from seawall.policy.load import RuleFolder
from seawall.sources import rule_folders
from server_defaults import defaulted

FOLDERS: dict[str, RuleFolder] = {folder.id: folder for folder in rule_folders.read(rule_folders.SHIPPED)}
RULES: dict[str, Rule] = shipped()
LAYERS = ("cluster", "container")

# What these rules look at is the very text of the manifest, which the server does not keep.
ABOUT_THE_TEXT = {"deprecated-service-account-field"}
# These rules speak of one kind of resource on purpose.
ABOUT_THE_KIND = {"naked-pod", "node-name-set", "priority-class-unset", "control-plane-scheduling"}
ABOUT_THE_KIND |= {"readiness-probe-missing", "liveness-probe-missing"}  # what runs to its end is asked by nobody


def examples() -> list[tuple[str, str]]:
    return [
        (rule.id, name)
        for rule in RULES.values()
        if rule.layer in LAYERS and rule.id not in ABOUT_THE_TEXT
        for name in (*FOLDERS[rule.id].example_names("bad"), *FOLDERS[rule.id].example_names("good"))
    ]


@cache
def objects_in(rule_id: str, name: str) -> tuple[Resource, ...]:
    parsed = kubernetes_yaml.parse(name, rule_folders.read_file(Path(FOLDERS[rule_id].place) / name))
    return tuple(resource for document in parsed.documents for resource in kubernetes_yaml.resources(document))


def verdicts(rule_id: str, resources: Sequence[Resource]) -> Counter[tuple[str, str, int]]:
    """Return how often each validation fails, by name of the resource."""
    plan = plan_of(rule_id)
    failures, inconclusive = plan.run([*catalogue.derive(plan.fact_kinds, resources), *plan.resource_facts(resources)])
    assert [item.reason for item in inconclusive] == []
    return Counter(
        (failure.fact.resource.ref.kind, failure.fact.resource.ref.name, failure.validation.index)
        for failure in failures
    )


def changed(resource: Resource, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Resource:
    value = change(copy.deepcopy(resource.object))
    parsed = kubernetes_yaml.parse("x.json", msgspec.json.encode(value))
    [again] = [item for document in parsed.documents for item in kubernetes_yaml.resources(document)]
    return again


@pytest.mark.parametrize(("rule_id", "name"), examples())
def test_a_rule_says_the_same_of_an_object_as_the_server_stores_it(rule_id: str, name: str) -> None:
    written = objects_in(rule_id, name)
    stored = [changed(resource, defaulted) for resource in written]
    assert verdicts(rule_id, stored) == verdicts(rule_id, written)


def pod_rules() -> list[tuple[str, str]]:
    return [
        (rule_id, name)
        for rule_id, name in examples()
        if RULES[rule_id].match.facts == ["PodSpec"] and rule_id not in ABOUT_THE_KIND
    ]


FORMS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "Pod": lambda t: {"apiVersion": "v1", "kind": "Pod", **t},
    "PodTemplate": lambda t: {"apiVersion": "v1", "kind": "PodTemplate", "template": t},
    "ReplicationController": lambda t: {"apiVersion": "v1", "kind": "ReplicationController", "spec": {"template": t}},
    "apps/Deployment": lambda t: {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": t}},
    "apps/ReplicaSet": lambda t: {"apiVersion": "apps/v1", "kind": "ReplicaSet", "spec": {"template": t}},
    "apps/StatefulSet": lambda t: {"apiVersion": "apps/v1", "kind": "StatefulSet", "spec": {"template": t}},
    "apps/DaemonSet": lambda t: {"apiVersion": "apps/v1", "kind": "DaemonSet", "spec": {"template": t}},
    "batch/Job": lambda t: {"apiVersion": "batch/v1", "kind": "Job", "spec": {"template": t}},
    "batch/CronJob": lambda t: {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "spec": {"schedule": "@daily", "jobTemplate": {"spec": {"template": t}}},
    },
}


def test_every_kind_with_a_pod_template_has_a_form_here() -> None:
    assert set(FORMS) == set(POD_TEMPLATE_PATHS)


def template_of(resource: Resource) -> dict[str, Any] | None:
    ref = resource.ref
    path = POD_TEMPLATE_PATHS.get(group_kind(ref.api_version, ref.kind))
    if path is None:
        return None
    template: Any = resource.object
    for step in path:
        template = template[step]
    metadata = resource.object.get("metadata") or {}
    own = template.get("metadata") or {}
    # Labels, annotations and namespace of the outer object count as the pod's own in some rules, so both carry both.
    merged = {
        "name": ref.name,
        "labels": {**(metadata.get("labels") or {}), **(own.get("labels") or {})},
        "annotations": {**(metadata.get("annotations") or {}), **(own.get("annotations") or {})},
    }
    if ref.namespace:
        merged["namespace"] = ref.namespace
    return {"metadata": merged, "spec": template["spec"]}


def fails_as(rule_id: str, template: dict[str, Any], kind: str) -> Counter[int]:
    value = FORMS[kind](copy.deepcopy(template))
    value["metadata"] = copy.deepcopy(template["metadata"])
    parsed = kubernetes_yaml.parse("x.json", msgspec.json.encode(value))
    resources = [item for document in parsed.documents for item in kubernetes_yaml.resources(document)]
    found: Counter[int] = Counter()
    for (_, _, index), count in verdicts(rule_id, resources).items():
        found[index] += count
    return found


@pytest.mark.parametrize(("rule_id", "name"), pod_rules())
def test_a_rule_says_the_same_of_a_pod_in_every_controller(rule_id: str, name: str) -> None:
    for resource in objects_in(rule_id, name):
        template = template_of(resource)
        if template is None:
            continue
        as_deployment = fails_as(rule_id, template, "apps/Deployment")
        differing = {kind: found for kind in FORMS if (found := fails_as(rule_id, template, kind)) != as_deployment}
        assert differing == {}, as_deployment


# A rule for containers that serve or run on says nothing of those that end before the pod starts.
ABOUT_MAIN_CONTAINERS = {
    "identical-probes",
    "interactive-container",
    "memory-limit-missing",
    "cpu-request-missing",
    "ephemeral-storage-limit-missing",
    "cpu-limit-missing",
    "memory-request-missing",
}


@pytest.mark.parametrize(
    ("rule_id", "name"),
    [
        (rule_id, name)
        for rule_id, name in pod_rules()
        if name.startswith("bad")
        and RULES[rule_id].each.startswith("object.allContainers")
        and rule_id not in ABOUT_MAIN_CONTAINERS
    ],
)
@pytest.mark.parametrize("field", ["initContainers", "ephemeralContainers"])
def test_a_container_is_judged_wherever_it_stands(rule_id: str, name: str, field: str) -> None:
    harmless = {
        "name": "harmless",
        "image": "registry.example.com/shop/harmless:1.0.0@sha256:" + "0" * 64,
        "imagePullPolicy": "Always",
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 20000,
            "runAsGroup": 20000,
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "seccompProfile": {"type": "RuntimeDefault"},
            "capabilities": {"drop": ["ALL"]},
        },
        "resources": {"limits": {"memory": "1Mi", "cpu": "1"}},
    }
    for resource in objects_in(rule_id, name):
        template = template_of(resource)
        if template is None or not template["spec"].get("containers"):
            continue
        before = fails_as(rule_id, template, "Pod")
        moved = copy.deepcopy(template)
        moved["spec"][field] = [*moved["spec"]["containers"], *(moved["spec"].get(field) or [])]
        moved["spec"]["containers"] = [harmless]
        after = fails_as(rule_id, moved, "Pod")
        assert after.total() > 0 or before.total() == 0, (resource.ref.name, before)
