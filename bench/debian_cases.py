"""What the Debian comparison holds against what: flaws and the versions that fixed them, and packages at versions around those.

Real triples of flaw, source package and fixed version come from Debian's own changelogs (``changelog.Debian.gz`` names the CVEs
under the version that fixed them). Generated ones go where orders of versions differ: every pair of forty tricky versions,
releases, binary versions that are not the source's, withdrawn records, and flaws without a fix.
"""

import gzip
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

RELEASES = ("11", "12", "13")
_ENTRY = re.compile(r"^(\S+) \(([^)]+)\) [^;]*;")
_CVE = re.compile(r"CVE-\d{4}-\d{4,}")
_SEEDED = random.Random(7)

TRICKY = (
    "0", "0~", "0.0", "0.1", "1", "1~", "1~~", "1~rc1", "1~rc1-1", "1-0", "1-1", "1-1~", "1-1~deb12u1", "1-1~bpo12+1", "1-1+b1",
    "1-1+deb12u1", "1-1+deb12u10", "1-1+deb12u2", "1-1.1", "1-1ubuntu1", "1-10", "1-2", "1.0", "1.0-1", "1.0.0", "1.0+dfsg-1",
    "1.0+ds-1", "1.0a", "1.0A", "1.0-a", "1.0-a1", "1.10", "1.2", "1.2-3-4", "01", "2", "1:0", "1:1~", "2:0.1", "0:1", "10:1",
    "1+git20200101.abcdef0-1", "1+really0.9-1", "20240101", "1.0.1~~alpha",
)  # fmt: skip
"""Versions as Debian's policy allows them (section 5.6.12), near each other."""


class Case(NamedTuple):
    """An installed package: its own version, and that of the source package that it was built from."""

    binary: str
    version: str
    source: str
    source_version: str


class Flaw(NamedTuple):
    """A flaw of a source package in a release: fixed in a version, or never where that is empty."""

    name: str
    source: str
    release: str
    fixed: str
    withdrawn: bool = False


def read_changelogs(folder: Path) -> tuple[list[Flaw], dict[str, list[str]]]:
    """Return the flaws that changelogs below `folder` name, and the versions of each source package, the newest first."""
    fixed: dict[tuple[str, str], str] = {}
    versions: dict[str, dict[str, None]] = defaultdict(dict)
    # Upstream's changelog is called changelog.gz beside a changelog.Debian.gz; of Debian's own packages it is Debian's.
    for path in sorted({*folder.glob("*/changelog.Debian.gz"), *folder.glob("*/changelog.gz")}):
        source = version = ""
        for line in gzip.decompress(path.read_bytes()).decode("utf-8", "replace").splitlines():
            if found := _ENTRY.match(line):
                source, version = found[1], found[2]
                versions[source].setdefault(version)
            elif version:
                for name in _CVE.findall(line):
                    fixed[source, name] = version  # the last one read is the oldest
    flaws = [Flaw(name, source, "12", version) for (source, name), version in sorted(fixed.items())]
    return flaws, {source: list(found) for source, found in versions.items()}


