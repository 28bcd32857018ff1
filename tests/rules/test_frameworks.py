"""Rules and frameworks name each other truly."""

import re
from functools import cache
from typing import Any

import pytest

from seawall.formats import kubernetes_yaml
from seawall.model.rule import Rule
from seawall.policy.load import parse_rules
from seawall.sources import rule_folders

RULES: list[Rule] = parse_rules(rule_folders.read(rule_folders.SHIPPED))
FRAMEWORKS = rule_folders.SHIPPED.parent / "frameworks"


@cache
def framework(name: str) -> dict[str, Any]:
    parsed = kubernetes_yaml.parse(name, (FRAMEWORKS / f"{name}.yaml").read_bytes())
    assert not parsed.unscanned
    value: dict[str, Any] = parsed.documents[0].value
    assert value["id"] == name
    return value


def controls_of(rule: Rule, name: str) -> list[str]:
    value = rule.maps.get(name, [])
    return [value] if isinstance(value, str) else list(value)


def test_every_practice_of_a_rule_exists() -> None:
    practices = framework("practices")["controls"]
    assert [(rule.id, p) for rule in RULES for p in rule.practices if p not in practices] == []


def test_there_are_thirty_one_practices_each_with_its_part() -> None:
    practices = framework("practices")["controls"]
    assert len(practices) == 31
    parts = {"cloud", "cluster", "container", "code", "build", "deploy", "runtime"}
    assert {practice["part"] for practice in practices.values()} == parts


@pytest.mark.parametrize("name", ["pss", "cis-kubernetes-1.11", "cis-kubernetes-1.12", "attack"])
def test_every_control_that_a_rule_names_exists(name: str) -> None:
    controls = framework(name)["controls"]
    assert [(rule.id, c) for rule in RULES for c in controls_of(rule, name) if c not in controls] == []


def headings(name: str) -> dict[str, str]:
    """Return the headings of the guidance as rules write them, each with the reason why it is not judged (or nothing)."""
    found: dict[str, str] = {}
    for section, control in framework(name)["controls"].items():
        for heading, entry in (control["headings"] or {"": {}}).items():
            found[f"{section}: {heading}" if heading else section] = entry.get("notJudged", "")
    return found


def test_every_nsa_heading_is_the_guidances_and_is_served_or_says_why_not() -> None:
    written = {topic for rule in RULES for topic in controls_of(rule, "nsa")}
    known = headings("nsa")
    assert sorted(written - set(known)) == []
    assert [(name, why) for name, why in known.items() if bool(why) is (name in written)] == []


@pytest.mark.parametrize("name", ["cis-kubernetes-1.11", "cis-kubernetes-1.12"])
def test_every_cis_control_is_served_or_says_why_not(name: str) -> None:
    served = {control for rule in RULES for control in controls_of(rule, name)}
    controls = framework(name)["controls"]
    assert [
        number for number, control in controls.items() if bool(control.get("notJudged")) is (number in served)
    ] == []


def test_cis_1_12_dropped_added_capabilities_and_moved_what_stood_behind_it() -> None:
    def renumbered(number: str) -> str:
        section, _, last = number.rpartition(".")
        return f"5.2.{max(int(last) - 1, 9)}" if section == "5.2" and int(last) > 9 else number

    older, newer = "cis-kubernetes-1.11", "cis-kubernetes-1.12"
    differing = [
        rule.id
        for rule in RULES
        if list(dict.fromkeys(renumbered(n) for n in controls_of(rule, older))) != controls_of(rule, newer)
    ]
    assert differing == []


def test_every_rule_says_who_does_it_on_purpose() -> None:
    assert [rule.id for rule in RULES if len(rule.false_positives.strip()) < 11] == []


def test_every_pod_security_check_is_served_by_rules_of_its_level() -> None:
    rules = {rule.id: rule for rule in RULES}
    checks = framework("pss")["checks"]
    served: list[str] = []
    for check in checks.values():
        # A restricted check that overrides a baseline one has the rules of both.
        inherited = checks[check["overrides"]]["rules"] if "overrides" in check else []
        assert set(inherited) < set(check["rules"]) or not inherited
        own = [rule_id for rule_id in check["rules"] if rule_id not in inherited]
        assert [rule_id for rule_id in own if controls_of(rules[rule_id], "pss") != [check["level"]]] == []
        served += own
    assert sorted(served) == sorted(rule.id for rule in RULES if "pss" in rule.maps)


def test_a_peers_id_is_written_as_the_peer_writes_it() -> None:
    patterns = {
        "trivy": r"(?:KSV|DS)-\d{4}",
        "checkov": r"CKV2?_(?:K8S|DOCKER)_\d+",
        "kube-linter": r"[a-z0-9-]+",
        "kube-score": r"[a-z-]+",
        "cwe": r"CWE-\d+",
        "bandit": r"B\d{3}",
        "gosec": r"G\d{3}",
        "hadolint": r"DL\d{4}",
    }
    for rule in RULES:
        for name, pattern in patterns.items():
            for identifier in controls_of(rule, name):
                assert re.fullmatch(pattern, identifier), (rule.id, identifier)


def test_a_rule_maps_only_to_known_names() -> None:
    known = {"pss", "cis-kubernetes-1.11", "cis-kubernetes-1.12", "nsa", "attack"}
    # of CIS' benchmark for Docker only section 4 is about images: it has no page of its own
    peers = {
        "cwe",
        "bandit",
        "gosec",
        "kube-linter",
        "trivy",
        "checkov",
        "kube-score",
        "polaris",
        "hadolint",
        "cis-docker",
    }
    assert sorted({name for rule in RULES for name in rule.maps} - known - peers) == []


def test_references_are_https_addresses() -> None:
    assert [(rule.id, r) for rule in RULES for r in rule.references if not r.startswith("https://")] == []
