"""Builds the advisory database: advisories stream in, one file comes out, and the old one stays until the new one is whole.

    with DatabaseBuild(path) as build:
        build.add(advisories)

Memory does not grow with the number of advisories. The file is written beside `path` and takes its place only when the block
ends without an error; two builds at once do not disturb each other, and the later one to finish stays.
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from seawall.facts.advisories import index_name
from seawall.model.advisory import Advisory, Exploited, Likelihood
from seawall.model.errors import SourceError
from seawall.sources.advisory_database import APPLICATION_ID, FORMAT

_BATCH: Final = 1000
"""Advisories that are handed to SQLite at once: enough that Python's share is small, few enough to hold."""

_TABLES: Final = """
    CREATE TABLE advisory (number INTEGER PRIMARY KEY, document BLOB NOT NULL);
    CREATE TABLE affected (ecosystem TEXT NOT NULL, name TEXT NOT NULL, advisory INTEGER NOT NULL, entry BLOB NOT NULL);
    CREATE TABLE exploited (cve TEXT PRIMARY KEY, added TEXT NOT NULL, ransomware INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE likelihood (cve TEXT PRIMARY KEY, probability REAL NOT NULL, percentile REAL NOT NULL) WITHOUT ROWID;
"""


class DatabaseBuild:
    """A database that is being written. A context manager; raises `SourceError` where the file cannot be written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._encoder = msgspec.msgpack.Encoder()
        self._number = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        except OSError as error:
            raise self._failed(error) from error
        os.close(descriptor)
        self._file = Path(name)
        self._connection = sqlite3.connect(name, isolation_level=None)
        # No journal: a build that fails leaves nothing that would have to be restored.
        self._connection.executescript(
            f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA application_id = {APPLICATION_ID};"
            f"PRAGMA user_version = {FORMAT}; BEGIN; {_TABLES}"
        )

    def __enter__(self) -> Self:
        return self

    def add(self, advisories: Iterable[Advisory]) -> int:
        """Add advisories and return how many there were. Withdrawn ones count and are not kept: they affect nothing."""
        seen = 0
        stream: Iterator[Advisory] = iter(advisories)
        while batch := list(islice(stream, _BATCH)):
            seen += len(batch)
            self._write([advisory for advisory in batch if not advisory.withdrawn and advisory.affected])
        return seen

    def add_exploited(self, found: Iterable[Exploited]) -> None:
        """Add what is known to be exploited; a CVE that is there already is replaced."""
        self._execute(
            "INSERT OR REPLACE INTO exploited VALUES (?, ?, ?)", ((x.cve, x.added, x.ransomware) for x in found)
        )

    def add_likelihoods(self, found: Iterable[Likelihood]) -> None:
        """Add estimates; a CVE that is there already is replaced."""
        rows = ((x.cve, x.probability, x.percentile) for x in found)
        self._execute("INSERT OR REPLACE INTO likelihood VALUES (?, ?, ?)", rows)

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

    def _write(self, advisories: list[Advisory]) -> None:
        encode = self._encoder.encode
        documents: list[tuple[int, bytes]] = []
        entries: list[tuple[str, str, int, bytes]] = []
        for number, advisory in enumerate(advisories, self._number + 1):
            documents.append((number, encode(msgspec.structs.replace(advisory, affected=()))))
            entries += (
                (entry.ecosystem, index_name(entry.ecosystem, entry.name), number, encode(entry))
                for entry in advisory.affected
                if entry.ranges or entry.versions
            )
        self._number += len(documents)
        self._execute("INSERT INTO advisory VALUES (?, ?)", documents)
        self._execute("INSERT INTO affected VALUES (?, ?, ?, ?)", entries)

    def _finish(self) -> None:
        """Index, write to the disk, and take the place of the old file in one step."""
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
