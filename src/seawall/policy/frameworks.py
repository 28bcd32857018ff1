"""Framework files as bytes -> `Framework` values, and which rules serve which control."""

from collections.abc import Iterable

import msgspec

from seawall.formats import kubernetes_yaml
from seawall.model.errors import RuleError
from seawall.model.framework import Framework
from seawall.model.rule import Rule

PRACTICES = "practices"
"""The framework that a rule's ``practices`` name; every other one is named in ``maps``."""


def parse_framework(place: str, data: bytes) -> Framework:
    """Return the framework in `data`. Raises `RuleError` with the file and what is wrong."""
    parsed = kubernetes_yaml.parse(place, data)
    if parsed.unscanned:
        raise RuleError(parsed.unscanned[0].reason, place=parsed.unscanned[0].path)
    try:
        (document,) = parsed.documents
        return msgspec.convert(document.value, Framework)
    except (ValueError, msgspec.ValidationError) as error:
        raise RuleError(f"is not a framework: {error}", place=place) from error


def controls_of(rule: Rule, framework: str) -> list[str]:
    """Return the controls of `framework` that `rule` says it serves, as it writes them."""
    if framework == PRACTICES:
        return list(rule.practices)
    controls = rule.maps.get(framework, [])
    return [controls] if isinstance(controls, str) else list(controls)


def rules_by_control(framework: Framework, rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    """Return the rules that serve each control, in the framework's order of controls and the rules' own order.

    A control that no rule serves has an empty list. A rule that cites several topics of one section stands there once.
    """
    served: dict[str, list[Rule]] = {control: [] for control in framework.controls}
    for rule in rules:
        for cited in controls_of(rule, framework.id):
            control = cited if cited in served else cited.partition(": ")[0]
            if control in served and rule not in served[control]:
                served[control].append(rule)
    return served
