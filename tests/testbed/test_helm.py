"""Helm charts, rendered by the real helm: what is found, where it is said to stand, and what could not be rendered.

Threads: kube-linter#45, kube-score#256 and helm/helm#11552 (no lines, or those of the rendered text); checkov#7605 (a warning
drops the chart, exit 0); trivy#6337 and checkov#6525 (files with ``{{`` are dropped).
"""

import os
import subprocess
from pathlib import Path

import pytest

from seawall.model.errors import UsageError
from seawall.model.field_path import FieldPath
from seawall.model.resource import Place, Resource, Unscanned
from seawall.sources import manifests
from seawall.sources.manifests import ReadOptions

DEPLOYMENT = """\
{{- /* a comment
over lines */}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  labels:
    {{- include "app.labels" . | nindent 4 }}
spec:
  template:
    metadata:
      labels: {{- include "app.labels" . | nindent 8 }}
    spec:
      {{- if .Values.hostNetwork }}
      hostNetwork: {{ .Values.hostNetwork }}
      {{- end }}
      containers:
        {{- include "app.container" . | nindent 8 }}
        - name: side
          image: {{ .Values.image.repository }}
          {{- with .Values.securityContext }}
          securityContext:
            privileged: {{ .privileged }}
          {{- end }}
          env:
          {{- range .Values.extra }}
          - name: {{ .name }}
            value: {{ .value | quote }}
          {{- end }}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
      volumes:
      - name: host
        hostPath:
          path: /
"""
HELPERS = """\
{{- define "app.labels" -}}
app: {{ .Chart.Name }}
{{- end }}
{{- define "app.container" -}}
- name: main
  image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
  securityContext:
    {{- toYaml .Values.securityContext | nindent 4 }}
{{- end }}
"""
VALUES = """\
image:
  repository: registry.example/app
  tag: latest
securityContext:
  privileged: true
resources: {limits: {}}
hostNetwork: true
extra:
- name: A
  value: b
cache:
  enabled: true
  image: redis
global: {zone: a}
"""
SUB = """\
apiVersion: v1
kind: Pod
metadata:
  name: sub
  labels: {zone: {{ .Values.global.zone }}}
spec:
  containers:
  - name: sub
    image: {{ .Values.image }}
    securityContext:
      privileged: {{ .Values.privileged }}
"""
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n"


@pytest.fixture(autouse=True)
def _only_helm_on_path(helm_binary: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(helm_binary.parent))
    monkeypatch.chdir(tmp_path)


