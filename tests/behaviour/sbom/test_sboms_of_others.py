"""What Syft and Trivy write, in every form of theirs, is read to the last package, and is the same in all forms."""

import json
from pathlib import Path
from typing import Any

import pytest

from seawall.formats.purl import parse as parse_purl
from seawall.formats.sbom import format_of, read_sbom
from seawall.formats.sbom.document import Sbom
from seawall.model.package import Package
from seawall.reports.sbom import render
from seawall.sources.detect import TargetKind, detect
from seawall.stages.packages import collect_packages

FILES = Path(__file__).parent / "files"
SAMPLES = sorted(path.name for path in FILES.iterdir() if path.suffix not in (".md", ".purls"))
FORMATS = {
    "syft": {
        ".json": "syft",
        ".cdx.json": "cyclonedx",
        ".cdx.xml": "cyclonedx-xml",
        ".spdx.json": "spdx",
        ".spdx": "spdx-tags",
    },
    "trivy": {".json": "trivy", ".cdx.json": "cyclonedx", ".spdx.json": "spdx", ".spdx": "spdx-tags"},
}
IMAGES = [name for name in SAMPLES if "locks" not in name]

Bare = tuple[str, str, str, str]


def sbom(name: str) -> Sbom:
    return read_sbom(name, (FILES / name).read_bytes())


def bare(purl: str) -> Bare:
    read = parse_purl(purl)
    return read.type, read.namespace, read.name, read.version


def listed(name: str) -> list[Bare]:
    """What the tool itself lists as the target's packages."""
    tool, target = name.partition(".")[0].split("-")
    if tool == "syft":
        return [bare(line) for line in (FILES / f"syft-{target}.purls").read_text().split()]
    report: dict[str, Any] = json.loads((FILES / f"trivy-{target}.json").read_text())
    return [bare(item["Identifier"]["PURL"]) for result in report["Results"] for item in result.get("Packages", ())]


def package(name: str, of: str) -> Package:
    return next(one for one in sbom(of).packages if one.name == name)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_package_that_the_tool_lists_is_read_and_no_other(name: str) -> None:
    read = sbom(name)
    assert read.unscanned == ()
    assert sorted(bare(one.purl) for one in read.packages) == sorted(listed(name))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_is_told_by_its_content_whatever_it_is_called(name: str, tmp_path: Path) -> None:
    data = (FILES / name).read_bytes()
    tool = name.partition("-")[0]
    assert format_of(data, data) == FORMATS[tool][name[name.index(".") :]]
    for other in ("report.json", "components", "x.xml", "sbom.txt"):
        (tmp_path / other).write_bytes(data)
        assert detect(str(tmp_path / other)) is TargetKind.SBOM


@pytest.mark.parametrize("name", [name for name in IMAGES if "debian" in name])
def test_distribution_packages_keep_their_source_and_release_in_every_form(name: str) -> None:
    library = package("libssl3", name)
    assert (library.source_name, library.source_version, library.distro, library.ecosystem, library.architecture) == (
        "openssl",
        library.version,
        "debian:12",
        "Debian",
        "amd64",
    )


@pytest.mark.parametrize("name", [name for name in IMAGES if "alpine" in name])
def test_licences_and_requirers_are_those_of_the_tool_in_every_form(name: str) -> None:
    zlib, musl = package("zlib", name), package("musl", name)
    assert zlib.licences == ("Zlib",)
    assert any("/zlib@" in parent for parent in musl.parents)
    assert package("ssl_client", name).source_name == "busybox"


@pytest.mark.parametrize("name", [name for name in IMAGES if name.endswith(("cdx.json", "cdx.xml", "alpine.json"))])
def test_the_layer_is_kept_where_the_form_has_it(name: str) -> None:
    assert package("libc6" if "debian" in name else "musl", name).image_layer.startswith("sha256:")


def test_files_and_lines_are_those_of_the_tool() -> None:
    assert package("debug", "syft-alpine.json").path == "syft-alpine.json!/app/node_modules/debug/package.json"
    assert package("debug", "trivy-alpine.json").path == "trivy-alpine.json!/app/node_modules/debug/package.json"
    locked = package("debug", "trivy-locks.json")
    assert (locked.path, locked.line) == ("trivy-locks.json!/web/package-lock.json", 114)


def test_trivy_says_what_is_direct() -> None:
    assert package("debug", "trivy-locks.json").direct is True
    assert package("ms", "trivy-locks.json").direct is False
    for form in ("trivy-locks.json", "trivy-locks.cdx.json"):
        assert package("github.com/spf13/cobra", form).direct is True
        assert package("github.com/spf13/pflag", form).direct is False


def test_the_target_is_named_as_the_tool_names_it() -> None:
    for name in ("syft-alpine.json", "syft-alpine.cdx.xml", "trivy-alpine.json"):
        subject = sbom(name).subject
        assert subject is not None
        assert (subject.name, subject.kind, subject.digest[:7]) == ("alpine.tar", "image", "sha256:")


