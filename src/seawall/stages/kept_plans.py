"""The plan of a run, kept whole for the next run that makes the same choice.

Putting a plan together takes four times as long as reading it: a digest for each of its 500 expressions, the texts of each
place that a rule points to. So the rules of a choice, their places and their generated code are kept in one file, under a key
of everything that they were made from. The file holds code, and is guarded as all such files are (`seawall.sources.code_cache`);
code in it becomes a function only in `seawall.cel.linking`, when it is first called.
"""

import os
from collections.abc import Callable
from functools import cache, partial
from itertools import accumulate
from typing import TYPE_CHECKING

import msgspec

import seawall
from seawall.cel.linking import ENGINE_VERSION, kept_function, when_called
from seawall.model.rule import Rule
from seawall.policy.compiled import (
    At,
    CompiledRule,
    CompiledValidation,
    Each,
    FusedFunction,
    Fusion,
    Source,
    Test,
    guard,
)
from seawall.policy.evaluate import Plan, Step
from seawall.sources import code_cache

if TYPE_CHECKING:
    from seawall.stages.plans import Programs

MOST = 8
"""Choices that are kept, 1.5 MB each: a team has one, and another for each stage or rule set that it also asks for."""

_MADE_BY = (
    *(
        "facts/catalogue.py",
        "facts/catalogue_build_files.py",
        "facts/catalogue_code.py",
        "facts/catalogue_credentials.py",
        "facts/catalogue_images.py",
        "facts/catalogue_packages.py",
        "facts/fact_kind.py",
    ),
    "model/rule.py",
    *("policy/compile.py", "policy/compiled.py", "policy/evaluate.py"),
)
"""Modules that decide what a plan is. Their size and time are part of the key, so that who changes them need not think of it."""


class _Validation(msgspec.Struct, frozen=True, array_like=True):
    """`text` is the message where that is fixed; else `writes` is the code that writes it. Code is the number of a program."""

    test: int
    text: str
    writes: int | None
    at: tuple[At, ...]


class _Rule(msgspec.Struct, frozen=True, array_like=True):
    rule: Rule
    each: Each | None
    conditions: tuple[int, ...]
    validations: tuple[_Validation, ...]


class _Step(msgspec.Struct, frozen=True, array_like=True):
    """What looks at `kind`: the fused code, and the position of each validation (rule, validation) in the kept rules."""

    kind: str
    each: Each | None
    code: int
    validations: tuple[tuple[int, int], ...]


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """The file. `programs` are one after the other, and `ends` is where each of them ends: few are asked for in a run."""

    rules: tuple[_Rule, ...]
    steps: tuple[_Step, ...]
    before: frozenset[str]
    ends: tuple[int, ...]
    programs: memoryview

    def program(self, number: int) -> memoryview:
        return self.programs[self.ends[number - 1] if number else 0 : self.ends[number]]


class KeptPlan(msgspec.Struct, frozen=True):
    """A choice as it was kept: the rules that run, the ids of those before the choice was narrowed, and the plan."""

    rules: list[Rule]
    before: frozenset[str]
    plan: Plan


def path_for(choice: str, stamp: str) -> str:
    """Return the file for `choice`, all options in one text, over the rules of which `stamp` is the state."""
    here = os.path.dirname(seawall.__file__)
    made_by = []
    for name in (*_MADE_BY, os.path.relpath(__file__, here)):
        try:
            status = os.stat(os.path.join(here, name))
        except OSError:  # a package in an archive, whose modules do not change
            continue
        made_by.append(f"{status.st_size} {status.st_mtime_ns}")
    return code_cache.path_for("plan", "\0".join((seawall.__version__, ENGINE_VERSION, *made_by, choice, stamp)))


