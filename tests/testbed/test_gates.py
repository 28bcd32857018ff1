"""Gates over charts and kustomizations, rendered by the real helm and kustomize."""

import os
import subprocess
from pathlib import Path

import pytest

from sample_repository import TODAY, configure, counting, found, scan, write
from seawall.apps.cli.main import main
from seawall.sources import code_cache
from seawall.sources.manifests import ReadOptions
from seawall.stages import deploy
from seawall.stages.deploy import DeployScan
from tests.testbed.control_plane import ControlPlane

PRIVILEGED = "privileged-container"
TEMPLATE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: app
          image: registry.example.com/app:1.0.0
          securityContext:
            privileged: {{ .Values.privileged }}
        - name: sidecar
          image: registry.example.com/sidecar:1.0.0
          securityContext:
            privileged: true
{{- if .Values.debug }}
        - name: debug
          image: registry.example.com/debug:1.0.0
          securityContext:
            privileged: true
{{- end }}
"""


@pytest.fixture(autouse=True)
def _programs(helm_binary: Path, kustomize_binary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = [str(helm_binary.parent), str(kustomize_binary.parent), os.environ["PATH"]]
    monkeypatch.setenv("PATH", os.pathsep.join(path))
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text("[user]\n\tname = Test\n\temail = test@example.com\n")
    monkeypatch.setenv("SEAWALL_CACHE_DIR", str(code_cache.directory()))
    monkeypatch.setenv("HOME", str(home))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    return root


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True, timeout=60)


def commit(root: Path) -> None:
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")


def chart(root: Path, template: str = TEMPLATE, values: str = "privileged: true\ndebug: false\n") -> None:
    (root / "chart" / "templates").mkdir(parents=True, exist_ok=True)
    (root / "chart" / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.0.0\n")
    (root / "chart" / "values.yaml").write_text(values)
    (root / "chart" / "templates" / "web.yaml").write_text(template)


def kustomization(root: Path) -> None:
    write(
        root,
        base__kustomization="resources: [web.yaml]",
        base__web="""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              template:
                spec:
                  containers:
                    - name: app
                      image: registry.example.com/app:1.0.0
        """,
        overlay__kustomization="resources: [../base]\npatches: [{path: patch.yaml}]\n",
        overlay__patch="""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              template:
                spec:
                  containers:
                    - name: app
                      securityContext:
                        privileged: true
        """,
    )


def suppressed(root: Path) -> dict[str, str]:
    """Return container and form of suppression of what is privileged."""
    return {f.message.split()[1]: f.suppressed.by if f.suppressed else "" for f in found(scan(root), PRIVILEGED)}


@pytest.mark.parametrize(
    ("line", "covered"),
    [
        ("            privileged: {{ .Values.privileged }}", {"app"}),
        ("        - name: app", {"app"}),
        ("        - name: sidecar", {"sidecar"}),
        ("      containers:", {"app", "sidecar"}),
    ],
)
@pytest.mark.parametrize("mark", ["# seawall:ignore {}", "{{{{/* seawall:ignore {} */}}}}"])
def test_a_comment_in_a_template_counts_where_the_finding_points(
    tree: Path, line: str, covered: set[str], mark: str
) -> None:
    comment = mark.format('privileged-container reason="needs it"')
    chart(tree, TEMPLATE.replace(line, f"{comment}\n{line}", 1))
    assert suppressed(tree) == {name: "comment" if name in covered else "" for name in ("app", "sidecar")}


def test_a_comment_in_values_has_no_effect_and_that_is_a_finding_kubescape_helm_charts_393(tree: Path) -> None:
    comment = '# seawall:ignore privileged-container reason="needs it"'
    chart(tree, values=f"{comment}\nprivileged: true\ndebug: false\n")
    scanned = scan(tree)
    assert len(counting(scanned, PRIVILEGED)) == 2
    (finding,) = counting(scanned, "unused-suppression")
    assert finding.location.path.endswith("chart/values.yaml")


def test_a_comment_in_a_branch_that_is_not_rendered_is_not_called_unused(tree: Path) -> None:
    line = "        - name: debug"
    comment = '        # seawall:ignore privileged-container reason="for a day"'
    chart(tree, TEMPLATE.replace(line, f"{comment}\n{line}"))
    assert counting(scan(tree), "unused-suppression") == []


def test_a_comment_in_a_chart_that_the_values_leave_out_and_text_about_comments_are_not_called_unused(
    tree: Path,
) -> None:
    chart(tree, values="privileged: true\ndebug: false\nbelow: {enabled: false}\n")
    comment = '# seawall:ignore privileged-container reason="needs it"'
    with (tree / "chart" / "Chart.yaml").open("a") as metadata:
        metadata.write("dependencies: [{name: below, version: 1.0.0, condition: below.enabled}]\n")
    below = tree / "chart" / "charts" / "below"
    (below / "templates").mkdir(parents=True)
    (below / "Chart.yaml").write_text("apiVersion: v2\nname: below\nversion: 1.0.0\n")
    (below / "templates" / "below.yaml").write_text(f"{comment}\n{TEMPLATE.partition('{{')[0]}true\n")
    (tree / "chart" / "README.md").write_text(f"Write\n\n    {comment}\n")
    scanned = scan(tree)
    assert scanned.report.unscanned == []
    assert counting(scanned, "unused-suppression") == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("overlay/patch.yaml", "            privileged: true"),
        ("overlay/patch.yaml", "        - name: app"),
        ("base/web.yaml", "        - name: app"),
        ("base/web.yaml", "      containers:"),
    ],
)
def test_a_comment_in_a_base_or_a_patch_counts(tree: Path, file: str, line: str) -> None:
    kustomization(tree)
    path = tree / file
    text = path.read_text()
    assert line in text
    path.write_text(text.replace(line, f'{line} # seawall:ignore privileged-container reason="needs it"', 1))
    scanned = scan(tree)
    assert [f.suppressed.by for f in found(scanned, PRIVILEGED) if f.suppressed] == ["comment"]
    assert counting(scanned, "unused-suppression") == []


def test_charts_and_kustomizations_of_an_earlier_commit_are_rendered_as_they_were(tree: Path) -> None:
    chart(tree, values="privileged: false\ndebug: false\n")
    kustomization(tree)
    commit(tree)
    assert counting(scan(tree, since="HEAD"), PRIVILEGED) == []
    chart(tree)
    patch = tree / "overlay" / "patch.yaml"
    patch.write_text(patch.read_text().replace("name: app", "name: other"))
    scanned = scan(tree, since="HEAD")
    assert sorted(finding.message.split()[1] for finding in counting(scanned, PRIVILEGED)) == ["app", "other"]


def test_an_init_container_in_a_template_is_excepted_without_the_rest_checkov_4541(tree: Path) -> None:
    init = """\
      initContainers:
        # seawall:ignore privileged-container reason="raises a limit of the kernel"
        - name: ulimit
          image: registry.example.com/shell:1.0.0
          securityContext:
            privileged: true
