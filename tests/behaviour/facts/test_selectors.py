"""Label selectors select what the API server's would."""

from typing import Any

import pytest

from seawall.facts.selectors import LabelIndex, selects


def expression(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


@pytest.mark.parametrize(
    ("selector", "labels", "expected"),
    [
        ({}, {}, True),
        ({}, {"app": "a"}, True),
        ({"matchLabels": {}, "matchExpressions": []}, {"app": "a"}, True),
        ({"matchLabels": {"app": "a"}}, {"app": "a", "tier": "x"}, True),
        ({"matchLabels": {"app": "a"}}, {"app": "b"}, False),
        ({"matchLabels": {"app": "a"}}, {}, False),
        ({"matchLabels": {"app": ""}}, {"app": ""}, True),
        ({"matchLabels": {"app": ""}}, {}, False),
        (expression("app", "In", "a", "b"), {"app": "b"}, True),
        (expression("app", "In", "a", "b"), {"app": "c"}, False),
        (expression("app", "In", "a"), {}, False),
        (expression("app", "NotIn", "a"), {"app": "b"}, True),
        (expression("app", "NotIn", "a"), {"app": "a"}, False),
        (expression("app", "NotIn", "a"), {}, True),
        (expression("app", "Exists"), {"app": ""}, True),
        (expression("app", "Exists"), {}, False),
        (expression("app", "DoesNotExist"), {}, True),
        (expression("app", "DoesNotExist"), {"app": "a"}, False),
        ({"matchLabels": {"app": "a"}} | expression("tier", "Exists"), {"app": "a"}, False),
        ({"matchLabels": {"app": "a"}} | expression("tier", "Exists"), {"app": "a", "tier": "x"}, True),
        (expression("app", "Near", "a"), {"app": "a"}, False),
        ({"matchExpressions": "app=a"}, {"app": "a"}, False),
    ],
)
def test_a_selector_selects_exactly(selector: dict[str, Any], labels: dict[str, str], expected: bool) -> None:
    assert selects(selector, labels) is expected


def test_an_index_answers_in_the_order_of_its_entries() -> None:
    index = LabelIndex([({"app": "a"}, 1), ({"app": "b"}, 2), ({"app": "a", "tier": "x"}, 3)])
    assert index.select({"matchLabels": {"app": "a"}}) == [1, 3]
    assert index.select({}) == [1, 2, 3]
    assert index.select(expression("tier", "DoesNotExist")) == [1, 2]
    assert index.select({"matchLabels": {"app": "c"}}) == []
