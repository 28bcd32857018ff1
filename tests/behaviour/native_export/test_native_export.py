"""Rules as native policies: one of each, what they hold, and what is said of those that cannot be one.

That the API server takes and understands them is judged in tests/testbed/test_native_policies.py and test_parity.py.
"""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from seawall.apps.cli import main
from seawall.facts.catalogue import FACT_KINDS
from seawall.facts.workloads import POD_TEMPLATE_PATHS
from seawall.formats import kubernetes_yaml
from seawall.model.errors import RuleError
from seawall.model.rule import Rule, Validation, Variable
from seawall.policy.native_export import Enforcing, NativePolicy
from seawall.policy.native_expressions import write_logic
from seawall.policy.native_kinds import resource_of
from seawall.stages import native_export, rule_sets

RULES = {rule.id: rule for rule in rule_sets.shipped_rules()}
POLICIES = {policy.rule.id: policy for policy in native_export.export(RULES.values())}
POD_FIELDS = FACT_KINDS["PodSpec"].cel
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\Z")


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main.main(["rules", "export", "--native", *words])
    out, err = capsys.readouterr()
    return status, out, err


def variables(policy: NativePolicy) -> dict[str, str]:
    return {variable["name"]: variable["expression"] for variable in policy.policy["spec"].get("variables", [])}


def a_rule(**changes: Any) -> Rule:
    return msgspec.structs.replace(RULES["privileged-container"], **changes)


def test_every_rule_is_exported_or_says_why_not() -> None:
    reasons = native_export.reasons(RULES.values())
    assert POLICIES.keys() | reasons.keys() == RULES.keys()
    assert POLICIES.keys().isdisjoint(reasons)
    assert len(POLICIES) >= 140
    assert [rule_id for rule_id, reason in reasons.items() if not reason or reason.endswith(".")] == []


