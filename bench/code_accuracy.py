"""Precision and recall of the rules over code, on a labelled set: ``python bench/code_accuracy.py``.

The set in ``bench/code_labelled`` was written from descriptions of the flaws, after the detectors and by the same hand: its
figures are an upper bound. A line that ends in ``expect: RULE`` has that flaw; any other finding is a false one.
"""

import re
import sys
from collections import Counter
from pathlib import Path

from seawall.policy.findings import message_of
from seawall.policy.load import parse_rules
from seawall.sources import rule_folders
from seawall.sources.files import Found
from seawall.stages import rule_sets
from seawall.stages.code import examine
from seawall.stages.repository import Request

SET = Path(__file__).parent / "code_labelled"
EXPECTED = re.compile(r"(?:#|//) expect: ([a-z-]+)")


def labels() -> Counter[tuple[str, int, str]]:
    """Return the labelled places: file, line and rule."""
    return Counter(
        (path.name, number, rule)
        for path in sorted(SET.iterdir())
        for number, line in enumerate(path.read_text().splitlines(), 1)
        for rule in EXPECTED.findall(line)
    )


def findings() -> Counter[tuple[str, int, str]]:
    """Return what the default rules over single places say of the set."""
    plan = rule_sets.plan(parse_rules(rule_folders.read(rule_folders.SHIPPED)), {})
    files = [Found(str(path), str(path), path.name) for path in sorted(SET.iterdir())]
    facts = examine(files, Request(kinds=frozenset({"CodePattern"}))).facts
    return Counter(
        (failure.fact.value["path"], failure.fact.value["line"], failure.validation.rule.id)
        for failure in plan.run(facts)[0]
        if "default" in failure.validation.rule.sets and message_of(failure)
    )


def main() -> int:
    """Print the figures, the misses and the false findings."""
    expected, found = set(labels()), set(findings())
    right = expected & found
    print(f"{len(expected)} flaws labelled, {len(found)} found, {len(right)} of them right")
    print(f"precision {len(right) / max(len(found), 1):.2f}, recall {len(right) / max(len(expected), 1):.2f}")
    for name, entries in (("missed", expected - found), ("false", found - expected)):
        for file, line, rule in sorted(entries):
            print(f"{name}: {file}:{line} {rule}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
