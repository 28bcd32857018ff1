"""Which rules the API server can judge by itself, and those rules as its own policies."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from seawall.facts.catalogue import FACT_KINDS, FactKind
from seawall.formats import kubernetes_manifest
from seawall.model.rule import Rule
from seawall.policy.native_export import Enforcing, NativeFact, NativePolicy, export_rule, why_not_native


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


def export(
    rules: Iterable[Rule],
    *,
    enforcing: Enforcing | None = None,
    params: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[NativePolicy]:
    """Return those of `rules` that can be native policies as such, in their order; `params` holds overrides by rule id.

    Raises `RuleError` where an expression has no native form.
    """
    overrides = params or {}
    return [
        export_rule(rule, native_facts(), params=overrides.get(rule.id), enforcing=enforcing)
        for rule in rules
        if not why_not_native(rule, native_facts())
    ]


def texts(policies: Iterable[NativePolicy]) -> dict[str, str]:
    """Return the manifest of each policy with its binding, by file name."""
    return {f"{one.rule.id}.yaml": kubernetes_manifest.write([one.policy, one.binding]) for one in policies}
