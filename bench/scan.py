"""Scan benchmark: Seawall beside the peers that are installed, on the same files, in turn, as whole processes.

    python bench/scan.py CORPUS [--runs 5]          (CORPUS: a directory from bench/corpus.py)

Prints wall and CPU seconds and peak memory (median of the runs; a warm-up is not counted) for the whole corpus, for 100 of its
files and for one, the ratios to kube-score, and where Seawall's own time goes. Peers are looked for on PATH (kube-score,
trivy, checkov). Absolute figures depend on the machine; the ratios are what to quote.
"""

import argparse
import gc
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple


class Cost(NamedTuple):
    """What one run of a process cost: seconds of wall and CPU, and peak resident megabytes."""

    wall: float
    cpu: float
    memory: float


def measure(command: list[str]) -> Cost:
    """Run `command` to its end with its output thrown away, and return the kernel's own account of it."""
    # Python's compiled files are kept, as they are where a program is installed.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def commands(files: list[Path]) -> dict[str, list[str]]:
    """Return the scan of `files` for each tool that is installed."""
    names = [str(path) for path in files]
    found = {"seawall": [sys.executable, "-m", "seawall", "scan", *names, "--format", "json"]}
    if tool := shutil.which("kube-score"):
        found["kube-score"] = [tool, "score", *names]
    if tool := shutil.which("trivy"):
        directory = os.path.commonpath([path.parent for path in files])
        found["trivy"] = [tool, "config", "--format", "json", "--skip-check-update", directory]
    if (tool := shutil.which("checkov")) and len(files) <= 100:
        found["checkov"] = [tool, "--framework", "kubernetes", "--compact", "-o", "json"] + [
            word for name in names for word in ("-f", name)
        ]
    return found


def compare(title: str, files: list[Path], runs: int) -> None:
    """Measure all tools on `files`, in turn, and print medians and ratios."""
    tools = commands(files)
    costs: dict[str, list[Cost]] = {name: [] for name in tools}
    for turn in range(runs + 1):
        for name, command in tools.items():
            cost = measure(command)
            if turn:
                costs[name].append(cost)
    medians = {
        name: Cost(*(statistics.median(column) for column in zip(*all_, strict=True))) for name, all_ in costs.items()
    }
    base = medians.get("kube-score")
    print(f"\n## {title}\n")
    print("| tool | wall s | CPU s | peak MB | wall / kube-score | CPU / kube-score |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, cost in medians.items():
        ratios = f"{cost.wall / base.wall:.2f} | {cost.cpu / base.cpu:.2f}" if base else "- | -"
        print(f"| {name} | {cost.wall:.2f} | {cost.cpu:.2f} | {cost.memory:.0f} | {ratios} |")


def breakdown(files: list[Path]) -> None:
    """Scan `files` in this process and print the seconds that each part takes."""
    from seawall import reports
    from seawall.stages import deploy, judging

    gc.disable()
    timings = judging.Timings()
    start = time.perf_counter()
    scanned = deploy.scan(deploy.DeployScan(targets=tuple(str(path) for path in files)), timings=timings)
    rendered_from = time.perf_counter()
    size = sum(map(len, reports.render("json", scanned.report)))
    end = time.perf_counter()
    summary = scanned.report.summary
    counts = f"{summary.resources} objects, {len(scanned.report.findings)} findings, {size / 1e6:.0f} MB of JSON"
    print(f"\n## Where the time goes ({counts})\n")
    print("| part | s |\n| --- | --- |")
    rest = rendered_from - start - timings.parse - timings.derive - timings.evaluate - timings.report
    for part, seconds in (
        ("read and parse", timings.parse),
        ("derive facts", timings.derive),
        ("evaluate rules", timings.evaluate),
        ("findings with places", timings.report),
        ("render JSON", end - rendered_from),
        ("load rules and the rest", rest),
    ):
        print(f"| {part} | {seconds:.2f} |")


def main() -> None:
    """Run all comparisons."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    files = sorted(options.corpus.rglob("*.yaml"))
    print(f"{len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:.1f} MB; {os.cpu_count()} processors")
    compare("The whole corpus", files, options.runs)
    compare("100 files", files[:: max(1, len(files) // 100)][:100], options.runs)
    compare("One file", files[:1], options.runs)
    breakdown(files)


if __name__ == "__main__":
    main()
