"""Laws of the written form of suppressions: nothing crashes it, and what is written is read back."""

import time

from hypothesis import given
from hypothesis import strategies as st

from seawall.formats.suppression_text import MAX_COMMENTS, ignore_comments, read_suppression

RULES = st.lists(st.from_regex(r"[a-z]{1,8}(-[a-z]{1,8}){0,3}", fullmatch=True), min_size=1, max_size=4)
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)
LINES = st.sampled_from(
    ["a:", "  b: 1", "- c: 2", "", "# seawall:ignore x reason=y", "  # note", "{{- if .a }}", "d: 1 # seawall:ignore z"]
)


def quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@given(RULES, WORDS, WORDS, st.dates())
def test_what_is_written_is_read_back(rules: list[str], reason: str, owner: str, until: object) -> None:
    text = read_suppression(f"{', '.join(rules)} reason={quote(reason)} owner={quote(owner)} until={until}")
    assert text.problem == ""
    assert (list(text.rules), text.reason, text.owner, str(text.expires)) == (rules, reason.strip(), owner, str(until))


@given(st.text())
def test_any_text_is_read_or_has_a_problem(text: str) -> None:
    outcome = read_suppression(text)
    assert outcome.rules or outcome.problem


@given(st.binary())
def test_any_bytes_are_searched(data: bytes) -> None:
    for comment in ignore_comments(b"a: 1 # seawall:ignore x\n" + data):
        assert 1 <= comment.line <= comment.covers <= comment.last


@given(st.lists(LINES, max_size=30))
def test_blocks_nest_and_start_at_or_below_their_comment(lines: list[str]) -> None:
    blocks = [(comment.covers, comment.last) for comment in ignore_comments("\n".join(lines).encode())]
    for first, last in blocks:
        assert first <= last
        assert not any(first < other <= last < end for other, end in blocks)


def test_hostile_files_take_time_in_proportion_to_their_size() -> None:
    nested = b"".join(b" " * depth + b"a: # seawall:ignore x reason=y\n" for depth in range(900))
    hostile = (
        b"# seawall:ignore x reason=y\n" * 100_000,
        nested + b"#\n" * 500_000,
        b"a: 1 # seawall:ignore x" + b" " * 1_000_000 + b"y\n",
        b"#" * 1_000_000 + b"seawall:ignore",
        b"{{" * 500_000 + b"# seawall:ignore x reason=y",
        b'# seawall:ignore x reason="' + b'\\"' * 500_000,
    )
    start = time.process_time()
    for data in hostile:
        assert len(list(ignore_comments(data))) <= MAX_COMMENTS + 1
        for comment in ignore_comments(data):
            read_suppression(comment.text)
    assert time.process_time() - start < 20, "a quadratic step takes minutes"
