"""Progress of long work: on standard error, only on a terminal, and only once it has taken a moment."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.live import Live

PATIENCE_SECONDS = 0.4
"""Work that ends sooner shows nothing: a line that flashes by tells nobody anything."""

REFRESH_SECONDS = 0.1


class Progress:
    """A context in which `update` may be called as often as one likes. Imports the drawing library only when it draws."""

    def __init__(self, *, wanted: bool) -> None:
        self._wanted = wanted and sys.stderr.isatty()
        self._start = self._last = time.monotonic()
        self._live: Live | None = None

    def __enter__(self) -> "Progress":
        return self

    def update(self, what: str, count: int) -> None:
        """Say that `what` is going on and `count` resources have been seen."""
        if not self._wanted:
            return
        now = time.monotonic()
        if now - self._start < PATIENCE_SECONDS or now - self._last < REFRESH_SECONDS:
            return
        self._last = now
        text = f"{what}: {count:,} resources"
        if self._live is None:
            from rich.console import Console
            from rich.live import Live
            from rich.spinner import Spinner

            # Drawn when there is something to say, and not by a thread: a scan that forks must be alone in its process.
            self._spinner = Spinner("dots", text=text)
            self._live = Live(self._spinner, console=Console(stderr=True), auto_refresh=False, transient=True)
            self._live.start()
        self._spinner.update(text=text)
        self._live.refresh()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
