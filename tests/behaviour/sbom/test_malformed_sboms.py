"""A damaged or made-up SBOM is named as unscanned and fails the gate, in every form; what could be read of it stays."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sample_inventories import image_inventory
from seawall.apps.cli.main import main
from seawall.formats.sbom import read_sbom
from seawall.model.resource import Unscanned
from seawall.reports.sbom import render

FILES = Path(__file__).parent / "files"
FORMS = ["syft-alpine.json", "syft-alpine.cdx.json", "syft-alpine.cdx.xml", "syft-alpine.spdx.json", "syft-alpine.spdx"]
FORMS += ["trivy-alpine.json", "trivy-alpine.cdx.json", "trivy-alpine.spdx.json", "trivy-alpine.spdx"]
LISTS = {"cdx.json": "components", "spdx.json": "packages", "syft": "artifacts", "trivy": "Results"}
JSON = [name for name in FORMS if name.endswith(".json")]


def problems(name: str, data: bytes) -> list[str]:
    return [problem.reason for problem in read_sbom(name, data).unscanned]


def gate(path: Path, data: bytes, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Scan `data` as a file of that name, and return the exit status and the report."""
    path.write_bytes(data)
    status = main(["scan", "--no-vulnerabilities", "--format", "json", str(path)])
    return status, capsys.readouterr().out


def list_of(name: str) -> str:
    return LISTS.get(name.partition(".")[2]) or LISTS[name.partition("-")[0]]


