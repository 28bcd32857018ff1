"""OSV records (https://ossf.github.io/osv-schema/), in JSON as they are published and in YAML as some databases keep them.

    read_osv("PYSEC-2021-364.yaml", data).advisories[0].aliases    # ("CVE-2021-41124", "GHSA-823f-cwm9-4g74")

Of a record only that is kept which decides a match and which a report shows.
"""

from typing import Any, Final

import msgspec

from seawall.formats.advisories.yaml_values import YamlRefused, read_strings
from seawall.model.advisory import Advisory, Affected, ParsedAdvisories, Range
from seawall.model.resource import Unscanned

MAX_RECORD: Final = 32 * 1024 * 1024
"""Largest record that is read. The largest that OSV publishes list some 100,000 versions, in under 10 MB."""

_DISTRIBUTIONS: Final = frozenset({
    "AlmaLinux", "Alpaquita", "Alpine", "Azure Linux", "BellSoft Hardened Containers", "Chainguard", "CleanStart", "Debian",
    "Echo", "Mageia", "MinimOS", "Photon OS", "Red Hat", "Rocky Linux", "SUSE", "Ubuntu", "Wolfi", "openEuler", "openSUSE",
})  # fmt: skip
"""Ecosystems whose advisories are about packaged software: until OSV had `upstream`, they named its flaws under `related`."""

_MAX_WORD: Final = 40
"""Longest severity word that is kept."""

_EVENTS: Final = ("introduced", "fixed", "last_affected", "limit")


class _Package(msgspec.Struct):
    ecosystem: str = ""
    name: str = ""


class _Range(msgspec.Struct):
    type: str = ""
    events: list[dict[str, Any]] | None = None


class _Affected(msgspec.Struct):
    package: _Package | None = None
    ranges: list[_Range] | None = None
    versions: list[str] | None = None
    severity: list["_Severity"] | None = None
    ecosystem_specific: Any = None


class _Severity(msgspec.Struct):
    type: str = ""
    score: str = ""


class _Record(msgspec.Struct):
    id: str
    aliases: list[str] | None = None
    upstream: list[str] | None = None
    related: list[str] | None = None
    summary: str | None = None
    severity: list[_Severity] | None = None
    published: str | None = None
    modified: str | None = None
    withdrawn: str | None = None
    affected: list[_Affected] | None = None
    database_specific: Any = None


_DECODER: Final = msgspec.json.Decoder(_Record)


def read_osv(path: str, data: bytes) -> ParsedAdvisories:
    """Read one record. What is no OSV record is `unscanned`, with the reason."""
    if len(data) > MAX_RECORD:
        return _unscanned(path, f"larger than the {MAX_RECORD} bytes of a record that are read")
    try:
        if path.endswith((".yaml", ".yml")):
            record = msgspec.convert(read_strings(data), _Record)
        else:
            record = _DECODER.decode(data)
        if not record.id:
            return _unscanned(path, "no OSV record: it has no id")
        return ParsedAdvisories((_advisory(record),), source="osv")
    except (msgspec.MsgspecError, YamlRefused, UnicodeDecodeError, RecursionError) as error:
        return _unscanned(path, f"no OSV record: {error}")


def _unscanned(path: str, reason: str) -> ParsedAdvisories:
    return ParsedAdvisories((), (Unscanned(path, reason),))


def _advisory(record: _Record) -> Advisory:
    return Advisory(
        id=record.id,
        aliases=tuple(record.aliases or ()),
        upstream=tuple(record.upstream or _related_flaws(record)),
        summary=record.summary or "",
        severities=_vectors(record),
        published=record.published or "",
        modified=record.modified or "",
        withdrawn=record.withdrawn or "",
        affected=tuple(
            Affected(
                entry.package.ecosystem,
                entry.package.name,
                tuple(_range(found) for found in entry.ranges or () if found.type in ("SEMVER", "ECOSYSTEM")),
                tuple(entry.versions or ()),
                _word(entry.ecosystem_specific, "urgency", "severity") or _rating(entry.severity),
            )
            for entry in record.affected or ()
            if entry.package is not None and entry.package.ecosystem and entry.package.name
        ),
        severity=_word(record.database_specific, "severity") or _rating(record.severity) or _of_malware(record.id),
    )


def _of_malware(name: str) -> str:
    """Return the word for a package that is itself the attack: OpenSSF's records of those are called MAL-… and rate none."""
    return "malicious" if name.startswith("MAL-") else ""


def _vectors(record: _Record) -> tuple[str, ...]:
    """Return the CVSS vectors of the record, and those that it gives for single packages."""
    found = list(record.severity or ())
    for entry in record.affected or ():
        found += entry.severity or ()
    return tuple(dict.fromkeys(severity.score for severity in found if severity.type.startswith("CVSS")))


def _rating(severities: list[_Severity] | None) -> str:
    """Return the word of a severity that is no vector, such as Ubuntu's: ``{"type": "Ubuntu", "score": "medium"}``."""
    found = (severity.score for severity in severities or () if not severity.type.startswith("CVSS"))
    return next(found, "").lower()[:_MAX_WORD]


def _word(specific: Any, *keys: str) -> str:
    """Return the first of the database's own fields that holds a word, in lower case."""
    fields = specific if isinstance(specific, dict) else {}
    found = (fields[key] for key in keys if isinstance(fields.get(key), str))
    return next(found, "").lower()[:_MAX_WORD]


def _related_flaws(record: _Record) -> list[str]:
    entries = record.affected or ()
    names = {entry.package.ecosystem.partition(":")[0] for entry in entries if entry.package is not None}
    return [name for name in record.related or () if name.startswith("CVE-")] if names & _DISTRIBUTIONS else []


def _range(found: _Range) -> Range:
    events = ((kind, event[kind]) for event in found.events or () for kind in _EVENTS if kind in event)
    return Range(tuple((kind, version) for kind, version in events if isinstance(version, str)))
