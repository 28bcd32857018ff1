"""``seawall scan --rules FILE`` with native ValidatingAdmissionPolicies."""

import json
from pathlib import Path
from typing import Any

import pytest

from seawall.apps.cli.main import main

POLICY = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: restarts
  annotations: {seawall.dev/at: object.spec.restartPolicy, seawall.dev/title: Restarts as we like it}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
  validations:
    - expression: object.spec.restartPolicy == 'Always'
      messageExpression: "object.metadata.namespace + ' restarts ' + object.spec.restartPolicy"
"""

BINDING = """\
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: restarts}
spec: {policyName: restarts, validationActions: [Deny]}
"""

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  restartPolicy: Never
  containers: [{name: web, image: "registry.example/web:1"}]
"""


class Scans:
    """A folder to scan, a file of policies, and the scan."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._policies = folder / "policies.yaml"
        self._target = folder / "deploy"
        self._target.mkdir()
        self._capsys = capsys
        self.error = ""
        self.policies(POLICY + BINDING)
        self.manifest("pod.yaml", POD)

    def policies(self, text: str) -> None:
        self._policies.write_text(text)

    def manifest(self, name: str, text: str) -> None:
        (self._target / name).write_text(text)

    def scan(self, *options: str) -> tuple[int, Any]:
        status = main(["scan", str(self._target), "--rules", str(self._policies), "--format", "json", *options])
        captured = self._capsys.readouterr()
        self.error = captured.err
        return status, json.loads(captured.out) if captured.out else None


@pytest.fixture
def scans(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Scans:
    monkeypatch.setenv("SEAWALL_CACHE_DIR", str(tmp_path / "cache"))
    return Scans(tmp_path, capsys)


def test_a_failed_validation_is_a_finding_with_the_policy_s_name_its_message_and_its_place(scans: Scans) -> None:
    status, report = scans.scan()
    assert status == 1
    (finding,) = report["findings"]
    assert (finding["rule"], finding["severity"], finding["title"]) == ("restarts", "high", "Restarts as we like it")
    assert finding["message"] == "shop restarts Never"
    assert (finding["field"], finding["evidence"], finding["location"]["line"]) == ("spec.restartPolicy", "Never", 5)
    assert report["summary"]["rules"] == 1


@pytest.mark.parametrize(("action", "severity"), [("Deny", "high"), ("Warn", "medium"), ("Audit", "low")])
def test_the_action_of_the_binding_is_the_severity(scans: Scans, action: str, severity: str) -> None:
    scans.policies(POLICY + BINDING.replace("Deny", action))
    _, report = scans.scan()
    assert [finding["severity"] for finding in report["findings"]] == [severity]


def test_an_annotation_wins_over_the_action(scans: Scans) -> None:
    scans.policies(POLICY.replace("annotations: {", "annotations: {seawall.dev/severity: critical, ") + BINDING)
    _, report = scans.scan()
    assert [finding["severity"] for finding in report["findings"]] == ["critical"]
    scans.policies(POLICY.replace("annotations: {", "annotations: {seawall.dev/severity: awful, ") + BINDING)
    status, _ = scans.scan()
    assert status == 2
    assert "'awful' is not one of" in scans.error


def test_two_bindings_that_say_the_same_are_one_finding_of_the_stricter(scans: Scans) -> None:
    scans.policies(POLICY + BINDING.replace("name: restarts}", "name: audits}").replace("Deny", "Audit") + BINDING)
    _, report = scans.scan()
    assert [finding["severity"] for finding in report["findings"]] == ["high"]


def test_a_default_that_nobody_wrote_satisfies_the_policy(scans: Scans) -> None:
    # kyverno#5476, kubescape#2001: the file passes or fails where the cluster does not, because it is not defaulted.
    scans.manifest("pod.yaml", POD.replace("  restartPolicy: Never\n", ""))
    status, report = scans.scan()
    assert (status, report["findings"], report["unscanned"]) == (0, [], [])


SELECTOR = "  matchResources: {namespaceSelector: {matchLabels: {team: shop}}}\n"


def test_a_namespace_selector_reads_the_namespaces_of_the_scan(scans: Scans) -> None:
    spec = "spec: {policyName: restarts, validationActions: [Deny]}"
    binding = BINDING.replace(spec, f"spec:\n  policyName: restarts\n  validationActions: [Deny]\n{SELECTOR}")
    scans.policies(POLICY + binding)
    status, report = scans.scan()
    assert status == 2  # whose labels nobody wrote down are unknown, and unknown is no pass
    assert [entry["reason"] for entry in report["unscanned"]] == [
        "rule restarts is unknown for Pod/web: the labels of namespace 'shop' are not known"
    ]
    scans.manifest("namespace.yaml", "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: shop}}}")
    assert scans.scan()[0] == 1
    scans.manifest("namespace.yaml", "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: bank}}}")
    assert scans.scan()[0] == 0


def test_parameters_come_from_the_policies_file_or_from_the_scan(scans: Scans) -> None:
    policy = POLICY.replace("spec:\n  match", "spec:\n  paramKind: {apiVersion: v1, kind: ConfigMap}\n  match").replace(
        "'Always'", "params.data.policy"
    )
    binding = BINDING.replace("[Deny]}", "[Deny], paramRef: {name: wanted, parameterNotFoundAction: Allow}}")
    params = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: wanted, namespace: shop}\ndata: {policy: Never}\n"
    scans.policies(policy + binding + params)
    assert scans.scan()[0] == 0
    scans.policies(policy + binding)
    status, report = scans.scan()
    assert status == 2
    assert "no ConfigMap wanted is known here to use as parameter" in report["unscanned"][0]["reason"]
    scans.manifest("params.yaml", params.replace("Never", "OnFailure"))
    status, report = scans.scan()
    assert (status, len(report["findings"])) == (1, 1)


def test_who_asks_is_unknown_in_a_file(scans: Scans) -> None:
    scans.policies(POLICY.replace("object.spec.restartPolicy ==", "request.userInfo.username ==") + BINDING)
    status, report = scans.scan()
    assert status == 2
    assert "rule restarts is unknown for Pod/web" in report["unscanned"][0]["reason"]


def test_an_expression_that_fails_is_not_scanned_and_no_finding(scans: Scans) -> None:
    scans.policies(POLICY.replace("object.spec.restartPolicy ==", "object.spec.nodeName ==") + BINDING)
    status, report = scans.scan()
    assert (status, report["findings"]) == (2, [])
    assert "resulted in error: no such key: nodeName" in report["unscanned"][0]["reason"]


def test_what_the_api_server_could_not_read_is_not_scanned(scans: Scans) -> None:
    scans.manifest("pod.yaml", POD.replace("restartPolicy: Never", 'restartPolicy: Never\n  hostNetwork: "yes"'))
    status, report = scans.scan()
    assert status == 2
    assert "the API server would refuse it: spec.hostNetwork is not true or false" in report["unscanned"][0]["reason"]


WIDGET = "apiVersion: x.example.com/v1\nkind: Widget\nmetadata: {name: w, namespace: shop}\nspec: {size: 1}\n"
WIDGET_POLICY = (
    POLICY.replace('apiGroups: [""]', "apiGroups: [x.example.com]")
    .replace("[pods]", "[widgets]")
    .replace("object.spec.restartPolicy == 'Always'", "object.spec.mode == 'auto'")
    .replace('object.spec.restartPolicy"', "'x'\"")
)
WIDGET_DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.x.example.com}
spec:
  group: x.example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          properties:
            spec: {properties: {size: {type: integer}, mode: {type: string, default: auto}}}
"""


