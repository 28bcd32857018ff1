"""The advisory database, wired: downloads and files go in, one database comes out, and the old one stays until that is whole.

    update([], now="2026-11-25T08:00:00Z")       # all feeds that changed
    import_files([Path("osv/")], now=…)          # what is on disk, for machines without a network

One at a time: a lock file beside the database says so.
"""

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from seawall.model.advisory import AdvisorySource
from seawall.model.errors import SourceError
from seawall.model.resource import Unscanned
from seawall.sources.advisory_database import AdvisoryDatabase
from seawall.sources.advisory_database_build import DatabaseBuild
from seawall.sources.advisory_feeds import Feed, choose
from seawall.sources.advisory_files import read_advisory_files
from seawall.sources.downloads import Downloaded, Missing, download
from seawall.sources.web_connections import WebSettings

MAX_NAMED: Final = 100
"""Most unreadable records whose place is kept to be shown; all are counted."""

Progress = Callable[[str, int, int], None]
"""Called with what is going on, how much is there, and of how much (0: not known)."""


class Changed(msgspec.Struct, frozen=True):
    """What became of the database: its sources, which of them are new, which were as they had been, and what could not be read.

    `missing` are feeds that are not published (yet).
    """

    path: Path
    sources: tuple[AdvisorySource, ...]
    new: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unread: int = 0
    unscanned: tuple[Unscanned, ...] = ()


def import_files(
    database: Path, paths: Sequence[Path], *, now: str, add: bool = False, progress: Progress = lambda *_: None
) -> Changed:
    """Build the database from the files at `paths`; with `add`, other sources that it has already stay.

    Raises `SourceError` where a path cannot be read or has nothing to offer; the old database is kept then.
    """
    with alone(database):
        known = {source.name: source for source in sources_of(database)} if add else {}
        with DatabaseBuild(database, now=now) as build:
            reader = _Reader(build, progress)
            if known:
                # What the files bring is known only after they are read, and what is kept goes first.
                build.keep(database, set(known) - _names(paths))
            for path in paths:
                reader.read(str(path), path)
    return Changed(database, tuple(sources_of(database)), reader.names, (), (), reader.unread, reader.named)


def update(
    database: Path,
    only: Sequence[str],
    *,
    now: str,
    base: str = "",
    settings: WebSettings | None = None,
    progress: Progress = lambda *_: None,
) -> Changed:
    """Bring the chosen feeds up to date, from their publishers or from the mirror `base` (a URL or a directory).

    Sources that were not chosen stay. Raises `UsageError` for a feed that does not exist, and `SourceError` where anything
    fails: the old database is kept then, and so are the downloads that are whole.
    """
    feeds = choose(only)
    with alone(database):
        known = {source.name: source for source in sources_of(database)}
        folder = downloads_of(database)
        fetched: list[tuple[Feed, Downloaded]] = []
        missing: list[str] = []
        for number, feed in enumerate(feeds, 1):
            at = f"[{number}/{len(feeds)}] {feed.name}"
            found = _fetch(feed, base, folder, known.get(feed.source), settings or WebSettings(), progress, at)
            if found is None:
                missing.append(feed.name)
            else:
                fetched.append((feed, found))
        new = [(feed, found) for feed, found in fetched if found.path is not None]
        replaced = {feed.source for feed, _ in new}
        same = {feed.source for feed, _ in fetched} - replaced
        with DatabaseBuild(database, now=now) as build:
            if kept := set(known) - replaced:
                build.keep(database, kept)
            build.confirm(same)
            reader = _Reader(build, progress)
            for feed, found in new:
                if found.path is not None:
                    reader.read(feed.name, found.path, only=feed.ecosystem, strict=True)
                build.tell(feed.source, etag=found.etag, last_modified=found.last_modified)
        clear(folder)
    return Changed(
        database,
        tuple(sources_of(database)),
        tuple(feed.name for feed, _ in new),
        tuple(sorted(feed.name for feed, found in fetched if found.path is None)),
        tuple(missing),
        reader.unread,
        reader.named,
    )


