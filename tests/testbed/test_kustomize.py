"""Kustomizations, built by the real kustomize and kubectl: places in the file that set a field, one root cause, no network."""

import os
from pathlib import Path

import pytest

from seawall.model.field_path import FieldPath
from seawall.model.resource import Place, Resource, Unscanned
from seawall.sources import manifests

BASE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  replicas: 1
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec:
      hostNetwork: true
      containers:
      - name: main
        image: app
        securityContext: {privileged: true}
      - name: side
        image: side
      - name: third
        image: third
"""
PATCH = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  template:
    spec:
      containers:
      - name: side
        securityContext: {privileged: true}
"""
OVERLAY = """\
namespace: dev
namePrefix: dev-
resources: [../../base]
components: [../../components/mesh]
patches:
- path: patch.yaml
- target: {kind: Deployment}
  patch: |-
    - op: replace
      path: /spec/template/spec/containers/1/image
      value: json
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: app}
    spec:
      template:
        spec:
          hostPID: true
images:
- {name: side, newTag: latest}
labels:
- pairs: {team: dev}
replicas:
- {name: app, count: 3}
replacements:
- source: {kind: Deployment, fieldPath: metadata.name}
  targets:
  - select: {kind: Deployment}
    fieldPaths: ["spec.template.spec.containers.[name=third].image"]
"""
COMPONENT = """\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
- target: {kind: Deployment}
  patch: |-
    - op: add
      path: /spec/template/spec/hostIPC
      value: true
"""


@pytest.fixture(autouse=True)
def _only_kustomize_on_path(kustomize_binary: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(kustomize_binary.parent))
    monkeypatch.chdir(tmp_path)


def write(**files: str) -> None:
    for name, text in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def shop() -> None:
    write(
        **{
            "base/kustomization.yaml": "resources: [deployment.yaml]\n",
            "base/deployment.yaml": BASE,
            "overlays/dev/kustomization.yaml": OVERLAY,
            "overlays/dev/patch.yaml": PATCH,
            "overlays/prod/kustomization.yaml": "resources: [../../base]\nnamePrefix: prod-\n",
            "components/mesh/kustomization.yaml": COMPONENT,
        }
    )


def read(target: str = ".") -> list[Resource]:
    found = list(manifests.read(target))
    assert all(isinstance(entry, Resource) for entry in found), found
    return [entry for entry in found if isinstance(entry, Resource)]


def refused(target: str = ".") -> Unscanned:
    (entry,) = manifests.read(target)
    assert isinstance(entry, Unscanned)
    return entry


def spell(place: Place) -> str:
    return f"{place.location.path}:{place.location.line}"


POD: FieldPath = ("spec", "template", "spec")


@pytest.mark.usefixtures("shop")
def test_platform_2988_a_base_is_read_once_for_each_thing_that_is_deployed_and_not_by_itself() -> None:
    assert sorted(resource.ref.name for resource in read()) == ["dev-app", "prod-app"]
    assert {resource.origin.path for resource in read()} == {"base/deployment.yaml"}


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("field", "place"),
    [
        (("metadata", "name"), "base/deployment.yaml:3"),
        ((*POD, "hostNetwork"), "base/deployment.yaml:10"),
        (("metadata", "namespace"), "overlays/dev/kustomization.yaml:1"),
        (("spec", "replicas"), "overlays/dev/kustomization.yaml:25"),
        (("metadata", "labels", "team"), "overlays/dev/kustomization.yaml:23"),
        ((*POD, "hostPID"), "overlays/dev/kustomization.yaml:19"),
        ((*POD, "hostIPC"), "components/mesh/kustomization.yaml:8"),
        (("side", "securityContext", "privileged"), "overlays/dev/patch.yaml:9"),
        (("side", "securityContext", "runAsNonRoot"), "overlays/dev/patch.yaml:9"),  # absent: where it belongs
        (("main", "securityContext", "privileged"), "base/deployment.yaml:14"),
        (("main", "image"), "overlays/dev/kustomization.yaml:11"),
        (("side", "image"), "overlays/dev/kustomization.yaml:21"),
        (("third", "image"), "overlays/dev/kustomization.yaml:30"),
        (("third", "resources"), "base/deployment.yaml:17"),
    ],
)
def test_a_field_stands_in_the_file_that_set_it(field: FieldPath, place: str) -> None:
    (resource,) = (resource for resource in read() if resource.ref.name == "dev-app")
    names = [container["name"] for container in resource.object["spec"]["template"]["spec"]["containers"]]
    if field[0] in names:
        field = (*POD, "containers", names.index(str(field[0])), *field[1:])
    assert spell(resource.locate(field)) == place


