"""``seawall.yaml``: what it decides, where it is found, and how it is refused."""

import subprocess
from pathlib import Path

import pytest

from sample_repository import HEAD, POD, configure, counting, found, scan, write
from seawall.apps.cli.main import main
from seawall.formats import configuration
from seawall.model.errors import UsageError
from seawall.model.taxonomy import Stage

REGISTRY = "untrusted-registry"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "seawall.yaml: a configuration is one document, and there are 0 (start with apiVersion:"),
        ("a: 1\n", "seawall.yaml:1: apiVersion is missing, and this version reads seawall.dev/v1"),
        ("apiVersion: seawall.dev/v2\nkind: Configuration\n", "seawall.yaml:1: apiVersion is 'seawall.dev/v2', and"),
        (HEAD + "supressions: []\n", "seawall.yaml:3: there is no key 'supressions' here (did you mean suppressions?)"),
        (
            HEAD + "trustPolicies: []\n",
            "seawall.yaml:3: trustPolicies is not supported in this version, and what is not",
        ),
        (
            HEAD + "gate: {failOn: hgh}\n",
            "seawall.yaml:3: gate.failOn: invalid enum value 'hgh' (one of critical, high,",
        ),
        (
            HEAD + "stages:\n  deploy:\n    gate: {}\n  runtime:\n    gate: {failon: high}\n",
            "seawall.yaml:7: stages.runtime.gate: there is no key 'failon' here (did you mean failOn?)",
        ),
        (
            HEAD + "stages:\n  prod: {}\n",
            "seawall.yaml:4: stages: there is no key 'prod' here (there are build, deploy,",
        ),
        (HEAD + "suppressions:\n  - rule: x\n", "seawall.yaml:4: suppressions[0]: reason is missing (say why"),
        (
            HEAD + "suppressions:\n  - rule: x\n    reason: ' '\n",
            "seawall.yaml:5: suppressions[0].reason: the reason is empty (say why it is suppressed)",
        ),
        (
            HEAD + "suppressions:\n  - rule: x\n    reason: a\n    expires: soon\n",
            "seawall.yaml:6: suppressions[0].expires: invalid RFC3339 encoded date (a date like 2026-12-31)",
        ),
        (
            HEAD + "suppressions:\n  - rule: x\n    reason: a\n    resource: {kinds: Pod}\n",
            "seawall.yaml:6: suppressions[0].resource: there is no key 'kinds' here (did you mean kind?)",
        ),
        (
            HEAD + "suppressions:\n  - {rule: x, reason: a, field: 'a..b'}\n",
            "seawall.yaml:4: field 'a..b' is no field path",
        ),
        (HEAD + "allowedRegistries: []\n", "seawall.yaml:3: allowedRegistries: expected `array` of length >= 1"),
        (HEAD + "---\na: 1\n", "seawall.yaml: a configuration is one document, and there are 2"),
        (HEAD + "a: [\n", "seawall.yaml:"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line_and_the_way_out(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        configuration.parse("seawall.yaml", text.encode())
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules: {skip: [hostnetwork]}", "'hostnetwork' is the name of no rule (did you mean host-network?)"),
        ("rules: {skip: ['nothing-*']}", "'nothing-*' is the name of no rule"),
        ("stages: {runtime: {rules: {skip: [hostnetwork]}}}", "'hostnetwork' is the name of no rule"),
        ("mustNotSuppress: [secrets]", "'secrets' is the name of no rule"),
        ("rules: {params: {untrusted-registy: {}}}", "(did you mean untrusted-registry?)"),
        ("rules: {params: {untrusted-registry: {allow: []}}}", "has no parameter 'allow' (its parameters: allowed)"),
        (
            "rules: {params: {untrusted-registry: {allowed: a}}}",
            "the parameter allowed of untrusted-registry is a list",
        ),
    ],
)
def test_names_of_rules_and_parameters_are_checked(tmp_path: Path, text: str, message: str) -> None:
    path = configure(tmp_path, text + "\n")
    with pytest.raises(UsageError) as caught:
        scan(tmp_path)
    assert str(caught.value).startswith(f"{path}:3: ")
    assert message in str(caught.value)


def images(root: Path) -> list[str]:
    return [(finding.evidence or "").strip('"') for finding in counting(scan(root), REGISTRY)]


