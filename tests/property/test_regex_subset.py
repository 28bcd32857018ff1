"""What goes to Python's `re` in place of RE2 must match exactly the same ASCII texts, in bounded time."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from re2 import _re2  # type: ignore[import-untyped]

from seawall.cel.functions.regex import Pattern, pattern
from seawall.cel.functions.regex_subset import translate

TEXT_OF_ATOMS = r"""
a b c A 0 7 - _ . / : = @ # {2} ^ $ \. \s \S \d \w \W \b \\ \/ \- \# \n \z
[abc] [a-c] [^a] [\s:] [.:-] [-a] [^/:] [a&&b] [0-9a-fA-F] (?i:b) (a|b) (?:ab) (^|\s) (b|$)
"""
ATOMS = TEXT_OF_ATOMS.split()
REPEATS = ("", "", "", "*", "+", "?", "{2}", "{1,}", "{0,2}", "*?", "+?")
pieces = st.tuples(st.sampled_from(ATOMS), st.sampled_from(REPEATS)).map("".join)
branches = st.lists(pieces, min_size=1, max_size=5).map("".join)
expressions = st.tuples(
    st.sampled_from(("", "", "(?i)")), st.lists(branches, min_size=1, max_size=3).map("|".join)
).map("".join)
texts = st.text(alphabet="abcAB079-_./:=@# \t\n\v\\&^", max_size=12)


@settings(max_examples=400, deadline=None)
@given(expressions, st.lists(texts, min_size=1, max_size=8))
def test_both_match_the_same_texts(expression: str, samples: list[str]) -> None:
    found = translate(expression)
    if found is None:
        return
    options = _re2.RE2.Options()
    options.log_errors = False
    assert _re2.RE2(expression.encode(), options).ok(), f"{expression!r} is not an expression of RE2"
    judge = Pattern(expression)
    for text in samples:
        assert (found[0].search(text) is not None) == judge.test(text), (expression, text)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=r"ab.*+?()[]{}|^$\sdwz-1,:i", max_size=14), st.lists(texts, min_size=1, max_size=4))
def test_what_is_no_expression_of_re2_is_never_taken(expression: str, samples: list[str]) -> None:
    options = _re2.RE2.Options()
    options.log_errors = False
    found = translate(expression)
    if found is None:
        return
    assert _re2.RE2(expression.encode(), options).ok()
    judge = Pattern(expression)
    for text in samples:
        assert (found[0].search(text) is not None) == judge.test(text), (expression, text)


EXPLOSIVE = ("(a+)+$", "(a|b*)*c", "([._-]+[a-z]+)*$", "(.*)(.*)(.*)(.*)x", "a{2}{3}")
READ_DIFFERENTLY = ("[[:alpha:]]", r"\pN", "(?P<n>a)", "é")


@pytest.mark.parametrize("expression", EXPLOSIVE + READ_DIFFERENTLY)
def test_what_may_explode_or_is_read_differently_stays_with_re2(expression: str) -> None:
    assert translate(expression) is None


def test_the_longest_text_for_each_degree_is_matched_in_a_moment() -> None:
    for expression in ("x$", "a+x", "a*a*x", "a*a*a*x"):
        found = translate(expression)
        assert found is not None
        start = time.process_time()
        assert found[0].search("a" * found[1]) is None
        assert time.process_time() - start < 2.0  # a bound on the kind of growth; the real figure is a hundredth of it


@pytest.mark.parametrize("expression", ["^$", "[[:alpha:]]*", "x(a+)+"])
@pytest.mark.parametrize("text", ["", "a", "é", "xaa"])
def test_a_literal_of_a_program_gives_what_re2_gives(expression: str, text: str) -> None:
    literal, judge = pattern(expression), Pattern(expression)
    assert {literal(text) for _ in range(100)} == {judge.test(text)}  # before and after it moves to `re`
