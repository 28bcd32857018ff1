"""The answers of `authorizer` in ``seawall vap eval`` come from a file of rules; without one, nobody knows."""

import json
from pathlib import Path
from typing import Any

import pytest

from seawall.apps.cli.main import main
from seawall.cel.authorizers import AuthorizerError, Principal, Question, read_authorizer, service_account

POLICY = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: only-releasers}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [apps], apiVersions: [v1], operations: ["*"], resources: ["deployments", "deployments/scale"]}
  validations:
    - expression: authorizer.requestResource.check('release').allowed()
      messageExpression: "'may not release ' + object.metadata.name"
    - expression: >-
        !authorizer.serviceAccount('shop', 'web').group('').resource('secrets').namespace('shop').check('get').allowed()
      message: the service account reads secrets
"""
RULES = """\
rules:
- users: [jane]
  verbs: [release]
  apiGroups: [apps]
  resources: [deployments]
  namespaces: [shop]
- serviceAccounts: [shop/web]
  verbs: [get]
  apiGroups: [""]
  resources: [secrets]
  resourceNames: [tls]
"""


@pytest.fixture
def evaluate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(rules: str | None, *, user: str = "jane", namespace: str = "shop") -> tuple[int, dict[str, Any], str]:
        request = {
            "uid": "1",
            "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
            "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
            "name": "web",
            "namespace": namespace,
            "operation": "CREATE",
            "userInfo": {"username": user, "groups": ["system:authenticated"]},
            "object": {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}},
        }
        review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
        (tmp_path / "policy.yaml").write_text(POLICY)
        (tmp_path / "review.json").write_text(json.dumps(review))
        arguments = [
            "vap",
            "eval",
            "--policy",
            str(tmp_path / "policy.yaml"),
            "--request",
            str(tmp_path / "review.json"),
        ]
        if rules is not None:
            (tmp_path / "rules.yaml").write_text(rules)
            arguments += ["--authorizer", str(tmp_path / "rules.yaml")]
        status = main(arguments)
        captured = capsys.readouterr()
        return status, json.loads(captured.out) if captured.out else {}, captured.err

    return run


def test_the_rules_answer_for_the_user_of_the_request(evaluate: Any) -> None:
    assert evaluate(RULES)[0] == 0
    status, answer, _ = evaluate(RULES, user="bob")
    assert status == 1
    assert [failure["message"] for failure in answer["failures"]] == ["may not release web"]
    assert evaluate(RULES, namespace="other")[0] == 1


def test_a_check_without_a_name_is_not_granted_by_a_rule_for_one_name(evaluate: Any) -> None:
    status, answer, _ = evaluate(RULES.replace("  resourceNames: [tls]\n", ""))
    assert status == 1
    assert answer["failures"][0]["message"] == "the service account reads secrets"


def test_without_rules_nobody_knows_and_the_gate_stays_shut(evaluate: Any) -> None:
    status, answer, _ = evaluate(None)
    assert status == 1
    assert any(error["undecided"] for error in answer["errors"])


def test_a_file_with_an_unknown_field_is_wrong_usage_that_names_it(evaluate: Any) -> None:
    status, _, error = evaluate(RULES.replace("users: [jane]", "user: [jane]"))
    assert status == 2
    assert "rules[0]: unknown field 'user'" in error


QUESTION = Question(principal=Principal(name="jane", groups=("dev",)), verb="get", group="apps", resource="deployments")


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        ({"verbs": ["get"], "apiGroups": ["apps"], "resources": ["deployments"]}, True),
        ({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}, True),
        ({"users": ["jane"], "verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}, True),
        ({"users": ["bob"], "groups": ["dev"], "verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}, True),
        ({"users": ["bob"], "verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}, False),
        ({"verbs": ["list"], "apiGroups": ["apps"], "resources": ["deployments"]}, False),
        ({"verbs": ["get"], "apiGroups": [""], "resources": ["deployments"]}, False),
        ({"verbs": ["get"], "apiGroups": ["apps"], "resources": ["deployments/scale"]}, False),
        ({"verbs": ["get"], "apiGroups": ["apps"], "resources": ["deployments"], "namespaces": ["shop"]}, False),
        ({"verbs": ["get"], "apiGroups": ["apps"], "resources": ["deployments"], "namespaces": [""]}, True),
        ({"verbs": ["get"], "apiGroups": ["apps"], "resources": ["deployments"], "resourceNames": ["web"]}, False),
        ({"verbs": ["get"], "nonResourceURLs": ["*"]}, False),
    ],
)
def test_a_rule_fits_a_question_as_an_rbac_rule_would(rule: dict[str, Any], fits: bool) -> None:
    assert read_authorizer({"rules": [rule]}).decide(QUESTION).decision == ("allow" if fits else "noOpinion")


def test_subresources_and_paths_have_their_own_patterns() -> None:
    rules = [
        {"verbs": ["get"], "apiGroups": ["apps"], "resources": ["*/scale"]},
        {"verbs": ["get"], "nonResourceURLs": ["/metrics/*"], "decision": "deny", "reason": "private"},
    ]
    source = read_authorizer({"rules": rules, "default": {"reason": "not stated"}})
    scale = Question(principal=Principal(), verb="get", group="apps", resource="deployments", subresource="scale")
    status = Question(principal=Principal(), verb="get", group="apps", resource="deployments", subresource="status")
    assert source.decide(scale).decision == "allow"
    assert source.decide(status).reason == "not stated"
    assert source.decide(Question(principal=Principal(), verb="get", path="/metrics/a")).reason == "private"
    assert source.decide(Question(principal=Principal(), verb="get", path="/metrics")).decision == "noOpinion"


def test_the_first_rule_that_fits_answers() -> None:
    everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
    source = read_authorizer({"rules": [everything | {"groups": ["dev"], "decision": "deny"}, everything]})
    assert source.decide(QUESTION).decision == "deny"
    assert (
        source.decide(Question(principal=service_account("shop", "web"), verb="get", resource="pods")).decision
        == "allow"
    )


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "the document: must be a map"),
        ({"rules": {}}, "rules: must be a list"),
        ({"rules": [{"verbs": ["get"]}]}, "rules[0].apiGroups: must not be empty"),
        ({"rules": [{"verbs": "get"}]}, "rules[0].verbs: must be a list of strings"),
        ({"default": {"decision": "maybe"}}, "default.decision: must be one of allow, deny, noOpinion, not 'maybe'"),
        (
            {"rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "serviceAccounts": ["web"]}]},
            "rules[0].serviceAccounts: 'web' is not of the form namespace/name",
        ),
        (
            {"rules": [{"verbs": ["get"], "nonResourceURLs": ["/x"], "resources": ["pods"]}]},
            "rules[0]: a rule is about resources or about nonResourceURLs, not about both",
        ),
    ],
)
def test_a_document_that_states_no_answers_is_refused_with_the_place(document: Any, message: str) -> None:
    with pytest.raises(AuthorizerError) as refused:
        read_authorizer(document)
    assert str(refused.value) == message
