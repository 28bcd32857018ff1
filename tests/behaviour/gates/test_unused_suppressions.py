"""A suppression that matches nothing is a finding, and never where this run could not have seen what it is for."""

from pathlib import Path

import pytest

from sample_repository import POD, configure, counting, scan, write
from seawall.model.taxonomy import Layer, Stage

HARMLESS = """
    apiVersion: v1
    kind: Pod
    metadata: {name: web, annotations: {seawall.dev/suppress: 'privileged-container reason="the network"'}}
    spec: {containers: [{name: web, image: registry.example.com/web:1.0.0}]}
"""
ENTRY = "suppressions: [{rule: privileged-container, reason: the network}]\n"


def unused(*targets: Path, **options: tuple) -> list[str]:
    findings = counting(scan(*targets, **options), "unused-suppression")
    return [f"{finding.resource.kind} {finding.field}".strip() for finding in findings]


def test_an_exception_in_the_wrong_place_is_a_finding_kubescape_helm_charts_393_and_875(tmp_path: Path) -> None:
    write(
        tmp_path,
        web=HARMLESS,
        net=POD.replace("spec:", 'spec:\n      # seawall:ignore privileged-container reason="the network"\n', 1),
    )
    configure(tmp_path, "suppressions: [{rule: privileged-container, reason: x, resource: {name: gone}}]\n")
    assert unused(tmp_path) == [
        "Comment",
        "Configuration suppressions[0]",
        "Pod metadata.annotations['seawall.dev/suppress']",
    ]


@pytest.mark.parametrize(
    "narrowed",
    [
        {"only": ("host-network", "unused-suppression")},
        {"skip": ("privileged-container",)},
        {"layers": (Layer.CODE, Layer.CLUSTER)},
        {"rules": ("nsa",), "only": ("*suppression*",)},
    ],
)
def test_a_run_without_the_rule_cannot_tell(tmp_path: Path, narrowed: dict[str, tuple]) -> None:
    write(tmp_path, web=HARMLESS)
    configure(tmp_path, ENTRY)
    assert len(unused(tmp_path)) == 2
    assert unused(tmp_path, **narrowed) == []


def test_a_glob_is_unused_only_where_all_of_its_chosen_rules_ran(tmp_path: Path) -> None:
    write(tmp_path, web=HARMLESS)
    configure(tmp_path, "suppressions: [{rule: 'host-*', reason: x}]\n")
    assert unused(tmp_path) == ["Configuration suppressions[0]", "Pod metadata.annotations['seawall.dev/suppress']"]
    assert unused(tmp_path, skip=("host-pid",)) == ["Pod metadata.annotations['seawall.dev/suppress']"]


def test_a_rule_outside_the_chosen_sets_cannot_be_judged(tmp_path: Path) -> None:
    write(tmp_path, web=HARMLESS.replace("privileged-container", "untrusted-registry"))
    assert unused(tmp_path) == []
    assert len(unused(tmp_path, rules=("all",))) == 1


def test_a_part_of_the_tree_says_nothing_of_the_rest(tmp_path: Path) -> None:
    write(tmp_path, deploy__web=HARMLESS.replace("privileged-container", "host-network"), other__net=POD)
    configuration = configure(tmp_path, ENTRY)
    assert unused(tmp_path / "deploy") == ["Pod metadata.annotations['seawall.dev/suppress']"]
    assert unused(tmp_path / "deploy" / "web.yaml", configuration=configuration) == [
        "Pod metadata.annotations['seawall.dev/suppress']"
    ]


def test_one_file_scanned_alone_is_judged_by_the_entries_for_that_very_file(tmp_path: Path) -> None:
    write(tmp_path, deploy__web=HARMLESS.replace("reason=", "nothing="))
    configuration = configure(
        tmp_path,
        """
        suppressions:
          - {rule: privileged-container, path: deploy/web.yaml, reason: x}
          - {rule: privileged-container, path: deploy/other.yaml, reason: x}
          - {rule: privileged-container, path: deploy, reason: x}
        """,
    )
    assert unused(tmp_path / "deploy" / "web.yaml", configuration=configuration) == ["Configuration suppressions[0]"]
    assert len(unused(tmp_path)) == 3


def test_a_rule_over_the_whole_scan_needs_the_whole_tree(tmp_path: Path) -> None:
    annotation = "annotations: {seawall.dev/suppress: dangling-role-binding reason=external}"
    write(
        tmp_path,
        rbac__binding=f"""
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {{name: b, namespace: shop, {annotation}}}
            roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}}
            subjects: [{{kind: ServiceAccount, name: s, namespace: shop}}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {{name: r, namespace: shop}}
            rules: []
        """,
    )
    configuration = configure(tmp_path, "")
    assert len(unused(tmp_path)) == 1
    assert unused(tmp_path / "rbac" / "binding.yaml", configuration=configuration) == []


def test_what_was_not_scanned_may_be_what_it_is_for(tmp_path: Path) -> None:
    write(tmp_path, web=HARMLESS, broken="apiVersion: v1\nkind: Pod\na: [\n")
    configure(tmp_path, ENTRY)
    assert unused(tmp_path) == ["Pod metadata.annotations['seawall.dev/suppress']"]
    (tmp_path / "web.yaml").write_text((tmp_path / "web.yaml").read_text() + "---\na: [\n")
    assert unused(tmp_path) == []


def test_an_entry_for_another_stage_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, web=HARMLESS)
    configure(
        tmp_path,
        """
        suppressions:
          - {rule: privileged-container, stages: [runtime], reason: x}
          - {rule: privileged-container, stages: [deploy, runtime], reason: x}
          - {rule: privileged-container, stages: [deploy], reason: x}
        """,
    )
    in_the_file = "Pod metadata.annotations['seawall.dev/suppress']"
    assert unused(tmp_path) == ["Configuration suppressions[2]", in_the_file]
    assert unused(tmp_path, stages=(Stage.RUNTIME,)) == ["Configuration suppressions[0]", in_the_file]


def test_an_expired_or_refused_suppression_is_not_called_unused_as_well(tmp_path: Path) -> None:
    write(tmp_path, web=HARMLESS.replace("reason=", "until=2026-01-01 reason="))
    configure(tmp_path, "mustNotSuppress: [privileged-container]\n" + ENTRY)
    assert unused(tmp_path) == []
