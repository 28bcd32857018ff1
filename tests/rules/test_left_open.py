"""A number or a switch that a template left open is not a pass: each rule fails still, or says that it cannot tell."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rule_runs import plan_of, shipped
from seawall.facts import catalogue
from seawall.formats import kubernetes_yaml
from seawall.model.resource import Resource
from seawall.policy.evaluate import Failure, Inconclusive
from seawall.sources import rule_folders

FOLDERS = {folder.id: folder for folder in rule_folders.read(rule_folders.SHIPPED)}
LEFT_OPEN = "{{ .Values.value }}"

# In these fields a text is a value of its own: the name of a port, or one of two entries that are compared with each other.
A_TEXT_IS_ANOTHER_VALUE = {
    ("duplicate-container-port", "containerPort"),
    ("exposed-admin-port", "targetPort"),
    ("identical-probes", "port"),
    ("identical-probes", "periodSeconds"),
    ("metadata-endpoint-egress", "port"),
    ("ssh-port", "containerPort"),
}


def over_single_resources() -> list[str]:
    return [
        rule.id
        for rule in shipped().values()
        if rule.layer in ("cluster", "container")
        and all(catalogue.FACT_KINDS[kind].scope == "resource" for kind in rule.match.facts)
    ]


def run(rule_id: str, resource: Resource) -> tuple[list[Failure], list[Inconclusive]]:
    plan = plan_of(rule_id)
    return plan.run([*catalogue.derive(plan.fact_kinds, [resource]), *plan.resource_facts([resource])])


def resources_in(data: bytes) -> Iterator[Resource]:
    for document in kubernetes_yaml.parse("example", data).documents:
        yield from kubernetes_yaml.resources(document)


def switches(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from switches(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from switches(inner, (*path, index))
    elif isinstance(value, bool | int):
        yield path


def left_open(resource: Resource, path: tuple[str | int, ...]) -> Resource:
    value = copy.deepcopy(resource.object)
    target: Any = value
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = LEFT_OPEN
    [changed] = resources_in(msgspec.json.encode(value))
    return changed


@pytest.mark.parametrize("rule_id", over_single_resources())
def test_a_switch_that_is_left_open_never_makes_a_bad_example_pass(rule_id: str) -> None:
    folder = FOLDERS[rule_id]
    silent = []
    for name in folder.example_names("bad"):
        for resource in resources_in(Path(folder.place, name).read_bytes()):
            before = len(run(rule_id, resource)[0])
            for path in switches(resource.object):
                if (rule_id, str(path[-1])) in A_TEXT_IS_ANOTHER_VALUE:
                    continue
                failures, inconclusive = run(rule_id, left_open(resource, path))
                if len(failures) < before and not inconclusive:
                    silent.append((name, path))
    assert silent == []
