"""Rules -> Python functions, once: `seawall.policy.compiled`.

A rule's parameters enter its
expressions as literals and its ``variables.<name>`` as the expressions that they name, so that the code generator sees
constants (a constant pattern is compiled once, a constant list becomes a set) and the functions need no other input.
A compile error stops the program (`RuleError`); it is never a finding.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from seawall.cel.environment import Environment
from seawall.cel.errors import CompileError
from seawall.cel.fuse import Fused, FusedTest, Walk, fuse
from seawall.cel.program import Program, compile_expression
from seawall.model.errors import RuleError
from seawall.model.field_path import FieldPath, parse_field_path
from seawall.model.rule import Rule
from seawall.policy.compiled import (
    At,
    CompiledRule,
    CompiledValidation,
    Each,
    Fusion,
    Source,
    Sources,
    Test,
    guard,
)
from seawall.policy.load import literal

RULE_ENVIRONMENT = Environment(("object", "item", "parent", "params", "variables"))
"""What a rule's text may name."""

ITEM_ENVIRONMENT = Environment(("object", "item", "parent"))
"""What is left when parameters and variables have been put in place: the arguments of the functions."""


Compiler = Callable[[Source], Test]
"""Compiles one expression. A caller that keeps a cache passes its own. Raises `CompileError`."""


def inlined(source: Source) -> str:
    """Return the text of `source` with parameters and variables put in place."""
    if not source.params and not source.variables:
        return source.text
    params: dict[str, Any] = msgspec.json.decode(source.params) if source.params else {}
    mapping = {f"params.{name}": literal(value) for name, value in params.items()}
    for name, expression in source.variables:
        mapping[f"variables.{name}"] = f"({_replace(expression, mapping)})"
    return _replace(source.text, mapping)


def compile_source(source: Source) -> Program:
    """Compile `source` for the arguments of a rule's functions."""
    return compile_expression(inlined(source), ITEM_ENVIRONMENT, expect=source.expect)


def _compile_now(source: Source) -> Test:
    return compile_source(source).function


def fuse_tests(fusion: Fusion) -> Fused:
    """Compile the tests of `fusion` into one function."""
    tests = [
        FusedTest(tuple(inlined(condition) for condition in conditions), inlined(test))
        for conditions, test in fusion.tests
    ]
    walk = None
    if fusion.each is not None:
        walk = Walk(_keys(fusion.each.outer), None if fusion.each.inner is None else _keys(fusion.each.inner))
    return fuse(tests, ITEM_ENVIRONMENT, walk, frozenset(fusion.present))


def _keys(path: FieldPath) -> tuple[str, ...]:
    return tuple(str(step) for step in path)


def _replace(text: str, mapping: Mapping[str, str]) -> str:
    # Parsing is most of the cost of a rewrite, and most expressions use neither parameters nor variables.
    if "params" not in text and "variables" not in text:
        return text
    from seawall.cel.rewrite import replace_identifiers

    return replace_identifiers(text, mapping, RULE_ENVIRONMENT)


def compile_rule(
    rule: Rule, params: Mapping[str, Any] | None = None, compiler: Compiler = _compile_now
) -> CompiledRule:
    """Return `rule` compiled with its own parameters, overridden by `params`.

    Raises `RuleError` with the rule, the expression and the position of what is wrong.
    """
    unknown = set(params or ()) - set(rule.params)
    if unknown:
        known = ", ".join(sorted(rule.params)) or "none"
        raise RuleError(f"rule {rule.id} has no parameter {min(unknown)!r}", remedy=f"its parameters: {known}")
    chosen = {**rule.params, **(params or {})}
    each = parse_each(rule)

    params_text = msgspec.json.encode(chosen).decode() if chosen else ""
    variables = tuple((variable.name, variable.expression) for variable in rule.variables)

    def source(text: str, expect: str) -> Source:
        # An expression that names neither is the same under any parameters: it shares its cache entry.
        needs_variables = "variables" in text
        return Source(
            text=text,
            expect=expect,
            params=params_text if needs_variables or "params" in text else "",
            variables=variables if needs_variables else (),
        )

    def compiled(text: str, expect: str, part: str) -> Test:
        try:
            return compiler(source(text, expect))
        except CompileError as error:
            raise RuleError(f"{part} does not compile: {error}", place=f"rule {rule.id}") from error

    condition_sources = tuple(source(c.expression, "bool") for c in rule.match_conditions)
    conditions = [compiled(c.expression, "bool", f"matchConditions[{c.name}]") for c in rule.match_conditions]
    validations: list[CompiledValidation] = []
    sources: list[Sources] = []
    for index, validation in enumerate(rule.validations):
        test = compiled(validation.expression, "bool", f"validations[{index}].expression")
        message: str | Test = validation.message or rule.title
        message_source = None
        if validation.message_expression:
            message_source = source(validation.message_expression, "string")
            message = compiled(validation.message_expression, "string", f"validations[{index}].messageExpression")
        validations.append(
            CompiledValidation(
                rule=rule,
                index=index,
                test=guard(conditions, test),
                message=message,
                at=parse_at(rule, validation.at),
                each=each,
            )
        )
        sources.append(Sources(condition_sources, source(validation.expression, "bool"), message_source))
    return CompiledRule(rule=rule, each=each, validations=tuple(validations), sources=tuple(sources))


def parse_each(rule: Rule) -> Each | None:
    """Return the lists that ``each`` names, or None where the rule has none. Rules that walk the same lists share the value."""
    try:
        return _parse_each(rule.each) if rule.each else None
    except ValueError as error:
        raise RuleError(f"each: {error}", place=f"rule {rule.id}") from None


@lru_cache(maxsize=256)
def _parse_each(text: str) -> Each:
    match = re.fullmatch(r"object\.(?P<outer>[^*]+?)(\[\*\]\.(?P<inner>[^*]+))?", text)
    if match is None:
        raise ValueError(f"{text!r} is not object.<list> or object.<list>[*].<list>")
    inner = match["inner"]
    return Each(outer=parse_field_path(match["outer"]), inner=parse_field_path(inner) if inner else None)


def parse_at(rule: Rule, at: str | list[str]) -> tuple[At, ...]:
    """Return the places that ``at`` names, in the order to try; the item or the object where it names none."""
    texts = [at] if isinstance(at, str) and at else list(at)
    places: list[At] = []
    for text in texts:
        root, _, rest = text.partition(".")
        bracket = root.find("[")
        if bracket >= 0:
            root, rest = text[:bracket], text[bracket:]
        if root not in ("object", "item", "parent") or (root != "object" and not rule.each):
            raise RuleError(f"at: {text!r} does not start with object, item or parent", place=f"rule {rule.id}")
        try:
            places.append(At.make(root, parse_field_path(rest)))
        except ValueError as error:
            raise RuleError(f"at: {text!r}: {error}", place=f"rule {rule.id}") from error
    return tuple(places) or (At.make("item" if rule.each else "object", ()),)


def compile_rules(
    rules: Iterable[Rule], params: Mapping[str, Mapping[str, Any]] | None = None, compiler: Compiler = _compile_now
) -> list[CompiledRule]:
    """Compile all `rules`; `params` holds overrides by rule id."""
    overrides = params or {}
    return [compile_rule(rule, overrides.get(rule.id), compiler) for rule in rules]
