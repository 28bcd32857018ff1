"""Start-up benchmark: what a scan of few files costs before and beside the scan itself.

    python bench/start.py CORPUS [--runs 15]        (CORPUS: a directory from bench/corpus.py)

Prints the CPU time (minimum and median of alternating whole processes) of the bare interpreter, of the imports that a scan makes,
of a scan of one file and of 100, and of kube-score on the same 100 where it is on PATH. Minima are the least noisy; on a
shared machine only ratios within one run mean anything.
"""

import argparse
import shutil
import statistics
import sys
from pathlib import Path

from scan import Cost, measure

IMPORTS = "import seawall.apps.cli.scan, seawall.reports, seawall.policy.decide"


def main() -> None:
    """Measure all commands in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    files = [str(path) for path in sorted(options.corpus.rglob("*.yaml"))]
    some = files[:: max(1, len(files) // 100)][:100]
    scan = [sys.executable, "-m", "seawall", "scan", "--format", "json"]
    commands = {
        "python, doing nothing": [sys.executable, "-c", "pass"],
        "import msgspec": [sys.executable, "-c", "import msgspec"],
        "import what a scan imports": [sys.executable, "-c", IMPORTS],
        "scan of one file": [*scan, files[0]],
        f"scan of {len(some)} files": [*scan, *some],
    }
    if tool := shutil.which("kube-score"):
        commands[f"kube-score of {len(some)} files"] = [tool, "score", *some]
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for turn in range(options.runs + 1):
        for name, command in commands.items():
            cost = measure(command)
            if turn:
                costs[name].append(cost)
    print("| process | CPU ms, least | CPU ms, median | wall ms, least | wall ms, median |")
    print("| --- | --- | --- | --- | --- |")
    for name, all_ in costs.items():
        cpu = [cost.cpu * 1000 for cost in all_]
        wall = [cost.wall * 1000 for cost in all_]
        print(
            f"| {name} | {min(cpu):.0f} | {statistics.median(cpu):.0f} | {min(wall):.0f} | {statistics.median(wall):.0f} |"
        )


if __name__ == "__main__":
    main()