def write(files: dict[str, str], below: str = "app") -> None:
    for name, text in files.items():
        path = Path(below, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def chart(extra: str = "", *, name: str = "app", below: str = "app", **templates: str) -> None:
    files = {f"templates/{stem}.yaml": text for stem, text in templates.items()}
    write({"Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: 1.0.0\n{extra}", **files}, below)


@pytest.fixture
def app(tmp_path: Path) -> None:
    chart("dependencies:\n- {name: sub, version: 1.0.0, alias: cache, condition: cache.enabled}\n")
    write({"values.yaml": VALUES, "templates/_helpers.tpl": HELPERS, "templates/deployment.yaml": DEPLOYMENT})
    chart(name="sub", below="app/charts/sub", pod=SUB)
    write({"charts/sub/values.yaml": "image: memcached\nprivileged: true\n"})


def read(target: str = "app", **options: tuple[str, ...]) -> list[Resource]:
    found = list(manifests.read(target, ReadOptions(**options)))  # type: ignore[arg-type]
    assert all(isinstance(entry, Resource) for entry in found), found
    return [entry for entry in found if isinstance(entry, Resource)]


def refused(target: str = "app", **options: tuple[str, ...]) -> Unscanned:
    (entry,) = manifests.read(target, ReadOptions(**options))  # type: ignore[arg-type]
    assert isinstance(entry, Unscanned)
    return entry


def spell(place: Place) -> str:
    note = place.snippet.partition("\n# ")[2]
    return f"{place.location.path}:{place.location.line}" + (f" {note}" if note else "")


CONTAINER: FieldPath = ("spec", "template", "spec", "containers", 0)
SIDE: FieldPath = ("spec", "template", "spec", "containers", 1)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("kind", "field", "place"),
    [
        ("Deployment", ("kind",), "app/templates/deployment.yaml:4"),
        ("Deployment", ("metadata", "labels", "app"), "app/templates/_helpers.tpl:2"),
        (
            "Deployment",
            ("spec", "template", "spec", "hostNetwork"),
            "app/templates/deployment.yaml:15 from app/values.yaml:7 (hostNetwork)",
        ),
        (
            "Deployment",
            (*CONTAINER, "image"),
            "app/templates/_helpers.tpl:6 from app/values.yaml:2 (image.repository), app/values.yaml:3 (image.tag)",
        ),
        (
            "Deployment",
            (*CONTAINER, "securityContext", "privileged"),
            "app/templates/_helpers.tpl:8 from app/values.yaml:5 (securityContext.privileged)",
        ),
        (
            "Deployment",  # absent: the map where it belongs, and the key that gives the map
            (*CONTAINER, "securityContext", "runAsNonRoot"),
            "app/templates/_helpers.tpl:7 set it in app/values.yaml:4 (securityContext)",
        ),
        (
            "Deployment",
            (*SIDE, "securityContext", "privileged"),
            "app/templates/deployment.yaml:23 from app/values.yaml:5 (securityContext.privileged)",
        ),
        ("Deployment", (*SIDE, "env", 0, "value"), "app/templates/deployment.yaml:28"),
        (
            "Deployment",
            (*SIDE, "resources", "limits", "memory"),
            "app/templates/deployment.yaml:31 set it in app/values.yaml:6 (resources)",
        ),
        (
            "Deployment",
            ("spec", "template", "spec", "volumes", 0, "hostPath", "path"),
            "app/templates/deployment.yaml:35",
        ),
        (
            "Pod",  # the parent's values, under the subchart's alias
            ("spec", "containers", 0, "image"),
            "app/charts/sub/templates/pod.yaml:9 from app/values.yaml:13 (cache.image)",
        ),
        (
            "Pod",
            ("spec", "containers", 0, "securityContext", "privileged"),
            "app/charts/sub/templates/pod.yaml:11 from app/charts/sub/values.yaml:2 (privileged)",
        ),
        (
            "Pod",
            ("metadata", "labels", "zone"),
            "app/charts/sub/templates/pod.yaml:5 from app/values.yaml:14 (global.zone)",
        ),
    ],
)
def test_kube_linter_45_a_field_stands_at_its_template_line_and_its_values_key(
    kind: str, field: FieldPath, place: str
) -> None:
    (resource,) = (resource for resource in read() if resource.ref.kind == kind)
    assert spell(resource.locate(field)) == place


def test_what_the_chart_of_helm_create_leaves_out_stands_where_it_would_be_written(helm_binary: Path) -> None:
    environment = {"HOME": str(Path.cwd()), "PATH": ""}
    subprocess.run([helm_binary, "create", "web"], env=environment, check=True, timeout=60)
    (deployment,) = (resource for resource in read("web") if resource.ref.kind == "Deployment")
    template = Path("web/templates/deployment.yaml").read_text().splitlines()
    values = Path("web/values.yaml").read_text().splitlines()
    for key, absent in (("resources", ("limits", "memory")), ("securityContext", ("runAsNonRoot",))):
        written, valued = template.index(f"          {key}:") + 1, values.index(f"{key}: {{}}") + 1
        place = deployment.locate((*CONTAINER, key, *absent))
        assert spell(place) == f"web/templates/deployment.yaml:{written} set it in web/values.yaml:{valued} ({key})"
    spec = template.index("    spec:") + 1
    assert (
        spell(deployment.locate(("spec", "template", "spec", "hostUsers"))) == f"web/templates/deployment.yaml:{spec}"
    )


