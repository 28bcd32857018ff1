"""Where a command's result goes, and whether a person reads it at a terminal."""

import os
import sys
from collections.abc import Iterable

from seawall.model.errors import UsageError


def wants_colour(output: str | None) -> bool:
    """Say whether the result is coloured: on a terminal, unless ``NO_COLOR`` is set or the terminal is a dumb one."""
    return not output and sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def terminal_width(*, piped: int = 100) -> int:
    """Return the width of the terminal that standard output is; `piped` where it is none."""
    if not sys.stdout.isatty():
        return piped
    import shutil  # only for a person: it brings all that compresses

    return shutil.get_terminal_size((piped, 24)).columns


def write(pieces: Iterable[bytes], output: str | None) -> None:
    """Write a result to the file `output`, or to standard output. Raises `UsageError` where the file cannot be written."""
    if output is None or output == "-":
        try:
            sys.stdout.flush()
            sys.stdout.buffer.writelines(pieces)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise UsageError(f"standard output cannot be written: {error.strerror}") from error
        return
    try:
        with open(output, "wb") as file:
            file.writelines(pieces)
    except OSError as error:
        raise UsageError(f"--output {output}: {error.strerror}", remedy="name a file that can be written") from error
