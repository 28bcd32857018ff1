"""The commands of a shell text: each with its words, what it is piped into, and where it stands. Nothing is run.

    commands_of("apt-get update && curl -s https://x | sh")    # apt-get; curl, into sh; sh

Understood are quotes, lists, pipes, groups, substitutions, assignments in front, redirections, keywords, and programs that only
start another one (``sudo``, ``env``, ``exec``, ``sh -c``). What a variable holds stays as it is written.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

MAX_TEXT: Final = 256 * 1024
MAX_DEPTH: Final = 6
"""Of shells within shells; deeper ones are left as words."""

_TOKEN: Final = re.compile(
    r"(?P<space>[ \t\r]+|\\\r?\n)|(?P<comment>(?<![^\s;&|(])#[^\n]*)"
    r"|(?P<redirect>\d*(?:>>|<<<|<<-?|>&|<&|&>>|&>|>\||<>|[<>](?!\()))|(?P<operator>\|\||&&|\|&|;;|[;|&\n()])"
)
_KEYWORDS: Final = frozenset(
    (
        "if",
        "then",
        "else",
        "elif",
        "fi",
        "for",
        "while",
        "until",
        "do",
        "done",
        "case",
        "esac",
        "in",
        "!",
        "time",
        "{",
        "}",
    )
)
_OTHERS: Final = frozenset(("for", "case", "select", "function"))
"""Keywords whose words up to the next separator are no command."""
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*\+?=")
_STARTERS: Final = frozenset(
    (
        "sudo",
        "doas",
        "gosu",
        "su-exec",
        "env",
        "exec",
        "eval",
        "command",
        "builtin",
        "xargs",
        "nohup",
        "nice",
        "time",
        "timeout",
    )
)
_WITH_VALUE: Final = {
    "sudo": ("-u", "-g", "-h", "-p", "-C", "-r", "-t", "-U"),
    "env": ("-u", "-C", "-S"),
    "nice": ("-n",),
    "xargs": ("-n", "-I", "-P", "-L", "-d", "-a", "-s"),
    "doas": ("-u", "-C"),
}
_SHELLS: Final = frozenset(["sh", "bash", "ash", "dash", "zsh", "ksh"])


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One simple command. `name` is the last part of its program's path; `words` are all words, without quotes.

    `into` is the name of the command that reads its output, `through` what starts it (``sudo``), `assigned` the names and values
    set in front of it, `fed` the names of the commands whose output is part of its words (``bash -c "$(curl …)"``). `start` and
    `end` are offsets in the text; within another shell's text, those of the outer command.
    """

    name: str
    words: tuple[str, ...]
    start: int
    end: int
    into: str = ""
    through: tuple[str, ...] = ()
    fed: tuple[str, ...] = ()
    assigned: tuple[tuple[str, str], ...] = ()


class _Raw(msgspec.Struct):
    words: list[str]
    start: int
    end: int
    piped: bool = False
    inner: list[str] = []


def commands_of(text: str, depth: int = 0) -> list[Command]:
    """Return the commands of `text` in their order; none of a text that is longer than `MAX_TEXT`."""
    if len(text) > MAX_TEXT or depth > MAX_DEPTH:
        return []
    commands: list[Command] = []
    raws = list(_split(text))
    for number, raw in enumerate(raws):
        command = _command(raw)
        nested = [commands_of(inner, depth + 1) for inner in raw.inner]
        if command is not None:
            following = (
                next((c for c in map(_command, raws[number + 1 : number + 2]) if c), None) if raw.piped else None
            )
            fed = tuple(one.name for inner in nested for one in inner)
            command = msgspec.structs.replace(command, into=following.name if following else "", fed=fed)
            commands.append(command)
            if script := _script(command):
                nested.append(commands_of(script, depth + 1))
        commands += [msgspec.structs.replace(one, start=raw.start, end=raw.end) for inner in nested for one in inner]
    return commands


def _split(text: str) -> Iterator[_Raw]:
    current = _Raw([], 0, 0)
    position = 0
    after_redirect = False
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            start = position
            word, position, inner = _word(text, position)
            if not current.words and not current.inner:
                current.start = start
            current.end = position
            current.inner = [*current.inner, *inner]
            if not after_redirect:
                current.words.append(word)
            after_redirect = False
            continue
        position = token.end()
        kind = token.lastgroup
        if kind == "redirect":
            after_redirect = not token["redirect"].startswith("<<") or token["redirect"] == "<<<"
        elif kind == "operator":
            after_redirect = False
            current.piped = token["operator"] in ("|", "|&")
            if current.words or current.inner:
                yield current
            current = _Raw([], position, position)
    if current.words or current.inner:
        yield current


