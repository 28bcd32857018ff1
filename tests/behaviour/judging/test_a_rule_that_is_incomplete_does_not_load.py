"""A rule folder loads whole or not at all, and the error names the file and what is missing."""

import pytest

from seawall.model.errors import RuleError
from seawall.model.rule import Rule
from seawall.policy.load import RuleFolder, literal, parse_rule, parse_rules

COMPLETE = b"""\
id: no-lighthouse
title: Harbour has no lighthouse
stages: [deploy]
practices: [K1]
severity: low
confidence: high
why: Ships run aground.
remediation: Build a lighthouse.
match: {kinds: [sea.example/Harbour]}
validations:
  - expression: object.?lighthouse.orValue(false)
"""
NAMES = ("bad.yaml", "good.yaml", "rule.yaml")


def folder(text: bytes | None = COMPLETE, names: tuple[str, ...] = NAMES, name: str = "no-lighthouse") -> RuleFolder:
    return RuleFolder(place=f"rules/cluster/{name}", layer="cluster", id=name, rule=text, names=names)


def test_a_complete_folder_loads() -> None:
    rule = parse_rule(folder())
    assert isinstance(rule, Rule)
    assert (rule.id, rule.layer, rule.sets) == ("no-lighthouse", "cluster", ["default"])


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"why: Ships run aground.\n", "why"),
        (b"remediation: Build a lighthouse.\n", "remediation"),
        (b"title: Harbour has no lighthouse\n", "title"),
        (b"severity: low\n", "severity"),
        (b"match: {kinds: [sea.example/Harbour]}\n", "match"),
    ],
)
def test_a_missing_field_is_named(line: bytes, complaint: str) -> None:
    with pytest.raises(RuleError, match=complaint) as error:
        parse_rule(folder(COMPLETE.replace(line, b"")))
    assert error.value.place == "rules/cluster/no-lighthouse/rule.yaml"


@pytest.mark.parametrize("kind", ["bad", "good"])
def test_a_missing_example_is_named(kind: str) -> None:
    names = tuple(name for name in NAMES if not name.startswith(kind))
    with pytest.raises(RuleError, match=rf"{kind}\.\* example is missing"):
        parse_rule(folder(names=names))


def test_the_folder_is_the_id() -> None:
    with pytest.raises(RuleError, match="is not the folder's name"):
        parse_rule(folder(name="other-name"))


def test_a_misspelt_field_is_an_error_and_not_ignored() -> None:
    with pytest.raises(RuleError, match="severty"):
        parse_rule(folder(COMPLETE + b"severty: high\n"))


def test_an_empty_why_does_not_count() -> None:
    with pytest.raises(RuleError, match="why is empty"):
        parse_rule(folder(COMPLETE.replace(b"Ships run aground.", b"'  '")))


def test_yaml_that_does_not_parse_is_named_with_its_line() -> None:
    with pytest.raises(RuleError) as error:
        parse_rule(folder(COMPLETE + b"why: [\n"))
    assert error.value.place.startswith("rules/cluster/no-lighthouse/rule.yaml:")


def test_two_rules_may_not_share_a_name() -> None:
    twin = folder(COMPLETE.replace(b"id: no-lighthouse", b"id: other\naliases: [no-lighthouse]"), name="other")
    with pytest.raises(RuleError, match="taken by another rule"):
        parse_rules([folder(), twin])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (7, "7"),
        (1.5, "1.5"),
        ('say "hi"\n', r'"say \"hi\"\n"'),
        ([1, "a"], '[1, "a"]'),
        ({"a": [False]}, '{"a": [false]}'),
    ],
)
def test_parameters_become_literals(value: object, text: str) -> None:
    assert literal(value) == text
