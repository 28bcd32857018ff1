"""The advisory database: one SQLite file that holds every advisory, and finds those of a hundred thousand packages in a second.

    with AdvisoryDatabase(path) as database:
        found = database.match(packages)    # matches, and what could not be told

The file is opened read-only and is never trusted: another format, a broken page or a value that is no advisory is a
`SourceError`, since a scan that matched against half a database would call the rest safe. It is written by
`seawall.sources.advisory_database_build`. Why it is laid out like this: ``docs/adr/0014-advisory-database.md``.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from seawall.facts.advisories import Match, VersionError, affected_by, lookup
from seawall.model.advisory import Advisory, AdvisorySource, Affected, Exploited, Likelihood
from seawall.model.errors import SourceError
from seawall.model.package import Package
from seawall.model.resource import Unscanned

APPLICATION_ID: Final = 0x5EA_DB_A11
"""SQLite's mark of whose file this is."""

FORMAT: Final = 4
"""Number of the layout (SQLite's user_version). A file of another number is refused and must be built anew."""

REMEDY: Final = "`seawall db update` or `seawall db import` makes a new one"
"""What to do about a database that cannot be used."""

_ENTRIES_OF: Final = (
    "SELECT affected.advisory, entry, document FROM affected LEFT JOIN advisory ON number = affected.advisory"
    " WHERE ecosystem = ? AND name = ?"
)
_ENTRY: Final = msgspec.msgpack.Decoder(Affected)
_DOCUMENT: Final = msgspec.msgpack.Decoder(Advisory)


class Found(msgspec.Struct, frozen=True):
    """The matches, in the order of the packages, and the packages of which it could not be told."""

    matches: tuple[Match, ...] = ()
    unscanned: tuple[Unscanned, ...] = ()