def test_a_report_of_trivy_without_its_packages_is_no_list_of_them() -> None:
    report = {
        "SchemaVersion": 2,
        "ArtifactName": "shop",
        "Results": [{"Target": "go.mod", "Class": "lang-pkgs", "Vulnerabilities": [{"PkgName": "a"}]}],
    }
    (problem,) = read_sbom("trivy.json", json.dumps(report).encode()).unscanned
    assert "--list-all-pkgs" in problem.reason


def test_what_trivy_found_in_development_is_so() -> None:
    item = {"ID": "a@1", "Name": "a", "Version": "1", "Dev": True, "Identifier": {"PURL": "pkg:npm/a@1"}}
    report = {
        "SchemaVersion": 2,
        "ArtifactName": "shop",
        "Results": [{"Target": "package-lock.json", "Packages": [item]}],
    }
    (found,) = read_sbom("trivy.json", json.dumps(report).encode()).packages
    assert found.scope == "dev"


def test_the_parts_of_an_rpm_s_version_are_put_together() -> None:
    item = {
        "Name": "bind",
        "Version": "9.16.23",
        "Release": "1.el9",
        "Epoch": 32,
        "SrcName": "bind",
        "SrcVersion": "9.16.23",
        "SrcRelease": "1.el9",
        "SrcEpoch": 32,
        "Identifier": {"PURL": "pkg:rpm/redhat/bind@9.16.23-1.el9?arch=x86_64&distro=redhat-9.4&epoch=32"},
    }
    report = {
        "SchemaVersion": 2,
        "ArtifactName": "ubi",
        "Metadata": {"OS": {"Family": "redhat", "Name": "9.4"}},
        "Results": [{"Target": "ubi (redhat 9.4)", "Class": "os-pkgs", "Packages": [item]}],
    }
    (found,) = read_sbom("trivy.json", json.dumps(report).encode()).packages
    assert (found.version, found.source_version, found.distro) == ("32:9.16.23-1.el9", "32:9.16.23-1.el9", "rhel:9")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[]}', "is SPDX 3"),
        (b'<rdf:RDF xmlns:spdx="http://spdx.org/rdf/terms#"></rdf:RDF>', "is SPDX as RDF"),
        (b'<?xml version="1.0"?><Document><spdxVersion>SPDX-2.3</spdxVersion></Document>', "is SPDX as XML"),
        (b'{"SchemaVersion":1,"ArtifactName":"x","Results":[]}', "in a schema that is not read"),
        (
            b'<bom xmlns="http://cyclonedx.org/schema/bom/1.0"><components/></bom>',
            "is CycloneDX 1.0, which is not read",
        ),
    ],
)
def test_a_form_that_is_not_read_says_so_and_the_way_out(data: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(data)
    assert detect(str(tmp_path / "x")) is TargetKind.SBOM
    (problem,) = read_sbom("x", data).unscanned
    assert reason in problem.reason
    assert "write" in problem.reason or problem.reason.endswith((" are", "later)"))


def test_components_in_components_of_xml_are_read_and_their_place_is_kept() -> None:
    text = b"""\
<c:bom xmlns:c="http://cyclonedx.org/schema/bom/1.5">
  <c:components>
    <c:component type="library" bom-ref="a"><c:name>a</c:name><c:version>1</c:version><c:purl>pkg:npm/a@1</c:purl>
      <c:licenses><c:expression>MIT OR X11</c:expression></c:licenses>
      <c:hashes><c:hash alg="MD5"><c:purl>pkg:npm/never@1</c:purl></c:hash></c:hashes>
      <c:evidence><c:occurrences><c:occurrence><c:location>app/a.js</c:location><c:line>7</c:line></c:occurrence></c:occurrences></c:evidence>
      <c:components>
        <c:component type="library" bom-ref="b"><c:name>b</c:name><c:purl>pkg:npm/b@2</c:purl></c:component>
      </c:components>
    </c:component>
  </c:components>
  <c:dependencies><c:dependency ref="a"><c:dependency ref="b"/></c:dependency></c:dependencies>
</c:bom>
"""
    first, second = read_sbom("bom.xml", text).packages
    assert (first.purl, first.licences, first.path, first.line) == (
        "pkg:npm/a@1",
        ("MIT OR X11",),
        "bom.xml!/app/a.js",
        7,
    )
    assert (second.version, second.parents, second.line) == ("2", ("pkg:npm/a@1",), 8)


@pytest.mark.parametrize("form", ["cyclonedx", "spdx"])
@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_taken_over_from_another_tool_is_kept_from_then_on(name: str, form: str, tmp_path: Path) -> None:
    once = render(form, collect_packages(str(FILES / name)), version="1")
    (tmp_path / "once.json").write_bytes(once)
    assert render(form, collect_packages(str(tmp_path / "once.json")), version="1") == once
    assert str(FILES).encode() not in once
