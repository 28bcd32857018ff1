"""Rules compiled and ready to run, out of kept programs where there are some: what is done when a choice is new.

Everything is compiled here, never in the middle of a scan; what is in the cache was, and is loaded when it first runs.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from seawall.cel.linking import kept_function, when_called
from seawall.facts.catalogue import FACT_KINDS
from seawall.model.digests import blake2b
from seawall.model.rule import Rule
from seawall.policy.compile import compile_rules, compile_source, fuse_tests
from seawall.policy.compiled import FusedFunction, Fusion, Source, Test
from seawall.policy.evaluate import Plan
from seawall.stages.kept_programs import KEY_BYTES, KeptPrograms

MAX_PROGRAM_BYTES = 32 * 1024 * 1024
"""Of generated code in the cache; all shipped rules are about 2 MB, the rest are other parameters and users' own rules."""


class Programs:
    """Generated code of expressions and of fused tests, from the cache where it has them."""

    def __init__(self) -> None:
        self._kept = KeptPrograms("programs", MAX_PROGRAM_BYTES)
        self.save = self._kept.save

    def compile(self, source: Source) -> Test:
        """Return the function for one expression."""
        function: Test = self._find(source, compile_source)
        return function

    def fuse(self, fusion: Fusion) -> FusedFunction:
        """Return the function for many tests."""
        function: FusedFunction = self._find(fusion, fuse_tests)
        return function

    def code(self, made_of: Source | Fusion) -> bytes:
        """Return the kept form, no more than it takes to run, of what `compile` or `fuse` gave for `made_of`."""
        entry = self._kept.get(_key(made_of))
        if entry is None:
            raise RuntimeError("asked for a program that was not made")
        return entry

    def _find(self, made_of: Source | Fusion, make: Callable[[Any], Any]) -> Any:
        key = _key(made_of)
        entry = self._kept.get(key)
        if entry is not None:
            return when_called(lambda: kept_function(entry) or make(made_of).function)
        made = make(made_of)
        self._kept.put(key, made.to_cache())
        return made.function


def _key(made_of: Source | Fusion) -> bytes:
    kind = type(made_of).__name__.encode()
    return blake2b(msgspec.msgpack.encode(made_of), digest_size=KEY_BYTES, person=kind).digest()


def make_plan(rules: Sequence[Rule], params: Mapping[str, Mapping[str, Any]], programs: Programs) -> Plan:
    """Return `rules` compiled and ready to run. Raises `RuleError` where a rule does not compile."""
    compiled = compile_rules(rules, params, programs.compile)
    result = Plan(compiled, programs.fuse, {name: tuple(kind.fields) for name, kind in FACT_KINDS.items()})
    result.fuse()
    programs.save()
    return result
