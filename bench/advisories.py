"""Advisory benchmark: how fast records go into the database, and how fast packages are matched against it.

    python bench/advisories.py [--records 500000] [--packages 100000] [--from DIRECTORY] [--archive]

Records come from a directory of OSV files in JSON (repeated under other names until there are enough) or, without one, from
the record that the tests carry. One package in twenty is one that the records are about. Prints records a second with reading
and writing, the most memory that was held, the size of the file, and the seconds of a match. With `--archive` the records
are packed as OSV publishes them first, and imported from there as `seawall db import` does, in a process of its own.
"""

import argparse
import multiprocessing
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from seawall.formats.advisories.osv import read_osv
from seawall.model.advisory import Advisory
from seawall.model.package import Package
from seawall.sources.advisory_database import AdvisoryDatabase
from seawall.sources.advisory_database_build import DatabaseBuild

RECORDS = Path(__file__).parent.parent / "tests" / "behaviour" / "advisories" / "records"


def stream(texts: list[bytes], number: int) -> Iterator[Advisory]:
    """Yield `number` advisories; every time around the packages have other names, as those of a full set do."""
    for index in range(number):
        around, at = divmod(index, len(texts))
        text = texts[at].replace(b'"name": "', b'"name": "v%d/' % around) if around else texts[at]
        yield from read_osv("record.json", text).advisories


def sample(texts: list[bytes], number: int) -> list[Package]:
    """Return packages, one in twenty with a name that an advisory knows."""
    names = sorted(
        {(entry.ecosystem, entry.name) for advisory in stream(texts, len(texts)) for entry in advisory.affected}
    )
    choose = random.Random(1)
    packages = []
    for index in range(number):
        ecosystem, name = choose.choice(names) if index % 20 == 0 else ("npm", f"package-{index}")
        version = f"1.{index % 30}.0"
        packages.append(Package(purl=f"pkg:generic/{name}@{version}", name=name, version=version, ecosystem=ecosystem))
    return packages


def pack(texts: list[bytes], number: int, archive: Path) -> None:
    """Pack `number` records as OSV does."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for index in range(number):
            around, at = divmod(index, len(texts))
            packed.writestr(f"R-{index}.json", texts[at].replace(b'"name": "', b'"name": "v%d/' % around))


def import_archive(texts: list[bytes], number: int, folder: Path) -> None:
    """Pack the records, and measure the command that imports them."""
    archive = folder / "all.zip"
    # Each in a process of its own: what this one holds would be counted as the memory of what it starts.
    for work in (partial(pack, texts, number, archive), partial(measure, archive, number, folder)):
        process = multiprocessing.get_context("spawn").Process(target=work)
        process.start()
        process.join()
        if process.exitcode:
            sys.exit(process.exitcode)


def measure(archive: Path, number: int, folder: Path) -> None:
    """Import `archive` by the command, and print what that cost."""
    start = time.perf_counter()
    database = str(folder / "a.db")
    command = [sys.executable, "-m", "seawall", "db", "import", "--quiet", "--database", database, str(archive)]
    _, status, used = os.wait4(subprocess.Popen(command).pid, 0)
    seconds = time.perf_counter() - start
    if status:
        sys.exit("the import failed")
    processor = used.ru_utime + used.ru_stime
    print(
        f"archive {number} records of {archive.stat().st_size / 1e6:.0f} MB in {seconds:.1f} s: {number / seconds:.0f} a second, "
        f"{number / processor:.0f} a second of processor time, {used.ru_maxrss // 1024} MB"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=500_000)
    parser.add_argument("--packages", type=int, default=100_000)
    parser.add_argument("--from", dest="directory", type=Path, default=RECORDS)
    parser.add_argument("--archive", action="store_true")
    arguments = parser.parse_args()
    texts = [path.read_bytes() for path in sorted(arguments.directory.rglob("*.json"))]
    texts = [text for text in texts if read_osv("record.json", text).advisories]
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "advisories.db")
        start, processor = time.perf_counter(), time.process_time()
        with DatabaseBuild(path) as build:
            count = build.add(stream(texts, arguments.records))
        seconds, processor = time.perf_counter() - start, time.process_time() - processor
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        size = path.stat().st_size / 1e6
        print(
            f"import  {count} records in {seconds:.1f} s: {count / seconds:.0f} a second, "
            f"{count / processor:.0f} a second of processor time, {memory} MB, a file of {size:.0f} MB"
        )
        packages = sample(texts, arguments.packages)
        with AdvisoryDatabase(path) as database:
            start, processor = time.perf_counter(), time.process_time()
            found = database.match(packages)
            seconds, processor = time.perf_counter() - start, time.process_time() - processor
        print(
            f"match   {len(packages)} packages in {seconds:.2f} s, {processor:.2f} s of processor time: "
            f"{len(found.matches)} matches"
        )
        if arguments.archive:
            import_archive(texts, arguments.records, Path(directory))


if __name__ == "__main__":
    main()