class AdvisoryDatabase:
    """An open database. A context manager; usable from the thread that opened it."""

    def __init__(self, path: Path) -> None:
        """Open the file read-only. Raises `SourceError` where there is none or it is not one of this format."""
        self._path = path
        if not path.is_file():
            raise SourceError("there is no advisory database", place=str(path), remedy=REMEDY)
        with self._errors():
            # `immutable`: the file is replaced as a whole and never changed, so no locks and no journal are looked for.
            self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
            try:
                self._connection.execute("PRAGMA trusted_schema = OFF")
                marks = [
                    self._connection.execute(f"PRAGMA {mark}").fetchone()[0]
                    for mark in ("application_id", "user_version")
                ]
            except sqlite3.Error:
                self._connection.close()
                raise
        if marks != [APPLICATION_ID, FORMAT]:
            self._connection.close()
            if marks[0] == APPLICATION_ID:
                problem = (
                    f"the advisory database has format {marks[1]}, and this version of Seawall reads format {FORMAT}"
                )
            else:
                problem = "no advisory database"
            raise SourceError(problem, place=str(path), remedy=REMEDY)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Calling it twice does no harm."""
        self._connection.close()

    def match(self, packages: Iterable[Package]) -> Found:
        """Return which advisories affect which packages. Raises `SourceError` where the file is broken."""
        matches: list[Match] = []
        unscanned: list[Unscanned] = []
        # The images of a cluster share most of their packages: each version of each is judged once.
        judged: dict[tuple[tuple[str, ...], tuple[str, ...], str], tuple[list[Match], list[tuple[str, str]]]] = {}
        about: dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[Advisory, ...]] = {}
        with self._errors():
            for package in packages:
                ecosystems, names, version = lookup(package)
                if (judgement := judged.get((ecosystems, names, version))) is None:
                    if (advisories := about.get((ecosystems, names))) is None:
                        advisories = about[ecosystems, names] = tuple(self._about(ecosystems, names))
                    judgement = judged[ecosystems, names, version] = _judge(package, advisories)
                found, unknown = judgement
                matches += [Match(match.advisory, package, match.fixed) for match in found]
                place = package.path or package.purl
                unscanned += [
                    Unscanned(place, f"whether {flaw} affects {package.purl}: {why}") for flaw, why in unknown
                ]
        return Found(tuple(matches), tuple(unscanned))

    def exploited(self, cve: str) -> Exploited | None:
        """Return since when the CVE is known to be exploited, or None."""
        with self._errors():
            row = self._connection.execute(
                "SELECT cve, added, ransomware FROM exploited WHERE cve = ?", (cve,)
            ).fetchone()
        return Exploited(row[0], row[1], bool(row[2])) if row else None

    def likelihood(self, cve: str) -> Likelihood | None:
        """Return how likely the CVE is to be exploited, or None where there is no estimate."""
        query = "SELECT cve, probability, percentile FROM likelihood WHERE cve = ?"
        with self._errors():
            row = self._connection.execute(query, (cve,)).fetchone()
        return Likelihood(*row) if row else None

    def built(self) -> str:
        """Return when the database was built (ISO 8601); empty where the builder did not know."""
        with self._errors():
            row = self._connection.execute("SELECT time FROM build").fetchone()
        return row[0] if row else ""

    def sources(self) -> list[AdvisorySource]:
        """Return what the database was built from, in the order of the names."""
        query = "SELECT name, records, newest, read, etag, last_modified FROM source ORDER BY name"
        with self._errors():
            return [AdvisorySource(*row) for row in self._connection.execute(query)]

    def covers(self, ecosystems: Iterable[str]) -> bool:
        """Tell whether there is any advisory for one of `ecosystems`: where there is none, "no match" says nothing."""
        query = "SELECT EXISTS (SELECT 1 FROM affected WHERE ecosystem = ?)"
        with self._errors():
            return any(self._connection.execute(query, (name,)).fetchone()[0] for name in ecosystems)

    def counts(self) -> dict[str, int]:
        """Return the number of advisories of each ecosystem (without releases), in the order of its name."""
        query = "SELECT ecosystem, count(DISTINCT advisory) FROM affected GROUP BY ecosystem"
        counts: dict[str, int] = {}
        with self._errors():
            for ecosystem, number in self._connection.execute(query):
                base = ecosystem.partition(":")[0]
                counts[base] = counts.get(base, 0) + number
        return dict(sorted(counts.items()))

    def _about(self, ecosystems: tuple[str, ...], names: tuple[str, ...]) -> Iterator[Advisory]:
        """Return the advisories about a package, each with only those of its entries that are."""
        entries: dict[int, list[Affected]] = {}
        documents: dict[int, bytes | None] = {}
        for key in product(ecosystems, names):
            for number, entry, document in self._connection.execute(_ENTRIES_OF, key):
                entries.setdefault(number, []).append(_ENTRY.decode(entry))
                documents[number] = document
        seen: set[tuple[str, tuple[Affected, ...]]] = set()
        for number, found in entries.items():
            text = documents[number]
            if text is None:
                raise SourceError("an advisory is missing", place=str(self._path), remedy=REMEDY)
            advisory = msgspec.structs.replace(_DOCUMENT.decode(text), affected=tuple(found))
            # The same archive may have been imported twice, for instance as its ecosystem's and in the one of all.
            if (said := (advisory.id, advisory.affected)) not in seen:
                seen.add(said)
                yield advisory

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, msgspec.MsgspecError) as error:
            raise SourceError(
                f"the advisory database is broken: {error}", place=str(self._path), remedy=REMEDY
            ) from error


def _judge(package: Package, advisories: Iterable[Advisory]) -> tuple[list[Match], list[tuple[str, str]]]:
    """Return the matches of a package, and the advisories of which it cannot be told, each with the reason."""
    matches: list[Match] = []
    unknown: list[tuple[str, str]] = []
    for advisory in advisories:
        try:
            match = affected_by(package, advisory)
        except VersionError as error:
            unknown.append((advisory.id, str(error)))
        else:
            if match is not None:
                matches.append(match)
    return matches, unknown
