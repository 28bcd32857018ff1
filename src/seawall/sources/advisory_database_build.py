"""Builds the advisory database: advisories stream in, one file comes out, and the old one stays until the new one is whole.

    with DatabaseBuild(path, now="2026-11-25T08:00:00Z") as build:
        build.keep(path, {"kev"})    # what another database has of these sources
        for parsed in read_advisory_files(directory):
            build.add_parsed(parsed)

Every record belongs to a source (``osv/PyPI``, ``alpine/v3.20/main``), so that one source can be replaced and the others kept.
A record of OSV that is about several ecosystems belongs to each of theirs, with the entries of that ecosystem alone. Memory
does not grow with the number of advisories. The file is written beside `path` and takes its place only when the block ends
without an error; two builds at once do not disturb each other, and the later one to finish stays.
"""

import os
import sqlite3
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from seawall.facts.advisories import index_name
from seawall.facts.releases import release_of
from seawall.model.advisory import Advisory, Affected, Exploited, Likelihood, ParsedAdvisories
from seawall.model.errors import SourceError
from seawall.sources.advisory_database import APPLICATION_ID, FORMAT, REMEDY, AdvisoryDatabase

_BATCH: Final = 1000
"""Advisories that are handed to SQLite at once: enough that Python's share is small, few enough to hold."""

_TABLES: Final = """
    CREATE TABLE build (time TEXT NOT NULL);
    CREATE TABLE source (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, records INTEGER NOT NULL, newest TEXT NOT NULL,
        read TEXT NOT NULL, etag TEXT NOT NULL, last_modified TEXT NOT NULL);
    CREATE TABLE advisory (number INTEGER PRIMARY KEY, source INTEGER NOT NULL, document BLOB NOT NULL);
    CREATE TABLE affected (ecosystem TEXT NOT NULL, name TEXT NOT NULL, advisory INTEGER NOT NULL, entry BLOB NOT NULL);
    CREATE TABLE exploited (cve TEXT PRIMARY KEY, added TEXT NOT NULL, ransomware INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE likelihood (cve TEXT PRIMARY KEY, probability REAL NOT NULL, percentile REAL NOT NULL) WITHOUT ROWID;
"""

OTHER: Final = "other"
"""The source of records whose file names none."""


class _Source(msgspec.Struct):
    number: int
    records: int
    newest: str
    read: str
    etag: str
    last_modified: str

    def count(self, records: int, newest: str) -> None:
        self.records += records
        self.newest = max(self.newest, newest)