def read(path: str, make: Callable[[list[Rule]], Plan]) -> KeptPlan | None:
    """Return what is kept at `path`, None where there is nothing that can be used.

    `make` makes the plan of its rules anew, for when the code of one of them turns out to be damaged.
    """
    data = code_cache.read(path)
    if data is None:
        return None
    try:
        kept = msgspec.msgpack.decode(data, type=_Kept)
    except msgspec.DecodeError:
        return None
    rules = [entry.rule for entry in kept.rules]
    anew = cache(lambda: make(rules))
    lists: dict[Each | None, Each | None] = {}  # rules that walk the same lists share the value
    compiled = []
    for number, entry in enumerate(kept.rules):
        each = lists.setdefault(entry.each, entry.each)
        validations = []
        for index, one in enumerate(entry.validations):
            again = partial(_validation_of, anew, number, index)
            message = one.text if one.writes is None else when_called(partial(_message, kept, one.writes, again))
            test = when_called(partial(_test, kept, entry.conditions, one.test, again))
            validations.append(CompiledValidation(entry.rule, index, test, message, one.at, each))
        compiled.append(CompiledRule(entry.rule, each, tuple(validations), ()))
    steps: dict[str, list[Step]] = {}
    for walk in kept.steps:
        of_kind = steps.setdefault(walk.kind, [])
        step = Step(lists.setdefault(walk.each, walk.each))
        step.validations = [compiled[rule].validations[number] for rule, number in walk.validations]
        step.load = partial(_fused, kept, walk, len(of_kind), anew)
        of_kind.append(step)
    return KeptPlan(rules, kept.before, Plan.of(compiled, steps))


def _validation_of(anew: Callable[[], Plan], number: int, index: int) -> CompiledValidation:
    return anew().rules[number].validations[index]


def _message(kept: _Kept, number: int, again: Callable[[], CompiledValidation]) -> Test:
    function = kept_function(kept.program(number))
    if function is not None:
        return function
    message = again().message
    return message if callable(message) else lambda *_: message


def _test(kept: _Kept, conditions: tuple[int, ...], number: int, again: Callable[[], CompiledValidation]) -> Test:
    found = [kept_function(kept.program(one)) for one in (*conditions, number)]
    functions = [function for function in found if function is not None]
    return guard(functions[:-1], functions[-1]) if len(functions) == len(found) else again().test


def _fused(kept: _Kept, step: _Step, position: int, anew: Callable[[], Plan]) -> FusedFunction:
    return kept_function(kept.program(step.code)) or anew().steps(step.kind)[position].prepare()


def write(path: str, before: frozenset[str], plan: Plan, programs: "Programs") -> None:
    """Keep `plan`, made with `programs`, at `path`; `before` are the ids from which the choice was narrowed."""
    numbers: dict[bytes, int] = {}

    def number_of(made_of: Source | Fusion) -> int:
        return numbers.setdefault(programs.code(made_of), len(numbers))

    positions = {
        id(one): (number, index) for number, rule in enumerate(plan.rules) for index, one in enumerate(rule.validations)
    }
    steps = tuple(
        _Step(kind, step.each, number_of(step.fusion()), tuple(positions[id(one)] for one in step.validations))
        for kind in plan.kinds
        for step in plan.steps(kind)
    )
    rules = tuple(_kept_rule(rule, number_of) for rule in plan.rules)
    data = _Kept(
        rules=rules,
        steps=steps,
        before=before,
        ends=tuple(accumulate(map(len, numbers))),
        programs=memoryview(b"".join(numbers)),
    )
    code_cache.write(path, msgspec.msgpack.encode(data), most=MOST)


def _kept_rule(compiled: CompiledRule, number_of: Callable[[Source | Fusion], int]) -> _Rule:
    conditions = compiled.sources[0].conditions if compiled.sources else ()
    return _Rule(
        compiled.rule,
        compiled.each,
        tuple(map(number_of, conditions)),
        tuple(
            _Validation(
                test=number_of(sources.test),
                text=one.message if isinstance(one.message, str) else "",
                writes=None if sources.message is None else number_of(sources.message),
                at=one.at,
            )
            for one, sources in zip(compiled.validations, compiled.sources, strict=True)
        ),
    )