@pytest.mark.usefixtures("app")
def test_values_files_and_sets_are_rendered_and_named(tmp_path: Path) -> None:
    Path("prod.yaml").write_text("image: {tag: v2}\nhostNetwork: false\n")
    resources = read(values=("prod.yaml",), sets=("image.repository=mirror.example/app", "cache.enabled=false"))
    (deployment,) = resources
    place = deployment.locate((*CONTAINER, "image"))
    assert place.evidence == '"mirror.example/app:v2"'
    assert spell(place).endswith("from --set image.repository, prod.yaml:1 (image.tag)")
    assert "hostNetwork" not in deployment.object["spec"]["template"]["spec"]


@pytest.mark.usefixtures("app")
def test_values_from_a_pipe_are_read_once_and_rendered(tmp_path: Path) -> None:
    # seawall scan app --values <(sops -d secrets.yaml)
    reading, writing = os.pipe()
    os.write(writing, b"image: {tag: piped}\n")
    os.close(writing)
    try:
        (deployment,) = read(values=(f"/dev/fd/{reading}",), sets=("cache.enabled=false",))
        assert deployment.locate((*CONTAINER, "image")).evidence == '"registry.example/app:piped"'
    finally:
        os.close(reading)


def test_hooks_tests_and_crds_are_scanned(tmp_path: Path) -> None:
    hook = NAMESPACE.replace("{name: %s}", '{name: %s, annotations: {"helm.sh/hook": %s}}')
    chart(hook=hook % ("hook", "pre-install"), **{"tests/probe": hook % ("probe", "test")})
    crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: %s}\n"
    write({"crds/both.yaml": f"# first\n{crd % 'a'}---\n{crd % 'b'}"})
    found = {resource.ref.name: spell(resource.locate(("metadata", "name"))) for resource in read()}
    assert found == {
        "a": "app/crds/both.yaml:4",
        "b": "app/crds/both.yaml:8",
        "hook": "app/templates/hook.yaml:3",
        "probe": "app/templates/tests/probe.yaml:3",
    }


def test_a_library_chart_holds_no_resources_and_is_no_gap(tmp_path: Path) -> None:
    chart("type: library\n", _helpers='{{ define "x" }}{{ end }}')
    assert read() == []


def test_checkov_7605_a_warning_of_helm_drops_nothing(tmp_path: Path) -> None:
    write({"values.yaml": "a: {b: c}\n"})
    chart(a=NAMESPACE % "x")
    (resource,) = read(sets=("a=1",))  # "cannot overwrite table with non table"
    assert resource.ref.name == "x"


def test_lookup_finds_nothing_and_asks_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/nowhere")
    chart(a=NAMESPACE % '"{{ (lookup "v1" "Secret" "a" "b").data | default "none" }}"')
    assert [resource.ref.name for resource in read()] == ["none"]


def test_charts_in_directories_are_found_beside_plain_manifests(tmp_path: Path) -> None:
    chart(below="deploy/one", name="one", a=NAMESPACE % "{{ .Chart.Name }}")
    chart(below="deploy/two", name="two", a=NAMESPACE % "{{ .Chart.Name }}")
    write({"values.yaml": "a: b\n", "ci/plain.yaml": NAMESPACE % "plain"}, "deploy/two")
    assert sorted(resource.ref.name for resource in read("deploy")) == ["one", "plain", "two"]


def package(helm: Path, directory: str, into: str = ".") -> None:
    """Pack a chart as `helm package` does, extra header field included, which some readers of gzip cannot read."""
    environment = {"HOME": str(Path.cwd()), "PATH": ""}
    subprocess.run([helm, "package", directory, "--destination", into], env=environment, check=True, timeout=60)