def _word(text: str, position: int) -> tuple[str, int, list[str]]:
    """Return the word at `position` without its quotes, where it ends, and the texts of substitutions in it."""
    parts: list[str] = []
    inner: list[str] = []
    while position < len(text):
        character = text[position]
        if character == "\\" and position + 1 < len(text):
            if text[position + 1] != "\n":
                parts.append(text[position + 1])
            position += 2
        elif character == "'":
            end = text.find("'", position + 1)
            end = len(text) if end < 0 else end
            parts.append(text[position + 1 : end])
            position = end + 1
        elif character == '"':
            quoted, position, nested = _quoted(text, position + 1)
            parts.append(quoted)
            inner += nested
        elif character == "`" or text.startswith(("$(", "<(", ">("), position):
            start = position
            body, position = _substitution(text, position)
            inner.append(body)
            parts.append(text[start:position])
        elif text.startswith("${", position):
            end = text.find("}", position)
            end = len(text) if end < 0 else end + 1
            parts.append(text[position:end])
            position = end
        elif character.isspace() or character in ";|&()<>":
            break
        else:
            parts.append(character)
            position += 1
    return "".join(parts), max(position, 0), inner


def _quoted(text: str, position: int) -> tuple[str, int, list[str]]:
    parts: list[str] = []
    inner: list[str] = []
    while position < len(text) and text[position] != '"':
        if text[position] == "\\" and position + 1 < len(text):
            kept = text[position + 1]
            parts.append(kept if kept in '"\\$`' else ("" if kept == "\n" else "\\" + kept))
            position += 2
        elif text[position] == "`" or text.startswith("$(", position):
            start = position
            body, position = _substitution(text, position)
            inner.append(body)
            parts.append(text[start:position])
        else:
            parts.append(text[position])
            position += 1
    return "".join(parts), position + 1, inner


def _substitution(text: str, position: int) -> tuple[str, int]:
    """Return the text of the substitution that begins at `position`, and where it ends."""
    if text[position] == "`":
        end = text.find("`", position + 1)
        end = len(text) if end < 0 else end
        return text[position + 1 : end], end + 1
    start = position + 2
    depth, position, quote = 1, start, ""
    while position < len(text) and depth:
        character = text[position]
        if character == "\\":
            position += 1
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "()":
            depth += 1 if character == "(" else -1
        position += 1
    return text[start : position - (0 if depth else 1)], position


def _command(raw: _Raw) -> Command | None:
    words = list(raw.words)
    assigned: list[tuple[str, str]] = []
    through: list[str] = []
    while words:
        word = words[0]
        if word in _OTHERS:
            return None
        if word in _KEYWORDS:
            words.pop(0)
        elif _ASSIGNMENT.match(word):
            name, _, value = word.partition("=")
            assigned.append((name.rstrip("+"), value))
            words.pop(0)
        elif _base(word) in _STARTERS and len(words) > 1:
            starter = _base(words.pop(0))
            through.append(starter)
            _drop_options(words, starter)
        else:
            break
    if not words and not assigned and not through:
        return None
    name = _base(words[0]) if words else ""
    return Command(
        name=name,
        words=tuple(words),
        start=raw.start,
        end=raw.end,
        through=tuple(through),
        assigned=tuple(assigned),
    )


def _drop_options(words: list[str], starter: str) -> None:
    takes = _WITH_VALUE.get(starter, ())
    while words and words[0].startswith("-") and len(words) > 1:
        option = words.pop(0)
        if option == "--":
            break
        if option in takes and words:
            words.pop(0)
    if starter in ("timeout", "gosu", "su-exec") and len(words) > 1:
        words.pop(0)  # how long, or as whom


def _script(command: Command) -> str:
    """Return the text that `command` hands to a shell, or nothing."""
    if "eval" in command.through:
        return "" if command.fed else " ".join(command.words)
    if command.name not in _SHELLS and command.name != "su":
        return ""
    for number, word in enumerate(command.words[1:-1], 1):
        if re.fullmatch(r"-[a-z]*c", word):
            script = command.words[number + 1]
            return "" if script.startswith(("$(", "`")) else script  # what a substitution gives is known to nobody
    return ""


def _base(word: str) -> str:
    return word.rpartition("/")[2]
