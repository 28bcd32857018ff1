"""What a suppression covers, in each of its three forms, and what it does not."""

import datetime
from pathlib import Path

import pytest

from sample_repository import POD, TODAY, configure, counting, found, messages, scan, write

PRIVILEGED = "privileged-container"


def privileged(root: Path) -> list[tuple[str, str]]:
    """Return container and form of suppression (empty for a finding that counts), by place."""
    findings = sorted(found(scan(root), PRIVILEGED), key=lambda finding: finding.location)
    return [(f.message.split()[1], f.suppressed.by if f.suppressed else "") for f in findings]


@pytest.mark.parametrize(
    ("entry", "covered"),
    [
        ("{rule: privileged-container}", {"setup", "app"}),
        ("{rule: 'privileged-*'}", {"setup", "app"}),
        ("{rule: [host-network, privileged-container]}", {"setup", "app"}),
        ("{rule: host-network}", set()),
        ("{rule: privileged-container, container: app}", {"app"}),
        ("{rule: privileged-container, container: 's*'}", {"setup"}),
        ("{rule: privileged-container, resource: {kind: Pod, namespace: shop, name: n*}}", {"setup", "app"}),
        ("{rule: privileged-container, resource: {kind: Deployment}}", set()),
        ("{rule: privileged-container, resource: {kind: apps/Pod}}", set()),
        ("{rule: privileged-container, resource: {namespace: other}}", set()),
        ("{rule: privileged-container, resource: {labels: {tier: net*}}}", {"setup", "app"}),
        ("{rule: privileged-container, resource: {labels: {tier: web}}}", set()),
        ("{rule: privileged-container, path: deploy/net.yaml}", {"setup", "app"}),
        ("{rule: privileged-container, path: deploy}", {"setup", "app"}),
        ("{rule: privileged-container, path: ['other/*', '*/net.yaml']}", {"setup", "app"}),
        ("{rule: privileged-container, path: net.yaml}", set()),
        ("{rule: privileged-container, field: 'spec.containers[0]'}", {"app"}),
        ("{rule: privileged-container, field: 'spec.initContainers[*].securityContext.privileged'}", {"setup"}),
        ("{rule: privileged-container, field: spec.volumes}", set()),
        ("{rule: privileged-container, stages: [deploy]}", {"setup", "app"}),
        ("{rule: privileged-container, stages: [runtime]}", set()),
    ],
)
def test_an_entry_of_the_configuration_covers_what_all_of_its_parts_name(
    tmp_path: Path, entry: str, covered: set[str]
) -> None:
    write(tmp_path, deploy__net=POD.replace("namespace: shop", "namespace: shop, labels: {tier: network}"))
    configure(tmp_path, f"suppressions:\n  - {entry[:-1]}, reason: the network}}\n")
    assert {container for container, by in privileged(tmp_path) if by} == covered


def test_a_suppressed_finding_stays_in_the_report_and_says_why(tmp_path: Path) -> None:
    write(tmp_path, net=POD)
    configure(
        tmp_path,
        """
        suppressions:
          - rule: privileged-container
            container: app
            reason: It manages the node's network.
            owner: network@example.com
            expires: 2026-06-15
        """,
    )
    scanned = scan(tmp_path)
    (finding,) = [finding for finding in found(scanned, PRIVILEGED) if finding.suppressed]
    assert finding.suppressed is not None
    assert (finding.suppressed.by, finding.suppressed.reason) == ("config", "It manages the node's network.")
    assert (finding.suppressed.owner, finding.suppressed.expires) == ("network@example.com", "2026-06-15")
    assert finding.suppressed.at == f"{tmp_path}/seawall.yaml:5"
    assert scanned.report.summary.suppressed == 1
    assert scanned.report.summary.findings["high"] == sum(
        finding.suppressed is None and finding.severity == "high" for finding in scanned.report.findings
    )


