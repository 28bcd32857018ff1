"""The written form of suppressions in comments and annotations."""

import datetime

import pytest

from seawall.formats.suppression_text import ignore_comments, read_suppression


def test_rules_and_options_are_read() -> None:
    text = read_suppression(
        """privileged-container, host-* reason="the node's network" until=2026-12-31 owner=network container=cni"""
    )
    assert text.rules == ("privileged-container", "host-*")
    assert (text.reason, text.owner, text.container) == ("the node's network", "network", "cni")
    assert text.expires == datetime.date(2026, 12, 31)
    assert text.problem == ""


def test_quotes_keep_spaces_and_a_backslash_keeps_a_quote() -> None:
    assert read_suppression(r'x reason="says \"no\" = \\ so"').reason == r'says "no" = \ so'
    assert read_suppression("x reason='a \"b\" c'").reason == 'a "b" c'


def test_a_field_is_a_path_in_which_a_star_is_any_step() -> None:
    (field,) = read_suppression("x reason=y field=spec.containers[*].securityContext").fields
    assert field == ("spec", "containers", "*", "securityContext")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "names no rule"),
        ("reason=x", "names no rule"),
        ("x untill=2026-01-01 reason=y", "has no option 'untill'; there are reason, until, owner, container, field"),
        ("x until=2026-02-30 reason=y", "says until=2026-02-30, which is no date like 2026-12-31"),
        ('x reason="y', "cannot be read from 'reason=\"y' on"),
        ("x reason=a reason=b", "gives reason twice"),
        ("x (because) reason=a", "cannot be read from '(because) reason=a' on"),
        ("x field=..a reason=b", "has a field that is no path: not a field path at '..a'"),
    ],
)
def test_what_does_not_follow_the_form_is_a_problem(text: str, problem: str) -> None:
    assert read_suppression(text).problem == problem


def comments(text: str) -> list[tuple[int, int, str]]:
    return [(comment.line, comment.covers, comment.text) for comment in ignore_comments(text.encode())]


def test_a_comment_behind_code_speaks_of_its_line_and_one_above_of_the_next() -> None:
    text = "a: 1 # seawall:ignore x reason=y\n# seawall:ignore z reason=y\nb: 2\n"
    assert comments(text) == [(1, 1, "x reason=y"), (2, 3, "z reason=y")]


def test_comments_that_stand_together_speak_of_the_line_below_them() -> None:
    text = "# seawall:ignore x reason=y\n  # another comment\n  # seawall:ignore z reason=y\nb: 2\n"
    assert [covers for _, covers, _ in comments(text)] == [4, 4]


def test_a_blank_line_parts_a_comment_from_what_follows() -> None:
    assert comments("# seawall:ignore x reason=y\n\nb: 2\n") == [(1, 2, "x reason=y")]


def blocks(text: str) -> list[tuple[int, int]]:
    return [(comment.covers, comment.last) for comment in ignore_comments(text.encode())]


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("a: 1 # seawall:ignore x reason=y\nb: 2\n", (1, 1)),
        ("a: # seawall:ignore x reason=y\n  b: 2\n  c:\n    d: 1\ne: 1\n", (1, 4)),
        ("- a: 1 # seawall:ignore x reason=y\n  b: 2\n- a: 2\n", (1, 2)),
        ("  # seawall:ignore x reason=y\n  - a: 1\n\n    # more\n    b: 2\n  - a: 2\n", (2, 5)),
        ("- a: 1 # seawall:ignore x reason=y\n{{- if .Values.b }}\n  b: 2\n{{- end }}\n- a: 2\n", (1, 3)),
        ("# seawall:ignore x reason=y\n\n  a: 1\n", (2, 2)),
    ],
)
def test_a_comment_speaks_of_the_block_that_starts_on_its_line(text: str, block: tuple[int, int]) -> None:
    assert blocks(text) == [block]


def test_comments_of_templates_count() -> None:
    assert comments("{{/* seawall:ignore x reason=y */}}\na: 1\n") == [(1, 2, "x reason=y")]
    assert comments("{{- /* seawall:ignore x reason=y */ -}}\na: 1\n") == [(1, 2, "x reason=y")]


def test_text_that_mentions_the_mark_is_no_suppression() -> None:
    assert comments("# write seawall:ignore x to suppress\n# seawall:ignored\na: 'seawall:ignore'\n") == []


def test_line_ends_of_windows_are_no_part_of_the_text() -> None:
    assert comments("a: 1\r\nb: 2 # seawall:ignore x reason=y\r\n") == [(2, 2, "x reason=y")]


def test_a_comment_at_the_end_of_a_file_covers_nothing_that_exists() -> None:
    assert comments("a: 1\n# seawall:ignore x reason=y") == [(2, 3, "x reason=y")]
