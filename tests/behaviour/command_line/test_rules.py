"""seawall rules: list, test, explain and docs, as a user meets them."""

import json
import shutil
from pathlib import Path

import pytest

from seawall.apps.cli import main
from seawall.sources import rule_folders
from seawall.stages import rule_sets

RULES = rule_sets.shipped_rules()


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main.main(words)
    out, err = capsys.readouterr()
    return status, out, err


@pytest.fixture
def own_rule(tmp_path: Path) -> Path:
    """A user's rule folder: a copy of a shipped rule under a name of its own, as CONTRIBUTING says."""
    folder = tmp_path / "container" / "own-privileged"
    shutil.copytree(rule_folders.SHIPPED / "container" / "privileged-container", folder)
    rule = folder / "rule.yaml"
    rule.write_text(rule.read_text().replace("id: privileged-container", "id: own-privileged"))
    return folder


def test_list_shows_every_rule_once_sorted_by_id(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "rules", "list")
    lines = out.splitlines()
    assert status == 0
    assert [line.split()[1] for line in lines[:-1]] == sorted(rule.id for rule in RULES)
    assert lines[-1] == f"{len(RULES)} rules"
    assert "…" not in out


def test_list_narrows_as_scan_does(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "rules", "list", "--rules", "pss-baseline", "--skip", "host-*", "--format", "json")
    ids = [rule["id"] for rule in json.loads(out)["rules"]]
    assert "privileged-container" in ids
    assert [name for name in ids if name.startswith("host-")] == []
    assert len(ids) < 30


def test_json_says_which_rules_can_be_native_and_why_not(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "rules", "list", "--format", "json")
    rules = {rule["id"]: rule for rule in json.loads(out)["rules"]}
    assert rules["privileged-container"]["native"] is True
    assert "nativeReason" not in rules["privileged-container"]
    assert rules["service-selects-nothing"]["native"] is False
    assert "admission sees one object" in rules["service-selects-nothing"]["nativeReason"]
    assert "never admits it" in rules["secrets-not-encrypted-in-etcd"]["nativeReason"]
    assert "policies" in rules["admission-policy-ignores-failures"]["nativeReason"]


def test_markdown_is_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "rules", "list", "--format", "markdown", "--only", "host-pid")
    assert out.splitlines()[2].startswith("| `host-pid` | ")


def test_examples_of_a_shipped_rule_pass(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "rules", "test", "privileged-container")
    assert status == 0
    assert out.startswith("ok   privileged-container (")
    assert out.endswith("all as they should be\n")


def test_examples_of_a_users_own_folder_pass(own_rule: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (own_rule, own_rule.parents[1]):
        status, out, _ = run(capsys, "rules", "test", str(path))
        assert (status, out.splitlines()[-1]) == (0, "1 rule, 2 example files: all as they should be")


def test_a_bad_document_that_does_not_fire_is_named_with_its_line(
    own_rule: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = own_rule / "bad.yaml"
    silent = "apiVersion: v1\nkind: Pod\nmetadata: {name: harmless}\nspec: {containers: [{name: c, image: i}]}\n"
    lines_before = len(bad.read_text().splitlines())
    bad.write_text(f"{bad.read_text()}---\n{silent}")
    status, out, _ = run(capsys, "rules", "test", str(own_rule))
    assert status == 1
    assert "FAIL own-privileged" in out
    assert f"{bad}:{lines_before + 2}: Pod harmless does not fire" in out
    assert out.endswith("1 with examples that are not as they should be\n")


def test_a_good_document_that_fires_is_named_with_its_place_and_message(
    own_rule: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(own_rule / "bad.yaml", own_rule / "good.yaml")
    status, out, _ = run(capsys, "rules", "test", str(own_rule))
    assert status == 1
    assert "fires, and should not: container " in out


def test_an_example_without_anything_to_judge_fails(own_rule: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (own_rule / "bad.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n")
    status, out, _ = run(capsys, "rules", "test", str(own_rule))
    assert status == 1
    assert "no document yields what the rule looks at" in out


def test_a_rule_that_does_not_load_is_status_2(own_rule: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule = own_rule / "rule.yaml"
    rule.write_text(rule.read_text().replace("why: ", "wyh: "))
    status, out, err = run(capsys, "rules", "test", str(own_rule))
    assert (status, out) == (2, "")
    assert str(rule) in err


def test_a_broken_example_is_status_2(own_rule: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (own_rule / "bad.yaml").write_text("kind: [")
    status, _, err = run(capsys, "rules", "test", str(own_rule))
    assert status == 2
    assert "bad.yaml:1" in err


def test_explain_has_everything_that_a_reader_asks(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "rules", "explain", "unsafe-sysctl")
    assert status == 0
    assert "\x1b" not in out
    for words in (
        " MEDIUM  Pod sets a kernel parameter",
        "what to change\n  Remove the entry",
        "false positives\n",
        "K2  Pod Security Standards",
        "T1611  Escape to Host",
        "elsewhere: kube-linter unsafe-sysctls; Trivy KSV-0026",
        "parameter kubernetesVersion: 36",
        "must hold: item.name in [",
        "bad example (bad.yaml)\n  apiVersion: ",
        "good example (good.yaml)\n",
        "seawall rules export --native --only unsafe-sysctl",
    ):
        assert words in out


def test_explain_works_for_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    for rule in RULES:
        status, out, _ = run(capsys, "rules", "explain", rule.id)
        assert status == 0
        assert rule.title in " ".join(out.split())


def test_docs_are_written_once_and_then_current(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ("--directory", str(tmp_path))
    assert run(capsys, "rules", "docs", *where)[0] == 0
    written = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.md")}
    assert run(capsys, "rules", "docs", "--check", *where) == (0, "", "")
    assert run(capsys, "rules", "docs", *where)[0] == 0
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.md")} == written
    text = (tmp_path / "rules" / "container.md").read_text()
    assert [rule.id for rule in RULES if rule.layer == "container" and f"\n## {rule.id}\n" not in text] == []
    practices = (tmp_path / "frameworks" / "practices.md").read_text()
    assert '<a id="N3"></a>' in practices
    assert "../rules/container.md#privileged-container" in practices


def test_docs_check_names_missing_stale_and_left_over_pages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ("--directory", str(tmp_path))
    run(capsys, "rules", "docs", *where)
    (tmp_path / "rules" / "cluster.md").unlink()
    (tmp_path / "rules" / "container.md").write_text("stale")
    (tmp_path / "frameworks" / "old.md").write_text("left over")
    status, _, err = run(capsys, "rules", "docs", "--check", *where)
    assert status == 1
    assert [line.rsplit("/", 1)[1] for line in err.splitlines()[:3]] == [
        "old.md is left over",
        "cluster.md is missing",
        "container.md is stale",
    ]
    run(capsys, "rules", "docs", *where)
    assert run(capsys, "rules", "docs", "--check", *where)[0] == 0
    assert not (tmp_path / "frameworks" / "old.md").exists()


def test_every_link_between_the_pages_leads_somewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import re

    run(capsys, "rules", "docs", "--directory", str(tmp_path))
    pages = {path: path.read_text() for path in tmp_path.rglob("*.md")}
    broken = []
    for path, text in pages.items():
        for target, anchor in re.findall(r"\]\(([^)#:]*\.md)?(?:#([^)]*))?\)", text):
            page = (path.parent / target).resolve() if target else path
            if page not in pages or (anchor and f"\n## {anchor}\n" not in pages[page]):
                broken.append((path.name, target, anchor))
    assert broken == []
