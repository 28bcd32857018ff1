"""What the parity suite judges: every example of every rule, large objects, and real manifests, one object a file.

An object counts when a native rule looks at its kind; of equal objects, one counts.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seawall.facts.workloads import POD_TEMPLATE_PATHS, group_kind
from seawall.formats import kubernetes_yaml
from seawall.model.rule import Rule
from seawall.sources import rule_folders
from tests.testbed import published_manifests
from tests.testbed.large_objects import large_objects

POD = "PodSpec"


@dataclass(frozen=True, slots=True)
class Case:
    """One object: where it came from, its text as a file has it, and its value as Seawall reads it."""

    name: str
    text: bytes
    value: dict[str, Any]

    @property
    def kind(self) -> str:
        """``group/Kind``."""
        return group_kind(str(self.value["apiVersion"]), str(self.value["kind"]))


def collect(rules: Sequence[Rule]) -> list[Case]:
    """Return the different objects that `rules` look at, examples first."""
    wanted = {kind for rule in rules for kind in rule.match.kinds} | set(POD_TEMPLATE_PATHS)
    seen: set[str] = set()
    cases = []
    for case in _all():
        key = json.dumps(case.value, sort_keys=True, default=str)
        if case.kind in wanted and key not in seen:
            seen.add(key)
            cases.append(case)
    return cases


def write(cases: Sequence[Case], folder: Path) -> dict[str, Case]:
    """Write each case to a file of its own below `folder`; return the cases by file name."""
    by_file = {}
    for number, case in enumerate(cases):
        name = f"{number:05}.yaml"
        (folder / name).write_bytes(case.text)
        by_file[name] = case
    return by_file


def placed(case: Case, namespace: str) -> Case:
    """Return `case` as if its file named `namespace`; an object that names one already stays as it is."""
    metadata = case.value.get("metadata") or {}
    if metadata.get("namespace"):
        return case
    value = {**case.value, "metadata": {**metadata, "namespace": namespace}}
    return Case(case.name, json.dumps(value).encode(), value)


def _all() -> Iterator[Case]:
    for folder in rule_folders.read(rule_folders.SHIPPED):
        for kind in ("bad", "good"):
            for name in folder.example_names(kind):
                data = (Path(folder.place) / name).read_bytes()
                for index, text in enumerate(published_manifests.split_documents(data)):
                    yield from _read(f"{folder.id}/{name}#{index}", text)
    for value in large_objects():
        yield Case(f"large/{value['kind']}", json.dumps(value).encode(), value)
    for name, text in published_manifests.documents():
        yield from _read(name, text)


def _read(name: str, text: bytes) -> Iterator[Case]:
    parsed = kubernetes_yaml.parse(name, text)
    if parsed.unscanned or len(parsed.documents) != 1:
        return
    (document,) = parsed.documents
    found = list(kubernetes_yaml.resources(document))
    if len(found) == 1 and not found[0].prefix:
        yield Case(name, text, found[0].object)
        return
    for index, resource in enumerate(found):
        yield Case(f"{name}[{index}]", json.dumps(resource.object).encode(), resource.object)
