"""What an SBOM says of an inventory, and that it says the same each time."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sample_inventories import LAYERS, image_inventory, large_inventory
from seawall.apps.cli.main import main
from seawall.reports.sbom import render

LOCK = '{"lockfileVersion":3,"packages":{"":{"dependencies":{"ms":"1"}},"node_modules/ms":{"version":"2.1.3"}}}'


def _document(name: str, **options: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(render(name, image_inventory(), version="0.1.0", **options))
    return document


def _component(name: str, ref: str) -> dict[str, Any]:
    key = {"cyclonedx": "bom-ref"}.get(name, "SPDXID")
    found = _document(name)["components" if name == "cyclonedx" else "packages"]
    return next(item for item in found if item[key] == ref)


def test_the_target_is_the_image_with_its_digest() -> None:
    target = _document("cyclonedx")["metadata"]["component"]
    assert (target["type"], target["name"], target["version"]) == (
        "container",
        "registry.local/app:1",
        f"sha256:{'c' * 64}",
    )


def test_a_component_says_where_it_is_named_and_what_brought_it() -> None:
    component = _component("cyclonedx", "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12")
    assert component["evidence"] == {"occurrences": [{"location": "var/lib/dpkg/status", "line": 12}]}
    assert {item["name"]: item["value"] for item in component["properties"]} == {
        "seawall:source:name": "openssl",
        "seawall:source:version": "3.0.11-1~deb12u2",
        "seawall:image:layer": LAYERS[0],
        "seawall:image:instruction": "ADD rootfs.tar /",
    }


def test_a_name_has_its_group_apart() -> None:
    component = _component("cyclonedx", "pkg:maven/org.slf4j/slf4j-api@2.0.7")
    assert (component["group"], component["name"]) == ("org.slf4j", "slf4j-api")


def test_licences_are_ids_and_expressions_only_where_they_are_valid() -> None:
    licences = {item["bom-ref"]: item.get("licenses") for item in _document("cyclonedx")["components"]}
    assert licences["pkg:npm/%40scope/web@1.0.0"] == [{"expression": "MIT OR Apache-2.0"}]
    assert licences["pkg:npm/ms@2.1.3"] == [{"license": {"id": "MIT"}}, {"license": {"name": "Odd/One"}}]
    declared = {item["name"]: item.get("licenseDeclared") for item in _document("spdx")["packages"]}
    assert declared["@scope/web"] == "MIT OR Apache-2.0"
    assert declared["bind"] == "MPL-2.0"
    assert declared["org.slf4j:slf4j-api"].startswith("LicenseRef-The-Slf-licence-of-two-lines-")


def test_dependencies_begin_at_the_target_and_stay_within_a_file() -> None:
    graph = {item["ref"]: item["dependsOn"] for item in _document("cyclonedx")["dependencies"]}
    assert graph == {
        "target": ["pkg:npm/%40scope/web@1.0.0", "pkg:npm/ms@2.1.3#tool/package-lock.json"],
        "pkg:npm/%40scope/web@1.0.0": ["pkg:npm/ms@2.1.3"],
    }


def test_spdx_says_that_the_document_describes_the_target_which_contains_and_needs_packages() -> None:
    kinds = [item["relationshipType"] for item in _document("spdx")["relationships"]]
    assert {kind: kinds.count(kind) for kind in sorted(set(kinds))} == {"CONTAINS": 9, "DEPENDS_ON": 3, "DESCRIBES": 1}


@pytest.mark.parametrize("name", ["cyclonedx", "spdx"])
def test_what_could_not_be_read_makes_the_document_incomplete(name: str) -> None:
    document = _document(name)
    said = document["compositions"][0]["aggregate"] if name == "cyclonedx" else document["comment"]
    assert said.lower().startswith("incomplete")


@pytest.mark.parametrize("name", ["cyclonedx", "spdx"])
def test_the_same_inventory_gives_the_same_bytes_in_any_order_and_another_gives_another_number(name: str) -> None:
    inventory = image_inventory()
    reverse = msgspec.structs.replace(inventory, packages=inventory.packages[::-1])
    fewer = msgspec.structs.replace(inventory, packages=inventory.packages[1:])
    first = render(name, inventory, version="0.1.0")
    assert first == render(name, reverse, version="0.1.0")
    number = "serialNumber" if name == "cyclonedx" else "documentNamespace"
    assert json.loads(first)[number] != json.loads(render(name, fewer, version="0.1.0"))[number]


def test_the_time_is_that_of_the_image_unless_the_build_gives_one() -> None:
    assert _document("cyclonedx")["metadata"]["timestamp"] == "2024-09-06T22:20:07Z"
    assert _document("spdx", created="2025-01-01T00:00:00+02:00")["creationInfo"]["created"] == "2024-12-31T22:00:00Z"


def test_a_directory_gives_the_same_bytes_wherever_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    written = []
    for place in ("one", "two"):
        folder = tmp_path / place / "shop"
        folder.mkdir(parents=True)
        (folder / "package-lock.json").write_text(LOCK)
        monkeypatch.chdir(folder)
        assert main(["sbom", str(folder)]) == 0
        written.append(capsysbinary.readouterr().out)
        assert main(["sbom", "."]) == 0
        written.append(capsysbinary.readouterr().out)
    assert len(set(written)) == 1
    assert b'"timestamp"' not in written[0]
    assert b'"location": "package-lock.json"' in written[0]


def test_what_could_not_be_read_is_said_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "package-lock.json").write_text(LOCK[:30])
    assert main(["sbom", str(tmp_path), "--output", os.devnull]) == 2
    assert "package-lock.json" in capsys.readouterr().err
    assert main(["sbom", str(tmp_path), "--output", os.devnull, "--allow-unscanned"]) == 0


def test_a_time_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    assert main(["sbom", str(tmp_path)]) == 2


@pytest.mark.parametrize("name", ["cyclonedx", "spdx"])
def test_five_thousand_packages_take_less_than_half_a_second(name: str) -> None:
    inventory = large_inventory()
    code = "import time; from sample_inventories import large_inventory; from seawall.reports.sbom import render\n"
    code += f"i = large_inventory(); t = time.process_time(); render({name!r}, i, version='1'); print(time.process_time() - t)"
    path = os.pathsep.join(entry for entry in sys.path if entry)
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert len(inventory.packages) == 5000
    assert float(ran.stdout) < 0.5