def test_a_rule_about_pods_matches_every_kind_that_makes_them_and_what_changes_running_ones() -> None:
    spec = POLICIES["privileged-container"].policy["spec"]
    matched = {
        (group, resource)
        for rule in spec["matchConstraints"]["resourceRules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }
    makers = {resource_of(kind) for kind in POD_TEMPLATE_PATHS}
    assert len(makers) == 9
    assert matched == {(one.group, one.plural) for one in makers} | {
        ("", "pods/ephemeralcontainers"),
        ("", "pods/resize"),
    }
    operations = [rule["operations"] for rule in spec["matchConstraints"]["resourceRules"]]
    assert operations == [["CREATE", "UPDATE"]] * 3


def test_names_are_dns_subdomains_and_labels_are_legal() -> None:
    for rule_id, native in POLICIES.items():
        for one in (native.policy, native.binding):
            assert one["metadata"]["name"] == f"{rule_id}.seawall.dev"
            assert SUBDOMAIN.match(one["metadata"]["name"])
            assert len(one["metadata"]["name"]) <= 253
            for value in one["metadata"]["labels"].values():
                assert re.fullmatch(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?", value)
        assert native.binding["spec"]["policyName"] == native.policy["metadata"]["name"]


def test_only_variables_that_are_used_are_composed_and_each_stands_before_its_users() -> None:
    for native in POLICIES.values():
        own = variables(native)
        names = list(own)
        for index, name in enumerate(names):
            later = list(own.values())[index + 1 :]
            validations = [text for validation in native.policy["spec"]["validations"] for text in validation.values()]
            pattern = re.compile(rf"\bvariables\.{name}\b")
            assert any(pattern.search(text) for text in [*later, *validations]), (native.rule.id, name)
            used = set(re.findall(r"\bvariables\.(\w+)", own[name]))
            assert used <= set(names[:index]), (native.rule.id, name)


def test_items_that_fail_become_a_variable_and_their_messages_one_text() -> None:
    native = POLICIES["privileged-container"]
    assert variables(native)["failing"] == (
        "variables.allContainers.filter(item,\n  item.?securityContext.?privileged.orValue(false))"
    )
    (validation,) = native.policy["spec"]["validations"]
    assert validation == {
        "expression": "size(variables.failing) == 0",
        "message": "Container runs privileged",
        "messageExpression": "variables.failing.map(item, 'container ' + item.name + ' is privileged').join('; ')",
    }


def test_a_parameter_is_a_literal_and_can_be_overridden() -> None:
    rule = RULES["long-lived-token"]
    (native,) = native_export.export([rule], params={rule.id: {"longest": 77}})
    assert any("77" in text for text in variables(native).values())
    assert "params." not in str(native.policy)
    assert [one.rule.id for one in POLICIES.values() if "params." in str(one.policy)] == []


def test_a_field_whose_name_is_a_word_of_the_language_gets_another_name() -> None:
    own = variables(POLICIES["workload-in-kube-system"])
    assert "namespace_" in own
    assert "namespace" not in own


def test_a_variable_that_depends_on_the_item_is_put_in_place() -> None:
    rule = a_rule(
        variables=[Variable(name="image", expression="item.image"), Variable(name="os", expression="object.spec.os")],
        validations=[Validation(expression="variables.image != variables.os.name")],
    )
    logic = write_logic(rule, {}, POD_FIELDS)
    own = {variable["name"]: variable["expression"] for variable in logic.variables}
    assert own["os"] == "variables.spec.os"
    assert "image" not in own
    assert "(item.image) != variables.os.name" in own["failing"]


def test_a_string_or_a_loop_variable_of_the_same_name_is_left_alone() -> None:
    rule = a_rule(
        each="", validations=[Validation(expression="object.spec.x.all(object, object.kind == 'object.spec')")]
    )
    (validation,) = write_logic(rule, {}, POD_FIELDS).validations
    assert validation["expression"] == "variables.spec.x.all(object, object.kind == 'object.spec')"


def test_a_fact_that_is_used_as_a_whole_has_no_native_form() -> None:
    rule = a_rule(each="", validations=[Validation(expression="size(object) > 0")])
    with pytest.raises(RuleError, match="fact as a whole"):
        write_logic(rule, {}, POD_FIELDS)


def test_the_text_is_yaml_that_says_the_same_and_is_the_same_every_time(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "--rules", "all")
    assert status == 0
    assert run(capsys, "--rules", "all")[1] == out
    documents = list(yaml.safe_load_all(out))
    expected = [one for native in POLICIES.values() for one in (native.policy, native.binding)]
    assert documents == expected
    parsed = kubernetes_yaml.parse("policies.yaml", out.encode())
    assert not parsed.unscanned
    assert [document.value for document in parsed.documents] == expected
    assert err.splitlines()[0] == f"{len(POLICIES)} policies written, {len(RULES) - len(POLICIES)} rules left out:"
    for rule_id in native_export.reasons(RULES.values()):
        assert rule_id in err


def test_a_binding_that_denies_leaves_kube_system_alone_unless_asked(capsys: pytest.CaptureFixture[str]) -> None:
    def exempt(*words: str) -> list[str]:
        out = run(capsys, "--only", "privileged-container", *words)[1]
        _, binding = yaml.safe_load_all(out)
        resources = binding["spec"].get("matchResources")
        return resources["namespaceSelector"]["matchExpressions"][0]["values"] if resources else []

    assert exempt() == []
    assert exempt("--action", "Deny") == ["kube-system"]
    assert exempt("--action", "Deny", "--exempt", "ci", "--exempt", "infra") == ["ci", "infra"]
    assert exempt("--action", "Deny", "--no-exempt") == []


def test_a_folder_gets_one_file_a_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "policies"
    assert run(capsys, "--only", "host-*", "--output", f"{folder}/")[0] == 0
    names = sorted(path.name for path in folder.iterdir())
    assert "host-pid.yaml" in names
    assert [one["kind"] for one in yaml.safe_load_all((folder / "host-pid.yaml").read_text())] == [
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
    ]


def test_a_file_gets_all_of_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "policies.yaml"
    assert run(capsys, "--only", "host-*", "--output", str(file))[:2] == (0, "")
    assert len(list(yaml.safe_load_all(file.read_text()))) > 4


def test_nothing_to_export_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "--only", "service-selects-nothing")
    assert (status, out) == (2, "")
    assert "service-selects-nothing: it compares resources with each other" in err


@pytest.mark.parametrize(
    ("kind", "plural"),
    [
        ("Pod", "pods"),
        ("networking.k8s.io/Ingress", "ingresses"),
        ("networking.k8s.io/NetworkPolicy", "networkpolicies"),
        ("gateway.networking.k8s.io/Gateway", "gateways"),
        ("storage.k8s.io/StorageClass", "storageclasses"),
        ("Endpoints", "endpoints"),
    ],
)
def test_a_kind_has_its_plural(kind: str, plural: str) -> None:
    assert resource_of(kind).plural == plural


def test_the_default_action_warns() -> None:
    assert Enforcing().action == "Warn"


def test_a_configuration_gives_parameters_and_rules_as_it_does_to_a_scan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "seawall.yaml").write_text(
        "apiVersion: seawall.dev/v1\nkind: Configuration\nallowedRegistries: [registry.mine.example]\n"
        "rules: {sets: [pss-baseline], skip: [host-port], params: {long-lived-token: {longest: 77}}}\n"
    )
    monkeypatch.chdir(tmp_path)
    status, out, _ = run(capsys)
    names = [one["metadata"]["name"] for one in yaml.safe_load_all(out)]
    assert status == 0
    assert "untrusted-registry.seawall.dev" in names
    assert "privileged-container.seawall.dev" in names
    assert "host-port.seawall.dev" not in names
    assert '["registry.mine.example"]' in out
    assert "77" in run(capsys, "--only", "long-lived-token")[1]
    status, _, err = run(capsys, "--config", "missing.yaml")
    assert status == 2
    assert "missing.yaml" in err
