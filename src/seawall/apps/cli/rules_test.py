"""seawall rules test."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seawall.stages.rule_examples import RuleUnderTest

DESCRIPTION = (
    "Run the examples of rules: every document of a bad file fires, everything in a good file is silent. "
    "Exit status 0: all as they should be; 1: an example that is not; 2: a rule that does not load."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's arguments."""
    parser.add_argument(
        "names",
        nargs="*",
        metavar="ID|PATH",
        help="a rule's id, a rule folder of your own, or a folder of them (default: all that come with Seawall)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Check the examples and print what is not as it should be, file by file."""
    from seawall.reports.escaping import make_visible
    from seawall.stages import rule_examples

    tested = _collect(arguments.names)
    failed = files = 0
    for under_test in tested:
        results = list(rule_examples.check(under_test))
        files += len(results)
        problems = [problem for result in results for problem in result.problems]
        failed += bool(problems)
        if problems or arguments.names:
            counts = {kind: sum(r.judged for r in results if r.kind == kind) for kind in ("bad", "good")}
            counted = f"{counts['bad']} bad, {counts['good']} good"
            sys.stdout.write(f"{'FAIL' if problems else 'ok  '} {under_test.rule.id} ({counted})\n")
        for problem in problems:
            sys.stdout.write(f"     {make_visible(problem)}\n")
    rules = "1 rule" if len(tested) == 1 else f"{len(tested)} rules"
    verdict = f"{failed} with examples that are not as they should be" if failed else "all as they should be"
    sys.stdout.write(f"{rules}, {files} example files: {verdict}\n")
    return 1 if failed else 0


def _collect(names: list[str]) -> "list[RuleUnderTest]":
    """Return the rules that `names` mean: shipped ids first, so that a folder of the same name does not hide a rule."""
    from seawall.sources import rule_folders
    from seawall.stages import rule_examples, rule_reference

    if not names:
        return rule_examples.load(rule_folders.SHIPPED)
    tested: list[RuleUnderTest] = []
    for name in names:
        path = Path(name)
        is_path = "/" in name or name in (".", "..") or (path.is_dir() and not rule_reference.is_shipped(name))
        if is_path:
            tested += rule_examples.load(path)
        else:
            tested += rule_examples.load(rule_reference.path_of(rule_reference.find_rule(name)))
    return tested