@pytest.mark.parametrize("place", ["metadata", "spec.template.metadata"])
def test_an_annotation_of_the_object_or_of_its_pod_template_covers_that_object(tmp_path: Path, place: str) -> None:
    annotations = '{seawall.dev/suppress: privileged-container reason="manages the network"}'
    own, pod = (annotations, "{}") if place == "metadata" else ("{}", annotations)
    text = """
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {{name: {name}, annotations: {own}}}
        spec:
          template:
            metadata: {{annotations: {pod}}}
            spec: {{containers: [{{name: cni, image: x, securityContext: {{privileged: true}}}}]}}
    """
    write(tmp_path, cni=text.format(name="cni", own=own, pod=pod), other=text.format(name="other", own="{}", pod="{}"))
    findings = found(scan(tmp_path), PRIVILEGED)
    assert {(f.resource.name, f.suppressed.by if f.suppressed else "") for f in findings} == {
        ("cni", "annotation"),
        ("other", ""),
    }


def test_annotations_may_hold_several_suppressions_and_be_several(tmp_path: Path) -> None:
    write(
        tmp_path,
        net=POD.replace(
            "metadata: {name: net, namespace: shop}",
            """metadata:
      name: net
      annotations:
        seawall.dev/suppress: |
          host-network reason="needs the node's network"
          privileged-container container=app reason="manages the network"
        seawall.dev/suppress.setup: privileged-container container=setup reason="loads a module"
    """,
        ),
    )
    assert privileged(tmp_path) == [("setup", "annotation"), ("app", "annotation")]


@pytest.mark.parametrize(
    ("line", "covered"),
    [
        ("            privileged: true", ["setup"]),
        ("          securityContext:", ["setup"]),
        ("        - name: setup", ["setup"]),
        ("      initContainers:", ["setup"]),
        ("        - name: app", ["app"]),
        ("    spec:", ["setup", "app"]),
        ("    apiVersion: v1", ["setup", "app"]),
        ("        - name: sidecar", []),
        ("          image: registry.example.com/app:1.0.0", []),
    ],
)
@pytest.mark.parametrize("above", [False, True])
def test_a_comment_covers_what_starts_on_its_line_or_the_line_below(
    tmp_path: Path, line: str, covered: list[str], above: bool
) -> None:
    comment = '# seawall:ignore privileged-container reason="manages the network"'
    indent = line[: len(line) - len(line.lstrip())]
    changed = f"{indent}{comment}\n{line}" if above else f"{line} {comment}"
    write(tmp_path, net=POD.replace(line, changed, 1))
    assert [container for container, by in privileged(tmp_path) if by == "comment"] == covered


def test_a_comment_covers_its_own_file_alone(tmp_path: Path) -> None:
    commented = POD.replace("- name: app", '- name: app # seawall:ignore privileged-container reason="x"')
    write(tmp_path, a=commented, b=POD)
    findings = [finding for finding in found(scan(tmp_path), PRIVILEGED) if finding.suppressed]
    assert [finding.location.path.rpartition("/")[2] for finding in findings] == ["a.yaml"]


def test_the_closest_of_several_suppressions_is_named_and_all_of_them_are_used(tmp_path: Path) -> None:
    write(
        tmp_path,
        net=POD.replace(
            "- name: app", '- name: app # seawall:ignore privileged-container reason="the closest"'
        ).replace("namespace: shop}", "annotations: {seawall.dev/suppress: privileged-container reason=near}}"),
    )
    configure(tmp_path, "suppressions: [{rule: privileged-container, reason: far}]\n")
    assert privileged(tmp_path) == [("setup", "annotation"), ("app", "comment")]
    assert messages(scan(tmp_path), "unused-suppression") == []


def test_the_last_day_counts_and_the_day_after_does_not(tmp_path: Path) -> None:
    write(tmp_path, net=POD)
    configure(tmp_path, "suppressions: [{rule: privileged-container, reason: x, expires: 2026-06-15}]\n")
    assert counting(scan(tmp_path, today=TODAY), PRIVILEGED) == []
    later = scan(tmp_path, today=TODAY + datetime.timedelta(days=1))
    assert len(counting(later, PRIVILEGED)) == 2
    assert messages(later, "expired-suppression") == ["the suppression of privileged-container expired on 2026-06-15"]
    assert messages(later, "unused-suppression") == []