def test_a_packaged_chart_is_rendered_with_places_in_the_archive(helm_binary: Path) -> None:
    chart(a=NAMESPACE % "packed")
    package(helm_binary, "app")
    (resource,) = read("app-1.0.0.tgz")
    assert spell(resource.locate(("kind",))) == "app-1.0.0.tgz/app/templates/a.yaml:2"


def test_a_dependency_that_is_packaged_is_rendered_with_places_in_its_archive(helm_binary: Path) -> None:
    chart(name="inner", below="inner", a=NAMESPACE % "inner")
    chart("dependencies: [{name: inner, version: 1.0.0}]\n", name="sub", below="sub", a=NAMESPACE % "sub")
    package(helm_binary, "inner", "sub/charts")
    chart("dependencies: [{name: sub, version: 1.0.0}]\n")
    package(helm_binary, "sub", "app/charts")
    assert {resource.ref.name: spell(resource.locate(("kind",))) for resource in read()} == {
        "sub": "app/charts/sub-1.0.0.tgz/sub/templates/a.yaml:2",
        "inner": "app/charts/sub-1.0.0.tgz/sub/charts/inner/templates/a.yaml:2",
    }


@pytest.mark.parametrize(
    ("template", "path", "said"),
    [
        (NAMESPACE % '{{ required "set .Values.name" .Values.name }}', "app/templates/a.yaml:3", "set .Values.name"),
        ("kind: {{ .Values.x \n", "app/templates/a.yaml:1", "unclosed action"),
        (NAMESPACE % "{{ .Values.a.b.c }}", "app/templates/a.yaml:3", "nil pointer evaluating"),
        ("kind: Pod\n  metadata: x\n", "app/templates/a.yaml", "mapping values are not allowed"),
        ('{{ fail "you must\\nset x" }}', "app/templates/a.yaml:1", "you must set x"),
    ],
)
def test_what_helm_refuses_is_unscanned_at_the_template_with_helms_words(
    tmp_path: Path, template: str, path: str, said: str
) -> None:
    chart(a=template)
    entry = refused()
    assert entry.path == path
    assert entry.reason.startswith("chart app was not rendered: helm: ")
    assert said in entry.reason
    assert entry.reason.endswith("; mend it, or give the values that it needs with --values or --set")


def test_a_fault_in_a_helper_is_said_to_be_in_the_helper(tmp_path: Path) -> None:
    chart(a=NAMESPACE % '{{ include "name" . }}')
    write({"templates/_helpers.tpl": '{{ define "name" }}\n{{ .Values.a.b }}\n{{ end }}\n'})
    assert refused().path == "app/templates/_helpers.tpl:2"


def test_values_that_the_schema_refuses_are_unscanned(tmp_path: Path) -> None:
    chart(a=NAMESPACE % "x")
    write({"values.schema.json": '{"type": "object", "required": ["name"]}'})
    assert "missing property 'name'" in refused().reason
    assert len(read(sets=("name=x",))) == 1


def test_dependencies_that_are_not_there_are_unscanned_and_not_fetched(tmp_path: Path) -> None:
    chart("dependencies: [{name: redis, version: 1.0.0, repository: 'https://charts.example.com'}]\n")
    entry = refused()
    assert "dependencies are not in charts/: redis; run `helm dependency build` first" in entry.reason


def test_a_chart_that_asks_for_a_new_kubernetes_is_rendered_for_the_version_whose_rules_we_have(tmp_path: Path) -> None:
    chart('kubeVersion: ">=1.30.0-0"\n', a=NAMESPACE % "v{{ .Capabilities.KubeVersion.Minor }}")
    assert [resource.ref.name for resource in read()] == ["v36"]


def test_a_damaged_chart_file_is_unscanned_with_its_line(tmp_path: Path) -> None:
    write({"Chart.yaml": "apiVersion: v2\nname: [\n"})
    assert refused().path.startswith("app/Chart.yaml:")
    assert refused(".").path.startswith("app/Chart.yaml:")


