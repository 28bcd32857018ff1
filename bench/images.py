"""Measures what reading an image costs beside inflating it, which nobody can avoid.

    python bench/images.py IMAGE              an OCI layout or archive
    python bench/images.py IMAGE --rounds 5

Prints for each: processor time and wall time of the best of some rounds, in processes of their own, and the peak of memory.
*igzip alone* inflates every layer and does nothing else; *igzip and tarfile* lists the members with the standard library;
*Seawall, read* is what `seawall.sources.images.read` does: both digests verified, packages, programs and files read; *Seawall,
whole* is that with the layers put together, and *Seawall, again* the same from the cache.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time

PHASES = ("igzip", "digests", "tarfile", "read", "whole", "again")
TITLES = {
    "igzip": "igzip alone",
    "digests": "igzip and both digests",
    "tarfile": "igzip and tarfile",
    "read": "Seawall, read",
    "whole": "Seawall, whole",
    "again": "Seawall, again",
}


def run(phase: str, image: str) -> str:
    """Do the work of one phase in this process, and say what came of it."""
    import tarfile

    from isal import igzip

    from seawall.facts.images import assemble
    from seawall.formats.compression import decompressed
    from seawall.formats.oci_digests import verified
    from seawall.model.image import Descriptor
    from seawall.sources.images.open import open_image
    from seawall.sources.images.read import read_description, read_image
    from seawall.sources.images.rootfs import RootfsStore

    with open_image(image) as store:
        if isinstance(store, RootfsStore):
            raise SystemExit("name an image, not a root file system")
        if phase in ("read", "whole", "again"):
            read = read_image(store)
            if phase == "read":
                return f"{sum(len(layer.packages) for layer in read.contents if layer)} package files"
            inventory = assemble(read)
            return f"{len(inventory.packages)} packages, {len(inventory.unscanned)} unscanned"
        size = members = 0
        for layer in read_description(store).layers:
            with store.open(layer.blob) as chunks:
                if phase == "tarfile":
                    with tempfile.TemporaryFile() as packed:
                        packed.writelines(chunks)
                        packed.seek(0)
                        with igzip.open(packed) as plain, tarfile.open(fileobj=plain, mode="r|") as archive:
                            members += sum(1 for _ in archive)
                elif phase == "digests":
                    plain = verified(decompressed(verified(chunks, layer.blob)), Descriptor(digest=layer.diff_id))
                    size += sum(map(len, plain))
                else:
                    size += sum(map(len, decompressed(chunks)))
        return f"{members:,} members" if members else f"{size:,} bytes"


def measure(phase: str, image: str, cache: str) -> tuple[float, float, int, str]:
    """Run a phase in a process of its own: processor seconds, wall seconds, peak in KB, and what it said."""
    environment = {**os.environ, "SEAWALL_CACHE_DIR": cache}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, __file__, image, "--phase", phase], env=environment, check=True, capture_output=True, text=True
    )
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    said, _, peak = done.stdout.strip().rpartition(" peak ")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall, int(peak), said


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what reading an image costs.")
    parser.add_argument("image")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--phase", choices=PHASES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.phase:
        said = run(options.phase, options.image)
        print(said, "peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        return
    results: dict[str, list[tuple[float, float, int, str]]] = {phase: [] for phase in PHASES}
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as cache:
            for phase in PHASES:
                kept = os.path.join(cache, "kept" if phase in ("whole", "again") else phase)
                results[phase].append(measure(phase, options.image, kept))
    alone = min(results["igzip"])[0], min(result[1] for result in results["igzip"])
    print(f"{'':24}{'processor':>10}{'ratio':>7}{'wall':>9}{'ratio':>7}{'peak':>9}")
    for phase in PHASES:
        processor, wall = min(result[0] for result in results[phase]), min(result[1] for result in results[phase])
        peak = max(result[2] for result in results[phase]) / 1024
        print(
            f"{TITLES[phase]:24}{processor:>8.2f} s{processor / alone[0]:>7.2f}{wall:>7.2f} s{wall / alone[1]:>7.2f}"
            f"{peak:>6.0f} MB  {results[phase][-1][3]}"
        )


if __name__ == "__main__":
    main()
