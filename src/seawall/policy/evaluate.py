"""Facts x compiled rules -> failures and errors.

The hot path is one call a fact and list: all rules that look at the same thing are one generated function, with no
bookkeeping for what passes. A rule that meets the unexpected there is asked alone, in its exact form, so that one broken
item never hides what the other rules say. Unknown and error are never a pass: they come back as `Inconclusive`.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

from seawall.cel.errors import CelError, CelUnknown
from seawall.model.fact import Fact
from seawall.model.field_path import FieldPath
from seawall.model.resource import Resource
from seawall.model.taxonomy import Verdict
from seawall.policy.compiled import (
    CompiledRule,
    CompiledValidation,
    Each,
    FusedFunction,
    Fuser,
    Fusion,
    Sources,
)

if TYPE_CHECKING:
    from seawall.cel.fuse import Found


class Failure(msgspec.Struct, frozen=True, eq=False):
    """A validation that is false for one item of one fact. `indices` are the positions in the lists of ``each``."""

    validation: CompiledValidation
    fact: Fact
    item: Any
    parent: Any
    indices: tuple[int, ...]


class Inconclusive(msgspec.Struct, frozen=True, eq=False):
    """A validation that could not be decided: `verdict` is `ERROR` or `UNKNOWN`, `reason` says why."""

    validation: CompiledValidation
    fact: Fact
    indices: tuple[int, ...]
    verdict: Verdict
    reason: str


class Step:
    """The validations that look at one kind and walk the same lists, fused when they first run."""

    __slots__ = ("_fuse", "each", "function", "load", "present", "sources", "validations")

    def __init__(self, each: Each | None, fuse: Fuser | None = None, present: tuple[str, ...] = ()) -> None:
        self.each = each
        self.validations: list[CompiledValidation] = []
        self.sources: list[Sources] = []
        self.present = present
        self._fuse = fuse or _fuse_now
        self.function: FusedFunction | None = None
        self.load: Callable[[], FusedFunction] | None = None  # of a function that was made before

    def prepare(self) -> FusedFunction:
        """Return the function of all validations, compiled at the first call."""
        if self.function is None:
            self.function = self._fuse(self.fusion()) if self.load is None else self.load()
        return self.function

    def fusion(self) -> Fusion:
        """Return what the function is made of."""
        return Fusion(tuple((each.conditions, each.test) for each in self.sources), self.each, self.present)


def _fuse_now(fusion: Fusion) -> FusedFunction:
    from seawall.policy.compile import fuse_tests  # what was compiled before needs no compiler

    return fuse_tests(fusion).function


class Plan:
    """The compiled rules, sorted by what they look at: fact kind or ``group/Kind``, then the lists that they walk.

    `fuser` compiles what looks at the same thing into one function; a caller that keeps a cache passes its own. `present`
    names, by fact kind, the fields that every fact of it has.
    """

    def __init__(
        self,
        rules: Iterable[CompiledRule],
        fuser: Fuser | None = None,
        present: Mapping[str, Collection[str]] = MappingProxyType({}),
    ) -> None:
        self.rules = list(rules)
        self.fact_kinds: set[str] = set()
        self.resource_kinds: set[str] = set()
        steps: dict[str, dict[Each | None, Step]] = {}
        for compiled in self.rules:
            match = compiled.rule.match
            self.fact_kinds.update(match.facts)
            self.resource_kinds.update(match.kinds)
            for kind in (*match.facts, *match.kinds):
                by_each = steps.setdefault(kind, {})
                step = by_each.get(compiled.each)
                if step is None:
                    step = by_each[compiled.each] = Step(compiled.each, fuser, tuple(sorted(present.get(kind, ()))))
                step.validations += compiled.validations
                step.sources += compiled.sources
        self._steps = {kind: list(by_each.values()) for kind, by_each in steps.items()}

    @classmethod
    def of(cls, rules: Iterable[CompiledRule], steps: Mapping[str, list[Step]]) -> "Plan":
        """Return the plan of `rules` whose `steps`, by what they look at, were put together before."""
        plan = cls(())
        plan.rules = list(rules)
        for compiled in plan.rules:
            plan.fact_kinds.update(compiled.rule.match.facts)
            plan.resource_kinds.update(compiled.rule.match.kinds)
        plan._steps = dict(steps)
        return plan

    @property
    def kinds(self) -> Collection[str]:
        """What it looks at: fact kinds and ``group/Kind``s."""
        return self._steps.keys()

    def fuse(self) -> None:
        """Compile everything now, in place of when it first runs."""
        for steps in self._steps.values():
            for step in steps:
                step.prepare()

    def steps(self, kind: str) -> Sequence[Step]:
        """Return what runs on a fact of `kind`."""
        return self._steps.get(kind, ())

    def resource_facts(self, resources: Iterable[Resource]) -> Iterator[Fact]:
        """Yield each resource whose kind a rule matches as a fact of that kind (``group/Kind``), as it stands."""
        wanted = self.resource_kinds
        for resource in resources:
            api_version = resource.ref.api_version
            slash = api_version.find("/")
            kind = resource.ref.kind if slash < 0 else f"{api_version[:slash]}/{resource.ref.kind}"
            if kind in wanted:
                yield Fact(kind=kind, resource=resource, value=resource.object, roots={})

    def run(self, facts: Iterable[Fact]) -> tuple[list[Failure], list[Inconclusive]]:
        """Evaluate every rule on every fact that it matches, in the facts' order."""
        failures: list[Failure] = []
        inconclusive: list[Inconclusive] = []
        steps_by_kind = self._steps
        for fact in facts:
            steps = steps_by_kind.get(fact.kind)
            if steps is None:
                continue
            value = fact.value
            for step in steps:
                found: list[Found] = []
                doubts: list[Found] = []
                try:
                    (step.function or step.prepare())(value, found, doubts)
                except Exception:  # the value is not built as it should be: every rule decides for itself
                    found = []
                    doubts, broken = _all_of(step, value)
                    inconclusive += [
                        Inconclusive(v, fact, (), Verdict.ERROR, broken) for v in step.validations if broken
                    ]
                validations = step.validations
                for number, item, parent, indices in found:
                    failures.append(Failure(validations[number], fact, item, parent, indices))
                for doubt in doubts:
                    _decide(step, doubt, fact, failures, inconclusive)
        return failures, inconclusive


