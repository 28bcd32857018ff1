"""The law of the fast YAML reader: the very value of the exact reader, or no value at all."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sample_yaml import LINE_ENDS, LINES, MANIFESTS, structures
from seawall.formats.kubernetes_yaml_fast import Nothing, read_plain
from seawall.formats.kubernetes_yaml_lines import DeclinedError
from seawall.formats.kubernetes_yaml_nodes import YamlError, compose, construct


def same(left: Any, right: Any) -> bool:
    """Equal in value, type and order of keys."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def read_exactly(text: str) -> Any:
    try:
        root = compose(text)
        return Nothing if root is None else construct(root)
    except YamlError as error:
        return error


def agree(text: str) -> bool:
    """Hold the fast reader's answer to the exact one's; return whether there was one."""
    try:
        fast, nulls = read_plain(text)
    except DeclinedError:
        return False
    exact = read_exactly(text)
    assert fast is exact or same(fast, exact), (text, fast, exact)
    assert nulls or not holds_null(fast), (text, fast)
    return True


def holds_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(inner is None or holds_null(inner) for inner in value.values())
    return isinstance(value, list) and any(map(holds_null, value))


def test_every_shipped_manifest_is_read_the_fast_way_and_exactly() -> None:
    slow = [
        path
        for path in MANIFESTS
        for chunk in ("\n" + path.read_text()).split("\n---")
        if "{{" not in chunk and chunk.strip() and not agree(chunk.removeprefix("\n") + "\n")
    ]
    assert len(slow) < len(MANIFESTS) / 50, slow


@settings(max_examples=500, deadline=None)
@given(st.lists(LINES, max_size=9), st.sampled_from(["\n", "\n", "\n", "\r\n"]), LINE_ENDS)
@example(["a:", "- b", "-", "  - c", "d: 1"], "\n", "\n")
@example(["a: |", "", "     ", "  x", "   ", "", "b: 1"], "\n", "\n")
@example(["a: |+", "  x", "", ""], "\n", "")
@example(["- >", "  x", "  y", "", "   z", "- 1"], "\n", "\n")
def test_any_mixture_of_lines_is_read_exactly_or_declined(lines: list[str], separator: str, end: str) -> None:
    agree(separator.join(lines) + end)


@settings(max_examples=500, deadline=None)
@given(structures())
def test_structures_are_read_exactly_or_declined(text: str) -> None:
    agree(text)


@pytest.mark.parametrize("name", ["\x85", "\u2028", "\u2029", "\ufeff", "\x00", "\x07", "\ud800", "\t"])
def test_what_only_libyaml_can_judge_is_left_to_it(name: str) -> None:
    for text in (f"a: x{name}y\n", f"a: |\n  x{name}y\n", f"# {name}\na: 1\n", f'a: "{name}"\n'):
        agree(text)
