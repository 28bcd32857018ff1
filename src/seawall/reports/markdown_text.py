"""Words and code as GitHub-flavoured Markdown, so that no character of them is read as markup."""

import re

from seawall.reports.escaping import make_visible

_PUNCTUATION = re.compile(r"([\\`*_{}\[\]#!|<>&~@])")


def code(text: str) -> str:
    """Return `text` as a code span. Its fence is longer than any run of backticks inside."""
    shown = make_visible(text) or " "
    ticks = "`" * (max((len(run) for run in re.findall(r"`+", shown)), default=0) + 1)
    return f"{ticks} {shown} {ticks}" if "`" in shown else f"{ticks}{shown}{ticks}"


def prose(text: str) -> str:
    """Return words of a rule as plain prose: no character of them is markup. A user's own rule may hold anything."""
    return _PUNCTUATION.sub(r"\\\1", make_visible(text))


def fenced(lines: list[str], language: str = "yaml") -> str:
    """Return `lines`, which must be safe to show, as a code block that none of them can end."""
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n" + "\n".join(lines) + f"\n{fence}\n"


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a table of cells that are Markdown already; a bar in a code span must not end its cell."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("\n", " ") for cell in line) + " |\n" for line in lines)


def cell_code(text: str) -> str:
    """Return `text` as a code span inside a table, where GitHub reads a bar even in code."""
    return code(text).replace("|", "\\|")