def _all_of(step: Step, value: Any) -> "tuple[list[Found], str]":
    """Return every validation on every item of `value`, and what is wrong with the lists where they cannot be walked."""
    numbers = range(len(step.validations))
    if step.each is None:
        return [(number, None, None, ()) for number in numbers], ""
    try:
        items = list(items_of(value, step.each))
    except CelError as error:
        return [], str(error)
    return [(number, item, parent, indices) for item, parent, indices in items for number in numbers], ""


def _decide(step: Step, doubt: "Found", fact: Fact, failures: list[Failure], inconclusive: list[Inconclusive]) -> None:
    """Ask the validation's own program, which is exact."""
    number, item, parent, indices = doubt
    validation = step.validations[number]
    try:
        result = validation.test(fact.value, item, parent)
    except CelUnknown as error:
        inconclusive.append(Inconclusive(validation, fact, indices, Verdict.UNKNOWN, str(error)))
    except (CelError, RecursionError) as error:
        inconclusive.append(Inconclusive(validation, fact, indices, Verdict.ERROR, str(error)))
    else:
        if result is False:
            failures.append(Failure(validation, fact, item, parent, indices))
        elif result is not True:
            reason = f"the expression gave {type(result).__name__}, not bool"
            inconclusive.append(Inconclusive(validation, fact, indices, Verdict.ERROR, reason))


def items_of(value: Any, each: Each) -> Iterator[tuple[Any, Any, tuple[int, ...]]]:
    """Yield (item, parent, indices) of the lists that `each` names; a list that is absent has no items.

    Raises `CelError` where the value has something else than a list there.
    """
    outer = _list_at(value, each.outer)
    if each.inner is None:
        for index, item in enumerate(outer):
            yield item, None, (index,)
        return
    for outer_index, parent in enumerate(outer):
        for index, item in enumerate(_list_at(parent, each.inner)):
            yield item, parent, (outer_index, index)


def _list_at(value: Any, path: FieldPath) -> Sequence[Any]:
    for step in path:
        if not isinstance(value, dict):
            raise CelError(f"no such overload: {step} of {type(value).__name__}")
        value = value.get(step)
        if value is None:
            return ()
    if not isinstance(value, list):
        raise CelError(f"expected a list at {path[-1]}, found {type(value).__name__}")
    return value
