"""seawall scan: find what is wrong, say where and what to change, and answer with an exit status."""

import gc
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from seawall.apps.cli.output import terminal_width, wants_colour, write
from seawall.apps.cli.progress import Progress
from seawall.apps.cli.quick_arguments import YES_OR_NO
from seawall.apps.cli.scan_options import add_scan_options, parse_word, scan_options
from seawall.model.taxonomy import Severity
from seawall.stages import deploy

if TYPE_CHECKING:
    import argparse

    from seawall.policy.baseline import BaselineEntry

GONE_SHOWN = 10
FORMATS = ("table", "json", "sarif", "junit", "markdown", "html", "github")


def add_parser(subparsers: Any) -> None:
    """Add the command's arguments."""
    parser = subparsers.add_parser(
        "scan",
        help="find what is wrong in manifests, charts, clusters, dependencies and images",
        description="Find what is wrong, say where and what to change. Exit status 0: nothing at or above --fail-on; "
        "1: findings at or above it; 2: wrong usage, or something could not be scanned.",
        allow_abbrev=False,
    )
    add_scan_options(parser)
    output = parser.add_argument_group("report")
    output.add_argument("--format", choices=FORMATS, default="table", help="how the report is written (default: table)")
    output.add_argument("--output", metavar="FILE", help="write the report to FILE in place of standard output")
    output.add_argument("--details", action="store_true", help="table: show every finding in full, minor ones too")
    output.add_argument("--show-suppressed", action="store_true", help="table: list the findings that do not count too")
    output.add_argument("--quiet", action="store_true", help="print nothing when the gate lets everything through")
    gate = parser.add_argument_group("gate")
    gate.add_argument("--fail-on", metavar="SEVERITY", default=None, help="lowest severity that fails (default: high)")
    gate.add_argument(
        "--baseline", metavar="FILE", help="only findings that are not in FILE fail (`seawall baseline write` makes it)"
    )
    gate.add_argument("--since", metavar="REF", help="only what the change since this git reference brought fails")
    gate.add_argument(
        "--allow-unscanned",
        action=YES_OR_NO,
        default=None,
        help="do not fail for what could not be scanned",
    )


def run(arguments: "argparse.Namespace") -> int:
    """Scan, write the report, and return the gate's exit status."""
    from seawall import reports
    from seawall.policy.decide import decide

    fail_on = parse_word("--fail-on", arguments.fail_on, Severity) if arguments.fail_on else None
    options = msgspec.structs.replace(scan_options(arguments), baseline=arguments.baseline, since=arguments.since)
    # A scan makes millions of values that live until its end; looking for cycles among them costs a third of the time.
    gc.disable()
    with Progress(wanted=not arguments.quiet) as progress:
        scanned = deploy.scan(options, progress=progress.update)
    allow = scanned.gate.allow_unscanned if arguments.allow_unscanned is None else arguments.allow_unscanned
    decision = decide(
        scanned.report, fail_on=fail_on or scanned.gate.fail_on or Severity.HIGH, allow_unscanned=bool(allow)
    )
    if not (arguments.quiet and decision.allowed and not arguments.output):
        colour = wants_colour(arguments.output)
        pieces = reports.render(
            arguments.format,
            scanned.report,
            rules={rule.id: rule for rule in scanned.rules},
            decision=decision,
            width=terminal_width(),
            colour=colour,
            details=arguments.details,
            show_suppressed=arguments.show_suppressed,
        )
        write(pieces, arguments.output)
    if scanned.gone and not arguments.quiet:
        _print_gone(scanned.gone)
    return decision.exit_status


def _print_gone(gone: "list[BaselineEntry]") -> None:
    """Say which entries of the baseline can be taken out: they would let the same finding pass when it comes back."""
    from seawall.reports.escaping import make_visible

    what = "1 entry" if len(gone) == 1 else f"{len(gone)} entries"
    print(f"seawall: {what} of the baseline can go, since nothing is found there any more:", file=sys.stderr)
    for entry in gone[:GONE_SHOWN]:
        print(f"  {make_visible(f'{entry.path}: {entry.rule} {entry.resource} {entry.field}')}", file=sys.stderr)
    if len(gone) > GONE_SHOWN:
        print(f"  and {len(gone) - GONE_SHOWN} more", file=sys.stderr)
