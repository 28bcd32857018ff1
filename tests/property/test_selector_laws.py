"""Laws of label selectors: the index and the direct answer agree with a reference written straight from the API's text."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from seawall.facts.selectors import LabelIndex, selects

KEYS = st.sampled_from(["app", "tier", "env"])
VALUES = st.sampled_from(["a", "b", ""])
LABELS = st.dictionaries(KEYS, VALUES)
EXPRESSIONS = st.one_of(
    st.builds(
        lambda key, operator, values: {"key": key, "operator": operator, "values": values},
        KEYS,
        st.sampled_from(["In", "NotIn"]),
        st.lists(VALUES, min_size=1, max_size=2),
    ),
    st.builds(
        lambda key, operator: {"key": key, "operator": operator}, KEYS, st.sampled_from(["Exists", "DoesNotExist"])
    ),
)
SELECTORS = st.fixed_dictionaries(
    {}, optional={"matchLabels": LABELS, "matchExpressions": st.lists(EXPRESSIONS, max_size=3)}
)


def reference(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Every requirement is a set of allowed values, where None stands for an absent key."""
    every = {"a", "b", "", None}
    requirements = [(key, {value}) for key, value in selector.get("matchLabels", {}).items()]
    for expression in selector.get("matchExpressions", []):
        allowed = {
            "In": lambda values: set(values),
            "NotIn": lambda values: every - set(values),
            "Exists": lambda _: every - {None},
            "DoesNotExist": lambda _: {None},
        }[expression["operator"]](expression.get("values", []))
        requirements.append((expression["key"], allowed))
    return all(labels.get(key) in allowed for key, allowed in requirements)


@given(SELECTORS, LABELS)
def test_a_selector_selects_what_the_reference_selects(selector: dict[str, Any], labels: dict[str, str]) -> None:
    assert selects(selector, labels) is reference(selector, labels)


@given(SELECTORS, st.lists(LABELS, max_size=8))
def test_an_index_selects_what_the_reference_selects(selector: dict[str, Any], listed: list[dict[str, str]]) -> None:
    index = LabelIndex((labels, position) for position, labels in enumerate(listed))
    assert index.select(selector) == [position for position, labels in enumerate(listed) if reference(selector, labels)]
