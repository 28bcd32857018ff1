"""Which rules the API server can judge by itself, and those rules as its own policies."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec

from seawall.facts.catalogue import FACT_KINDS, FactKind
from seawall.formats import kubernetes_manifest
from seawall.model.rule import Rule
from seawall.policy.native_export import Enforcing, NativeFact, NativePolicy, export_rule, why_not_native
from seawall.stages import configuration, rule_sets
from seawall.stages.rule_sets import RuleChoice


@cache
def native_facts() -> dict[str, NativeFact]:
    """Return the catalogue of facts as the exporter sees it."""
    return {kind.name: _native(kind) for kind in FACT_KINDS.values()}


def _native(kind: FactKind) -> NativeFact:
    if kind.cel:
        return NativeFact(kinds=kind.kinds, fields=kind.cel)
    if kind.scope in ("set", "system"):
        return NativeFact(why_not=f"it compares resources with each other ({kind.name}), and admission sees one object")
    return NativeFact(why_not=f"what it looks at ({kind.name}) is not written in the object but found out about it")


def reasons(rules: Iterable[Rule]) -> dict[str, str]:
    """Return, by id, why a rule cannot be a native policy; rules that can be one are left out."""
    found = {rule.id: why_not_native(rule, native_facts()) for rule in rules}
    return {rule_id: why for rule_id, why in found.items() if why}


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """Rules for an export, with the parameters that a configuration gives them."""

    rules: list[Rule]
    params: Mapping[str, Mapping[str, Any]]


def choose(choice: RuleChoice, config: str | None) -> Chosen:
    """Return the rules that `choice` and the configuration name, as they hold at the door of a cluster (``seawall admit``).

    `config` is its path; None is the nearest ``seawall.yaml``, as for a scan of the working directory. Policies that are native
    already are left out. Raises `UsageError` where a name names nothing.
    """
    configured = configuration.load(config, (".",))
    stage = configuration.run_stage(choice, live=True)
    chosen = rule_sets.resolve(configuration.configure_rules(choice, configured, stage))
    configuration.check_names(configured, chosen.known)
    native = {rule.id for rule in chosen.native.rules} if chosen.native else set()
    return Chosen(rules=[rule for rule in chosen.rules if rule.id not in native], params=chosen.params)


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