def test_the_entry_of_a_generator_is_the_place_of_its_key() -> None:
    write(
        **{
            "kustomization.yaml": "configMapGenerator:\n- name: conf\n  envs: [some.env]\n  literals:\n  - A=b\n  - C=d\n"
            "  files: [config/app.ini, named=config/app.ini]\nsecretGenerator:\n- name: keys\n  literals: [token=abc]\n",
            "some.env": "# comment\nFIRST=1\nSECOND=2\n",
            "config/app.ini": "[app]\n",
        }
    )
    conf, keys = sorted(read(), key=lambda resource: resource.ref.kind)
    assert {key: spell(conf.locate(("data", key))) for key in conf.object["data"]} == {
        "A": "kustomization.yaml:5",
        "C": "kustomization.yaml:6",
        "FIRST": "some.env:2",
        "SECOND": "some.env:3",
        "app.ini": "config/app.ini:1",
        "named": "config/app.ini:1",
    }
    assert spell(keys.locate(("data", "token"))) == "kustomization.yaml:10"
    assert spell(keys.locate(("metadata", "name"))) == "kustomization.yaml:9"


@pytest.mark.usefixtures("shop")
def test_kubectl_builds_where_there_is_no_kustomize(kubectl_binary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(kubectl_binary.parent))
    (resource,) = read("overlays/prod")
    assert spell(resource.locate((*POD, "hostNetwork"))) == "base/deployment.yaml:10"


@pytest.mark.usefixtures("shop")
def test_an_overlay_that_is_named_is_shown_as_it_was_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("overlays")
    (resource,) = read("prod")
    assert resource.origin.path == "../base/deployment.yaml"


@pytest.mark.usefixtures("shop")
def test_files_beside_a_kustomization_that_it_does_not_name_are_read_as_they_stand() -> None:
    write(**{"base/extra.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: extra}\n"})
    assert sorted(resource.ref.name for resource in read()) == ["dev-app", "extra", "prod-app"]


@pytest.mark.parametrize(
    ("text", "path", "named"),
    [
        ("resources:\n- https://github.com/example/repo//deploy?ref=v1\n", "kustomization.yaml:2", "https://"),
        ("resources: [github.com/example/repo]\n", "kustomization.yaml:1", "github.com/example/repo"),
        ("bases: ['git@example.com:a/b.git']\n", "kustomization.yaml:1", "git@example.com:a/b.git"),
        ("patches: [{path: 'https://example.com/p.yaml'}]\n", "kustomization.yaml", "https://example.com/p.yaml"),
        ("resources: [gone.yaml]\n", "kustomization.yaml:1", "gone.yaml"),
    ],
)
def test_what_would_be_fetched_is_unscanned_and_not_fetched(text: str, path: str, named: str) -> None:
    write(**{"kustomization.yaml": text})
    entry = refused()
    assert entry.path == path
    assert named in entry.reason
    assert entry.reason.endswith("is not on this disk, and nothing is fetched; vendor it into the repository")


def test_charts_and_plugins_of_a_kustomization_are_never_run(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    write(**{"chart/kustomization.yaml": "helmCharts: [{name: x, repo: 'https://example.com', version: 1.0.0}]\n"})
    function = (
        "metadata:\n  name: g\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: ./run.sh}\n"
    )
    write(
        **{
            "plugin/kustomization.yaml": "generators: [generator.yaml]\n",
            "plugin/generator.yaml": f"apiVersion: v1\nkind: Gen\n{function}",
            "plugin/run.sh": f"#!/bin/sh\ntouch {ran}\n",
        }
    )
    Path("plugin/run.sh").chmod(0o755)
    for target in ("chart", "plugin"):
        assert refused(target).reason.endswith(
            "charts and plugins of scanned files are never run; build it yourself and scan the output"
        )
    assert not ran.exists()


def test_files_above_the_root_are_not_read() -> None:
    write(
        **{
            "outside.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: outside}\n",
            "root/kustomization.yaml": "resources: [../outside.yaml]\n",
        }
    )
    assert "is not in or below" in refused("root").reason


def test_kustomizations_that_form_a_circle_are_unscanned_once_each() -> None:
    write(**{"a/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "resources: [../a]\n"})
    entry = refused()
    assert "cycle" in entry.reason or "was not built" in entry.reason
    assert entry.path in ("a/kustomization.yaml", "b/kustomization.yaml")


def test_a_damaged_kustomization_is_unscanned_with_its_reason() -> None:
    write(**{"kustomization.yaml": "resources: [\n"})
    assert refused().path == "kustomization.yaml"


def test_a_pipe_in_a_kustomization_is_not_waited_for() -> None:
    write(**{"kustomization.yaml": "resources: [a.yaml]\npatches: [{path: b.yaml}]\n", "a.yaml": BASE})
    os.mkfifo("b.yaml")
    paths = {entry.path for entry in manifests.read(".") if isinstance(entry, Unscanned)}
    assert paths == {"b.yaml"}


def test_a_patchs_target_is_a_pattern_that_costs_no_time_and_is_matched_as_kustomize_does() -> None:
    patch = "    - op: replace\n      path: /metadata/annotations/a\n      value: patched\n"
    names = ["(a|a)*b", "(a|aa)+b", "a+"]
    write(
        **{
            "kustomization.yaml": "resources: [a.yaml]\npatches:\n"
            + "".join(f"- target: {{kind: ConfigMap, name: '{name}'}}\n  patch: |-\n{patch}" for name in names),
            "a.yaml": f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {'a' * 250}, annotations: {{a: own}}}}\n",
        }
    )
    (resource,) = read()
    assert spell(resource.locate(("metadata", "annotations", "a"))) == "kustomization.yaml:17"
