"""Wrong usage is one sentence and the way out; help works everywhere and costs little."""

import argparse
import subprocess
import sys
from collections.abc import Iterator

import pytest

from seawall.apps.cli import main


def parsers(parser: argparse.ArgumentParser, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command and subcommand."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield (*words, name)
                yield from parsers(inner, (*words, name))


COMMANDS = [(), *parsers(main.build_parser(None))]


def status_of(*words: str) -> int:
    try:
        return main.main(words)
    except SystemExit as end:
        return int(end.code or 0)


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words) or "seawall")
def test_help_of_every_command_works(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(*words, "--help") == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"usage: {' '.join(('seawall', *words))} ")
    assert err == ""


def test_every_command_is_in_the_help_with_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    status_of("--help")
    out = " ".join(capsys.readouterr().out.split())
    assert [name for name, summary in main.COMMANDS.items() if f"{name} {summary}" not in out] == []


def test_without_arguments_the_help_is_shown_and_nothing_has_succeeded(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of() == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "seawall scan ." in err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["scna"], "seawall: error: there is no command 'scna'; did you mean scan?"),
        (["frobnicate"], "seawall: error: there is no command 'frobnicate'"),
        (["--bogus"], "seawall: error: there is no option --bogus"),
        (["--verison"], "seawall: error: there is no option --verison; did you mean --version?"),
        (["scan", "--formt=json"], "seawall scan: error: there is no option --formt; did you mean --format?"),
        (["scan", "--format", "jsno"], "did you mean json?"),
        (["rules"], "seawall rules: error: the following arguments are required: COMMAND"),
        (["rules", "lits"], "did you mean list?"),
        (["rules", "explain", "a", "b"], "seawall rules explain: error: 'b' is one argument too many"),
        (["rules", "explain", "privileged-contaner"], "did you mean privileged-container"),
        (["rules", "explain", "secret"], "secret-in-env"),
        (["rules", "list", "--layer", "clod"], "--layer 'clod' is not one of: cloud"),
    ],
)
def test_wrong_usage_says_what_was_meant(words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(*words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert complaint in err
    assert "Traceback" not in err
    assert "usage:" not in err


def test_an_option_is_never_guessed_from_its_beginning(capsys: pytest.CaptureFixture[str]) -> None:
    # `--form json` would work today and mean something else once there is another option that begins so.
    assert status_of("scan", "--form", "json") == 2
    assert "did you mean --format?" in capsys.readouterr().err


def test_help_imports_neither_the_engine_nor_the_drawing_library() -> None:
    heavy = "cel_expr_python rich rapidyaml yaml ruamel difflib ssl"
    program = (
        "import sys\nfrom seawall.apps.cli import main\n"
        "try:\n    main.main(['scan', '--help'])\nexcept SystemExit:\n    pass\n"
        f"print(sorted(set('{heavy}'.split()) & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr.strip() == "[]"