class DatabaseBuild:
    """A database that is being written. A context manager; raises `SourceError` where the file cannot be written."""

    def __init__(self, path: Path, *, now: str = "") -> None:
        """Begin a file beside `path`. `now` (ISO 8601) is kept as the time of the build and of what is read."""
        self._path = path
        self._now = now
        self._sources: dict[str, _Source] = {}
        self._several: set[tuple[str, str]] = set()
        self._documents: list[tuple[int, int, bytes]] = []
        self._entries: list[tuple[str, str, int, bytes]] = []
        self._encoder = msgspec.msgpack.Encoder()
        self._number = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        except OSError as error:
            raise self._failed(error) from error
        os.close(descriptor)
        self._file = Path(name)
        self._connection = sqlite3.connect(name, isolation_level=None, uri=True)
        # No journal: a build that fails leaves nothing that would have to be restored.
        self._connection.executescript(
            f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA application_id = {APPLICATION_ID};"
            f"PRAGMA user_version = {FORMAT}; BEGIN; {_TABLES}"
        )

    def __enter__(self) -> Self:
        return self

    def add_parsed(self, parsed: ParsedAdvisories, *, only: str = "") -> int:
        """Add all that a file says and return how many records that were. With `only`, records of that ecosystem alone."""
        name = parsed.source or OTHER
        added = self.add(parsed.advisories, name, only=only)
        if parsed.exploited:
            self.add_exploited(parsed.exploited)
        if parsed.likelihoods:
            self.add_likelihoods(parsed.likelihoods, parsed.date)
        return added + len(parsed.exploited) + len(parsed.likelihoods)

    def add(self, advisories: Iterable[Advisory], source: str = "osv", *, only: str = "") -> int:
        """Add advisories and return how many there were. Withdrawn ones count and are not kept: they affect nothing."""
        seen = 0
        stream: Iterator[Advisory] = iter(advisories)
        while batch := list(islice(stream, _BATCH)):
            seen += len(batch)
            self._write([advisory for advisory in batch if not advisory.withdrawn and advisory.affected], source, only)
        return seen

    def add_exploited(self, found: Sequence[Exploited], source: str = "kev") -> None:
        """Add what is known to be exploited; a CVE that is there already is replaced."""
        self._source(source).count(len(found), max((x.added for x in found), default=""))
        self._execute(
            "INSERT OR REPLACE INTO exploited VALUES (?, ?, ?)", ((x.cve, x.added, x.ransomware) for x in found)
        )

    def add_likelihoods(self, found: Sequence[Likelihood], date: str = "", source: str = "epss") -> None:
        """Add estimates of the day `date`; a CVE that is there already is replaced."""
        self._source(source).count(len(found), date)
        rows = ((x.cve, x.probability, x.percentile) for x in found)
        self._execute("INSERT OR REPLACE INTO likelihood VALUES (?, ?, ?)", rows)

    def tell(self, source: str, *, etag: str, last_modified: str) -> None:
        """Keep what the server of `source` said of its file. A source without records is kept too: it was read."""
        told = self._source(source)
        told.etag, told.last_modified = etag, last_modified

    def keep(self, path: Path, sources: Collection[str]) -> None:
        """Take over what the database at `path` has of `sources`; call it before anything is added. Raises `SourceError`."""
        if self._sources:
            raise RuntimeError("sources are kept before others are added")
        AdvisoryDatabase(path).close()  # raises where it is of another format
        marks = ", ".join("?" * len(sources))
        names = tuple(sorted(sources))
        chosen = f"source IN (SELECT number FROM old.source WHERE name IN ({marks}))"  # noqa: S608 - marks are question marks
        try:
            self._connection.execute("COMMIT")
            self._connection.execute("ATTACH DATABASE ? AS old", (f"{path.absolute().as_uri()}?mode=ro&immutable=1",))
            self._connection.execute("BEGIN")
            self._connection.execute(f"INSERT INTO advisory SELECT * FROM old.advisory WHERE {chosen}", names)  # noqa: S608
            self._connection.execute(
                "INSERT INTO affected SELECT a.* FROM old.affected AS a JOIN advisory ON advisory.number = a.advisory"
            )
            for table, source in (("exploited", "kev"), ("likelihood", "epss")):
                if source in sources:
                    self._connection.execute(f"INSERT INTO {table} SELECT * FROM old.{table}")  # noqa: S608
            rows = self._connection.execute(f"SELECT * FROM old.source WHERE name IN ({marks})", names).fetchall()  # noqa: S608
            self._connection.execute("COMMIT")
            self._connection.execute("DETACH DATABASE old")
            self._connection.execute("BEGIN")
            self._number = self._connection.execute("SELECT coalesce(max(number), 0) FROM advisory").fetchone()[0]
        except sqlite3.Error as error:
            raise SourceError(f"the advisory database is broken: {error}", place=str(path), remedy=REMEDY) from error
        for number, name, records, newest, read, etag, last_modified in rows:
            self._sources[name] = _Source(number, records, newest, read, etag, last_modified)

    def confirm(self, sources: Collection[str]) -> None:
        """Note that `sources`, which were kept, were asked for and are still the newest."""
        for name in sources:
            if name in self._sources:
                self._sources[name].read = self._now

    def _source(self, name: str) -> "_Source":
        found = self._sources.get(name)
        if found is None:
            number = 1 + max((source.number for source in self._sources.values()), default=0)
            found = self._sources[name] = _Source(number, 0, "", self._now, "", "")
        return found

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._connection.close()
            with suppress(OSError):
                self._file.unlink(missing_ok=True)

    def _write(self, advisories: list[Advisory], source: str, only: str) -> None:
        encode = self._encoder.encode
        documents, entries = self._documents, self._entries
        number = self._number
        for advisory in advisories:
            document = encode(msgspec.structs.replace(advisory, affected=()))
            for name, affected in self._parts(advisory, source, only):
                number += 1
                belongs = self._source(name)
                belongs.count(1, max(advisory.modified, advisory.published))  # Go writes the year 1 for "not modified"
                documents.append((number, belongs.number, document))
                entries += (
                    (release_of(entry.ecosystem), index_name(entry.ecosystem, entry.name), number, encode(entry))
                    for entry in affected
                    if entry.ranges or entry.versions
                )
        self._number = number
        if len(documents) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        """Hand what was added to SQLite: one at a time, as files of one record bring them, costs as much as reading them."""
        self._execute("INSERT INTO advisory VALUES (?, ?, ?)", self._documents)
        self._execute("INSERT INTO affected VALUES (?, ?, ?, ?)", self._entries)
        self._documents.clear()
        self._entries.clear()

    def _parts(self, advisory: Advisory, source: str, only: str) -> Iterable[tuple[str, Sequence[Affected]]]:
        """Return the sources that the advisory belongs to, with its entries in each."""
        if source != "osv":
            return ((source, advisory.affected),)
        first = advisory.affected[0].ecosystem.partition(":")[0]
        if all(entry.ecosystem.partition(":")[0] == first for entry in advisory.affected):
            return ((f"osv/{first}", advisory.affected),) if only in ("", first) else ()
        parts: dict[str, list[Affected]] = {}
        for entry in advisory.affected:
            parts.setdefault(entry.ecosystem.partition(":")[0], []).append(entry)
        found = []
        for ecosystem, entries in parts.items():
            # The archive of each of its ecosystems has such a record: it counts once.
            if only in ("", ecosystem) and (advisory.id, ecosystem) not in self._several:
                self._several.add((advisory.id, ecosystem))
                found.append((f"osv/{ecosystem}", entries))
        return found

    def _finish(self) -> None:
        """Index, write to the disk, and take the place of the old file in one step."""
        self._flush()
        self._execute("INSERT INTO build VALUES (?)", [(self._now,)])
        self._execute(
            "INSERT INTO source VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (found.number, name, found.records, found.newest, found.read, found.etag, found.last_modified)
                for name, found in self._sources.items()
            ),
        )
        try:
            # Made last: rows come in any order, and sorting them once is cheaper than keeping them sorted.
            self._connection.execute("CREATE INDEX affected_package ON affected (ecosystem, name)")
            self._connection.execute("COMMIT")
            self._connection.close()
            with self._file.open("rb") as written:
                os.fsync(written.fileno())
            self._file.chmod(0o644)
            self._file.replace(self._path)
        except (sqlite3.Error, OSError) as error:
            raise self._failed(error) from error

    def _execute(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        try:
            self._connection.executemany(statement, rows)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> SourceError:
        return SourceError(f"the advisory database cannot be written: {error}", place=str(self._path))
