"""Dockerfiles are read as the builder reads them, and every part knows its place."""

import pytest

from seawall.formats.dockerfile import ParsedDockerfile, Step, parse


def read(text: str) -> ParsedDockerfile:
    parsed = parse("Dockerfile", text.encode())
    assert parsed.unscanned == ()
    return parsed


def steps(text: str) -> list[Step]:
    return [step for stage in read(text).stages for step in stage.steps]


def test_continued_lines_are_one_instruction_without_comments_and_empty_lines_between() -> None:
    (run,) = steps("FROM a\nRUN one \\\n  # why\n\n  two \\  \n  three\n")
    assert run.instruction.text.split() == ["one", "two", "three"]
    assert run.instruction.span == (2, 1, 6, 8)
    offset = run.instruction.text.index("two")
    assert run.instruction.span_of(offset, offset + 3) == (5, 3, 5, 6)


def test_a_directive_sets_the_escape_character_and_only_in_front() -> None:
    (copy,) = steps("# escape=`\nFROM a\nCOPY x `\n  C:\\dir\\\n")
    assert [word.value for word in copy.words] == ["x", "C:\\dir\\"]
    (run,) = steps("# a comment\n# escape=`\nFROM a\nRUN x \\\n y\n")
    assert run.instruction.text.split() == ["x", "y"]


def test_heredocs_belong_to_their_instruction() -> None:
    run, copy, user = steps(
        "FROM a\nRUN <<EOF\nFROM nowhere\necho\nEOF\nCOPY <<-'A' <<B /x/\n\tone $X\n\tA\ntwo\nB\nUSER 1\n"
    )
    assert [(doc.name, doc.text, doc.line, doc.expanded) for doc in run.instruction.heredocs] == [
        ("EOF", "FROM nowhere\necho", 3, True)
    ]
    assert [(doc.name, doc.text, doc.expanded) for doc in copy.instruction.heredocs] == [
        ("A", "\tone $X", False),
        ("B", "two", True),
    ]
    assert user.keyword == "USER"


def test_flags_are_taken_off_and_keep_their_place() -> None:
    (copy,) = steps("FROM a AS b\nCOPY --from=b --chown=1:1 x /y\n")
    assert [(flag.name, flag.value, tuple(flag.span)) for flag in copy.instruction.flags] == [
        ("from", "b", (2, 6, 2, 14)),
        ("chown", "1:1", (2, 15, 2, 26)),
    ]
    assert [word.value for word in copy.words] == ["x", "/y"]


def test_json_arrays_are_the_exec_form_and_what_only_looks_like_one_is_not() -> None:
    good, bad = steps('FROM a\nCMD ["x", "y"]\nCMD [\'x\']\n')
    assert good.exec_form == ("x", "y")
    assert bad.exec_form is None


def test_stages_are_found_by_name_and_the_environment_is_taken_over() -> None:
    parsed = read(
        'FROM debian:12 AS Base\nENV A=1 B="two words"\nENV OLD form of it\nFROM base\nENV C=$A-${B} D=${E:-x}\n'
    )
    first, second = parsed.stages
    assert (first.name, first.base, first.parent) == ("base", "debian:12", None)
    assert second.parent == 0
    assert second.environment == {"A": "1", "B": "two words", "OLD": "form of it", "C": "1-two words", "D": "x"}
    assert [stage.index for stage in parsed.lineage(1)] == [1, 0]


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("ARG V=3.20\nFROM alpine:${V}\n", "alpine:3.20"),
        ("ARG V\nFROM alpine:${V:-3.21}\n", "alpine:3.21"),
        ("ARG V=\nFROM alpine:${V:-3.21}\n", "alpine:3.21"),
        ("ARG V=\nFROM alpine${V-:3.21}\n", "alpine"),
        ("ARG V=1\nFROM alpine${V:+:3.20}\n", "alpine:3.20"),
        ("ARG BASE\nFROM $BASE\n", None),
        ("FROM $NOBODY\n", None),
        ("ARG V=3.20.1\nFROM alpine:${V%.*}\n", None),
        ("ARG A=1\nARG B=${A}2\nFROM x:$B\n", "x:12"),
        ("FROM 'x:1'\n", "x:1"),
        (r"FROM x:\$A" + "\n", "x:$A"),
    ],
)
def test_variables_are_replaced_or_not_known_never_guessed(text: str, base: str | None) -> None:
    assert read(text).stages[0].base == base


def test_an_argument_counts_in_a_stage_that_names_it_again() -> None:
    parsed = read("ARG V=1\nFROM a\nENV X=$V\nARG V\nENV Y=$V\nARG V=2\nENV Z=$V\n")
    assert parsed.stages[0].environment == {"X": None, "Y": "1", "Z": "2"}


def test_what_onbuild_triggers_is_a_step_of_its_own() -> None:
    onbuild, run = steps("FROM a\nONBUILD RUN --mount=type=cache,target=/x make\n")
    assert onbuild.keyword == "ONBUILD"
    assert (run.keyword, run.on_build, run.instruction.text) == ("RUN", True, "make")
    assert run.instruction.place(0) == (2, 42)


def test_lines_end_as_windows_ends_them_too() -> None:
    (run,) = steps("FROM a\r\nRUN x \\\r\n  y\r\n")
    assert run.instruction.text.split() == ["x", "y"]


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"FROM a\nFORM b\nUSER 1\n", 2, "'FORM' is no instruction"),
        (b"RUN x\nFROM a\n", 1, "RUN stands before the first FROM"),
        (b"# nothing\n", None, "it has no FROM instruction"),
        (b"FROM a\nRUN <<EOF\nx\n", 2, "the heredoc EOF has no end"),
        (b"FROM\n", 1, "FROM names no image"),
        (b"FROM a b c d\n", 1, "FROM takes an image"),
        (b"FROM a\nONBUILD FROM b\n", 2, "ONBUILD names no instruction"),
        (b"FROM a\nENV X=\xff\n", 2, "not UTF-8"),
        (b"FROM a\nENV X=\0\n", 2, "NUL byte"),
        (b"", None, "it has no FROM instruction"),
        (b"FROM a\n" + b"RUN x\n" * 10_001, 1, "more than 10,000 instructions"),
        (b"FROM a\nRUN " + b"x" * (1 << 20) + b"\n", 2, "more than 1,048,576 characters"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(data: bytes, line: int | None, reason: str) -> None:
    parsed = parse("Dockerfile", data)
    path = "Dockerfile" if line is None else f"Dockerfile:{line}"
    assert any(entry.path == path and reason in entry.reason for entry in parsed.unscanned), parsed.unscanned


def test_the_rest_of_a_broken_file_is_read() -> None:
    parsed = parse("Dockerfile", b"FROM a\nBROKEN x\nUSER 1\n")
    assert [step.keyword for step in parsed.stages[0].steps] == ["USER"]


def test_a_file_that_is_none_is_not_told_line_by_line() -> None:
    assert len(parse("Dockerfile", b"x\n" * 5000).unscanned) <= 11
