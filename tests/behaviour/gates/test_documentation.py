"""The examples of the pages for users are real: what is shown is read, suppresses what the page says, and runs."""

import datetime
import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from sample_repository import counting, found, scan
from seawall.apps.cli.main import main
from seawall.formats.configuration_schema import json_schema
from seawall.stages import configuration as configurations
from seawall.stages import rule_sets
from seawall.stages.rule_sets import RuleChoice

ROOT = Path(__file__).parents[3]
PAGES = {name: (ROOT / "docs" / f"{name}.md").read_text("utf-8") for name in ("configuration", "gates")}
BLOCKS = [
    (name, language, text)
    for name, page in PAGES.items()
    for language, text in re.findall(r"^```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
]
CONFIGURATIONS = [text for _, language, text in BLOCKS if language == "yaml" and "kind: Configuration" in text]
MANIFESTS = [text for _, language, text in BLOCKS if language == "yaml" and "kind: Configuration" not in text]
COMMANDS = [line for _, language, text in BLOCKS if language == "console" for line in text.splitlines()]
TODAY = datetime.date(2026, 11, 25)


@pytest.mark.parametrize("text", CONFIGURATIONS)
def test_every_configuration_is_read_and_names_what_exists(text: str, tmp_path: Path) -> None:
    path = tmp_path / "seawall.yaml"
    path.write_text(text)
    configured = configurations.load(str(path), ())
    assert configured.configuration is not None
    chosen = rule_sets.resolve(RuleChoice())
    configurations.check_names(configured, chosen.known)
    ids = {rule.id for rule in chosen.known}
    for entry in configured.configuration.suppressions:
        assert set([entry.rule] if isinstance(entry.rule, str) else entry.rule) <= ids


@pytest.mark.parametrize("text", MANIFESTS)
def test_every_suppression_that_is_shown_covers_what_it_is_for(text: str, tmp_path: Path) -> None:
    (tmp_path / "shown.yaml").write_text(text)
    scanned = scan(tmp_path, today=TODAY)
    assert counting(scanned, "privileged-container") == []
    assert len(found(scanned, "privileged-container")) == text.count("privileged: true")
    assert [f.message for f in scanned.report.findings if f.rule.endswith("suppression")] == []


def test_every_rule_about_suppressions_is_explained_with_its_severity() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]*suppression[a-z-]*)` \| (\w+) \|", PAGES["gates"], re.MULTILINE))
    rules = {rule.id: rule.severity.value for rule in rule_sets.shipped_rules() if rule.match.facts == ["Suppression"]}
    assert rows == rules


def test_every_key_of_the_file_is_explained() -> None:
    parts = json.loads(json_schema())["$defs"]
    top = json.loads(json_schema())["properties"].keys() - {"apiVersion", "kind", "metadata", "rules", "gate", "stages"}
    keys = [*top, *(f"gate.{key}" for key in parts["Gate"]["properties"])]
    keys += [f"rules.{key}" for key in parts["RulesChoice"]["properties"]]
    keys += [f"stages.{key}" for key in parts["Stages"]["properties"]]
    assert [key for key in keys if f"`{key}`" not in PAGES["configuration"]] == []
    entry = [*parts["SuppressionEntry"]["properties"], *parts["ResourceSelector"]["properties"]]
    assert [key for key in entry if f"{key}: " not in PAGES["gates"]] == []


def test_every_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    ran = 0
    for line in COMMANDS:
        words = shlex.split(line)
        if ">" in words:
            words = words[: words.index(">")]
        assert words[0] == "seawall"
        if "--since" not in words:  # needs a clone with a remote; tests/behaviour/gates/test_since.py runs it
            assert main(words[1:]) == 0, line
            ran += 1
    assert ran >= 3
