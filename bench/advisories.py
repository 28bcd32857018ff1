"""Advisory benchmark: how fast records go into the database, and how fast packages are matched against it.

    python bench/advisories.py [--records 500000] [--packages 100000] [--from DIRECTORY]

Records come from a directory of OSV files in JSON (repeated under other names until there are enough) or, without one, from
the record that the tests carry. One package in twenty is one that the records are about. Prints records a second with reading
and writing, the most memory that was held, the size of the file, and the seconds of a match.
"""

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Iterator
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=500_000)
    parser.add_argument("--packages", type=int, default=100_000)
    parser.add_argument("--from", dest="directory", type=Path, default=RECORDS)
    arguments = parser.parse_args()
    texts = [path.read_bytes() for path in sorted(arguments.directory.rglob("*.json"))]
    texts = [text for text in texts if read_osv("record.json", text).advisories]
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "advisories.db")
        start = time.perf_counter()
        with DatabaseBuild(path) as build:
            count = build.add(stream(texts, arguments.records))
        seconds = time.perf_counter() - start
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        size = path.stat().st_size / 1e6
        print(
            f"import  {count} records in {seconds:.1f} s: {count / seconds:.0f} a second, {memory} MB, a file of {size:.0f} MB"
        )
        packages = sample(texts, arguments.packages)
        with AdvisoryDatabase(path) as database:
            start = time.perf_counter()
            found = database.match(packages)
            seconds = time.perf_counter() - start
        print(f"match   {len(packages)} packages in {seconds:.2f} s: {len(found.matches)} matches")


if __name__ == "__main__":
    main()
