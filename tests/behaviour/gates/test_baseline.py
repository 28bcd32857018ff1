"""Only what is new fails: baselines, and what they take for the same finding."""

import json
from pathlib import Path

import pytest

from sample_repository import POD, configure, counting, found, scan, write
from seawall.apps.cli.main import main
from seawall.stages.deploy import Scanned

PRIVILEGED = "privileged-container"


def write_baseline(root: Path, *options: str) -> Path:
    path = root / "base.json"
    assert main(["baseline", "write", str(root), "--output", str(path), *options]) == 0
    return path


def new(scanned: Scanned, rule: str = PRIVILEGED) -> list[str]:
    """Return the messages of what is new."""
    return sorted(finding.message.split(" is ")[0] for finding in counting(scanned, rule))


def status(root: Path, *options: str) -> int:
    return main(["scan", str(root), "--output", str(root / "report.txt"), *options])


def test_old_findings_do_not_block_new_work_trivy_2603_trivy_action_270_kube_score_625_and_384(tmp_path: Path) -> None:
    write(tmp_path, net=POD)
    assert status(tmp_path) == 1
    baseline = write_baseline(tmp_path)
    assert status(tmp_path, "--baseline", str(baseline)) == 0
    write(tmp_path, another=POD.replace("name: net", "name: another"))
    assert status(tmp_path, "--baseline", str(baseline)) == 1
    scanned = scan(tmp_path, baseline=baseline)
    assert {finding.resource.name for finding in counting(scanned, PRIVILEGED)} == {"another"}
    known = [finding for finding in found(scanned, PRIVILEGED) if finding.suppressed]
    assert {(f.suppressed.by, f.suppressed.reason) for f in known if f.suppressed} == {
        ("baseline", "already present in base.json")
    }


def test_moved_lines_reordered_containers_and_a_renamed_file_are_not_new(tmp_path: Path) -> None:
    write(tmp_path, deploy__net=POD)
    baseline = write_baseline(tmp_path)
    before, _, after = POD.partition("      containers:\n")
    app, _, sidecar = after.partition("        - name: sidecar\n")
    changed = f"# a comment\n\n{before}      containers:\n        - name: sidecar\n{sidecar}{app}"
    (tmp_path / "deploy" / "net.yaml").unlink()
    write(tmp_path, apps__network__net=changed)
    scanned = scan(tmp_path, baseline=baseline)
    assert [finding.rule for finding in scanned.report.findings if finding.suppressed is None] == []
    assert scanned.gone == []


def test_a_copy_in_a_second_file_is_new_while_the_first_is_there(tmp_path: Path) -> None:
    write(tmp_path, deploy__net=POD)
    baseline = write_baseline(tmp_path)
    write(tmp_path, other__net=POD)
    scanned = scan(tmp_path, baseline=baseline)
    assert {f.location.path.rpartition("/")[0].rpartition("/")[2] for f in counting(scanned, PRIVILEGED)} == {"other"}


def test_of_three_equal_findings_the_third_is_new(tmp_path: Path) -> None:
    container = "{name: a, image: x, securityContext: {privileged: true}}"
    one = f"---\napiVersion: v1\nkind: Pod\nmetadata: {{generateName: a}}\nspec: {{containers: [{container}]}}\n"
    (tmp_path / "pods.yaml").write_text(one * 2)
    baseline = write_baseline(tmp_path)
    assert new(scan(tmp_path, baseline=baseline)) == []
    (tmp_path / "pods.yaml").write_text(one * 3)
    assert len(new(scan(tmp_path, baseline=baseline))) == 1
    (tmp_path / "pods.yaml").write_text(one)
    scanned = scan(tmp_path, baseline=baseline)
    assert new(scanned) == []
    assert PRIVILEGED in {entry.rule for entry in scanned.gone}


def test_the_same_rule_on_two_containers_is_two_findings(tmp_path: Path) -> None:
    write(
        tmp_path, net=POD.replace("            privileged: true\n      containers", "            {}\n      containers")
    )
    baseline = write_baseline(tmp_path)
    write(tmp_path, net=POD)
    assert new(scan(tmp_path, baseline=baseline)) == ["container setup"]


def test_a_new_entry_before_nameless_ones_makes_only_itself_new(tmp_path: Path) -> None:
    role = (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\nrules:\n"
        "  - {apiGroups: [apps], resources: [jobs], verbs: ['*']}\n"
    )
    (tmp_path / "role.yaml").write_text(role)
    baseline = write_baseline(tmp_path, "--rules", "all")
    first = "  - {apiGroups: [batch], resources: [jobs], verbs: ['*']}\n"
    (tmp_path / "role.yaml").write_text(role.replace("rules:\n", f"rules:\n{first}"))
    scanned = scan(tmp_path, baseline=baseline, rules=("all",))
    assert [finding.field for finding in counting(scanned, "wildcard-role-verbs")] == ["rules[0].verbs"]


