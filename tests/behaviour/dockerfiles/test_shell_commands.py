"""The commands of a shell text: what runs, with which words, into what."""

import pytest

from seawall.formats.shell_commands import Command, commands_of


def names(text: str) -> list[str]:
    return [command.name for command in commands_of(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a && b || c; d & e", ["a", "b", "c", "d", "e"]),
        ("(a; b) | c", ["a", "b", "c"]),
        ("{ a; b; }", ["a", "b"]),
        ("if a; then b; else c; fi", ["a", "b", "c"]),
        ("for x in 1 2; do a $x; done", ["a"]),
        ("while read x; do a; done", ["read", "a"]),
        ("! a", ["a"]),
        ("a # b; c\nd", ["a", "d"]),
        ("a 'b; c' \"d && e\"", ["a"]),
        ("/usr/bin/a", ["a"]),
        ("X=1 Y=2 a", ["a"]),
        ("a > b 2>&1 < c", ["a"]),
        ("find . -exec rm {} \\; && b", ["find", "b"]),
        ("sh -c 'a | b'", ["sh", "a", "b"]),
        ('a $(b "$(c)")', ["a", "b", "c"]),
        ("a `b`", ["a", "b"]),
        ("a \\\n  b", ["a"]),
        ("", []),
        ("'unended", ["unended"]),
        ("$(unended", ["$(unended", "unended"]),
    ],
)
def test_commands_are_told_apart(text: str, expected: list[str]) -> None:
    assert names(text) == expected


def first(text: str) -> Command:
    return commands_of(text)[0]


def test_a_pipe_leads_into_the_next_command() -> None:
    curl, bash = commands_of("curl -s https://x | sudo -E bash -")
    assert (curl.into, bash.name, bash.through) == ("bash", "bash", ("sudo",))


def test_a_command_knows_whose_output_is_among_its_words() -> None:
    assert first('bash -c "$(curl https://x)"').fed == ("curl",)
    assert first("source <(curl https://x)").fed == ("curl",)


def test_starters_are_looked_through() -> None:
    command = first("exec sudo -u root env A=1 timeout 5 /bin/a --b")
    assert (command.name, command.words) == ("a", ("/bin/a", "--b"))
    assert command.through == ("exec", "sudo", "env", "timeout")
    assert command.assigned == (("A", "1"),)


def test_words_lose_their_quotes_and_variables_stay() -> None:
    assert first("a 'b c' \"d $E\" f\\ g ${H:-i j}").words == ("a", "b c", "d $E", "f g", "${H:-i j}")


def test_a_command_stands_where_it_was_written() -> None:
    text = "a &&  b -c"
    command = commands_of(text)[1]
    assert text[command.start : command.end] == "b -c"


def test_nesting_without_end_ends() -> None:
    assert len(commands_of("a $(" * 2000)) < 20
    assert names("x" * (300 * 1024)) == []
