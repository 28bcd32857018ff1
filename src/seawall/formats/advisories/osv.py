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


class _Severity(msgspec.Struct):
    type: str = ""
    score: str = ""


class _Record(msgspec.Struct):
    id: str
    aliases: list[str] | None = None
    upstream: list[str] | None = None
    summary: str | None = None
    severity: list[_Severity] | None = None
    published: str | None = None
    modified: str | None = None
    withdrawn: str | None = None
    affected: list[_Affected] | None = None


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
        return ParsedAdvisories((_advisory(record),))
    except (msgspec.MsgspecError, YamlRefused, UnicodeDecodeError, RecursionError) as error:
        return _unscanned(path, f"no OSV record: {error}")


def _unscanned(path: str, reason: str) -> ParsedAdvisories:
    return ParsedAdvisories((), (Unscanned(path, reason),))


def _advisory(record: _Record) -> Advisory:
    return Advisory(
        id=record.id,
        aliases=tuple(record.aliases or ()),
        upstream=tuple(record.upstream or ()),
        summary=record.summary or "",
        severities=tuple(severity.score for severity in record.severity or () if severity.type.startswith("CVSS")),
        published=record.published or "",
        modified=record.modified or "",
        withdrawn=record.withdrawn or "",
        affected=tuple(
            Affected(
                entry.package.ecosystem,
                entry.package.name,
                tuple(_range(found) for found in entry.ranges or () if found.type in ("SEMVER", "ECOSYSTEM")),
                tuple(entry.versions or ()),
            )
            for entry in record.affected or ()
            if entry.package is not None and entry.package.ecosystem and entry.package.name
        ),
    )


def _range(found: _Range) -> Range:
    events = ((kind, event[kind]) for event in found.events or () for kind in _EVENTS if kind in event)
    return Range(tuple((kind, version) for kind, version in events if isinstance(version, str)))
