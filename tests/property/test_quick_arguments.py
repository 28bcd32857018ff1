"""The law of the quick reader of arguments: what argparse says, or nothing."""

import contextlib
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seawall.apps.cli import main

VALUES = ["json", "table", "xml", "high", "a b", "", "-", "--", "-1", "k=v", "deploy/", "*.yaml", "cluster"]
OPTIONS = [
    *("--rules", "--layer", "--only", "--skip", "--config", "--set", "--values", "--context", "--namespace"),
    *("--format", "--output", "--fail-on", "--baseline", "--since"),
    *("--no-ignore", "--quiet", "--details", "--show-suppressed", "--allow-unscanned", "--no-allow-unscanned"),
    *("--form", "--help", "-h", "--version", "--nothing", "-q", "--no-quiet"),
]
words = st.one_of(
    st.sampled_from(VALUES),
    st.sampled_from(OPTIONS),
    st.builds("{}={}".format, st.sampled_from(OPTIONS), st.sampled_from(VALUES)),
)
plain = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(OPTIONS[:14]), st.sampled_from(VALUES)),
        st.tuples(st.sampled_from(OPTIONS[14:20])),
    ),
    max_size=4,
).map(lambda groups: [word for group in groups for word in group])


def by_argparse(arguments: list[str]) -> dict[str, object] | None:
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        try:
            return vars(main.build_parser("scan").parse_args(arguments))
        except SystemExit:
            return None


def quickly(arguments: list[str]) -> dict[str, object] | None:
    parsed = main.read_quickly(arguments)
    return None if parsed is None else vars(parsed)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.lists(words, max_size=6),
        st.builds(lambda options, targets: [*options, *targets], plain, st.lists(st.sampled_from(VALUES), max_size=2)),
    )
)
@example(["a", "--quiet", "b"])
@example(["--quiet", "a", "b"])
@example(["--format", "json", "--format=table", "--only", "x", "--only=y"])
@example(["--output", "-", "-"])
@example(["--allow-unscanned", "--no-allow-unscanned"])
def test_what_is_read_quickly_is_what_argparse_reads(words: list[str]) -> None:
    found = quickly(["scan", *words])
    assert found is None or found == by_argparse(["scan", *words])


@pytest.mark.parametrize(
    "line",
    [
        "scan",
        "scan .",
        "scan deploy/ --format sarif --output out.sarif",
        "scan --rules pss-restricted --rules mine . --fail-on=low --quiet",
        "scan a.yaml b.yaml c.yaml --no-ignore --no-allow-unscanned",
        "scan - --set image.tag=1 --values prod.yaml",
    ],
)
def test_what_is_written_plainly_needs_no_argparse(line: str) -> None:
    found = quickly(line.split())
    assert found is not None
    assert found == by_argparse(line.split())
