"""seawall rules docs."""

import argparse
import sys
from pathlib import Path

DESCRIPTION = (
    "Write the reference pages of the rules and frameworks. With --check: write nothing, and exit with status 1 where a page "
    "is missing, stale or left over."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's arguments."""
    parser.add_argument("--check", action="store_true", help="only say what is not current")
    parser.add_argument("--directory", metavar="DIR", default="docs", help="where the pages are (default: docs)")


def run(arguments: argparse.Namespace) -> int:
    """Write the pages, or compare them; 1 where `--check` finds a difference."""
    from seawall.model.errors import UsageError
    from seawall.stages import native_export, rule_reference, rule_sets

    folder = Path(arguments.directory)
    if not folder.is_dir():
        raise UsageError(f"there is no folder {arguments.directory!r}", remedy="run it at the repository's root")
    pages = rule_reference.pages(native_export.reasons(rule_sets.shipped_rules()))
    differences = rule_reference.compare_pages(folder, pages)
    if arguments.check:
        for path, state in differences:
            print(f"{folder / path} is {state}", file=sys.stderr)
        if differences:
            print("run `make docs` and commit what it writes", file=sys.stderr)
        return 1 if differences else 0
    rule_reference.write_pages(folder, pages)
    print(f"{len(pages)} pages in {folder}, {len(differences)} of them changed")
    return 0
