"""An image and the manifests that run it are held against each other, both ways: which ports does each of them name?"""

from pathlib import Path

import pytest

from seawall.model.finding import Finding, Report
from seawall.sources.manifests import ReadOptions
from seawall.stages.deploy import DeployScan, scan
from seawall.stages.rule_sets import RuleChoice
from tests.sample_images import DEBIAN, Built, docker_files, files, write_archive, write_layout

RULES = ("image-port-undeclared", "container-port-not-exposed")
NAME = "registry.example/shop/api:1.0"


def image(*ports: str) -> Built:
    return Built(files(etc__os_release=DEBIAN), config={"ExposedPorts": {port: {} for port in ports}})


def manifest(path: Path, reference: str, ports: str, *, annotations: str = "", kind: str = "Deployment") -> Path:
    path.mkdir(exist_ok=True)
    (path / "api.yaml").write_text(
        f"""apiVersion: apps/v1
kind: {kind}
metadata: {{name: api, namespace: shop}}
spec:
  template:
    metadata: {{labels: {{app: api}}, annotations: {{{annotations}}}}}
    spec:
      containers: [{{name: api, image: "{reference}", ports: {ports}}}]
"""
    )
    return path


def docker_archive(path: Path, built: Built, tag: str = NAME) -> str:
    contents, links = docker_files(**{tag: built})
    return str(write_archive(path, contents, links))


def run(*targets: str | Path) -> Report:
    choice = RuleChoice(only=RULES)
    return scan(DeployScan(targets=tuple(map(str, targets)), choice=choice, reading=ReadOptions())).report


def said(report: Report) -> list[tuple[str, str]]:
    findings: list[Finding] = [finding for finding in report.findings if finding.suppressed is None]
    return [(finding.rule, finding.message) for finding in findings]


def test_a_port_that_only_one_side_names_is_told_on_that_side(tmp_path: Path) -> None:
    manifests = manifest(tmp_path / "deploy", NAME, "[{containerPort: 8080}, {containerPort: 8081}]")
    report = run(manifests, docker_archive(tmp_path / "api.tar", image("8080/tcp", "9229/tcp", "53/udp")))
    assert said(report) == [
        ("image-port-undeclared", "exposes port 53/udp, which Deployment shop/api does not declare"),
        ("image-port-undeclared", "exposes port 9229/tcp, which Deployment shop/api does not declare"),
        ("container-port-not-exposed", "container api declares port 8081/tcp, which its image does not expose"),
    ]
    finding = report.findings[-1]
    assert (finding.location.line, finding.field) == (
        8,
        "spec.template.spec.containers[0].ports[1].containerPort",
    )
    assert not report.unscanned


@pytest.mark.parametrize(
    ("written", "same"),
    [
        (NAME, True),
        ("registry.example/shop/api:1.1", False),
        ("registry.example/shop/web:1.0", False),
        ("other.example/shop/api:1.0", False),
        ("registry.example/shop/api", False),
        ("registry.example/shop/api:$TAG", False),
    ],
)
def test_an_image_that_no_manifest_runs_is_unknown_and_no_pass(tmp_path: Path, written: str, same: bool) -> None:
    manifests = manifest(tmp_path / "deploy", written, "[{containerPort: 8080}]")
    report = run(manifests, docker_archive(tmp_path / "api.tar", image("8080/tcp")))
    assert said(report) == []
    why = "no manifest of the scan runs this image; name or tag it as a manifest does"
    told = [entry.reason for entry in report.unscanned]
    assert told == ([] if same else [f"rule image-port-undeclared is unknown for Image/{tmp_path / 'api.tar'}: {why}"])


@pytest.mark.parametrize(
    ("tag", "written"),
    [
        ("alpine:3.20", "docker.io/library/alpine:3.20"),
        ("docker.io/library/alpine:latest", "alpine"),
        ("index.docker.io/grafana/grafana:11", "grafana/grafana:11"),
    ],
)
def test_short_and_long_names_are_the_same(tmp_path: Path, tag: str, written: str) -> None:
    manifests = manifest(tmp_path / "deploy", written, "[]")
    report = run(manifests, docker_archive(tmp_path / "a.tar", image("80/tcp"), tag))
    assert [rule for rule, _ in said(report)] == ["image-port-undeclared"]


def test_a_digest_decides_whatever_the_name(tmp_path: Path) -> None:
    built = image("80/tcp")
    layout = write_layout(tmp_path / "layout", built, entries=[built.entry("registry.example/shop/api:1.0")])
    digest = built.descriptor["digest"]
    by_digest = manifest(tmp_path / "one", f"mirror.example/api@{digest}", "[]")
    assert [rule for rule, _ in said(run(by_digest, f"oci:{layout}"))] == ["image-port-undeclared"]
    other = manifest(tmp_path / "two", f"{NAME}@sha256:{'0' * 64}", "[]")
    report = run(other, f"oci:{layout}")
    assert said(report) == []
    assert len(report.unscanned) == 1


def test_services_and_scrape_annotations_declare_ports_and_ranges_hold_what_is_in_them(tmp_path: Path) -> None:
    manifests = manifest(tmp_path / "deploy", NAME, "[{containerPort: 9001}]", annotations='prometheus.io/port: "9100"')
    (manifests / "service.yaml").write_text(
        "apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: shop}\nspec:\n"
        "  selector: {app: api}\n  ports: [{port: 443, targetPort: 8443}, {port: 80}, {port: 53, protocol: UDP}]\n"
    )
    exposed = ("9000-9002/tcp", "9100/tcp", "8443/tcp", "80/tcp", "53/udp", "53/tcp")
    report = run(manifests, docker_archive(tmp_path / "api.tar", image(*exposed)))
    assert said(report) == [
        ("image-port-undeclared", "exposes port 53/tcp, which Deployment shop/api does not declare")
    ]


def test_an_image_that_exposes_nothing_and_a_scan_without_pods_say_nothing(tmp_path: Path) -> None:
    manifests = manifest(tmp_path / "deploy", NAME, "[{containerPort: 8080}]")
    silent = docker_archive(tmp_path / "silent.tar", image())
    exposing = docker_archive(tmp_path / "exposing.tar", image("80/tcp"))
    for targets in ((manifests, silent), (exposing,)):
        report = run(*targets)
        assert (said(report), report.unscanned) == ([], [])
