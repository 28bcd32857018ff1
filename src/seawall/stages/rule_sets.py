"""The rules of a run: read from their folders, chosen by the options, compiled, and kept compiled for the next run.

Start-up time is a feature: a second run reads one file of rules and generated code (`kept_plans`), and imports neither the YAML
parser nor the CEL library for it. The cache is keyed by everything that decides its content (the engine's version, Seawall's
version, and size and time of every rule file), so that it can be deleted at any moment and is never wrong.
"""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

import seawall
from seawall.cel.linking import ENGINE_VERSION
from seawall.model.errors import UsageError
from seawall.model.rule import Rule
from seawall.model.taxonomy import Layer, Stage
from seawall.policy import select
from seawall.policy.evaluate import Plan
from seawall.sources import code_cache, rule_stamp
from seawall.stages import kept_plans

if TYPE_CHECKING:
    from seawall.stages.native_scan import NativeRules


class RuleChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Which rules a run uses, as the command line and ``seawall.yaml`` say it.

    No `rules` is the rule set ``default``; the other empty tuples choose everything. `also` are ids that run besides the
    sets. `left_out` are ids or globs that the configuration skips; a rule that `only` names runs all the same. `without` are
    kinds of facts that the run does not collect, and no rule about them runs.
    """

    rules: tuple[str, ...] = ()
    layers: tuple[Layer, ...] = ()
    stages: tuple[Stage, ...] = ()
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    params: Mapping[str, Mapping[str, Any]] = {}


def shipped_rules() -> list[Rule]:
    """Return every rule that comes with Seawall, sorted by id."""
    key = f"{seawall.__version__}\0{ENGINE_VERSION}\0{rule_stamp.stamp(rule_stamp.SHIPPED)}"
    path = code_cache.path_for("rules", key)
    cached = code_cache.read(path)
    if cached is not None:
        try:
            return msgspec.msgpack.decode(cached, type=list[Rule])
        except msgspec.DecodeError:
            pass  # a damaged cache is no cache
    from seawall.policy.load import parse_rules
    from seawall.sources import rule_folders

    rules = parse_rules(rule_folders.read(rule_folders.SHIPPED))
    code_cache.write(path, msgspec.msgpack.encode(rules))
    return rules


def user_rules(path: str) -> list[Rule]:
    """Return the rules in the folder (or folder of folders) at `path`."""
    from pathlib import Path

    from seawall.policy.load import parse_rules
    from seawall.sources import rule_folders

    return parse_rules(rule_folders.read(Path(path)))


class ChosenRules(msgspec.Struct, frozen=True):
    """The outcome of a choice: the rules that run, the ids of those before the choice was narrowed, the user's own among all that
    there are, and the parameters. `native` are the native policies behind some of the rules, None where there are none.

    `kept` is the plan of an earlier run with the same choice; `keep_at` is where this run's may be kept, empty for nowhere.
    """

    rules: list[Rule]
    before: frozenset[str]
    own: Sequence[Rule]
    params: Mapping[str, Mapping[str, Any]]
    native: "NativeRules | None" = None
    kept: Plan | None = None
    keep_at: str = ""

    @property
    def known(self) -> list[Rule]:
        """All rules that there are."""
        return [*shipped_rules(), *self.own]

    def plan(self) -> Plan:
        """Return the rules compiled and ready to run. Raises `RuleError` where a rule does not compile."""
        if self.kept is not None:
            return self.kept
        from seawall.stages.plans import Programs, make_plan

        programs = Programs()
        made = make_plan(self.rules, self.params, programs)
        if self.keep_at:
            kept_plans.write(self.keep_at, self.before, made, programs)
        return made


def choose(choice: RuleChoice) -> list[Rule]:
    """Return the rules that `choice` names, sorted by id.

    Raises `UsageError` where a name, path or glob names nothing, and `RuleError` where a rule does not load.
    """
    return resolve(choice).rules


def resolve(choice: RuleChoice) -> ChosenRules:
    """Return the rules that `choice` names, and among what they were chosen. Raises as `choose` does."""
    names = choice.rules or ("default",)
    keep_at = ""
    if all(name in select.RULE_SETS for name in names):  # a user's own files may change without their names
        text = msgspec.json.encode(choice).decode()
        keep_at = kept_plans.path_for(text, rule_stamp.stamp(rule_stamp.SHIPPED))
        kept = kept_plans.read(keep_at, lambda rules: plan(rules, choice.params))
        if kept is not None:
            return ChosenRules(kept.rules, kept.before, (), choice.params, kept=kept.plan)
    sets = [name for name in names if name in select.RULE_SETS]
    shipped = shipped_rules()
    chosen = {rule.id: rule for rule in select.in_sets(shipped, sets)}
    chosen |= {rule.id: rule for rule in shipped if rule.id in choice.also}
    own: list[Rule] = []
    files = [name for name in names if name not in select.RULE_SETS and os.path.isfile(name)]
    native = _native_rules(files) if files else None
    for name in names:
        if name in select.RULE_SETS or name in files:
            continue
        if not os.path.isdir(name):
            sets_text = ", ".join(select.RULE_SETS)
            raise UsageError(
                f"--rules {name!r} is neither a rule set, a rule folder nor a file of native policies",
                remedy=f"the rule sets: {sets_text}",
            )
        for rule in user_rules(name):
            if rule.id in chosen:
                raise UsageError(f"the rule {rule.id!r} in {name} has the id of another chosen rule")
            chosen[rule.id] = rule
            own.append(rule)
    for rule in native.rules if native else ():
        if rule.id in chosen:
            raise UsageError(f"the policy {rule.id!r} has the id of another chosen rule")
        chosen[rule.id] = rule
        own.append(rule)
    if choice.left_out:
        chosen = {name: rule for name, rule in chosen.items() if not select.is_named(rule, choice.left_out)}
    before = frozenset(chosen)
    if choice.only:
        # An id that is asked for by name runs even where no chosen set holds it.
        chosen = (
            {rule.id: rule for rule in select.in_sets(shipped, ("all",))} | {rule.id: rule for rule in own} | chosen
        )
    rules = [chosen[name] for name in sorted(chosen)]
    rules = select.narrow(
        rules, layers=choice.layers, stages=choice.stages, only=choice.only, skip=choice.skip, without=choice.without
    )
    ids = frozenset(rule.id for rule in rules)
    only_native = native.only(ids) if native else None
    return ChosenRules(rules, before | ids, own, choice.params, only_native, keep_at=keep_at)


def _native_rules(paths: Sequence[str]) -> "NativeRules":
    """Return the native policies in the files at `paths`. Raises `UsageError` where nothing in them is in force."""
    from seawall.stages.native_policies import load_policies
    from seawall.stages.native_scan import NativeRules, make_rules

    policies, extra = load_policies(paths)
    rules = make_rules(policies)
    if not rules:
        raise UsageError(
            f"--rules {', '.join(paths)}: no ValidatingAdmissionPolicy there has a binding",
            remedy="a policy without a ValidatingAdmissionPolicyBinding does nothing; put its binding into the same file",
        )
    return NativeRules(policies, rules, extra)


def plan(rules: Sequence[Rule], params: Mapping[str, Mapping[str, Any]]) -> Plan:
    """Return `rules` compiled and ready to run, from kept programs where there are some.

    Raises `RuleError` where a rule does not compile.
    """
    from seawall.stages.plans import Programs, make_plan

    return make_plan(rules, params, Programs())
