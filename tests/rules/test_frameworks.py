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


def test_every_nsa_topic_stands_in_a_section_of_the_guidance() -> None:
    sections = framework("nsa")["controls"]
    topics = [(rule.id, topic) for rule in RULES for topic in controls_of(rule, "nsa")]
    assert [(rule_id, topic) for rule_id, topic in topics if topic.partition(": ")[0] not in sections] == []


def test_both_cis_versions_say_the_same_of_a_rule() -> None:
    # Section 5 kept its numbers from 1.11 to 1.12.
    differing = [r.id for r in RULES if controls_of(r, "cis-kubernetes-1.11") != controls_of(r, "cis-kubernetes-1.12")]
    assert differing == []


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
        "trivy": r"KSV-\d{4}",
        "checkov": r"CKV2?_K8S_\d+",
        "kube-linter": r"[a-z0-9-]+",
        "kube-score": r"[a-z-]+",
    }
    for rule in RULES:
        for name, pattern in patterns.items():
            for identifier in controls_of(rule, name):
                assert re.fullmatch(pattern, identifier), (rule.id, identifier)


def test_a_rule_maps_only_to_known_names() -> None:
    known = {"pss", "cis-kubernetes-1.11", "cis-kubernetes-1.12", "nsa", "attack"}
    peers = {"kube-linter", "trivy", "checkov", "kube-score", "polaris"}
    assert sorted({name for rule in RULES for name in rule.maps} - known - peers) == []


def test_references_are_https_addresses() -> None:
    assert [(rule.id, r) for rule in RULES for r in rule.references if not r.startswith("https://")] == []
