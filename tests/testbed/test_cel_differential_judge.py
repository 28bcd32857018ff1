"""Expressions drawn over the whole library: our engine and the API server's own environment agree, error texts included."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seawall.cel.functions.quantities import parse_quantity
from tests.cel_grammar import Grammar, paths
from tests.cel_samples import SMALL, objects
from tests.cel_values import alike
from tests.conformance.cel.test_cel_conformance import outcome
from tests.testbed.cel_judge import Judge

KINDS = [
    *("bool", "bool", "bool", "int", "string", "dyn", "list_int", "list_string", "map_int", "double", "optional"),
    *("duration", "timestamp", "quantity", "ip", "cidr", "url", "semver"),
]
# What the API server says (or refuses) and we do not say in the same words, each with the reason.
OTHER_WORDS = {
    "internal error": "cel-go failed on a Go conversion",
    "panic": "cel-go failed",
    "invalid qualifier type": "a list or map as an index, which cel-go refuses with a Go type's name",
    "*cel.Quantity": "the Go type's name of a sum of quantities",
    "actual cost limit exceeded": "the API server counts more costs than questions and iterations",
    "unsupported conversion to ref.Val": "a sum of quantities in an optional, which cel-go cannot convert",
}
# What one compiler refuses and the other does not.
OTHER_COMPILER = {
    "must be list, map, or dynamic": "the front end does not see that an element of `dyn[?i]` is dyn",
    "reference to undefined type": "a variable of optMap without a type, which cel-go takes for a type",
    "expected type": "elements whose types the two checkers infer differently, such as those of an empty list",
    "found no matching overload": "the same",
    "undeclared reference to 'v": "the front end loses a variable over an empty map",
    "does not support field selection": "the same as `expected type`",
}


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """An expression with data for its variables."""
    data = {"x": draw(st.sampled_from(objects())), "y": draw(st.sampled_from(SMALL))}
    places = [draw(st.sampled_from(paths(data["x"]))) for _ in range(4)]
    grammar = Grammar(lambda options: draw(st.sampled_from(options)), [*places, "x.spec.nope"], kubernetes=True)
    return grammar.draw(draw(st.sampled_from(KINDS)), draw(st.integers(1, 3))), data


def _difference(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    said = [str(found.get("error", found.get("refused", ""))) for found in (ours, theirs)]
    if any(words in text for words in OTHER_WORDS for text in said) or ("refused" in ours and "refused" in theirs):
        return False
    if "refused" in {**ours, **theirs}:
        return not any(words in text for words in OTHER_COMPILER for text in said)
    values = [found.get("value") for found in (ours, theirs)]
    if all(isinstance(value, dict) and "kubernetes.Quantity" in value for value in values):
        # An unchanged quantity keeps its text there, which no expression can see.
        texts = [str(parse_quantity(value["kubernetes.Quantity"])) for value in values]
        return texts[0] != texts[1]
    return not alike(ours, theirs)


def _compare(judge: Judge, case: tuple[str, dict[str, Any]]) -> None:
    expression, data = case
    ours = outcome(expression, data)
    # Go runs through a map in a new order each time, so an answer that differs is asked for again.
    for _ in range(40):
        theirs = judge.outcome(expression, data)
        if not _difference(ours, theirs):
            return
    pytest.fail(f"{case}\nours   {ours}\ntheirs {theirs}")


_SETTINGS = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@settings(derandomize=True, max_examples=1_000, **_SETTINGS)
@given(case=cases())
def test_our_engine_agrees_with_the_api_servers_environment(cel_judge: Judge, case: tuple[str, dict[str, Any]]) -> None:
    _compare(cel_judge, case)


@pytest.mark.slow
@settings(derandomize=True, max_examples=30_000, **_SETTINGS)
@given(case=cases())
def test_our_engine_agrees_with_the_api_servers_environment_at_length(
    cel_judge: Judge, case: tuple[str, dict[str, Any]]
) -> None:
    _compare(cel_judge, case)
