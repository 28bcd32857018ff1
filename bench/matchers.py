"""Matching beside osv-scanner: the same lock files, the same advisories, flaw by flaw.

    python bench/matchers.py ADVISORIES WORK        (ADVISORIES: ECOSYSTEM/all.zip as OSV publishes them; WORK: a scratch folder)

Makes lock files of the packages that the advisories speak of, at versions around those that they name, runs osv-scanner (on PATH)
and Seawall over them, both offline, and prints what each found and every difference. Exit status 1 where osv-scanner found
something that Seawall did not.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

Found = dict[tuple[str, str], list[set[str]]]
"""The names of each flaw, by package and version."""

LOCK_FILES = {"PyPI": "requirements.txt", "crates.io": "Cargo.lock", "Go": "go.mod"}
_SEEDED = random.Random(7)


def records(archive: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of an archive."""
    with ZipFile(archive) as opened:
        for name in sorted(opened.namelist()):
            yield json.loads(opened.read(name))


def versions_of(ecosystem: str, archive: Path) -> dict[str, list[str]]:
    """Return versions of each package that lie at and around those that the advisories name."""
    named: dict[str, set[str]] = defaultdict(set)
    for record in records(archive):
        for affected in record["affected"]:
            found = named[affected["package"]["name"]]
            if ecosystem == "PyPI":
                found.update(affected.get("versions", ()))
                continue
            for timeline in affected.get("ranges", ()):
                for event in timeline["events"]:
                    for version in event.values():
                        if re.fullmatch(r"\d+(\.\d+)*", version) and version != "0":
                            found.update(_around(version))
    return {name: sorted(found) for name, found in sorted(named.items()) if found}


def _around(version: str) -> Iterable[str]:
    major, minor, patch, *_ = (*map(int, version.split(".")), 0, 0)
    return {f"{major}.{minor}.{patch}", f"{major}.{minor}.{max(patch - 1, 0)}", f"{major}.{max(minor - 1, 0)}.9"}


def lock_file(ecosystem: str, packages: dict[str, str]) -> str:
    """Return the text of a lock file with `packages`, by name."""
    if ecosystem == "PyPI":
        return "".join(f"{name}=={version}\n" for name, version in packages.items())
    if ecosystem == "crates.io":
        source = "registry+https://github.com/rust-lang/crates.io-index"
        return "version = 3\n" + "".join(
            f'\n[[package]]\nname = "{name}"\nversion = "{version}"\nsource = "{source}"\n'
            for name, version in packages.items()
        )
    required = "".join(
        f"\t{name} {_go_version(name, version)}\n"
        for name, version in packages.items()
        if name not in ("stdlib", "toolchain")
    )
    return f"module example.com/x\n\ngo 1.25.0\n\nrequire (\n{required})\n"


def _go_version(name: str, version: str) -> str:
    """A module's path names its major version from 2 on; one that does not is ``+incompatible``."""
    major = re.search(r"[/.]v(\d+)\Z", name)
    if major is not None:
        return f"v{major[1]}.{version.partition('.')[2]}"
    return f"v{version}+incompatible" if int(version.partition(".")[0]) > 1 else f"v{version}"


def ask_peer(path: Path, advisories: Path) -> Found:
    """Return what osv-scanner finds."""
    command = [
        "osv-scanner",
        "scan",
        "source",
        "--offline",
        "--offline-vulnerabilities",
        "-L",
        str(path),
        "--format",
        "json",
    ]
    environment = {**os.environ, "OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY": str(advisories)}
    done = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=600)
    found: Found = defaultdict(list)
    for result in json.loads(done.stdout)["results"]:
        for entry in result["packages"]:
            key = (_key(entry["package"]["name"]), entry["package"]["version"].removeprefix("v"))
            found[key] += [{*group["ids"], *(group.get("aliases") or ())} for group in entry.get("groups", ())]
    return found


def ask_seawall(path: Path, database: Path) -> Found:
    """Return what Seawall finds."""
    command = [sys.executable, "-m", "seawall", "scan", str(path), "--only", "vulnerability-*", "--format", "json"]
    environment = {**os.environ, "SEAWALL_DATABASE": str(database)}
    done = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=600)
    report = json.loads(done.stdout)
    for entry in report["unscanned"]:
        print(f"  not scanned: {entry['path']}: {entry['reason']}")
    found: Found = defaultdict(list)
    for finding in report["findings"]:
        key = (_key(finding["package"]["name"]), finding["package"]["version"].removeprefix("v"))
        found[key].append({finding["vulnerability"]["id"], *finding["vulnerability"]["aliases"]})
    return found


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def without(ours: Found, theirs: Found) -> list[tuple[tuple[str, str], set[str]]]:
    """Return the flaws of `ours` that `theirs` does not have under any name."""
    return [
        (key, flaw) for key, flaws in sorted(ours.items()) for flaw in flaws if not any(flaw & o for o in theirs[key])
    ]


def main() -> int:
    """Compare, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("advisories", type=Path)
    parser.add_argument("work", type=Path)
    arguments = parser.parse_args()
    if shutil.which("osv-scanner") is None:
        parser.error("osv-scanner is not on PATH")
    cache, database = arguments.work / "osv", arguments.work / "advisories.db"
    (cache / "osv-scanner").mkdir(parents=True, exist_ok=True)
    ecosystems = [name for name in LOCK_FILES if (arguments.advisories / name / "all.zip").is_file()]
    for name in ecosystems:
        shutil.copytree(arguments.advisories / name, cache / "osv-scanner" / name, dirs_exist_ok=True)
    environment = {**os.environ, "SEAWALL_DATABASE": str(database)}
    command = [sys.executable, "-m", "seawall", "db", "import", str(cache / "osv-scanner")]
    subprocess.run(command, env=environment, check=True, timeout=600)
    missed = 0
    for name in ecosystems:
        archive = arguments.advisories / name / "all.zip"
        chosen = {package: _SEEDED.choice(found) for package, found in versions_of(name, archive).items()}
        path = arguments.work / name / LOCK_FILES[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(lock_file(name, chosen))
        theirs, ours = ask_peer(path, cache), ask_seawall(path, database)
        only_theirs, only_ours = without(theirs, ours), without(ours, theirs)
        missed += len(only_theirs)
        print(
            f"{name}: {len(chosen):,} packages, osv-scanner {sum(map(len, theirs.values())):,} flaws, Seawall "
            f"{sum(map(len, ours.values())):,}, only osv-scanner {len(only_theirs)}, only Seawall {len(only_ours)}"
        )
        for who, differences in (("osv-scanner", only_theirs), ("Seawall", only_ours)):
            for (package, version), flaw in differences:
                print(f"  only {who}: {package} {version}: {', '.join(sorted(flaw))}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
