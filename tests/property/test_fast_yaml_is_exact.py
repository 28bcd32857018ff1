"""The law of the fast YAML reader: the very value of the exact reader, or no value at all."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sample_readings import agree, compare_places, read_exactly, same
from sample_yaml import LINE_ENDS, LINES, MANIFESTS, spread_values, structures
from seawall.formats.kubernetes_yaml_fast import forget_lines, read_plain
from tests.testbed.sample_yaml_specimens import SPECIMENS


def test_every_shipped_manifest_is_read_the_fast_way_and_exactly() -> None:
    slow = [
        path
        for path in MANIFESTS
        for chunk in ("\n" + path.read_text()).split("\n---")
        if "{{" not in chunk and chunk.strip() and not agree(chunk.removeprefix("\n") + "\n")
    ]
    assert len(slow) < len(MANIFESTS) / 50, slow


@pytest.mark.parametrize("name", SPECIMENS)
def test_what_is_easy_to_misread_is_read_exactly_or_declined(name: str) -> None:
    text = f"kind: Specimen\n{SPECIMENS[name]}\n".replace("\r\n", "\n")
    agree(text)
    compare_places(text.encode("utf-8", "surrogatepass"))


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


@settings(max_examples=1500, deadline=None)
@given(spread_values())
@example("a: [\n  # one\n  sh, -c, 'x y',\n  \"z\",\n]\nb: 1\n")
@example('a: "x \\\n  y\\\n  \\ z\\n\n  end"\n')
@example("a: 'it''s\n  one'\nb: 1\n")
@example("a: >-\n  x\n  y\n\n\n  z\n\nb: 1\n")
@example("a: one\n  two: three\n")
@example("a: {\nnull: 1}\n")
@example("a: [\n  1e999]\n")
@example("a: {b: 1e999}\n")
@example("- {~: 1}\n")
@example("a: one\n  - two\n  three\n")
def test_values_on_several_lines_are_read_exactly_or_declined(text: str) -> None:
    agree(text)


@pytest.mark.parametrize(
    "written",
    [
        "[sh, -c, 'sleep 10']",
        "{cpu: 100m, memory: 1Gi}",
        '{"a":"b", c: yes}',
        '"{\\"a\\": \\"b\\"}\\n"',
        "[\n    # the first\n    a,\n    b\n  ]",
        "'one\n    two'",
        '"one\\n\\\n    two"',
        ">-\n    one\n    two",
        "one\n    two",
    ],
)
def test_what_manifests_are_full_of_needs_no_parser(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"a:\n  b: {written}\n  c: 1\n"
    exact = read_exactly(text)
    forget_lines()
    monkeypatch.setattr("yaml.parse", None)
    assert same(read_plain(text)[0], exact)


@pytest.mark.parametrize("name", ["\x85", "\u2028", "\u2029", "\ufeff", "\x00", "\x07", "\ud800", "\t"])
def test_what_only_libyaml_can_judge_is_left_to_it(name: str) -> None:
    for text in (f"a: x{name}y\n", f"a: |\n  x{name}y\n", f"# {name}\na: 1\n", f'a: "{name}"\n'):
        agree(text)