def cases_around(flaws: Iterable[Flaw], versions: dict[str, list[str]], most: int) -> Iterator[Case]:
    """Yield packages of the flaws' sources at versions at and around the fixed ones."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for flaw in flaws:
        known = versions[flaw.source]
        at = known.index(flaw.fixed)
        wanted[flaw.source].update(known[max(at - 1, 0) : at + 2])
    for source, found in sorted(wanted.items()):
        for version in _SEEDED.sample(sorted(found), min(most, len(found))):
            around = {
                version, f"{version}~", f"{version}~bpo12+1", f"{version}+b1", f"{version}+deb12u1",
                version if ":" in version else f"1:{version}",
            }  # fmt: skip
            for number, near in enumerate(sorted({version, *_SEEDED.sample(sorted(around), 2)})):
                yield Case(f"{source}-bin{number}", near, source, near)
            # A rebuild has a version of its own, and the source's beside it.
            yield Case(f"lib{source}", f"{version}+b2", source, version)


def made_cases() -> tuple[list[Flaw], list[Case]]:
    """Return every pair of the tricky versions, and what releases and binary versions do."""
    flaws = [
        Flaw(f"CVE-2099-{1000 + number}", f"pair{at}", "12", fixed)
        for number, fixed in enumerate(TRICKY)
        for at in range(len(TRICKY))
        if fixed != "0"  # the schema's word for "before every version"
    ]
    cases = [Case(f"pair{at}", version, f"pair{at}", version) for at, version in enumerate(TRICKY)]
    for release in RELEASES:
        flaws += [
            Flaw(f"CVE-2098-{1000 + int(release)}", "scoped", release, "2.0-1"),
            Flaw("CVE-2098-2000", "scoped", release, f"1.0-1+deb{release}u2"),
            Flaw(f"CVE-2098-{3000 + int(release)}", "scoped", release, ""),
        ]
    flaws += [
        Flaw("CVE-2097-1000", "whole", "12", "", withdrawn=True),
        Flaw("CVE-2097-1001", "whole", "12", "9.9-1", withdrawn=True),
        Flaw("CVE-2097-1002", "whole", "12", "2:1.0-1"),
        Flaw("CVE-2097-1003", "whole-bin", "12", ""),  # a source that is called like another's binary package
    ]
    cases += [
        Case("scoped", version, "scoped", version) for version in ("1.0-1", "1.0-1+deb12u1", "1.0-1+deb12u2", "2.0-1")
    ]
    cases += [
        Case("whole-bin", "2:1.0-1", "whole", "2:1.0-1"),
        Case(
            "whole-bin", "3:9.0-1", "whole", "1:9.0-1"
        ),  # gcc-defaults and its like: the binary has an epoch of its own
        Case("whole-bin", "0.9-1", "whole", "2:1.1-1"),
        Case("whole", "1.0-1", "whole", "1.0-1"),
    ]
    return flaws, cases


def read_status(text: str) -> list[Case]:
    """Return the packages of a dpkg status file."""
    cases = []
    for stanza in text.split("\n\n"):
        fields = dict(re.findall(r"^(Package|Version|Source): *(.*)$", stanza, re.MULTILINE))
        if fields and re.search(r"^Status: .* installed$", stanza, re.MULTILINE):
            source, _, version = fields.get("Source", fields["Package"]).partition(" ")
            cases.append(Case(fields["Package"], fields["Version"], source, version.strip("()") or fields["Version"]))
    return cases


def flaws_of(cases: Iterable[Case], release: str) -> Iterator[Flaw]:
    """Yield flaws of installed packages: fixed at, just below and just above their version, in the next epoch, and never."""
    number = 1000
    for source, version in sorted({(case.source, case.source_version) for case in cases}):
        above = (
            f"{version}+deb{release}u1",
            f"{version}.1",
            f"{int(version.partition(':')[0]) + 1}:0" if ":" in version else "1:0",
        )
        for fixed in (version, f"{version}~", f"{version}~deb{release}u1", *above, ""):
            yield Flaw(f"CVE-2096-{number}", source, release, fixed)
            number += 1


def osv_records(flaws: Iterable[Flaw], versions: dict[str, list[str]]) -> Iterator[dict[str, Any]]:
    """Yield the flaws as Debian's records in OSV are: one a flaw, an entry a release and package."""
    by_name: dict[str, list[Flaw]] = defaultdict(list)
    for flaw in flaws:
        by_name[flaw.name].append(flaw)
    for name, found in sorted(by_name.items()):
        record: dict[str, Any] = {
            "schema_version": "1.7.0",
            "id": f"DEBIAN-{name}",
            "upstream": [name],
            "published": "2024-01-01T00:00:00Z",
            "modified": "2024-01-01T00:00:00Z",
            "affected": [_affected(flaw, versions.get(flaw.source, [])) for flaw in found],
        }
        if any(flaw.withdrawn for flaw in found):
            record["withdrawn"] = "2024-02-01T00:00:00Z"
        yield record


def _affected(flaw: Flaw, versions: list[str]) -> dict[str, Any]:
    events = [{"introduced": "0"}, *([{"fixed": flaw.fixed}] if flaw.fixed else [])]
    before = versions[versions.index(flaw.fixed) + 1 :] if flaw.fixed in versions else []
    return {
        "package": {
            "ecosystem": f"Debian:{flaw.release}",
            "name": flaw.source,
            "purl": f"pkg:deb/debian/{flaw.source}?arch=source",
        },
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
        "versions": [version for version in reversed(before) if "~" not in version],
        "ecosystem_specific": {"urgency": "not yet assigned"},
    }


def status_file(cases: Iterable[Case]) -> str:
    """Return the cases as dpkg writes them."""
    return "".join(
        f"Package: {case.binary}\nStatus: install ok installed\nArchitecture: amd64\n"
        "Maintainer: Debian QA Group <packages@qa.debian.org>\n"
        + ("" if (case.binary, case.version) == case[2:] else f"Source: {case.source}{_of(case)}\n")
        + f"Version: {case.version}\nDescription: made\n\n"
        for case in cases
    )


def _of(case: Case) -> str:
    return "" if case.version == case.source_version else f" ({case.source_version})"
