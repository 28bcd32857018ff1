"""Matching of Wolfi's packages beside osv-scanner and Trivy: the same advisories, the same image, flaw by flaw.

    python bench/wolfi.py ADVISORIES WORK     (ADVISORIES: the folder of Wolfi's *.advisories.yaml)

Seawall reads the files as they are; the others get what this script makes of them, so two readers are compared as well. The image
has each package that the advisories name, at a version at or near one with a fix. Prints what each found and the differences.
"""

import argparse
import json
import random
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

import yaml

from image_peers import (
    Found,
    ask_osv_scanner_about,
    ask_seawall,
    ask_trivy,
    has_osv_scanner,
    has_trivy,
    import_advisories,
    write_image,
)

SHOWN = 12
_SEEDED = random.Random(7)


class Flaw(NamedTuple):
    """A flaw of a package, with all its names; `fixed` is empty where there is no fix."""

    names: tuple[str, ...]
    package: str
    fixed: str


def read_flaws(folder: Path) -> Iterator[Flaw]:
    """Yield the flaws that the last event of each advisory leaves: fixed in a version, or not fixed."""
    for path in sorted(folder.glob("*.advisories.yaml")):
        # BaseLoader: a version like 1.10 stays text.
        document: dict[str, Any] = yaml.load(path.read_bytes(), Loader=yaml.CBaseLoader)
        for advisory in document.get("advisories") or ():
            last = max(advisory["events"], key=lambda event: event["timestamp"], default={"type": ""})
            fixed = last["data"]["fixed-version"] if last["type"] == "fixed" else ""
            if last["type"] not in ("", "false-positive-determination") and fixed != "0":
                yield Flaw((advisory["id"], *advisory.get("aliases", ())), document["package"]["name"], fixed)


def near(version: str) -> list[str]:
    """Return versions at and around a fixed one."""
    parts = re.fullmatch(r"(.*)-r(\d+)", version)
    if parts is None:
        return [version]
    base, revision = parts[1], int(parts[2])
    return [
        version,
        f"{base}-r{revision + 10}",
        f"{base}_rc1-r{revision}",
        f"{base}-r{max(revision - 1, 0)}",
        f"{base}.1-r0",
    ]


def installed(versions: dict[str, str]) -> str:
    """Return packages as apk writes them, each with a subpackage whose origin it is."""
    return "".join(
        f"P:{name}{sub}\nV:{version}\nA:x86_64\no:{name}\nL:MIT\n\n"
        for name, version in sorted(versions.items())
        for sub in ("", "-doc")
    )


def names_of(found: Found, flaws: Iterable[Flaw]) -> Found:
    """Return `found` with the CGA id of each flaw, by whatever name it was found, and the origin of each package."""
    known = {(flaw.package, name): flaw.names[0] for flaw in flaws for name in flaw.names}
    origins = {flaw.package for flaw in flaws}
    result: Found = set()
    for name, version, flaw in found:
        origin = name if name in origins else name.removesuffix("-doc")
        result.add((origin, version, known.get((origin, flaw), flaw)))
    return result


def main() -> int:
    """Compare, print, and return the exit status: 1 where Seawall differs from osv-scanner."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("advisories", type=Path)
    parser.add_argument("work", type=Path)
    arguments = parser.parse_args()
    work: Path = arguments.work
    flaws = list(read_flaws(arguments.advisories))
    fixes: dict[str, list[str]] = {}
    for flaw in flaws:
        fixes.setdefault(flaw.package, [])
        if flaw.fixed:
            fixes[flaw.package] += near(flaw.fixed)
    versions = {name: _SEEDED.choice(sorted(set(found)) or ["1.0-r0"]) for name, found in fixes.items()}
    archive = work / "osv-scanner" / "Wolfi" / "all.zip"
    archive.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(archive, "w") as opened:
        for number, flaw in enumerate(flaws):
            events = [{"introduced": "0"}, *([{"fixed": flaw.fixed}] if flaw.fixed else [])]
            package = {"ecosystem": "Wolfi", "name": flaw.package}
            affected = {"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
            record = {"id": flaw.names[0], "upstream": flaw.names[1:], "modified": "2024-01-01T00:00:00Z"}
            opened.writestr(f"{number}.json", json.dumps({**record, "affected": [affected]}))
    image, database = work / "wolfi.tar", work / "wolfi.db"
    os_release = b'ID=wolfi\nNAME="Wolfi"\nVERSION_ID="20230201"\n'
    write_image(image, {"etc/os-release": os_release, "lib/apk/db/installed": installed(versions).encode()})
    import_advisories(database, arguments.advisories)
    print(f"Wolfi: {len(flaws):,} flaws, {len(versions):,} packages and a subpackage of each")
    ours = names_of(ask_seawall(image, database), flaws)
    print(f"Seawall: {len(ours):,}")
    answers = {}
    if has_osv_scanner():
        answers["osv-scanner"] = names_of(ask_osv_scanner_about(versions.items(), "Wolfi", work), flaws)
    if has_trivy():
        advisories = [
            {"platform": "wolfi", "package": one.package, "id": one.names[0], "fixed": one.fixed} for one in flaws
        ]
        answers["Trivy"] = names_of(ask_trivy(image, work / "trivy", advisories), flaws)
    unfixed = {(flaw.package, flaw.names[0]) for flaw in flaws if not flaw.fixed}
    for who, found in answers.items():
        print(f"{who}: {len(found):,}")
        for title, differences in ((f"only {who}", found - ours), ("only Seawall", ours - found)):
            without = sum((name, flaw) in unfixed for name, _, flaw in differences)
            print(f"  {title}: {len(differences):,}, of which {without:,} without a fix")
            for name, version, flaw in sorted(differences, key=lambda one: ((one[0], one[2]) in unfixed, one))[:SHOWN]:
                print(f"    {flaw} {name} {version}")
    return 1 if answers.get("osv-scanner", ours) != ours else 0


if __name__ == "__main__":
    sys.exit(main())
