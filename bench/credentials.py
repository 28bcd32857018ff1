"""Credentials benchmark: what Seawall and gitleaks find in a labelled set, and what both cost on a large tree.

    python bench/credentials.py [--tree DIRECTORY] [--runs 3] [--samples FILE.jsonl] [--clean DIRECTORY …]

`--tree` is for speed (`go env GOROOT`/src). `--clean` are sources of published packages, of which the findings are counted.
`--samples` are gitleaks' own test cases (docs/credentials.md says how to get them): lines of ``{"kind": "tp"|"fp", "rule",
"path", "text"}``. gitleaks is looked for on PATH.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from credentials_corpus import write
from scan import measure

SEAWALL = [sys.executable, "-m", "seawall", "scan"]
OPTIONS = ["--only", "credential-*", "--format", "json", "--allow-unscanned"]


def seawall_files(directory: Path) -> Counter[str]:
    """Return how many findings Seawall has in each file below `directory`."""
    done = subprocess.run([*SEAWALL, str(directory), *OPTIONS], capture_output=True, check=False)
    report = json.loads(done.stdout)
    return Counter(_below(directory, finding["location"]["path"].partition("!")[0]) for finding in report["findings"])


def gitleaks_files(directory: Path, tool: str) -> Counter[str]:
    """Return how many findings gitleaks has in each file below `directory`."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch, "report.json")
        command = [tool, "dir", str(directory), "--no-banner", "-l", "error", "--exit-code", "0"]
        subprocess.run([*command, "--report-format", "json", "--report-path", str(report)], check=True)
        return Counter(_below(directory, finding["File"]) for finding in json.loads(report.read_text()))


def _below(directory: Path, path: str) -> str:
    return str(Path(path).relative_to(directory))


def judge(name: str, labels: Mapping[str, str | None], found: Iterable[str]) -> None:
    """Print recall and precision over `labels`, and what was missed or is false."""
    named = set(found)
    wanted = {path for path, label in labels.items() if label is not None}
    hits, false = len(named & wanted), sorted((named & set(labels)) - wanted)
    missed = Counter(str(labels[path]) for path in wanted - named)
    recall, precision = hits / len(wanted), hits / max(1, hits + len(false))
    print(f"{name}: recall {recall:.3f} ({hits} of {len(wanted)}), precision {precision:.3f} ({len(false)} false)")
    print(f"  missed: {', '.join(f'{kind} {count}' for kind, count in missed.most_common(40)) or 'none'}")
    print(f"  false: {', '.join(false[:40]) or 'none'}")


def lay_out(samples: Path, directory: Path) -> dict[str, str | None]:
    """Write gitleaks' own test cases as files and return their labels."""
    labels: dict[str, str | None] = {}
    for number, line in enumerate(samples.read_text("utf-8").splitlines()):
        sample = json.loads(line)
        name = Path(sample["path"]).name or "sample.txt"
        path = Path(directory, f"{number:05}", name)
        path.parent.mkdir()
        path.write_text(sample["text"], "utf-8")
        labels[f"{number:05}/{name}"] = sample["rule"] if sample["kind"] == "tp" else None
    return labels


def compare_costs(tree: Path, runs: int, tool: str | None) -> None:
    """Print what both cost on `tree`, least of `runs` that take turns."""
    commands = {"seawall": [*SEAWALL, str(tree), *OPTIONS]}
    if tool:
        commands["gitleaks"] = [tool, "dir", str(tree), "--no-banner", "-l", "error", "--exit-code", "0"]
    measure(commands["seawall"])  # the automaton is made once
    costs = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            costs[name].append(measure(command))
    for name, all_costs in costs.items():
        cpu, wall = min(cost.cpu for cost in all_costs), min(cost.wall for cost in all_costs)
        print(f"{name}: {cpu:.2f} s of CPU, {wall:.2f} s, {max(cost.memory for cost in all_costs):.0f} MB")
    if tool:
        ratio = min(c.cpu for c in costs["gitleaks"]) / min(c.cpu for c in costs["seawall"])
        print(f"gitleaks needs {ratio:.0f} times the CPU time of seawall")


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tree", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--samples", type=Path)
    parser.add_argument("--clean", type=Path, nargs="*", default=[])
    arguments = parser.parse_args()
    tool = shutil.which("gitleaks")
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        sets = {"labelled set": (Path(scratch, "set"), write(Path(scratch, "set"), 1))}
        if arguments.samples:
            Path(scratch, "theirs").mkdir()
            sets["gitleaks' own test cases"] = (
                Path(scratch, "theirs"),
                lay_out(arguments.samples, Path(scratch, "theirs")),
            )
        for title, (directory, labels) in sets.items():
            wanted = sum(label is not None for label in labels.values())
            print(f"\n{title}: {wanted} files with a credential, {len(labels) - wanted} without")
            judge("seawall", labels, seawall_files(directory))
            if tool:
                judge("gitleaks", labels, gitleaks_files(directory, tool))
    for directory in arguments.clean:
        findings = {
            "seawall": seawall_files(directory),
            **({"gitleaks": gitleaks_files(directory, tool)} if tool else {}),
        }
        print(f"\n{directory}: " + ", ".join(f"{name} {found.total()} findings" for name, found in findings.items()))
    if arguments.tree:
        compare_costs(arguments.tree, arguments.runs, tool)


if __name__ == "__main__":
    main()
