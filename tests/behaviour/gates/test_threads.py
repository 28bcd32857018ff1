"""What users of other tools asked for and did not get (LESSONS, "Gates and noise"): each test names its thread."""

from pathlib import Path

import pytest

from sample_repository import POD, configure, counting, found, messages, scan, write
from seawall.apps.cli.main import main

PRIVILEGED = "privileged-container"


def suppressed(root: Path, rule: str = PRIVILEGED) -> set[str]:
    """Return the words of the suppressed findings of `rule`."""
    return {finding.message for finding in found(scan(root), rule) if finding.suppressed}


CRON_JOB = """
    apiVersion: batch/v1
    kind: CronJob
    metadata: {name: nightly}
    spec:
      schedule: "0 1 * * *"
      jobTemplate:
        metadata: {annotations: {%s}}
        spec:
          template:
            spec:
              initContainers:
                - name: secret-render
                  image: registry.example.com/render:latest%s
              containers:
                - name: app
                  image: registry.example.com/app:latest
"""


@pytest.mark.parametrize(
    ("annotation", "comment"),
    [
        ("seawall.dev/suppress: 'latest-image-tag container=secret-render reason=\"built in place\"'", ""),
        ("", ' # seawall:ignore latest-image-tag reason="built in place"'),
    ],
)
def test_an_init_container_of_a_cron_job_can_be_excepted_alone_kube_linter_445(
    tmp_path: Path, annotation: str, comment: str
) -> None:
    write(tmp_path, job=CRON_JOB % (annotation, comment))
    scanned = scan(tmp_path)
    assert len(found(scanned, "latest-image-tag")) == 2
    assert len(counting(scanned, "latest-image-tag")) == 1
    assert "app" in messages(scanned, "latest-image-tag")[0]
    assert counting(scanned, "unused-suppression") == []


def test_all_init_containers_may_be_privileged_and_no_other_container_kube_linter_928(tmp_path: Path) -> None:
    write(tmp_path, net=POD)
    configure(
        tmp_path,
        "suppressions: [{rule: privileged-container, field: spec.initContainers, reason: they load modules}]\n",
    )
    assert messages(scan(tmp_path), PRIVILEGED) == ["container app is privileged"]


def test_an_exception_for_one_object_is_none_for_another_and_none_for_another_rule_kube_linter_128(
    tmp_path: Path,
) -> None:
    annotated = POD.replace("namespace: shop}", "annotations: {seawall.dev/suppress: privileged-container reason=net}}")
    write(tmp_path, net=annotated, web=POD.replace("name: net", "name: web"))
    scanned = scan(tmp_path)
    assert {finding.resource.name for finding in counting(scanned, PRIVILEGED)} == {"web"}
    others = {
        finding.rule for finding in scanned.report.findings if finding.resource.name == "net" and finding.suppressed
    }
    assert others == {PRIVILEGED}


def test_one_role_of_many_may_keep_its_powers_trivy_6758(tmp_path: Path) -> None:
    role = """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {{name: {name}, namespace: shop}}
        rules: [{{apiGroups: [apps], resources: [deployments], verbs: ["*"]}}]
    """
    write(tmp_path, deploys=role.format(name="deploys"), other=role.format(name="other"))
    selector = "{kind: rbac.authorization.k8s.io/Role, namespace: shop, name: deploys}"
    configure(
        tmp_path,
        f"suppressions: [{{rule: wildcard-role-verbs, resource: {selector}, reason: it deploys everything}}]\n",
    )
    scanned = scan(tmp_path)
    assert [finding.resource.name for finding in counting(scanned, "wildcard-role-verbs")] == ["other"]


def test_injected_sidecars_are_excepted_by_name_in_every_object_polaris_408(tmp_path: Path) -> None:
    names = ("istio-init", "istio-proxy", "app")
    containers = ", ".join(f"{{name: {name}, image: x, securityContext: {{privileged: true}}}}" for name in names)
    for name in ("web", "api"):
        write(
            tmp_path,
            **{
                name: f"""
                apiVersion: apps/v1
                kind: Deployment
                metadata: {{name: {name}}}
                spec: {{template: {{spec: {{containers: [{containers}]}}}}}}
            """
            },
        )
    configure(tmp_path, "suppressions: [{rule: privileged-container, container: istio-*, reason: the mesh}]\n")
    assert messages(scan(tmp_path), PRIVILEGED) == ["container app is privileged"] * 2


def test_an_exception_for_a_namespace_holds_for_its_init_containers_neuvector_1053(tmp_path: Path) -> None:
    write(tmp_path, calico=POD.replace("namespace: shop", "namespace: calico"), web=POD)
    configure(
        tmp_path, "suppressions: [{rule: privileged-container, resource: {namespace: calico}, reason: the network}]\n"
    )
    scanned = scan(tmp_path)
    assert len(found(scanned, PRIVILEGED)) == 4
    assert {finding.resource.namespace for finding in counting(scanned, PRIVILEGED)} == {"shop"}


def test_whoever_may_edit_an_object_need_not_be_who_may_except_it_polaris_635(tmp_path: Path) -> None:
    annotated = POD.replace("namespace: shop}", "annotations: {seawall.dev/suppress: privileged-container reason=net}}")
    write(tmp_path, net=annotated.replace("- name: app", "- name: app # seawall:ignore host-network reason=x"))
    configure(
        tmp_path,
        "suppressionForms: [config]\nsuppressions: [{rule: privileged-container, container: setup, reason: x}]\n",
    )
    scanned = scan(tmp_path)
    assert messages(scanned, PRIVILEGED) == ["container app is privileged"]
    assert sorted(messages(scanned, "suppression-not-allowed")) == [
        "the suppression of host-network has no effect: host-network must not be suppressed by comment",
        "the suppression of privileged-container has no effect: "
        "privileged-container must not be suppressed by annotation",
    ]
    assert messages(scanned, "unused-suppression") == []


def test_a_file_whose_values_hold_braces_is_scanned_checkov_5643(tmp_path: Path) -> None:
    write(
        tmp_path,
        net=POD,
        configuration="""
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: c}
            data: {greeting: "hello {{ .Name }}", password: "hunter2hunter2hunter2"}
        """,
    )
    scanned = scan(tmp_path)
    assert scanned.report.unscanned == []
    assert {finding.resource.kind for finding in scanned.report.findings} >= {"Pod", "ConfigMap"}


@pytest.mark.parametrize(
    "broken",
    [
        "apiVersion: v1\nkind: Pod\nmetadata: {{ .Values.metadata }}\n",
        "apiVersion: v1\nkind: Pod\nmetadata:\n{{- if .Values.a }}\n  name: a\n{{- end }}\n",
    ],
)
def test_what_was_not_scanned_is_part_of_the_exit_status_checkov_6525_kubescape_helm_charts_914(
    tmp_path: Path, broken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.yaml").write_text(broken)
    configure(tmp_path, "suppressions: [{rule: '*', reason: everything}]\n")
    assert main(["scan", str(tmp_path)]) == 2
    assert "1 input could not be scanned" in capsys.readouterr().out
    assert main(["scan", str(tmp_path), "--allow-unscanned"]) == 0
    assert "accepts that" in capsys.readouterr().out
