"""The rules of a run: read from their folders, chosen by the options, compiled, and kept compiled for the next run.

Start-up time is a feature: a second run reads one file of decoded rules and generated code, and imports neither the YAML
parser nor the CEL library for it. The cache is keyed by everything that decides its content (the engine's version, Seawall's
version, and name, size and time of every rule file), so that it can be deleted at any moment and is never wrong.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

import seawall
from seawall.cel.fuse import fused_from_cache
from seawall.cel.linking import ENGINE_VERSION
from seawall.cel.program import from_cache
from seawall.facts.catalogue import FACT_KINDS
from seawall.model.digests import blake2b
from seawall.model.errors import UsageError
from seawall.model.rule import Rule
from seawall.model.taxonomy import Layer, Stage
from seawall.policy import select
from seawall.policy.compile import FusedFunction, Fusion, Source, Test, compile_rules, compile_source, fuse_tests
from seawall.policy.evaluate import Plan
from seawall.sources import code_cache, rule_stamp
from seawall.stages.kept_programs import KEY_BYTES, KeptPrograms

if TYPE_CHECKING:
    from seawall.stages.native_scan import NativeRules

MAX_PROGRAM_BYTES = 32 * 1024 * 1024
"""Of generated code in the cache; all shipped rules are about 1 MB, the rest are other parameters and users' own rules."""


class RuleChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Which rules a run uses, as the command line and ``seawall.yaml`` say it.

    No `rules` is the rule set ``default``; the other empty tuples choose everything. `also` are ids that run besides the
    sets. `left_out` are ids or globs that the configuration skips; a rule that `only` names runs all the same.
    """

    rules: tuple[str, ...] = ()
    layers: tuple[Layer, ...] = ()
    stages: tuple[Stage, ...] = ()
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
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
    """The outcome of a choice: the rules that run, the ids of those before the choice was narrowed, all that there are, and the
    parameters. `native` are the native policies behind some of the rules, None where there are none."""

    rules: list[Rule]
    before: frozenset[str]
    known: list[Rule]
    params: Mapping[str, Mapping[str, Any]]
    native: "NativeRules | None" = None


def choose(choice: RuleChoice) -> list[Rule]:
    """Return the rules that `choice` names, sorted by id.

    Raises `UsageError` where a name, path or glob names nothing, and `RuleError` where a rule does not load.
    """
    return resolve(choice).rules


def resolve(choice: RuleChoice) -> ChosenRules:
    """Return the rules that `choice` names, and among what they were chosen. Raises as `choose` does."""
    names = choice.rules or ("default",)
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
    rules = select.narrow(rules, layers=choice.layers, stages=choice.stages, only=choice.only, skip=choice.skip)
    ids = frozenset(rule.id for rule in rules)
    return ChosenRules(rules, before | ids, [*shipped, *own], choice.params, native.only(ids) if native else None)


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
    """Return `rules` compiled and ready to run, from the cache where it has them.

    Everything is compiled here, never in the middle of a scan; what is in the cache was, and is loaded when it first runs.
    Raises `RuleError` where a rule does not compile.
    """
    programs = _Programs()
    compiled = compile_rules(rules, params, programs.compile)
    result = Plan(compiled, programs.fuse, {name: tuple(kind.fields) for name, kind in FACT_KINDS.items()})
    result.fuse()
    programs.save()
    return result


class _Programs:
    """Generated code of expressions and of fused tests, from the cache where it has them."""

    def __init__(self) -> None:
        self._kept = KeptPrograms("programs", MAX_PROGRAM_BYTES)
        self.save = self._kept.save

    def compile(self, source: Source) -> Test:
        """Return the function for one expression."""
        function: Test = self._find(source, from_cache, compile_source)
        return function

    def fuse(self, fusion: Fusion) -> FusedFunction:
        """Return the function for many tests."""
        function: FusedFunction = self._find(fusion, fused_from_cache, fuse_tests)
        return function

    def _find(self, made_of: Source | Fusion, load: Callable[[bytes], Any], make: Callable[[Any], Any]) -> Any:
        kind = type(made_of).__name__.encode()
        key = blake2b(msgspec.msgpack.encode(made_of), digest_size=KEY_BYTES, person=kind).digest()
        entry = self._kept.get(key)
        if entry is not None:
            return _load_when_called(entry, load, lambda: make(made_of))
        made = make(made_of)
        self._kept.put(key, made.to_cache())
        return made.function


def _load_when_called(entry: bytes, load: Callable[[bytes], Any], make: Callable[[], Any]) -> Callable[..., Any]:
    """Return a function that is loaded from `entry` at its first call: most programs of a run are never asked alone."""
    function: Callable[..., Any] | None = None

    def run(*arguments: Any) -> Any:
        nonlocal function
        if function is None:
            function = (load(entry) or make()).function
        return function(*arguments)

    return run
