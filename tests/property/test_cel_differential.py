"""Expressions drawn from the grammar: our generated functions and the official evaluator give the same value or both an error.

The quick profile runs in seconds; the slow one draws a hundred times as many. What Kubernetes adds is drawn in
`tests/testbed/test_cel_differential_judge.py`, against the API server's own environment.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cel_grammar import Grammar, paths
from tests.cel_samples import SMALL, objects
from tests.cel_values import alike
from tests.conformance.cel.test_cel_conformance import outcome
from tests.oracle import official_outcome

TWO_KEYS, TWO_KEYS_TURNED = "{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}"
"""The one map of two keys that the grammar writes down, and the same with its keys the other way round."""

KINDS = [
    "bool",
    "bool",
    "int",
    "string",
    "dyn",
    "list_int",
    "list_string",
    "map_int",
    "double",
    "uint",
    "duration",
    "timestamp",
]

# Where the official C++ evaluator and cel-go, which the API server runs, differ: a part of the evaluator's error, or of ours.
# Ours is cel-go's side; the API server's environment holds it there (tests/conformance/cel).
KNOWN = {
    "No matching overloads found : _?._": "`.?` on a value that is no map: none in cel-go",
    "No matching overloads found : _[?_]": "`[?]` on a value that is no list or map: none in cel-go",
    "Applying SELECT to non-message type": "`has` on a value that is no map: false in cel-go",
    "No matching overloads found : @in": "a key that no map can have is not in it, in cel-go",
    "NaN values cannot be ordered": "the order of NaN is an error in cel-go",
    "no such overload: int(bool)": "cel-go does not convert a bool to an int",
    "no such overload: bool(int)": "cel-go does not convert an int to a bool",
}


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """An expression with data for its variables."""
    data = {"x": draw(st.sampled_from(objects())), "y": draw(st.sampled_from(SMALL))}
    places = [draw(st.sampled_from(paths(data["x"]))) for _ in range(4)]
    grammar = Grammar(lambda options: draw(st.sampled_from(options)), [*places, "x.spec.nope"], kubernetes=False)
    return grammar.draw(draw(st.sampled_from(KINDS)), draw(st.integers(1, 4))), data


def _compare(case: tuple[str, dict[str, Any]]) -> None:
    expression, data = case
    ours, official = outcome(expression, data), official_outcome(expression, data)
    if "refused" in ours or "refused" in official:  # our compiler also refuses what only Kubernetes refuses
        return
    errors = [str(found["error"]) for found in (ours, official) if "error" in found]
    if any(known in error for known in KNOWN for error in errors):
        return
    if _depends_on_order(expression, data, ours):
        return
    assert ours.keys() == official.keys(), f"{expression}\n{data['y']}\nours {ours}\nofficial {official}"
    if "value" in ours:
        assert alike(ours["value"], official["value"]), f"{expression}\n{data['y']}\nours {ours}\nofficial {official}"


def _depends_on_order(expression: str, data: dict[str, Any], ours: dict[str, Any]) -> bool:
    """Say whether another order of keys gives another outcome: CEL leaves the order of a map's keys open.

    The official evaluator's own order differs from process to process, so that such a case fails in one run of many.
    """
    other = outcome(expression.replace(TWO_KEYS, TWO_KEYS_TURNED), _reversed(data))
    return other.keys() != ours.keys() or ("value" in ours and not alike(ours["value"], other["value"]))


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(inner) for key, inner in reversed(value.items())}
    return [_reversed(inner) for inner in value] if isinstance(value, list) else value


# Derandomized: a run in CI draws the same cases each time. Longer, random runs are made by hand (`--hypothesis-seed`).
@settings(
    derandomize=True,
    max_examples=600,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(cases())
def test_our_engine_agrees_with_the_official_evaluator(case: tuple[str, dict[str, Any]]) -> None:
    _compare(case)


@pytest.mark.slow
@settings(derandomize=True, max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_our_engine_agrees_with_the_official_evaluator_at_length(case: tuple[str, dict[str, Any]]) -> None:
    _compare(case)