"""
    chart(tree, TEMPLATE.replace("      containers:\n", f"{init}      containers:\n"))
    assert suppressed(tree) == {"ulimit": "comment", "app": "", "sidecar": ""}


def test_a_warning_of_helm_drops_nothing_checkov_7605(tree: Path) -> None:
    chart(tree, values="privileged: true\ndebug: false\nlimits: {a: 1}\n")
    below = tree / "chart" / "charts" / "below"
    (below / "templates").mkdir(parents=True)
    (below / "Chart.yaml").write_text("apiVersion: v2\nname: below\nversion: 1.0.0\n")
    (below / "values.yaml").write_text("limits: {a: 1}\n")
    with (tree / "chart" / "values.yaml").open("a") as values:
        values.write(
            "below: {limits: []}\n"
        )  # coalesce.go: "destination for limits is a table. Ignoring non-table value"
    scanned = scan(tree)
    assert scanned.report.unscanned == []
    assert len(counting(scanned, PRIVILEGED)) == 2


def test_a_chart_that_cannot_be_rendered_fails_the_gate_trivy_6337(tree: Path) -> None:
    chart(tree)
    with (tree / "chart" / "Chart.yaml").open("a") as metadata:
        metadata.write('kubeVersion: ">= 99.0.0"\n')
    assert [entry.path.endswith("chart") for entry in scan(tree).report.unscanned] == [True]
    assert main(["scan", str(tree), "--output", str(tree / "report.txt")]) == 2


def test_suppressions_hold_for_live_objects(tree: Path, control_plane: ControlPlane) -> None:
    control_plane.ensure_namespace("gates")
    for name, annotations in (
        ("annotated", {"seawall.dev/suppress": 'privileged-container reason="programs the network"'}),
        ("configured", {}),
        ("counting", {"seawall.dev/suppress": 'host-network reason="not so"'}),
    ):
        container = {"name": "app", "image": "registry.example.com/app:1", "securityContext": {"privileged": True}}
        metadata = {"name": name, "namespace": "gates", "annotations": annotations}
        spec = {"containers": [container]}
        created = control_plane.client.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
        assert created.status == 201, created.body
    path = configure(
        tree,
        """
        suppressions:
          - {rule: privileged-container, resource: {name: configured}, reason: x}
          - {rule: privileged-container, resource: {name: gone}, stages: [runtime], reason: meant for the cluster}
          - {rule: privileged-container, resource: {name: gone}, reason: may be meant for files}
          - {rule: privileged-container, path: deploy, stages: [runtime], reason: a cluster has no files}
        """,
    )
    reading = ReadOptions(kubeconfig=str(control_plane.kubeconfig))
    scanned = deploy.scan(DeployScan(targets=("cluster",), reading=reading, configuration=str(path), today=TODAY))
    findings = [finding for finding in found(scanned, PRIVILEGED) if finding.resource.namespace == "gates"]
    assert {f.resource.name: f.suppressed.by if f.suppressed else "" for f in findings} == {
        "annotated": "annotation",
        "configured": "config",
        "counting": "",
    }
    unused = [f for f in counting(scanned, "unused-suppression") if f.resource.namespace in ("gates", "")]
    assert sorted(f"{f.resource.kind} {f.field}" for f in unused) == [
        "Configuration suppressions[1]",
        "Pod metadata.annotations['seawall.dev/suppress']",
    ]