def test_allowed_registries_are_the_parameter_of_the_rule_and_turn_it_on(tmp_path: Path) -> None:
    write(
        tmp_path,
        pod="""
            apiVersion: v1
            kind: Pod
            metadata: {name: web}
            spec:
              containers:
                - {name: a, image: "registry.internal/shop/web:1"}
                - {name: b, image: "registry.example.com/shop/web:1"}
                - {name: c, image: "nginx:1"}
        """,
    )
    assert images(tmp_path) == []
    configure(tmp_path, "allowedRegistries: [registry.internal/shop]\n")
    assert images(tmp_path) == ["registry.example.com/shop/web:1", "nginx:1"]
    configure(tmp_path, "allowedRegistries: [registry.internal/shop]\nrules: {skip: [untrusted-registry]}\n")
    assert images(tmp_path) == []


def test_rule_sets_folders_and_skips_choose_the_rules(tmp_path: Path) -> None:
    write(tmp_path, net=POD)
    configure(tmp_path, "rules: {sets: [pss-baseline], skip: ['host-*']}\n")
    ids = {rule.id for rule in scan(tmp_path).rules}
    assert "privileged-container" in ids
    assert not {"memory-limit-missing", "host-network"} & ids
    assert "memory-limit-missing" in {rule.id for rule in scan(tmp_path, rules=("default",)).rules}
    assert {rule.id for rule in scan(tmp_path, only=("host-pid",)).rules} == {"host-pid"}


def test_a_rule_folder_is_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, deploy__net=POD)
    folder = tmp_path / "rules" / "container" / "no-pods"
    folder.mkdir(parents=True)
    (folder / "rule.yaml").write_text(
        "id: no-pods\ntitle: No pods\nstages: [deploy]\npractices: [K2]\nseverity: low\nconfidence: high\nwhy: Because.\n"
        "remediation: Do not.\nmatch: {kinds: [Pod]}\nvalidations: [{expression: 'false'}]\n"
    )
    for name in ("bad.yaml", "good.yaml"):
        (folder / name).write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n")
    (tmp_path / ".seawallignore").write_text("rules/\n")
    configure(tmp_path, "rules: {sets: [rules]}\n")
    monkeypatch.chdir(tmp_path / "deploy")
    assert len(found(scan(".", configuration=tmp_path / "seawall.yaml"), "no-pods")) == 1


def test_a_stage_replaces_the_gate_and_the_sets_and_adds_to_the_rest(tmp_path: Path) -> None:
    write(tmp_path, net=POD)
    configure(
        tmp_path,
        """
        gate: {failOn: critical, allowUnscanned: true, baseline: base.json}
        rules: {sets: [default], skip: [host-pid]}
        stages:
          deploy:
            gate: {failOn: low}
            rules: {sets: [pss-baseline], skip: [host-ipc]}
        """,
    )
    (tmp_path / "base.json").write_text('{"schema":"seawall.dev/baseline/v1","findings":[]}')
    scanned = scan(tmp_path)
    assert (scanned.gate.fail_on, scanned.gate.allow_unscanned) == ("low", True)
    assert scanned.gate.baseline == str(tmp_path / "base.json")
    ids = {rule.id for rule in scanned.rules}
    assert not {"host-pid", "host-ipc", "memory-limit-missing"} & ids
    runtime = scan(tmp_path, stages=(Stage.RUNTIME,))
    assert runtime.gate.fail_on == "critical"
    assert "host-ipc" in {rule.id for rule in runtime.rules}


@pytest.mark.parametrize(
    ("gate", "options", "status"),
    [
        ("{failOn: critical}", [], 0),
        ("{failOn: critical}", ["--fail-on", "high"], 1),
        ("{failOn: info}", ["--fail-on", "critical"], 0),
        ("{}", [], 1),
    ],
)
def test_the_command_line_wins_over_the_file(tmp_path: Path, gate: str, options: list[str], status: int) -> None:
    write(tmp_path, net=POD)
    configure(tmp_path, f"gate: {gate}\n")
    assert main(["scan", str(tmp_path), "--quiet", "--output", str(tmp_path / "report"), *options]) == status


