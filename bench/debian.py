"""Matching of Debian's packages beside dpkg, osv-scanner and Trivy: the same records, the same image, flaw by flaw.

    python bench/debian.py WORK [--changelogs /usr/share/doc] [--release 12] [--status FILE]

Makes records in Debian's published form and an image with packages around their versions (`debian_cases.py`), asks Seawall, and
osv-scanner and Trivy where they are on PATH (Trivy needs `trivy-database` too, which `bench/trivy_database` builds), and holds
all of them to `dpkg --compare-versions`. Prints what each found and every kind of difference. Exit status 1 where Seawall differs
from dpkg.
"""

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from zipfile import ZipFile

from debian_cases import (
    Case,
    Flaw,
    cases_around,
    flaws_of,
    made_cases,
    osv_records,
    read_changelogs,
    read_status,
    status_file,
)
from image_peers import (
    Found,
    ask_osv_scanner,
    ask_seawall,
    ask_trivy,
    has_osv_scanner,
    has_trivy,
    import_advisories,
    write_image,
)

SHOWN = 12


def older(left: str, right: str) -> bool:
    """Ask dpkg."""
    return subprocess.run(["dpkg", "--compare-versions", left, "lt", right], check=False).returncode == 0


def ask_dpkg(cases: Iterable[Case], flaws: Iterable[Flaw], release: str) -> Found:
    """Return what dpkg's order says of every pair of a package and a flaw of its source."""
    by_source: dict[str, list[Flaw]] = {}
    for flaw in flaws:
        if flaw.release == release and not flaw.withdrawn:
            by_source.setdefault(flaw.source, []).append(flaw)
    known: dict[tuple[str, str], bool] = {}
    found: Found = set()
    for case in cases:
        for flaw in by_source.get(case.source, ()):
            pair = case.source_version, flaw.fixed
            if flaw.fixed and pair not in known:
                known[pair] = older(*pair)
            if not flaw.fixed or known[pair]:
                found.add((case.source, case.version, flaw.name))
    print(f"dpkg --compare-versions was asked {len(known):,} times")
    return found


def show(title: str, found: Found, cases: dict[tuple[str, str], Case]) -> None:
    """Print some of `found`."""
    print(f"  {title}: {len(found):,}")
    for source, version, flaw in sorted(found)[:SHOWN]:
        print(f"    {flaw} {source} {version}, built from {cases[source, version].source_version}")


def main() -> int:
    """Compare, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--changelogs", type=Path, default=Path("/usr/share/doc"))
    parser.add_argument("--status", type=Path, help="packages of this dpkg database, in place of made ones")
    parser.add_argument("--release", default="12")
    parser.add_argument("--most", type=int, default=4, help="versions of each source package")
    arguments = parser.parse_args()
    work: Path = arguments.work
    real, versions = read_changelogs(arguments.changelogs)
    made, around = made_cases()
    if arguments.status:
        around = read_status(arguments.status.read_text())
        made += flaws_of(around, arguments.release)
    else:
        around += cases_around(real, versions, arguments.most)
    flaws = [*(one._replace(release=arguments.release) for one in real), *made]
    random.Random(7).shuffle(around)
    # One of each binary package and version, and of each source and binary version: by these the answers are told apart.
    cases = list(
        {(one.binary, one.version): one for one in {(one.source, one.version): one for one in around}.values()}.values()
    )
    sources = {(one.binary, one.version): one.source for one in cases}
    by_source = {(one.source, one.version): one for one in cases}
    archive = work / "osv-scanner" / "Debian" / "all.zip"
    archive.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(archive, "w") as opened:
        for record in osv_records(flaws, versions):
            opened.writestr(f"{record['id']}.json", json.dumps(record))
    image, database = work / f"debian-{arguments.release}.tar", work / "advisories.db"
    os_release = f'ID=debian\nVERSION_ID="{arguments.release}"\nPRETTY_NAME="Debian GNU/Linux {arguments.release}"\n'
    files = {
        "etc/os-release": os_release.encode(),
        "etc/debian_version": f"{arguments.release}.0\n".encode(),
        "var/lib/dpkg/status": status_file(cases).encode(),
    }
    write_image(image, files)
    import_advisories(database, archive)
    print(
        f"Debian {arguments.release}: {len(real):,} flaws of {len(versions):,} changelogs, {len(made):,} made, "
        f"{len(cases):,} packages"
    )
    judge = ask_dpkg(cases, flaws, arguments.release)
    answers = {
        "Seawall": {(sources[name, version], version, flaw) for name, version, flaw in ask_seawall(image, database)}
    }
    if has_osv_scanner():
        theirs = ask_osv_scanner(image, work)
        answers["osv-scanner"] = {(name, version, flaw.removeprefix("DEBIAN-")) for name, version, flaw in theirs}
    if has_trivy():
        # Its database has no withdrawn records, so it gets none; it leaves out an epoch of 0 that a version spells.
        advisories = [
            {"platform": f"debian {one.release}", "package": one.source, "id": one.name, "fixed": one.fixed}
            for one in flaws
            if not one.withdrawn
        ]
        keys = {(name, version.removeprefix("0:")): (source, version) for (name, version), source in sources.items()}
        theirs = ask_trivy(image, work / "trivy", advisories)
        answers["Trivy"] = {(*keys[name, version], flaw) for name, version, flaw in theirs}
    print(f"dpkg: {len(judge):,} flaws of packages")
    for name, found in answers.items():
        print(f"{name}: {len(found):,}")
        show("only dpkg", judge - found, by_source)
        show(f"only {name}", found - judge, by_source)
    return 1 if answers["Seawall"] != judge else 0


if __name__ == "__main__":
    sys.exit(main())
