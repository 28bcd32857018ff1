"""``seawall vap eval``: one AdmissionReview against native policies."""

import json
from pathlib import Path
from typing import Any

import pytest

from seawall.apps.cli.main import main

POLICY = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: replicas
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}
  paramKind: {apiVersion: rules.example.com/v1, kind: ReplicaLimit}
  variables:
    - {name: max, expression: "params == null ? 3 : int(params.maxReplicas)"}
  validations:
    - expression: object.spec.replicas <= variables.max
      messageExpression: "'at most ' + string(variables.max)"
      reason: Forbidden
  auditAnnotations:
    - {key: wanted, valueExpression: string(object.spec.replicas)}
"""

PARAMS = """\
apiVersion: v1
kind: List
items:
  - apiVersion: rules.example.com/v1
    kind: ReplicaLimit
    metadata: {name: small, namespace: shop}
    maxReplicas: 2
  - apiVersion: rules.example.com/v1
    kind: ReplicaLimit
    metadata: {name: large, namespace: shop}
    maxReplicas: 9
"""

BINDING = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: replicas-in-shops}
spec:
  policyName: replicas
  validationActions: [Warn, Audit]
  paramRef: {name: small, parameterNotFoundAction: Deny}
  matchResources:
    namespaceSelector:
      matchLabels: {team: shop}
"""