def test_the_fingerprint_does_not_depend_on_where_the_scan_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, deploy__net=POD)
    (tmp_path / ".git").mkdir()
    ids = set()
    for here, target in ((tmp_path, "."), (tmp_path, "deploy"), (tmp_path / "deploy", "net.yaml"), ("/", tmp_path)):
        monkeypatch.chdir(here)
        ids.add(tuple(finding.id for finding in scan(target).report.findings))
    assert len(ids) == 1


def test_entries_that_nothing_is_found_for_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, net=POD, web=POD.replace("name: net", "name: web"))
    baseline = write_baseline(tmp_path)
    write(tmp_path, net=POD.replace("privileged: true", "privileged: false"))
    assert status(tmp_path, "--baseline", str(baseline)) == 0
    err = capsys.readouterr().err
    assert "2 entries of the baseline can go, since nothing is found there any more:" in err
    assert "net.yaml: privileged-container Pod shop/net spec.containers[0].securityContext.privileged" in err
    assert status(tmp_path, "--baseline", str(baseline), "--quiet") == 0
    assert capsys.readouterr().err == ""


def test_a_run_that_did_not_look_does_not_say_that_an_entry_can_go(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path, a__net=POD, b__net=POD.replace("name: net", "name: web"))
    baseline = write_baseline(tmp_path)
    write(tmp_path, a__net=POD.replace("privileged: true", "privileged: false"))
    assert len(scan(tmp_path, baseline=baseline).gone) == 2
    assert scan(tmp_path / "b", baseline=baseline).gone == []
    assert scan(tmp_path, baseline=baseline, only=("host-network",)).gone == []
    write(tmp_path, broken="apiVersion: v1\nkind: Pod\na: [\n")
    assert scan(tmp_path, baseline=baseline).gone == []


def test_the_file_is_the_same_on_every_run_and_readable(tmp_path: Path) -> None:
    write(tmp_path, b__net=POD, a__net=POD)
    first = write_baseline(tmp_path).read_bytes()
    assert write_baseline(tmp_path).read_bytes() == first
    lines = first.decode().splitlines()
    assert lines[0] == '{"schema":"seawall.dev/baseline/v1","findings":['
    assert lines[-1] == "]}"
    entry = json.loads(lines[1].rstrip(","))
    assert list(entry) == ["id", "rule", "resource", "path", "field"]
    paths = [item["path"] for item in json.loads(first)["findings"]]
    assert paths == sorted(paths)


def test_suppressed_findings_are_not_in_the_baseline(tmp_path: Path) -> None:
    write(tmp_path, net=POD)
    configure(tmp_path, "suppressions: [{rule: '*', reason: x}]\n")
    assert json.loads(write_baseline(tmp_path).read_bytes())["findings"] == []


def test_what_must_not_be_suppressed_is_not_accepted_by_a_baseline_either(tmp_path: Path) -> None:
    write(tmp_path, net=POD)
    before = write_baseline(tmp_path)
    configure(tmp_path, "mustNotSuppress: [privileged-container]\n")
    assert len(counting(scan(tmp_path, baseline=before), PRIVILEGED)) == 2
    entries = json.loads(write_baseline(tmp_path).read_bytes())["findings"]
    assert entries
    assert PRIVILEGED not in {entry["rule"] for entry in entries}


def test_a_baseline_of_a_part_is_not_written_unless_that_is_accepted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, net=POD, broken="apiVersion: v1\nkind: Pod\na: [\n")
    path = tmp_path / "base.json"
    assert main(["baseline", "write", str(tmp_path), "--output", str(path)]) == 2
    assert not path.exists()
    assert "broken.yaml:3: " in capsys.readouterr().err
    write_baseline(tmp_path, "--allow-unscanned")
    assert path.exists()


def test_the_configuration_names_the_baseline_for_both_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, net=POD)
    configure(tmp_path, "gate: {baseline: policies/known.json}\n")
    (tmp_path / "policies").mkdir()
    assert status(tmp_path) == 2
    assert "known.json cannot be read: no such file or directory (`seawall baseline write`" in capsys.readouterr().err
    assert main(["baseline", "write", str(tmp_path)]) == 0
    assert (tmp_path / "policies" / "known.json").is_file()
    assert status(tmp_path) == 0


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '{"schema":"seawall.dev/baseline/v2","findings":[]}', "\xff", '{"schema":1}']
)
def test_what_is_no_baseline_is_refused(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, net=POD)
    path = tmp_path / "base.json"
    path.write_text(text, "latin-1")
    assert status(tmp_path, "--baseline", str(path)) == 2
    assert "base.json is no baseline: " in capsys.readouterr().err