@pytest.mark.parametrize(("options", "status"), [([], 0), (["--no-allow-unscanned"], 2), (["--allow-unscanned"], 0)])
def test_unscanned_inputs_are_accepted_by_the_file_or_the_command_line(
    tmp_path: Path, options: list[str], status: int
) -> None:
    write(tmp_path, broken="apiVersion: v1\nkind: Pod\na: [\n")
    configure(tmp_path, "gate: {allowUnscanned: true}\n")
    assert main(["scan", str(tmp_path), "--output", str(tmp_path / "report"), *options]) == status


def test_an_explicit_file_that_does_not_exist_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, net=POD)
    assert main(["scan", str(tmp_path), "--config", str(tmp_path / "other.yaml")]) == 2
    assert "other.yaml cannot be read: no such file or directory" in capsys.readouterr().err


def test_the_nearest_file_upwards_holds_up_to_the_root_of_the_repository(tmp_path: Path) -> None:
    write(tmp_path, repository__deploy__team__net=POD)
    repository = tmp_path / "repository"
    configure(tmp_path, "gate: {failOn: info}\n")
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    assert scan(repository / "deploy").gate.fail_on is None
    configure(repository, "gate: {failOn: low}\n")
    assert scan(repository / "deploy" / "team").gate.fail_on == "low"
    assert scan(repository / "deploy" / "team" / "net.yaml").gate.fail_on == "low"
    configure(repository / "deploy", "gate: {failOn: medium}\n")
    assert scan(repository / "deploy" / "team").gate.fail_on == "medium"


def test_outside_of_a_repository_the_search_ends_at_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, work__deploy__net=POD)
    configure(tmp_path, "gate: {failOn: info}\n")
    configure(tmp_path / "work", "gate: {failOn: low}\n")
    monkeypatch.chdir(tmp_path / "work")
    assert scan("deploy").gate.fail_on == "low"
    (tmp_path / "work" / "seawall.yaml").unlink()
    assert scan("deploy").gate.fail_on is None
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert scan(tmp_path / "work" / "deploy").gate.fail_on is None


def test_two_configurations_are_one_too_many(tmp_path: Path) -> None:
    write(tmp_path, a__net=POD, b__net=POD)
    for name in ("a", "b"):
        configure(tmp_path / name, "")
    with pytest.raises(UsageError, match="the targets have different configurations"):
        scan(tmp_path / "a", tmp_path / "b")
    assert scan(tmp_path / "a", tmp_path / "a" / "net.yaml").report.summary.resources > 0


def test_paths_of_suppressions_are_relative_to_the_file_however_the_scan_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, deploy__net=POD)
    path = configure(tmp_path, "suppressions: [{rule: privileged-container, path: deploy/*, reason: x}]\n")
    for here, target in ((tmp_path, "deploy"), (tmp_path / "deploy", "."), (tmp_path / "deploy", "../deploy/net.yaml")):
        monkeypatch.chdir(here)
        assert counting(scan(target, configuration=path), "privileged-container") == []


def test_a_link_to_a_shared_file_speaks_of_the_directory_that_it_stands_in(tmp_path: Path) -> None:
    write(tmp_path, repository__deploy__net=POD)
    (tmp_path / "shared").mkdir()
    shared = configure(
        tmp_path / "shared", "suppressions: [{rule: privileged-container, path: deploy/net.yaml, reason: x}]\n"
    )
    (tmp_path / "repository" / "seawall.yaml").symlink_to(shared)
    assert counting(scan(tmp_path / "repository"), "privileged-container") == []


def test_the_configuration_is_no_part_of_what_it_configures(tmp_path: Path) -> None:
    write(tmp_path, r__net=POD, policy=ANYTHING_NEEDS_LABELS)
    configure(tmp_path / "r", "gate: {failOn: critical}\n")
    scanned = scan(tmp_path / "r", rules=(str(tmp_path / "policy.yaml"),))
    assert scanned.report.summary.resources == 1
    assert scanned.report.unscanned == []
    assert [finding.resource.kind for finding in scanned.report.findings] == ["Pod"]


ANYTHING_NEEDS_LABELS = """
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicy
    metadata: {name: labelled}
    spec:
      matchConstraints:
        resourceRules: [{apiGroups: ["*"], apiVersions: ["*"], operations: [CREATE], resources: ["*"]}]
      validations: [{expression: "has(object.metadata.labels)"}]
    ---
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicyBinding
    metadata: {name: labelled}
    spec: {policyName: labelled, validationActions: [Deny]}
"""