class Files:
    """Files of one test, and the command on them."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder = folder
        self._capsys = capsys
        self.error = ""
        self.write("policy.yaml", POLICY)
        self.write("params.yaml", PARAMS)
        self.write("binding.yaml", BINDING)
        self.review(replicas=5)

    def write(self, name: str, text: str) -> None:
        (self._folder / name).write_text(text)

    def review(self, *, replicas: int, namespace: str = "shop") -> None:
        deployment = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web"},
            "spec": {"replicas": replicas},
        }
        request = {
            "uid": "1",
            "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
            "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
            "name": "web",
            "namespace": namespace,
            "operation": "CREATE",
            "userInfo": {"username": "jane"},
            "object": deployment,
            "oldObject": None,
        }
        review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
        self.write("review.json", json.dumps(review))

    def eval(self, *options: str) -> tuple[int, Any]:
        arguments = [str(self._folder / one) if one.endswith((".yaml", ".json")) else one for one in options]
        status = main(["vap", "eval", *arguments, "--request", str(self._folder / "review.json")])
        captured = self._capsys.readouterr()
        self.error = captured.err
        return status, json.loads(captured.out) if captured.out else None


@pytest.fixture
def files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Files:
    return Files(tmp_path, capsys)


def test_a_refusal_has_the_words_of_the_api_server_and_status_one(files: Files) -> None:
    files.write("binding.yaml", BINDING.replace("[Warn, Audit]", "[Deny]"))
    files.write("namespace.yaml", "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: shop}}}")
    status, answer = files.eval(
        "--policy",
        "policy.yaml",
        "--binding",
        "binding.yaml",
        "--params",
        "params.yaml",
        "--namespace-object",
        "namespace.yaml",
    )
    assert status == 1
    assert answer == {
        "allowed": False,
        "message": "deployments.apps \"web\" is forbidden: ValidatingAdmissionPolicy 'replicas' with binding 'replicas-in-shops' "
        "denied request: at most 2",
        "failures": [
            {
                "policy": "replicas",
                "binding": "replicas-in-shops",
                "index": 0,
                "message": "at most 2",
                "reason": "Forbidden",
                "action": "Deny",
            }
        ],
        "warnings": [],
        "auditAnnotations": {"replicas/wanted": "5"},
        "errors": [],
    }


def test_warn_and_audit_let_it_through_and_say_so(files: Files) -> None:
    files.write("namespace.yaml", "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: shop}}}")
    status, answer = files.eval(
        "--policy", "policy.yaml", "binding.yaml", "--params", "params.yaml", "--namespace-object", "namespace.yaml"
    )
    assert status == 0
    assert answer["allowed"]
    assert [failure["action"] for failure in answer["failures"]] == ["Warn", "Audit"]
    assert answer["warnings"] == [
        "Validation failed for ValidatingAdmissionPolicy 'replicas' with binding 'replicas-in-shops': at most 2"
    ]
    assert json.loads(answer["auditAnnotations"]["validation.policy.admission.k8s.io/validation_failure"]) == [
        {
            "message": "at most 2",
            "policy": "replicas",
            "binding": "replicas-in-shops",
            "expressionIndex": 0,
            "validationActions": ["Warn", "Audit"],
        }
    ]


def test_a_namespace_that_a_binding_does_not_select_is_left_alone(files: Files) -> None:
    # kubescape's CEL scanner does not look at namespaceSelector (docs/lessons: evaluates object and params only).
    files.write("namespace.yaml", "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: bank}}}")
    status, answer = files.eval(
        "--policy",
        "policy.yaml",
        "--binding",
        "binding.yaml",
        "--params",
        "params.yaml",
        "--namespace-object",
        "namespace.yaml",
    )
    assert (status, answer["failures"], answer["auditAnnotations"]) == (0, [], {})


def test_labels_of_a_namespace_that_nobody_gave_are_unknown_and_never_a_pass(files: Files) -> None:
    files.write("binding.yaml", BINDING.replace("[Warn, Audit]", "[Deny]"))
    status, answer = files.eval("--policy", "policy.yaml", "--binding", "binding.yaml", "--params", "params.yaml")
    assert status == 1
    assert not answer["allowed"]
    assert answer["failures"] == []
    assert [(error["message"], error["undecided"]) for error in answer["errors"]] == [
        ("the labels of namespace 'shop' are not known", True)
    ]


def test_without_a_binding_every_parameter_is_asked_and_every_failure_denies(files: Files) -> None:
    status, answer = files.eval("--policy", "policy.yaml", "--params", "params.yaml")
    assert status == 1
    assert [failure["message"] for failure in answer["failures"]] == ["at most 2"]
    files.review(replicas=10)
    _, answer = files.eval("--policy", "policy.yaml", "--params", "params.yaml")
    assert [failure["message"] for failure in answer["failures"]] == ["at most 2", "at most 9"]


def test_without_binding_and_parameters_params_is_null(files: Files) -> None:
    status, answer = files.eval("--policy", "policy.yaml")
    assert status == 1
    assert answer["failures"][0]["message"] == "at most 3"
    files.review(replicas=3)
    status, answer = files.eval("--policy", "policy.yaml")
    assert (status, answer["allowed"]) == (0, True)


def test_a_policy_that_the_api_server_would_refuse_is_named_with_file_and_line(files: Files) -> None:
    files.write("policy.yaml", POLICY.replace("object.spec.replicas <=", "object.spec.replicas <= request.count +"))
    status, answer = files.eval("--policy", "policy.yaml")
    assert (status, answer) == (2, None)
    assert "policy.yaml:13: " in files.error
    assert "spec.validations[0].expression: compilation failed" in files.error
    assert "undefined field 'count'" in files.error


def test_a_misspelt_field_is_refused_and_not_passed_over(files: Files) -> None:
    files.write("policy.yaml", POLICY.replace("  variables:", "  matchCondition: []\n  variables:"))
    status, _ = files.eval("--policy", "policy.yaml")
    assert status == 2
    assert "matchCondition" in files.error


def test_a_binding_of_a_policy_that_is_not_given_is_wrong_usage(files: Files) -> None:
    files.write("binding.yaml", BINDING.replace("policyName: replicas", "policyName: other"))
    status, _ = files.eval("--policy", "policy.yaml", "--binding", "binding.yaml")
    assert status == 2
    assert "no --policy file holds 'other'" in files.error


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not an AdmissionReview"),
        ('{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"}', "missing required field `request`"),
        (
            '{"apiVersion": "admission.k8s.io/v1beta1", "kind": "AdmissionReview", "request": {}}',
            "not an AdmissionReview",
        ),
    ],
)
def test_a_request_that_is_no_admission_review_is_wrong_usage(files: Files, text: str, says: str) -> None:
    files.write("review.json", text)
    status, _ = files.eval("--policy", "policy.yaml")
    assert status == 2
    assert says in files.error


def test_a_namespace_object_of_another_namespace_is_wrong_usage(files: Files) -> None:
    files.write("namespace.yaml", "{apiVersion: v1, kind: Namespace, metadata: {name: bank}}")
    status, _ = files.eval("--policy", "policy.yaml", "--namespace-object", "namespace.yaml")
    assert status == 2
    assert "the request is for namespace 'shop'" in files.error
