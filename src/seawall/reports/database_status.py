"""What the advisory database holds, as a table and as JSON."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from seawall.model.advisory import AdvisorySource


class SourceStatus(msgspec.Struct, frozen=True, rename="camel"):
    """One source. `newest` is the newest day of its records, None where they have none; `age_days` counts from when it was
    read.
    """

    name: str
    records: int
    newest: str | None
    read: str | None
    age_days: int | None


class DatabaseStatus(msgspec.Struct, frozen=True, rename="camel"):
    """The database. `stale` are the sources that are older than the caller allows; one whose age nobody knows is stale."""

    path: str
    built: str | None
    records: int
    sources: tuple[SourceStatus, ...]
    max_age_days: int
    stale: tuple[str, ...]


def describe(
    path: str, built: str, sources: Sequence[AdvisorySource], *, now: datetime, max_age: int
) -> DatabaseStatus:
    """Return the status at the time `now`, with a time zone."""
    found = tuple(
        SourceStatus(
            source.name, source.records, source.newest[:10] or None, source.read or None, _days(source.read, now)
        )
        for source in sources
    )
    stale = tuple(source.name for source in found if source.age_days is None or source.age_days > max_age)
    return DatabaseStatus(path, built or None, sum(source.records for source in found), found, max_age, stale)


def _days(read: str, now: datetime) -> int | None:
    try:
        return max(0, (now - datetime.fromisoformat(read)).days)
    except (ValueError, TypeError):
        return None


def render(form: str, status: DatabaseStatus) -> bytes:
    """Return the status as ``json`` or as a ``table``."""
    if form == "json":
        return msgspec.json.format(msgspec.json.encode(status), indent=2) + b"\n"
    rows = [("source", "records", "newest", "read", "age")]
    rows += [
        (
            source.name,
            f"{source.records:,}",
            source.newest or "-",
            (source.read or "-")[:10],
            "-" if source.age_days is None else f"{source.age_days} d",
        )
        for source in status.sources
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [f"{status.path}: {status.records:,} records, built {status.built or 'at an unknown time'}", ""]
    for name, records, *rest in rows:
        cells = [name.ljust(widths[0]), records.rjust(widths[1])]
        cells += [cell.ljust(width) for cell, width in zip(rest, widths[2:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return ("\n".join(lines) + "\n").encode()
