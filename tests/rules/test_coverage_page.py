"""docs/coverage.md is kept by hand, topic by topic; what it says about rules is true."""

import re
from collections import Counter
from pathlib import Path

from rule_runs import shipped

PAGE = (Path(__file__).parents[2] / "docs" / "coverage.md").read_text()
LINKS: list[tuple[str, str, str]] = re.findall(r"(\*?)\[([a-z0-9-]+)\]\(rules/([a-z]+)\.md#\2\)\*?", PAGE)


def test_every_rule_for_workloads_and_cluster_stands_in_one_topic() -> None:
    counted = Counter(rule_id for _, rule_id, _ in LINKS)
    expected = Counter(rule.id for rule in shipped().values() if rule.layer in ("cluster", "container"))
    assert counted == expected


def test_every_link_names_the_rules_layer_and_whether_it_runs_by_default() -> None:
    rules = shipped()
    wrong = [
        rule_id
        for italics, rule_id, layer in LINKS
        if rules[rule_id].layer != layer or ("default" in rules[rule_id].sets) is bool(italics)
    ]
    assert wrong == []
