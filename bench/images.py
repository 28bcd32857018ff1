"""Measures what an image costs, from its layers to an SBOM and its vulnerabilities, beside inflating it, which nobody can avoid.

    python bench/images.py LAYOUT                 an OCI layout, a directory
    python bench/images.py LAYOUT --rounds 5
    python bench/images.py LAYOUT --peer syft=PATH --peer trivy=PATH
    python bench/images.py LAYOUT --memory-only   larger images made of it: does the memory grow?

Every line is the least processor time, wall time and the greatest memory of some rounds in processes of their own, in which all
lines take turns; their starts are included. *igzip alone* inflates every layer by the library and does nothing else. *SBOM and
match* reads the packages, writes a CycloneDX document and holds the packages against a database of 40,000 advisories of Debian
that is made for the image's own packages, which stand in for the tracker's. Peers list the packages as CycloneDX.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from image_samples import copy_with_layer, layer_of_files, make_database

Measured = tuple[float, float, float, str]
RECORDS = 40_000


def inflate(layers: Sequence[str], *, digests: int) -> str:
    """Inflate `layers`; take the digest of the blob (1), and of the uncompressed bytes (2)."""
    import hashlib

    from isal import igzip

    size = 0
    for path in layers:
        if digests:
            with open(path, "rb") as packed:
                hashlib.file_digest(packed, "sha256")
        hasher = hashlib.sha256()
        with igzip.open(path) as plain:
            while chunk := plain.read(256 * 1024):
                size += len(chunk)
                if digests == 2:
                    hasher.update(chunk)
    return f"{size:,} bytes"


def list_members(layers: Sequence[str]) -> str:
    """Go through the members with the standard library."""
    import tarfile

    from isal import igzip

    members = 0
    for path in layers:
        with igzip.open(path) as plain, tarfile.open(fileobj=plain, mode="r|") as archive:
            members += sum(1 for _ in archive)
    return f"{members:,} members"


def examine(layout: str, database: str, *, match: bool, verify: bool) -> str:
    """What `seawall sbom` does, and with `match` what `seawall scan` asks its database, in one process."""
    import gc

    gc.disable()  # as both commands do
    import seawall
    from seawall.reports.sbom import render
    from seawall.sources.manifests import ReadOptions
    from seawall.stages.packages import collect_packages

    inventory = collect_packages(f"oci:{layout}", reading=ReadOptions(verify_diff_ids=verify))
    document = render("cyclonedx", inventory, version=seawall.__version__)
    said = f"{len(inventory.packages)} packages, {len(document):,} bytes, {len(inventory.unscanned)} unscanned"
    if match:
        from seawall.facts.vulnerabilities import assess
        from seawall.sources.advisory_database import AdvisoryDatabase

        with AdvisoryDatabase(Path(database)) as advisories:
            found = advisories.match(inventory.packages)
            flaws = assess(found.matches, exploited=advisories.exploited, likelihood=advisories.likelihood)
        said += f", {len(flaws)} vulnerabilities"
    return said


def run(command: Sequence[str], **environment: str) -> Measured:
    """Run to the end: processor seconds, wall seconds, MB at most, and what it said last.

    A process begins with the peak of the one that started it, so what peers say (100 MB and more) is not held here.
    """
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=output, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} failed with status {process.returncode}")
        output.seek(0)
        urls = sum(b'"purl"' in line for line in output)
        output.seek(0)
        last = f"{urls:,} package URLs" if urls else output.read(500).decode().strip()
    return used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024, last


def peer_command(peer: str, layout: str) -> list[str]:
    """Return how a peer lists packages without a network. Raises `SystemExit` for one that is not known."""
    name, _, path = peer.partition("=")
    if name == "syft":
        return [path or name, "scan", f"oci-dir:{layout}", "-q", "-o", "cyclonedx-json"]
    if name == "trivy":
        arguments = ["image", "--quiet", "--input", layout, "--format", "cyclonedx", "--offline-scan"]
        return [path or name, *arguments, "--skip-version-check", "--cache-backend", "memory"]
    raise SystemExit(f"{name} is no peer that is known here: syft or trivy")


class Bench:
    """One layout, the database made for it, and images made of it. Commands of ours are phases of this file."""

    def __init__(self, layout: str, folder: Path) -> None:
        self.layout = layout
        self.folder = folder
        self.database = str(folder / "advisories.db")

    def phase(self, name: str, layout: str = "", cache: str = "", **environment: str) -> Measured:
        """Run one phase in a process, with a cache of its own unless it is named."""
        command = [sys.executable, __file__, layout or self.layout, "--phase", name, "--database", self.database]
        with tempfile.TemporaryDirectory(dir=self.folder) as own:
            return run(command, SEAWALL_CACHE_DIR=cache or own, **environment)

    def rows(self, peers: Sequence[str]) -> Iterator[tuple[str, Measured]]:
        """Measure everything once."""
        for name, title in (
            ("igzip", "igzip alone"),
            ("digest", "igzip, blob verified"),
            ("digests", "igzip, both digests"),
            ("tarfile", "igzip and tarfile"),
            ("sbom", "Seawall, SBOM"),
            ("match", "Seawall, SBOM and match"),
            ("verify", "… and --verify-diff-ids"),
        ):
            yield title, self.phase(name)
        child = str(self.folder / "child")
        with tempfile.TemporaryDirectory(dir=self.folder) as cache:
            self.phase("match", cache=cache)
            yield "the same image again", self.phase("match", cache=cache)
            yield "another on that base", self.phase("match", child, cache)
        yield "that one, no cache", self.phase("match", child)
        for peer in peers:
            with tempfile.TemporaryDirectory(dir=self.folder) as home:
                command = peer_command(peer, self.layout)
                yield peer.partition("=")[0], run(command, HOME=home, XDG_CACHE_HOME=home, TMPDIR=home)


def show(results: dict[str, list[Measured]]) -> None:
    """Print the best of all rounds, as ratios to the first line."""
    alone = [min(result[index] for result in next(iter(results.values()))) for index in (0, 1)]
    print(f"{'':26}{'processor':>10}{'ratio':>7}{'wall':>9}{'ratio':>7}{'peak':>9}")
    for title, measured in results.items():
        processor, wall = (min(result[index] for result in measured) for index in (0, 1))
        peak = max(result[2] for result in measured)
        print(
            f"{title:26}{processor:>8.2f} s{processor / alone[0]:>7.2f}{wall:>7.2f} s{wall / alone[1]:>7.2f}"
            f"{peak:>6.0f} MB  {measured[-1][3]}"
        )


def measure_memory(bench: Bench) -> None:
    """Print what larger images take: more of the same files, and programs of 300 MB."""
    print(f"{'image':44}{'processor':>10}{'peak':>9}")
    for title, layer in (
        ("as it is", None),
        ("and 200,000 files", layer_of_files(200_000, 4096)),
        ("and 2 programs of 300 MB", layer_of_files(2, 300 << 20, program=True)),
    ):
        layout = bench.layout if layer is None else copy_with_layer(bench.layout, str(bench.folder / "large"), layer)
        processor, _, peak, said = bench.phase("match", layout)
        print(f"{title:44}{processor:>8.2f} s{peak:>6.0f} MB  {said}", flush=True)


def layers_of(layout: str) -> list[str]:
    """Return the files of the layers of the only image in `layout`."""

    def read(digest: str) -> dict[str, list[dict[str, str]]]:
        document: dict[str, list[dict[str, str]]] = json.loads(Path(blob(digest)).read_bytes())
        return document

    def blob(digest: str) -> str:
        return os.path.join(layout, "blobs", digest.replace(":", "/"))

    index = json.loads(Path(layout, "index.json").read_bytes())
    return [blob(layer["digest"]) for layer in read(index["manifests"][0]["digest"])["layers"]]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what an image costs.")
    parser.add_argument("layout", help="an OCI layout with one image, a directory")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME[=PATH]", help="syft or trivy; repeatable")
    parser.add_argument("--memory-only", action="store_true")
    parser.add_argument("--phase", help=argparse.SUPPRESS)
    parser.add_argument("--database", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.phase:
        phases: dict[str, Callable[[], object]] = {
            "igzip": lambda: inflate(layers_of(options.layout), digests=0),
            "digest": lambda: inflate(layers_of(options.layout), digests=1),
            "digests": lambda: inflate(layers_of(options.layout), digests=2),
            "tarfile": lambda: list_members(layers_of(options.layout)),
            "sbom": lambda: examine(options.layout, "", match=False, verify=False),
            "match": lambda: examine(options.layout, options.database, match=True, verify=False),
            "database": lambda: make_database(options.layout, Path(options.database), RECORDS),
            "verify": lambda: examine(options.layout, options.database, match=True, verify=True),
        }
        print(phases[options.phase]())
        return
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options.layout, Path(folder))
        bench.phase("database")
        if options.memory_only:
            measure_memory(bench)
            return
        copy_with_layer(options.layout, str(Path(folder) / "child"), layer_of_files(20, 4096))
        results: dict[str, list[Measured]] = {}
        for _ in range(options.rounds):
            for title, measured in bench.rows(options.peer):
                results.setdefault(title, []).append(measured)
        show(results)


if __name__ == "__main__":
    main()
