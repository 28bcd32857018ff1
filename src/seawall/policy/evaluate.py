"""Facts x compiled rules -> failures and errors.

The hot path is two plain loops around the generated functions, with no bookkeeping for what passes. An error in any rule
on a fact repeats that fact rule by rule, so that one broken item never hides what the other rules say. Unknown and error
are never a pass: they come back as `Inconclusive`.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from seawall.cel.errors import CelError, CelUnknown
from seawall.model.fact import Fact
from seawall.model.field_path import FieldPath
from seawall.model.resource import Resource
from seawall.model.taxonomy import Verdict
from seawall.policy.compile import CompiledRule, CompiledValidation, Each, Test


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


_Entry = tuple[Test, CompiledValidation]


class Plan:
    """The compiled rules, sorted by what they look at: fact kind or ``group/Kind``, then the lists that they walk."""

    def __init__(self, rules: Iterable[CompiledRule]) -> None:
        self.rules = list(rules)
        self.fact_kinds: set[str] = set()
        self.resource_kinds: set[str] = set()
        self._steps: dict[str, dict[Each | None, list[_Entry]]] = {}
        for compiled in self.rules:
            match = compiled.rule.match
            self.fact_kinds.update(match.facts)
            self.resource_kinds.update(match.kinds)
            for kind in (*match.facts, *match.kinds):
                steps = self._steps.setdefault(kind, {})
                entries = steps.setdefault(compiled.each, [])
                entries += [(validation.test, validation) for validation in compiled.validations]

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
            for each, entries in steps.items():
                before = len(failures)
                try:
                    if each is None:
                        for test, validation in entries:
                            if test(value, None, None) is not True:
                                failures.append(Failure(validation, fact, None, None, ()))
                    else:
                        for item, parent, indices in items_of(value, each):
                            for test, validation in entries:
                                if test(value, item, parent) is not True:
                                    failures.append(Failure(validation, fact, item, parent, indices))
                except Exception:  # repeated below, one rule at a time, where each error is named
                    del failures[before:]
                    _run_one_by_one(fact, each, entries, failures, inconclusive)
        return failures, inconclusive


def _run_one_by_one(
    fact: Fact,
    each: Each | None,
    entries: Sequence[_Entry],
    failures: list[Failure],
    inconclusive: list[Inconclusive],
) -> None:
    try:
        items = [(None, None, ())] if each is None else list(items_of(fact.value, each))
    except CelError as error:
        inconclusive += [Inconclusive(v, fact, (), Verdict.ERROR, str(error)) for _, v in entries]
        return
    for item, parent, indices in items:
        for test, validation in entries:
            try:
                result = test(fact.value, item, parent)
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