def test_the_resource_of_an_unknown_kind_is_guessed_aloud(scans: Scans) -> None:
    scans.policies(WIDGET_POLICY.replace("object.spec.mode == 'auto'", "object.spec.size > 1") + BINDING)
    scans.manifest("widget.yaml", WIDGET)
    status, report = scans.scan()
    assert (status, len(report["findings"])) == (1, 1)
    assert "policies are asked about it as widgets.x.example.com" in scans.error


def test_a_definition_in_the_scan_names_and_defaults_its_kind(scans: Scans) -> None:
    scans.policies(WIDGET_POLICY + BINDING)
    scans.manifest("widget.yaml", WIDGET)
    scans.manifest("definition.yaml", WIDGET_DEFINITION)
    status, report = scans.scan()
    assert (status, report["findings"], report["unscanned"], scans.error) == (0, [], [], "")


def test_native_policies_run_beside_the_shipped_rules_and_can_be_skipped(scans: Scans) -> None:
    _, report = scans.scan("--rules", "default", "--only", "restarts", "--only", "privileged-container")
    assert report["summary"]["rules"] == 2
    _, report = scans.scan("--rules", "default", "--skip", "restarts")
    assert "restarts" not in {finding["rule"] for finding in report["findings"]}


def test_policies_that_nothing_binds_are_wrong_usage(scans: Scans) -> None:
    scans.policies(POLICY)
    status, report = scans.scan()
    assert (status, report) == (2, None)
    assert "no ValidatingAdmissionPolicy there has a binding" in scans.error
