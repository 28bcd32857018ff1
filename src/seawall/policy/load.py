"""Rule folders as bytes -> `Rule` values. What is incomplete or misspelt does not load.

The rules of a rule (``docs/architecture.md``): the folder's name is the id; ``why``, ``remediation``, a bad and a good
example must be there; unknown fields are errors; names within a set are unique.
"""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from seawall.formats import kubernetes_yaml
from seawall.model.errors import RuleError
from seawall.model.rule import Rule

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_PRACTICE = re.compile(r"[CKNDBPR][1-5]\Z")


class RuleFolder(msgspec.Struct, frozen=True):
    """One folder of rule data: `place` for messages, `layer` and `id` from its path, the text of ``rule.yaml`` (None where
    it is missing) and the names of all its files."""

    place: str
    layer: str
    id: str
    rule: bytes | None
    names: tuple[str, ...]

    def example_names(self, kind: str) -> list[str]:
        """Return the names of the example files of `kind` (``bad`` or ``good``), sorted."""
        return sorted(name for name in self.names if re.match(rf"{kind}(-[a-z0-9-]+)?\.[a-z]+\Z", name))


def parse_rule(folder: RuleFolder) -> Rule:
    """Return the rule in `folder`.

    Raises `RuleError` naming the file, the field and what is expected.
    """
    place = f"{folder.place}/rule.yaml"
    if folder.rule is None:
        raise RuleError("rule.yaml is missing", place=folder.place)
    parsed = kubernetes_yaml.parse(place, folder.rule)
    if parsed.unscanned:
        problem = parsed.unscanned[0]
        raise RuleError(problem.reason, place=problem.path)
    if len(parsed.documents) != 1:
        raise RuleError(f"expected one document, found {len(parsed.documents)}", place=place)
    value = parsed.documents[0].value
    if not isinstance(value, dict):
        raise RuleError("a rule is a map of fields", place=place)
    try:
        rule = msgspec.convert({**value, "layer": folder.layer}, Rule)
    except msgspec.ValidationError as error:
        raise RuleError(str(error), place=place, remedy="see docs/rules for the fields of a rule") from error
    _check(rule, folder, place)
    return rule


def _check(rule: Rule, folder: RuleFolder, place: str) -> None:
    problems: list[str] = []
    if rule.id != folder.id:
        problems.append(f"id {rule.id!r} is not the folder's name {folder.id!r}")
    if not _ID.match(rule.id):
        problems.append(f"id {rule.id!r} is not lower-case words joined by hyphens")
    words = {"title": rule.title, "why": rule.why, "remediation": rule.remediation}
    problems += [f"{field} is empty" for field, text in words.items() if not text.strip()]
    if not rule.remediation.rstrip().endswith("."):
        problems.append("remediation does not end with a period")
    problems += [f"practice {practice!r} is unknown" for practice in rule.practices if not _PRACTICE.match(practice)]
    if not rule.practices:
        problems.append("practices is empty")
    if not rule.stages:
        problems.append("stages is empty")
    if not rule.validations:
        problems.append("validations is empty")
    if bool(rule.match.facts) == bool(rule.match.kinds):
        problems.append("match needs facts or kinds, one of the two")
    problems += [f"{kind}.* example is missing" for kind in ("bad", "good") if not folder.example_names(kind)]
    if problems:
        raise RuleError("; ".join(problems), place=place)


def parse_rules(folders: Iterable[RuleFolder]) -> list[Rule]:
    """Return the rules of all `folders`, sorted by id. Raises `RuleError` at the first that does not load, or on a twin."""
    rules: dict[str, Rule] = {}
    for folder in folders:
        rule = parse_rule(folder)
        for name in (rule.id, *rule.aliases):
            if name in rules:
                raise RuleError(f"the id or alias {name!r} is taken by another rule", place=folder.place)
        rules[rule.id] = rule
    return [rules[name] for name in sorted(rules)]


def literal(value: Any) -> str:
    """Return the CEL literal of a JSON value: how a rule's parameters enter its expressions."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return msgspec.json.encode(value).decode()
        case list() | tuple():
            return "[" + ", ".join(literal(item) for item in value) + "]"
        case dict():
            return "{" + ", ".join(f"{literal(key)}: {literal(item)}" for key, item in value.items()) + "}"
    raise RuntimeError(f"{type(value).__name__} is not a JSON value")