def test_rendered_text_that_helm_lets_pass_and_we_cannot_read_is_unscanned_at_its_template(tmp_path: Path) -> None:
    chart(a=NAMESPACE % "x", b="apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  name: y\n")
    found = list(manifests.read("app"))
    assert [entry.ref.name for entry in found if isinstance(entry, Resource)] == ["x"]
    (entry,) = (entry for entry in found if isinstance(entry, Unscanned))
    assert entry.path == "app/templates/b.yaml"
    assert entry.reason.startswith("as rendered: ")


def test_a_chart_that_never_ends_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seawall.sources.programs.run_program.__defaults__", (1.0,))
    chart(a="{{ range $i := until 100000000 }}{{ range $j := until 1000000 }}{{ end }}{{ end }}")
    assert "helm did not end within 1 s" in refused().reason


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_a_link_out_of_the_repository_is_not_read_by_helm(tmp_path: Path, kind: str) -> None:
    Path("outside").mkdir()
    Path("outside/secret.yaml").write_text(NAMESPACE % "secret")
    Path("repository/.git").mkdir(parents=True)
    chart(below="repository/app")
    Path("repository/app/templates").mkdir()
    link = Path("repository/app/templates/x.yaml" if kind == "file" else "repository/app/templates/x")
    link.symlink_to(tmp_path / ("outside/secret.yaml" if kind == "file" else "outside"))
    entry = refused("repository")
    assert entry.path == str(link)
    assert "a link leads out of the repository" in entry.reason


def test_a_link_to_a_neighbour_in_the_repository_is_rendered_with_its_places(tmp_path: Path) -> None:
    Path("repository/.git").mkdir(parents=True)
    chart(below="repository/common", name="common", a=NAMESPACE % "shared")
    chart("dependencies: [{name: common, version: 1.0.0}]\n", below="repository/app")
    Path("repository/app/charts").mkdir()
    Path("repository/app/charts/common").symlink_to("../../common")
    (resource,) = read("repository/app")
    assert spell(resource.locate(("kind",))) == "repository/app/charts/common/templates/a.yaml:2"


@pytest.mark.parametrize("name", ["Chart.yaml", "templates/a.yaml"])
def test_a_pipe_in_a_chart_is_not_waited_for(tmp_path: Path, name: str) -> None:
    if name != "Chart.yaml":
        chart()
    Path("app/templates").mkdir(parents=True)
    os.mkfifo(Path("app", name))
    entry = refused()
    assert entry.path == f"app/{name}"
    assert "is no regular file" in entry.reason


@pytest.mark.usefixtures("app")
def test_plugins_and_settings_of_the_user_are_not_seen_by_helm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = tmp_path / "plugins/evil"
    plugin.mkdir(parents=True)
    ran = tmp_path / "ran"
    (plugin / "plugin.yaml").write_text(
        f'name: evil\nversion: 0.1.0\nusage: x\ndescription: x\nuseTunnel: false\ncommand: "/bin/touch {ran}"\n'
        f'downloaders: [{{command: "/bin/touch {ran}", protocols: [evil]}}]\n'
    )
    for name, value in {
        "HELM_PLUGINS": str(tmp_path / "plugins"),
        "HELM_KUBEAPISERVER": "https://192.0.2.1",
        "HELM_DEBUG": "true",
        "HELM_NAMESPACE": "elsewhere",
    }.items():
        monkeypatch.setenv(name, value)
    assert len(read()) == 2
    assert not ran.exists()


def test_values_for_a_chart_need_one_chart(tmp_path: Path) -> None:
    chart(below="deploy/one", a=NAMESPACE % "one")
    chart(below="deploy/two", a=NAMESPACE % "two")
    with pytest.raises(UsageError, match="deploy holds 2"):
        read("deploy", sets=("a=b",))
    with pytest.raises(UsageError, match=r"--values gone\.yaml"):
        read("deploy/one", values=("gone.yaml",))
    assert len(read("deploy/one", sets=("a=b",))) == 1
