"""kubectl and the API server are the judges of what a YAML document means: the same value, or refused by both."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from seawall.formats import kubernetes_yaml
from tests.testbed.control_plane import ControlPlane
from tests.testbed.sample_yaml_specimens import SPECIMENS

GROUP = "yaml.test.seawall.dev"
ANYTHING = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": f"specimens.{GROUP}"},
    "spec": {
        "group": GROUP,
        "scope": "Cluster",
        "names": {"plural": "specimens", "singular": "specimen", "kind": "Specimen", "listKind": "SpecimenList"},
        "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": ANYTHING}}],
    },
}


def manifest(name: str, body: str) -> bytes:
    head = "" if not body.startswith("%") else body.split("\n")[0] + "\n"
    kind = f"apiVersion: {GROUP}/v1\nkind: Specimen\nmetadata:\n  name: {name}\n"
    return (head + kind + body.removeprefix(head)).encode()


def ask_kubectl(control_plane: ControlPlane, folder: Path, files: dict[str, bytes]) -> tuple[dict[str, Any], str]:
    """Return the objects that kubectl read from `files`, by name, and what it said of the others."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    done = control_plane.run_kubectl("create", "--dry-run=server", "-o", "json", "-f", str(folder))
    text, objects, position = done.stdout.decode(), {}, 0
    while position < len(text):
        value, end = json.JSONDecoder(parse_int=read_integer).raw_decode(text, position)
        for item in value["items"] if value["kind"] == "List" else [value]:
            objects[item["metadata"]["name"]] = item
        position = end + len(text[end:]) - len(text[end:].lstrip())
    return objects, done.stderr.decode()


def read_integer(text: str) -> int | float:
    """As the API server does: what exceeds 64 bits is a float."""
    return int(text) if -(2**63) <= int(text) < 2**63 else float(text)


@pytest.fixture(scope="module", autouse=True)
def _specimens_may_be_created(control_plane: ControlPlane) -> None:
    control_plane.client.apply(DEFINITION)
    done = control_plane.run_kubectl("wait", "--for=condition=Established", "--timeout=30s", f"crd/specimens.{GROUP}")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def judged(control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    files = {f"{name}.yaml": manifest(name, body) for name, body in SPECIMENS.items()}
    return ask_kubectl(control_plane, tmp_path_factory.mktemp("specimens"), files)


@pytest.mark.parametrize("name", SPECIMENS)
def test_kubectl_and_seawall_read_the_same_value_or_both_refuse(name: str, judged: tuple[dict[str, Any], str]) -> None:
    objects, said = judged
    parsed = kubernetes_yaml.parse(name, manifest(name, SPECIMENS[name]))
    if name.startswith("stricter"):
        assert parsed.documents == []
        assert name in objects
        return
    if name not in objects:
        assert parsed.documents == [], (SPECIMENS[name], parsed.documents and parsed.documents[0].value, said)
        assert len(parsed.unscanned) == 1
        return
    assert parsed.unscanned == [], (SPECIMENS[name], objects[name].get("value"))
    (document,) = parsed.documents
    expected = {key: value for key, value in objects[name].items() if key in ("value", "other")}
    found = {key: value for key, value in document.value.items() if key in ("value", "other")}
    assert json.dumps(found, sort_keys=True) == json.dumps(expected, sort_keys=True), SPECIMENS[name]


def test_thousands_of_generated_scalars_have_the_value_that_kubectl_sees(
    control_plane: ControlPlane, tmp_path: Path
) -> None:
    draw = random.Random(2026)
    pieces = [
        *"0123456789+-._eExXobBaAfFnN:~ ",
        "0x",
        "0b",
        "1_0",
        "e+",
        "inf",
        "NaN",
        "yes",
        "null",
        "2001-01-01",
        "T",
    ]
    scalars = ["".join(draw.choices(pieces, k=draw.randint(1, 5))) for _ in range(4000)]
    lists: list[list[str]] = [[]]
    refused: list[str] = []
    for scalar in scalars:
        if kubernetes_yaml.parse("", f"- {scalar}\n".encode()).documents:
            lists[-1].append(scalar)
            if len(lists[-1]) == 100:
                lists.append([])
        else:
            refused.append(scalar)
    bodies = {f"taken-{n}": "value:\n" + "".join(f"- {scalar}\n" for scalar in some) for n, some in enumerate(lists)}
    bodies |= {f"refused-{number}": f"value:\n- {scalar}\n" for number, scalar in enumerate(refused[:60])}
    objects, said = ask_kubectl(
        control_plane, tmp_path, {f"{name}.yaml": manifest(name, body) for name, body in bodies.items()}
    )
    assert [name for name in objects if name.startswith("refused")] == []
    for name, body in bodies.items():
        if name.startswith("taken"):
            (document,) = kubernetes_yaml.parse(name, manifest(name, body)).documents
            assert name in objects, said
            pairs = list(zip(document.value["value"], objects[name]["value"], body.split("\n")[1:], strict=False))
            assert [pair for pair in pairs if json.dumps(pair[0]) != json.dumps(pair[1])] == []
