"""Wolfi's and Chainguard's advisories: one YAML file a package, in which each flaw has a history of events.

The last event decides: ``fixed`` ends the range; ``false-positive-determination`` says that the package was never affected; any
other (detected, awaiting upstream, no fix planned) leaves every version affected. Schema:
https://github.com/chainguard-dev/advisory-schema
"""

from typing import Any, Final

import msgspec

from seawall.formats.advisories.yaml_values import YamlRefused, read_strings
from seawall.model.advisory import Advisory, Affected, ParsedAdvisories, Range
from seawall.model.resource import Unscanned

MAX_FILE: Final = 16 * 1024 * 1024
"""Largest file that is read; the largest of Wolfi is under 1 MB."""

ECOSYSTEMS: Final = ("Wolfi", "Chainguard")
"""Chainguard's repository serves Wolfi's packages too."""


class _Package(msgspec.Struct):
    name: str


class _Event(msgspec.Struct):
    timestamp: str
    type: str
    data: dict[str, Any] | None = None


class _Entry(msgspec.Struct):
    id: str
    events: list[_Event]
    aliases: list[str] | None = None


class _File(msgspec.Struct):
    package: _Package
    advisories: list[Any] | None = None


def read_wolfi(path: str, data: bytes) -> ParsedAdvisories:
    """Read one file. An advisory that cannot be read is `unscanned` and does not hide the others."""
    if len(data) > MAX_FILE:
        return ParsedAdvisories((), (Unscanned(path, f"larger than the {MAX_FILE} bytes that are read"),))
    try:
        file = msgspec.convert(read_strings(data), _File)
    except (msgspec.MsgspecError, YamlRefused) as error:
        return ParsedAdvisories((), (Unscanned(path, f"no Wolfi advisories: {error}"),))
    advisories: list[Advisory] = []
    unscanned: list[Unscanned] = []
    for value in file.advisories or ():
        try:
            advisory = _advisory(msgspec.convert(value, _Entry), file.package.name)
        except (msgspec.MsgspecError, KeyError) as error:
            unscanned.append(Unscanned(path, f"an advisory that cannot be read: {error}"))
            continue
        if advisory is not None:
            advisories.append(advisory)
    return ParsedAdvisories(advisories, unscanned, source="wolfi-advisories")


def _advisory(entry: _Entry, package: str) -> Advisory | None:
    """Return None where the package is not affected. Times are of one format and zone, so their text orders them."""
    if not entry.events:
        return None
    events = sorted(entry.events, key=lambda event: event.timestamp)
    last = events[-1]
    if last.type == "false-positive-determination":
        return None
    history: tuple[tuple[str, str], ...] = (("introduced", "0"),)
    if last.type == "fixed":
        fixed = str((last.data or {})["fixed-version"])
        if fixed == "0":
            return None
        history = (*history, ("fixed", fixed))
    affected = tuple(Affected(ecosystem, package, (Range(history),)) for ecosystem in ECOSYSTEMS)
    return Advisory(
        entry.id,
        aliases=tuple(entry.aliases or ()),
        published=events[0].timestamp,
        modified=last.timestamp,
        affected=affected,
    )
