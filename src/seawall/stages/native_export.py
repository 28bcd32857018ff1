"""Which rules the API server can judge by itself, and those rules as its own policies."""

from collections.abc import Iterable
from functools import cache

from seawall.facts.catalogue import FACT_KINDS, FactKind
from seawall.model.rule import Rule
from seawall.policy.native_export import NativeFact, why_not_native


@cache
def native_facts() -> dict[str, NativeFact]:
    """Return the catalogue of facts as the exporter sees it."""
    return {kind.name: _native(kind) for kind in FACT_KINDS.values()}


def _native(kind: FactKind) -> NativeFact:
    if kind.cel:
        return NativeFact(kinds=kind.kinds, fields=kind.cel)
    if kind.scope == "set":
        return NativeFact(why_not=f"it compares resources with each other ({kind.name}), and admission sees one object")
    return NativeFact(why_not=f"what it looks at ({kind.name}) is not written in the object but found out about it")


def reasons(rules: Iterable[Rule]) -> dict[str, str]:
    """Return, by id, why a rule cannot be a native policy; rules that can be one are left out."""
    found = {rule.id: why_not_native(rule, native_facts()) for rule in rules}
    return {rule_id: why for rule_id, why in found.items() if why}
