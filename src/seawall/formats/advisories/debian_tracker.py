"""The Debian security tracker (``tracker/data/json``): source package -> flaw -> release -> what is known of it there.

    read_debian_tracker("json", data).advisories[0]    # DEBIAN-CVE-2024-0727 of openssl, for each release that has it

Of each release the tracker says ``resolved`` with the version that has the fix (``0``: Debian's package never had the flaw),
``open`` (every version is affected, also where there will be no advisory: ``nodsa``), or ``undetermined``: nobody has looked,
which is neither yes nor no and is kept as affected, since a gate must not take it for no. Debian's urgency is kept as its word.
"""

from typing import Any, Final

import msgspec

from seawall.model.advisory import Advisory, Affected, ParsedAdvisories, Range
from seawall.model.resource import Unscanned

MAX_FILE: Final = 512 * 1024 * 1024
"""Largest file that is read; Debian's has 70 MB."""

RELEASES: Final = {
    "wheezy": "7", "jessie": "8", "stretch": "9", "buster": "10", "bullseye": "11", "bookworm": "12", "trixie": "13",
    "forky": "14", "duke": "15",
}  # fmt: skip
"""Code names and numbers of releases. ``sid`` has none and is OSV's ``Debian:unstable``."""


class _Release(msgspec.Struct):
    status: str
    fixed_version: str = ""
    urgency: str = ""


class _Flaw(msgspec.Struct):
    releases: dict[str, Any]
    description: str = ""


def read_debian_tracker(path: str, data: bytes) -> ParsedAdvisories:
    """Read the file. A flaw or a release that cannot be read is `unscanned` and does not hide the others."""
    if len(data) > MAX_FILE:
        return ParsedAdvisories((), (Unscanned(path, f"larger than the {MAX_FILE} bytes that are read"),))
    try:
        packages = msgspec.json.decode(data, type=dict[str, dict[str, Any]])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return ParsedAdvisories((), (Unscanned(path, f"no data of the Debian security tracker: {error}"),))
    advisories: list[Advisory] = []
    unscanned: list[Unscanned] = []
    for package, flaws in packages.items():
        for name, value in flaws.items():
            try:
                flaw = msgspec.convert(value, _Flaw)
                affected = tuple(_affected(package, flaw))
            except (msgspec.MsgspecError, _UnknownStatusError) as error:
                unscanned.append(Unscanned(path, f"{name} of {package} cannot be read: {error}"))
                continue
            if affected:
                advisories.append(_advisory(name, flaw, affected))
    return ParsedAdvisories(advisories, unscanned, source="debian")


class _UnknownStatusError(ValueError):
    pass


def _affected(package: str, flaw: _Flaw) -> list[Affected]:
    entries = []
    for codename, value in flaw.releases.items():
        release = msgspec.convert(value, _Release)
        number = "unstable" if codename == "sid" else RELEASES.get(codename, codename)
        events: tuple[tuple[str, str], ...] = (("introduced", "0"),)
        if release.status == "resolved":
            if release.fixed_version in ("", "0"):
                continue  # never affected
            events = (*events, ("fixed", release.fixed_version))
        elif release.status not in ("open", "undetermined"):
            raise _UnknownStatusError(f"the status {release.status[:40]!r} in {codename}")
        # A star after the word says that the tracker's own rules chose it.
        urgency = release.urgency.rstrip("*").lower()
        entries.append(Affected(f"Debian:{number}", package, (Range(events),), severity=urgency))
    return entries


def _advisory(name: str, flaw: _Flaw, affected: tuple[Affected, ...]) -> Advisory:
    """``CVE-…``, or ``TEMP-…`` of a flaw that has no number yet."""
    summary = flaw.description.partition("\n")[0][:200]
    upstream = (name,) if name.startswith("CVE-") else ()
    return Advisory(f"DEBIAN-{name}", upstream=upstream, summary=summary, affected=affected)
