"""What the subcommands of ``seawall db`` have in common: the database's place, the time, progress and the closing lines."""

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from seawall.stages.advisories import Changed

SHOWN = 5
REFRESH_SECONDS = 0.1


def add_database(parser: argparse.ArgumentParser) -> None:
    """Add ``--database`` and ``--quiet``."""
    parser.add_argument(
        "--database", metavar="FILE", help="the database (default: $SEAWALL_DATABASE, else the user's data directory)"
    )
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")


def database_of(arguments: argparse.Namespace) -> Path:
    """Return the database that is meant."""
    from seawall.sources.advisory_location import database_path

    return Path(arguments.database) if arguments.database else database_path()


def now() -> str:
    """Return the time in UTC, to the second, as ISO 8601 has it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def print_changed(changed: "Changed") -> None:
    """Say what the database holds now, and on standard error what could not be read."""
    from seawall.reports.escaping import make_visible

    total = sum(source.records for source in changed.sources)
    print(f"{changed.path}: {total:,} records from {len(changed.sources)} sources")
    if changed.unchanged:
        print(f"unchanged: {', '.join(changed.unchanged)}")
    if changed.missing:
        print(f"not published: {', '.join(changed.missing)}")
    if changed.unread:
        print(f"seawall: {changed.unread:,} records could not be read and are not in the database:", file=sys.stderr)
        for entry in changed.unscanned[:SHOWN]:
            print(f"  {make_visible(f'{entry.path}: {entry.reason}')[:300]}", file=sys.stderr)
        if changed.unread > SHOWN:
            print(f"  and {changed.unread - SHOWN:,} more", file=sys.stderr)


class DownloadProgress:
    """A bar on standard error, on a terminal only. A context in which `update` may be called as often as one likes."""

    def __init__(self, *, wanted: bool) -> None:
        self._wanted = wanted and sys.stderr.isatty()
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._last = 0.0

    def __enter__(self) -> "DownloadProgress":
        return self

    def update(self, what: str, there: int, total: int) -> None:
        """Say that `what` is going on, with `there` of `total` done (0: nobody knows of how much)."""
        moment = time.monotonic()
        if not self._wanted or (moment - self._last < REFRESH_SECONDS and there):
            return
        self._last = moment
        if self._bar is None or self._task is None:
            from rich.console import Console
            from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

            columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task(what, total=None)
            self._bar.start()
        self._bar.update(self._task, description=what, completed=there, total=total or None)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