def test_a_comment_without_a_reason_has_no_effect_and_fails_the_gate(tmp_path: Path) -> None:
    write(tmp_path, net=POD.replace("- name: app", "- name: app # seawall:ignore privileged-container"))
    scanned = scan(tmp_path)
    assert len(counting(scanned, PRIVILEGED)) == 2
    (finding,) = counting(scanned, "suppression-without-reason")
    assert (finding.severity, finding.location.line, finding.resource.kind) == ("high", 11, "Comment")


def test_the_configuration_may_forbid_suppressing_in_every_form(tmp_path: Path) -> None:
    write(
        tmp_path,
        net=POD.replace("- name: app", '- name: app # seawall:ignore privileged-container reason="x"').replace(
            "namespace: shop}", "annotations: {seawall.dev/suppress: priv* reason=x}}"
        ),
    )
    configure(
        tmp_path,
        "mustNotSuppress: ['privileged-*']\nsuppressions: [{rule: privileged-container, reason: x}]\n",
    )
    scanned = scan(tmp_path)
    assert len(counting(scanned, PRIVILEGED)) == 2
    refusals = counting(scanned, "suppression-not-allowed")
    assert sorted(finding.resource.kind for finding in refusals) == ["Comment", "Configuration", "Pod"]
    assert messages(scanned, "unused-suppression") == []


def test_findings_about_suppressions_cannot_be_suppressed(tmp_path: Path) -> None:
    write(tmp_path, net=POD)
    configure(
        tmp_path,
        """
        suppressions:
          - {rule: host-network, reason: not so}
          - {rule: "*", reason: all of it}
        """,
    )
    scanned = scan(tmp_path)
    assert len(counting(scanned, "unused-suppression")) == 1
    assert counting(scanned, PRIVILEGED) == []


def test_an_alias_or_a_misspelt_id_is_told_from_a_rule(tmp_path: Path) -> None:
    write(tmp_path, net=POD)
    configure(tmp_path, "suppressions: [{rule: [priviledged-container, privileged-container], reason: x}]\n")
    scanned = scan(tmp_path)
    assert counting(scanned, PRIVILEGED) == []
    assert messages(scanned, "unknown-rule-in-suppression") == [
        "the suppression of priviledged-container, privileged-container names priviledged-container,"
        " and there is no such rule"
    ]


def test_a_scan_without_suppressions_has_no_findings_about_them(tmp_path: Path) -> None:
    write(tmp_path, net=POD)
    scanned = scan(tmp_path)
    assert [finding for finding in scanned.report.findings if finding.rule.endswith("suppression")] == []
    assert scanned.report.summary.suppressed == 0


NATIVE = """
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicy
    metadata: {name: no-privileged-pods}
    spec:
      matchConstraints:
        resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
      validations:
        - expression: "object.spec.containers.all(c, !c.?securityContext.?privileged.orValue(false))"
          message: a container is privileged
    ---
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicyBinding
    metadata: {name: no-privileged-pods}
    spec: {policyName: no-privileged-pods, validationActions: [Deny]}
"""


def test_native_policies_are_suppressed_by_their_names_and_forgotten_suppressions_of_them_are_found(
    tmp_path: Path,
) -> None:
    annotated = POD.replace("namespace: shop}", "annotations: {seawall.dev/suppress: no-privileged-pods reason=net}}")
    write(tmp_path, policies__native=NATIVE, pods__net=annotated)
    rules = ("default", str(tmp_path / "policies" / "native.yaml"))
    scanned = scan(tmp_path / "pods", rules=rules)
    assert [f.suppressed.by for f in found(scanned, "no-privileged-pods") if f.suppressed] == ["annotation"]
    assert counting(scanned, "no-privileged-pods") == []
    write(tmp_path, pods__net=annotated.replace("privileged: true", "privileged: false"))
    scanned = scan(tmp_path / "pods", rules=rules)
    assert messages(scanned, "unused-suppression") == ["the suppression of no-privileged-pods matches nothing"]
    # A run without the policy does not know its name, and says so.
    assert len(messages(scan(tmp_path / "pods"), "unknown-rule-in-suppression")) == 1
