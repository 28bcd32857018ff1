"""What every text for a terminal is printed with: a console over a string, severities' colours, wrapping with a hanging indent.

Colour only repeats what the words say, so the plain form loses nothing. The drawing library is imported when something is drawn.
"""

from io import StringIO
from typing import TYPE_CHECKING

from seawall.model.taxonomy import Severity

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

NARROWEST, WIDEST = 60, 200

SEVERITY_STYLES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "blue",
}


def make_console(out: StringIO, *, width: int, colour: bool) -> "Console":
    """Return a console that writes to `out` and reads nothing of its surroundings: the same text everywhere."""
    from rich.console import Console

    return Console(
        file=out,
        width=max(NARROWEST, min(width, WIDEST)),
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
        _environ={},
    )


def finish(out: StringIO, *, colour: bool) -> str:
    """Return what was printed; without colour no line ends in spaces."""
    return out.getvalue() if colour else "\n".join(line.rstrip() for line in out.getvalue().split("\n"))


def styled(*spans: tuple[str, str]) -> "Text":
    """Return a text of (words, style) spans. The words are never read as markup."""
    from rich.text import Text

    return Text.assemble(*spans)


def crop(text: str, room: int) -> str:
    """Return `text` cut to `room` columns."""
    from rich.cells import cell_len, set_cell_size

    return text if cell_len(text) <= room else f"{set_cell_size(text, room - 1)}…"


def print_text(console: "Console", text: "Text", indent: int = 0, *, hang: int = 0, wrap: bool = True) -> None:
    """Print `text` from column `indent`; lines that it wraps to start `hang` columns further right."""
    if not wrap:
        console.print(styled((" " * indent, "")) + text, no_wrap=True, overflow="ignore", crop=False)
        return
    room = console.width - indent
    lines = text.wrap(console, room - hang if hang else room, tab_size=1)
    if hang and len(text.plain) <= room:
        lines = text.wrap(console, room, tab_size=1)
    for number, line in enumerate(lines):
        line.rstrip()
        console.print(
            styled((" " * (indent + (hang if number else 0)), "")) + line, no_wrap=True, overflow="fold", crop=False
        )
