"""A rule that is ready to run, as values: what ``compile`` makes, ``evaluate`` runs and a cache keeps.

A compiled rule calls plain functions of three arguments, ``(object, item, parent)``. Nothing here knows how they come about, so
that a run whose rules were compiled before imports no compiler.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from seawall.model.field_path import FieldPath, format_field_path
from seawall.model.rule import Rule

if TYPE_CHECKING:
    from seawall.cel.fuse import Found

Test = Callable[[Any, Any, Any], Any]


class Each(msgspec.Struct, frozen=True, array_like=True):
    """The lists that a rule walks: `outer` below the object and, with ``[*]``, `inner` below each element."""

    outer: FieldPath
    inner: FieldPath | None


class At(msgspec.Struct, frozen=True, array_like=True):
    """A place to point to: `path` below `root` (``object``, ``item`` or ``parent``).

    `texts[k]` and `stable[k]` are what the steps from the k-th on add to the text of a field and of a fingerprint.
    `has_index` says whether a step is the position in a list, `is_plain_item` that none is and that `root` is the item.
    """

    root: str
    path: FieldPath
    texts: tuple[str, ...]
    stable: tuple[str, ...]
    has_index: bool
    is_plain_item: bool

    @classmethod
    def make(cls, root: str, path: FieldPath) -> "At":
        """Return the place with its texts."""
        ends = [path[start:] for start in range(len(path) + 1)]
        texts = tuple(format_field_path(("_", *end))[1:] for end in ends)
        stable = tuple("".join(f"/{step}" for step in end) for end in ends)
        has_index = any(isinstance(step, int) for step in path)
        return cls(root, path, texts, stable, has_index, root == "item" and not has_index)


class CompiledValidation(msgspec.Struct, frozen=True, eq=False):
    """One validation: `test` is true when compliant; `message` is fixed text or a function that writes it."""

    rule: Rule
    index: int
    test: Test
    message: str | Test
    at: tuple[At, ...]
    each: Each | None


class Source(msgspec.Struct, frozen=True, array_like=True):
    """An expression as the rule writes it, with all that decides its meaning: so it can key a cache of compiled code."""

    text: str
    expect: str
    params: str
    variables: tuple[tuple[str, str], ...]


class Sources(msgspec.Struct, frozen=True, array_like=True):
    """What a validation was compiled from. `message` is None where the message is fixed text."""

    conditions: tuple[Source, ...]
    test: Source
    message: Source | None


class CompiledRule(msgspec.Struct, frozen=True, eq=False):
    """A rule, ready to run. `sources` has one entry a validation, for who fuses them or keeps what they became."""

    rule: Rule
    each: Each | None
    validations: tuple[CompiledValidation, ...]
    sources: tuple[Sources, ...]


class Fusion(msgspec.Struct, frozen=True, array_like=True):
    """Tests that walk the same lists of the same values: for each its conditions and its expression. `present` are the
    fields that every value has. All that decides the generated code is here, so it can key a cache."""

    tests: tuple[tuple[tuple[Source, ...], Source], ...]
    each: Each | None
    present: tuple[str, ...]


FusedFunction: TypeAlias = "Callable[[Any, list[Found], list[Found]], None]"
"""See `seawall.cel.fuse.Fused`."""

Fuser: TypeAlias = Callable[[Fusion], FusedFunction]


def guard(conditions: list[Test], test: Test) -> Test:
    """Return a test that holds where one of the match `conditions` does not: the rule does not apply there."""
    if not conditions:
        return test

    def guarded(value: Any, item: Any, parent: Any) -> Any:
        for condition in conditions:
            if not condition(value, item, parent):
                return True
        return test(value, item, parent)

    return guarded
