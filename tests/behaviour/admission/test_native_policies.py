"""What the evaluator does where an API server would know more, or would not have let it come to this.

The full comparison with a real API server is `tests/testbed/test_admission_policies.py`.
"""

from typing import Any

import pytest

from seawall.formats.admission_review import AdmissionRequest, GroupVersionKind, GroupVersionResource
from seawall.model.errors import RuleError
from seawall.policy.admission import AdmissionOutcome, KindTable, Parameters, World, compile_policies, evaluate

Object = dict[str, Any]


def _policy(*expressions: str, **spec: Any) -> Object:
    rule = {"apiGroups": ["*"], "apiVersions": ["v1"], "operations": ["*"], "resources": ["*"]}
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "p"},
        "spec": {
            "matchConstraints": {"resourceRules": [rule], **spec.pop("constraints", {})},
            "validations": [{"expression": text} for text in expressions],
            **spec,
        },
    }


def _binding(*actions: str, **spec: Any) -> Object:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "b"},
        "spec": {"policyName": "p", "validationActions": list(actions) or ["Deny"], **spec},
    }


def _request(*, version: str = "v1", **more: Any) -> AdmissionRequest:
    value = {"apiVersion": version, "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"a": "b"}}
    return AdmissionRequest(
        kind=GroupVersionKind("", version, "ConfigMap"),
        resource=GroupVersionResource("", version, "configmaps"),
        name="x",
        namespace="shop",
        operation="CREATE",
        object=value,
        **more,
    )


def _judge(*documents: Object, world: World = World(), tolerate: bool = False) -> AdmissionOutcome:  # noqa: B008
    return evaluate(compile_policies(documents, tolerate=tolerate), _request(), world)


def test_an_unknown_namespace_object_is_undecided_and_not_an_error_of_the_policy() -> None:
    outcome = _judge(_policy("namespaceObject.metadata.labels.team == 'x'", failurePolicy="Ignore"), _binding())
    assert not outcome.allowed
    assert outcome.failures == ()
    assert [problem.undecided for problem in outcome.problems] == [True]


def test_an_unknown_that_the_expression_does_not_need_does_no_harm() -> None:
    outcome = _judge(_policy("namespaceObject.metadata.labels.team == 'x' || object.data.a == 'b'"), _binding())
    assert outcome.allowed
    assert outcome.problems == ()


def test_an_unknown_cannot_deny_where_the_binding_only_warns() -> None:
    outcome = _judge(_policy("namespaceObject.metadata.labels.team == 'x'"), _binding("Warn"))
    assert outcome.allowed
    assert [problem.undecided for problem in outcome.problems] == [True]


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ({"matchLabels": {"kubernetes.io/metadata.name": "shop"}}, True),
        (
            {"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["shop"]}]},
            False,
        ),
        ({"matchLabels": {"kubernetes.io/metadata.name": "other", "team": "x"}}, False),
    ],
)
def test_the_name_of_a_namespace_is_known_where_its_labels_are_not(selector: Object, matches: bool) -> None:
    outcome = _judge(_policy("false", constraints={"namespaceSelector": selector}), _binding())
    assert outcome.problems == ()
    assert outcome.allowed is not matches


def test_a_namespace_that_does_not_exist_is_not_found_as_in_the_api_server() -> None:
    outcome = _judge(_policy("true"), _binding(), world=World(namespaces_complete=True))
    assert (outcome.allowed, outcome.code, outcome.message) == (False, 404, 'namespaces "shop" not found')


def test_an_authorizer_that_nobody_gave_is_undecided() -> None:
    policy = _policy(
        "true", matchConditions=[{"name": "may", "expression": "request.dryRun || namespaceObject == null"}]
    )
    assert _judge(policy, _binding()).allowed  # match conditions have no namespaceObject: it is null, not unknown


def test_a_version_that_only_the_api_server_can_convert_to_is_undecided() -> None:
    constraints = {
        "resourceRules": [
            {
                "apiGroups": ["autoscaling"],
                "apiVersions": ["v2"],
                "operations": ["*"],
                "resources": ["horizontalpodautoscalers"],
            }
        ]
    }
    request = AdmissionRequest(
        kind=GroupVersionKind("autoscaling", "v1", "HorizontalPodAutoscaler"),
        resource=GroupVersionResource("autoscaling", "v1", "horizontalpodautoscalers"),
        name="x",
        namespace="shop",
        operation="CREATE",
        object={"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "x"}},
    )
    outcome = evaluate(compile_policies([_policy("true", constraints=constraints), _binding()]), request)
    assert not outcome.allowed
    assert "only the API server can convert" in outcome.problems[0].message


def test_a_stored_policy_that_no_longer_compiles_fails_as_its_failure_policy_says() -> None:
    broken = _policy("object.data.foo(", "true")
    with pytest.raises(RuleError):
        compile_policies([broken])
    outcome = _judge(broken, _binding(), tolerate=True)
    assert [(failure.index, failure.error) for failure in outcome.failures] == [(0, True)]
    assert outcome.failures[0].message.startswith("compilation error: compilation failed: ")
    ignored = _judge({**broken, "spec": {**broken["spec"], "failurePolicy": "Ignore"}}, _binding(), tolerate=True)
    assert ignored.allowed


def test_a_stored_variable_that_no_longer_compiles_fails_where_it_is_used() -> None:
    policy = _policy("variables.v == 1", "true", variables=[{"name": "v", "expression": "object.foo("}])
    outcome = _judge(policy, _binding(), tolerate=True)
    assert [failure.index for failure in outcome.failures] == [0]
    assert 'composited variable "v" fails to compile: ' in outcome.failures[0].message


def test_two_policies_of_one_name_are_refused() -> None:
    with pytest.raises(RuleError, match="Duplicate"):
        compile_policies([_policy("true"), _policy("false")])


def test_policies_never_see_requests_for_policies() -> None:
    policies = compile_policies([_policy("false"), _binding()])
    request = AdmissionRequest(
        kind=GroupVersionKind("admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy"),
        resource=GroupVersionResource("admissionregistration.k8s.io", "v1", "validatingadmissionpolicies"),
        name="p",
        operation="CREATE",
        object=_policy("false"),
    )
    assert evaluate(policies, request).allowed


def test_a_kind_that_only_its_objects_tell_of_is_namespaced_as_they_are() -> None:
    limit = {"apiVersion": "x.dev/v1", "kind": "Limit", "metadata": {"name": "l"}, "size": 3}
    policy = _policy("params.size == 3", paramKind={"apiVersion": "x.dev/v1", "kind": "Limit"})
    binding = _binding(paramRef={"name": "l", "parameterNotFoundAction": "Deny"})
    assert _judge(policy, binding, world=World(params=Parameters([limit]))).allowed
    elsewhere = {**limit, "metadata": {"name": "l", "namespace": "bank"}}
    outcome = _judge(policy, binding, world=World(params=Parameters([elsewhere])))
    assert "no params found" in outcome.message


def test_a_definition_that_is_not_complete_defines_nothing() -> None:
    kinds = KindTable([{"kind": "CustomResourceDefinition"}, {"spec": {"versions": [{"name": "v1"}], "names": {}}}])
    assert kinds.find("x.dev/v1", "Limit") is None
    found = kinds.find("apps/v1", "Deployment")
    assert found is not None
    assert found.resource.name == "deployments.apps"