def changed(name: str, change: Callable[[dict[str, Any]], None]) -> bytes:
    value = json.loads((FILES / name).read_text())
    change(value)
    return json.dumps(value, indent=1).encode()


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("part", [0.2, 0.5, 0.9, 0.995])
def test_what_is_cut_off_fails_the_gate(
    name: str, part: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = (FILES / name).read_bytes()
    status, report = gate(tmp_path / name, data[: int(len(data) * part)], capsys)
    assert status == 2
    assert {entry["path"].partition(":")[0] for entry in json.loads(report)["unscanned"]} == {str(tmp_path / name)}


@pytest.mark.parametrize("name", FORMS)
def test_a_cut_at_any_line_is_said(name: str) -> None:
    """Tag-value has no end of its own: a cut behind whole lines must be seen as well, as long as a package is missing."""
    data = (FILES / name).read_bytes()
    whole = {package.purl for package in read_sbom(name, data).packages}
    lines = data.splitlines(keepends=True)
    for end in range(0, len(lines), max(1, len(lines) // 60)):
        read = read_sbom(name, b"".join(lines[:end]))
        assert read.unscanned or {package.purl for package in read.packages} == whole


@pytest.mark.parametrize("name", JSON)
def test_a_list_of_another_type_is_said(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = list_of(name)
    for other in ("none", 7, {"a": 1}, True):
        data = changed(name, lambda value, other=other: value.update({key: other}))  # type: ignore[misc]
        assert f"{key} is no list" in problems(name, data)
    status, report = gate(tmp_path / name, changed(name, lambda value: value.update({key: "none"})), capsys)
    assert (status, "is no list" in report) == (2, True)


@pytest.mark.parametrize("name", JSON)
def test_an_item_that_is_no_object_is_said_and_the_others_are_read(name: str) -> None:
    key = list_of(name)
    read = read_sbom(name, changed(name, lambda value: value[key].insert(1, 17)))
    assert [problem.reason for problem in read.unscanned] == [f"{key}[1] is no object"]
    assert len(read.packages) == 7


def first_with_purl(name: str, value: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the object that has the first package URL of a document, and its key there."""
    if "cdx" in name:
        return next(item for item in value["components"] if "purl" in item), "purl"
    if "spdx" in name:
        refs = [ref for item in value["packages"] for ref in item.get("externalRefs", ())]
        return next(ref for ref in refs if ref["referenceType"] == "purl"), "referenceLocator"
    if name.startswith("syft"):
        return value["artifacts"][0], "purl"
    return value["Results"][0]["Packages"][0]["Identifier"], "PURL"


@pytest.mark.parametrize("name", JSON)
@pytest.mark.parametrize(
    "nonsense",
    [
        "pkg:",
        "nothing",
        "pkg:npm/",
        "pkg:npm/%",
        "pkg:/a@1",
        "pkg:cpan/a/b/c@1",
        f"pkg:npm/{'a' * 20_000}",
    ],
)
def test_a_purl_that_is_none_is_said_and_the_others_are_read(name: str, nonsense: str) -> None:
    def change(value: dict[str, Any]) -> None:
        holder, key = first_with_purl(name, value)
        holder[key] = nonsense

    read = read_sbom(name, changed(name, change))
    assert len(read.packages) in (6, 7)
    assert len(read.packages) == 7 or len(read.unscanned) == 1


@pytest.mark.parametrize("name", JSON)
@pytest.mark.parametrize("other", [None, 7, [], {"a": 1}])
def test_a_purl_of_another_type_is_a_package_that_is_not_known(name: str, other: object) -> None:
    def change(value: dict[str, Any]) -> None:
        holder, key = first_with_purl(name, value)
        holder[key] = other

    (problem,) = problems(name, changed(name, change))
    assert "has no package URL" in problem


@pytest.mark.parametrize("name", [name for name in JSON if "trivy-alpine.json" not in name])
def test_a_reference_to_two_packages_is_said(name: str) -> None:
    key, ref = list_of(name), {"cdx": "bom-ref", "spdx": "SPDXID"}.get(name.split(".")[1], "id")

    def change(value: dict[str, Any]) -> None:
        purls = [item for item in value[key] if "purl" in item or "externalRefs" in item]
        purls[0][ref] = purls[1][ref]

    read = read_sbom(name, changed(name, change))
    assert ["two different packages" in problem.reason for problem in read.unscanned] == [True]
    assert len(read.packages) == 7


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.cdx.json", '{"bomFormat":"CycloneDX","specVersion":"1.6","components":' + "[" * 100_000),
        ("a.cdx.json", '{"bomFormat":"CycloneDX","specVersion":"1.6","x":' + '{"a":' * 100_000 + "1" + "}" * 100_001),
        ("a.spdx.json", '{"spdxVersion":"SPDX-2.3","packages":' + "[" * 100_000 + "]" * 100_000 + "}"),
        ("a.json", '{"SchemaVersion":2,"ArtifactName":"x","Results":' + "[" * 100_000 + "]" * 100_000 + "}"),
        ("a.json", '{"artifacts":' + "[" * 100_000 + "]" * 100_000 + ',"schema":{"url":"x/anchore/syft/schema-1"}}'),
        ("bom.xml", '<bom xmlns="http://cyclonedx.org/schema/bom/1.6">' + "<components><component>" * 50_000),
        (
            "bom.xml",
            '<bom xmlns="http://cyclonedx.org/schema/bom/1.6">' + "<hashes>" * 50_000 + "</hashes>" * 50_000 + "</bom>",
        ),
    ],
)
def test_nesting_without_end_fails_the_gate(
    name: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, report = gate(tmp_path / name, text.encode(), capsys)
    assert status == 2
    assert "nest" in report


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE bom [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE bom [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE bom SYSTEM "http://127.0.0.1:1/bom.dtd">',
    ],
)
def test_entities_fail_the_gate_before_they_expand(
    declaration: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f'<?xml version="1.0"?>{declaration}<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components/></bom>'
    status, report = gate(tmp_path / "bom.xml", text.encode(), capsys)
    assert (status, "document type" in report) == (2, True)


def test_what_refers_to_nothing_and_to_itself_costs_nothing_and_changes_nothing() -> None:
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "components": [
            {"type": "library", "bom-ref": name, "name": name, "purl": f"pkg:npm/{name}@1"} for name in "ab"
        ],
        "dependencies": [
            {"ref": "a", "dependsOn": ["a", "b", "none"]},
            {"ref": "b", "dependsOn": ["a"]},
            {"ref": "none"},
        ],
    }
    read = read_sbom("a.cdx.json", json.dumps(document).encode())
    assert [package.parents for package in read.packages] == [("pkg:npm/b@1",), ("pkg:npm/a@1",)]
    assert read.unscanned == ()


def test_a_document_with_more_elements_than_any_ends_with_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seawall.formats.sbom.cyclonedx_xml.MAX_ELEMENTS", 50)
    assert "too many elements" in problems("a.cdx.xml", (FILES / "syft-alpine.cdx.xml").read_bytes())[0]


def test_a_document_of_syft_may_be_as_large_as_those_of_large_images_are() -> None:
    data = (FILES / "syft-alpine.json").read_bytes()
    files = b'"files":[' + b",".join([b'{"id":"5","location":{"path":"/usr/share/doc/a"}}'] * 700_000) + b'],"source":{'
    large = data.replace(b'"source":{', files, 1)
    assert len(large) > 34_000_000
    assert read_sbom("a.json", large).packages == read_sbom("a.json", data).packages
    assert problems("a.json", b'[{"schema":{"url":"x/anchore/syft/schema-1"}}]') == [
        "is no document of Syft: the top is no object"
    ]


def test_what_is_no_sbom_of_any_form_is_said() -> None:
    assert read_sbom("a.cdx.json", b"\x00\xff").unscanned == (
        Unscanned(
            "a.cdx.json",
            "is no SBOM that is known: CycloneDX as JSON or XML, SPDX as JSON or tag-value, and the JSON of Syft and Trivy are",
        ),
    )


@pytest.mark.parametrize("form", ["cyclonedx", "spdx"])
def test_an_sbom_that_calls_itself_incomplete_fails_the_gate(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, report = gate(tmp_path / "sbom.json", render(form, image_inventory(), version="1"), capsys)
    assert (status, "it is incomplete" in report) == (2, True)


def test_so_does_one_in_xml() -> None:
    text = b"""\
<bom xmlns="http://cyclonedx.org/schema/bom/1.6">
  <metadata><component type="application" bom-ref="shop"><name>shop</name></component></metadata>
  <components><component type="library"><name>a</name><purl>pkg:npm/a@1</purl></component></components>
  <compositions>
    <composition><aggregate>incomplete</aggregate><assemblies><assembly ref="shop"/></assemblies></composition>
  </compositions>
</bom>"""
    assert ["it is incomplete" in problem for problem in problems("bom.xml", text)] == [True]
    assert problems("bom.xml", text.replace(b"incomplete", b"complete")) == []