def sources_of(database: Path) -> list[AdvisorySource]:
    """Return the sources of the database; none where there is no database, or one of another version of Seawall."""
    if not database.is_file():
        return []
    try:
        with AdvisoryDatabase(database) as opened:
            return opened.sources()
    except SourceError:
        return []


class _Reader:
    """Reads files into a build and counts what could not be read."""

    def __init__(self, build: DatabaseBuild, progress: Progress) -> None:
        self._build, self._progress = build, progress
        self.unread = 0
        self.names: tuple[str, ...] = ()
        self.named: tuple[Unscanned, ...] = ()

    def read(self, name: str, path: Path, *, only: str = "", strict: bool = False) -> None:
        """Add what is at `path`. Raises `SourceError` where that is nothing at all."""
        records = 0
        reasons: list[Unscanned] = []
        for parsed in read_advisory_files(path, strict=strict):
            records += self._build.add_parsed(parsed, only=only)
            self.unread += len(parsed.unscanned)
            reasons += parsed.unscanned[: MAX_NAMED - len(reasons)]
            self._progress(f"reading {name}", records, 0)
        if not records:
            why = f": {reasons[0].path}: {reasons[0].reason}" if reasons else ""
            raise SourceError(f"there are no advisories in it{why}", place=name)
        self.names = (*self.names, name)
        self.named = (*self.named, *reasons)[:MAX_NAMED]


def _names(paths: Sequence[Path]) -> set[str]:
    """Return the sources of the files at `paths`."""
    names: set[str] = set()
    for path in paths:
        for parsed in read_advisory_files(path):
            if parsed.source == "osv":
                names |= {
                    f"osv/{entry.ecosystem.partition(':')[0]}"
                    for advisory in parsed.advisories
                    for entry in advisory.affected
                }
            elif parsed.source:
                names.add(parsed.source)
    return names


def _fetch(
    feed: Feed,
    base: str,
    folder: Path,
    known: AdvisorySource | None,
    settings: WebSettings,
    progress: Progress,
    at: str,
) -> Downloaded | None:
    """Return the feed's file, or None where it is not published and never was."""
    etag, last_modified = (known.etag, known.last_modified) if known else ("", "")
    progress(at, 0, 0)
    try:
        if base and "://" not in base:
            return _on_disk(Path(feed.under(base)), etag)
        # The ending says how the file is packed.
        ending = feed.url.rpartition("/")[2]
        return download(
            feed.under(base) if base else feed.url,
            folder / f"{feed.name.replace('/', '_')}-{ending}",
            etag=etag,
            last_modified=last_modified,
            settings=settings,
            progress=lambda there, total: progress(at, there, total),
        )
    except Missing as error:
        if feed.optional and known is None:
            return None
        raise SourceError(error.message, place=feed.name, remedy="the old database is kept") from None
    except SourceError as error:
        raise SourceError(error.message, place=feed.name, remedy=error.remedy or "the old database is kept") from None


def _on_disk(path: Path, etag: str) -> Downloaded:
    """Return the file of a mirror that is a directory; its size and time stand for what a server would call ETag."""
    try:
        status = path.stat()
    except OSError:
        raise Missing(f"{path}: there is no such file") from None
    found = f"{status.st_size}-{status.st_mtime_ns}"
    return Downloaded(None if found == etag else path, found)


def downloads_of(database: Path) -> Path:
    """Return the folder beside the database in which downloads grow."""
    return database.with_name(f"{database.name}.downloads")


def clear(folder: Path) -> None:
    """Remove the downloads: what they said is in the database now."""
    if folder.is_dir():
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


@contextmanager
def alone(database: Path) -> Iterator[None]:
    """Hold the lock of the database. Raises `SourceError` where another process has it, at once: it would do the same work."""
    path = database.with_name(f"{database.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("w", encoding="ascii")
    except OSError as error:
        raise SourceError(f"the advisory database cannot be written: {error.strerror}", place=str(database)) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SourceError(
                "another update or import is running", place=str(database), remedy="wait for it"
            ) from None
        for left in database.parent.iterdir():
            if left.name.startswith(f".{database.name}-"):
                left.unlink(missing_ok=True)  # of one that was killed: nobody else is at work
        yield
