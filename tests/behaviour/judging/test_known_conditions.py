"""A condition that literals decide is worked out at compile time, and a loop around it stays the loop that it was."""

from typing import Any

import pytest

from seawall.cel.environment import Environment
from seawall.cel.program import compile_expression

ENVIRONMENT = Environment(("x",))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, 2].filter(i, false)", []),
        ("[1, 2].filter(i, true)", [1, 2]),
        ("[1, 2].filter(i, !(36 >= 19 || i > x))", []),
        ("[1, 2].filter(i, 36 < 19 || i > x)", [2]),
        ("[1, 2].map(i, 1 > 2, i)", []),
        ("[1, 2].exists_one(i, false)", False),
        ("[1].exists_one(i, 2 > 1)", True),
        ("[1, 2].all(i, true)", True),
        ("[1, 2].all(i, 1 > 2 || i >= x)", True),
        ("[1, 2].exists(i, true)", True),
        ("[].exists(i, true)", False),
        ("[[1], [2]].map(l, l.filter(i, 1 > 2))", [[], []]),
        ("{'a': 1}.transformList(k, v, true, v)", [1]),
        ("{'a': 1}.transformMap(k, v, false, v)", {}),
    ],
)
def test_a_loop_with_a_known_condition(text: str, value: Any) -> None:
    assert compile_expression(text, ENVIRONMENT).function(1) == value
