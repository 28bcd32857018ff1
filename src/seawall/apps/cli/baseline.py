"""seawall baseline: write down the findings that there are, so that only new ones fail."""

import argparse
import gc
import sys
from pathlib import Path

import msgspec

from seawall.apps.cli.output import write
from seawall.apps.cli.progress import Progress
from seawall.apps.cli.scan_options import add_allow_unscanned, add_scan_options, scan_options


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's arguments."""
    parser = subparsers.add_parser(
        "baseline", help="write down the findings that there are, so that only new ones fail", allow_abbrev=False
    )
    inner = parser.add_subparsers(dest="subcommand", metavar="COMMAND", required=True)
    writing = inner.add_parser(
        "write",
        help="scan, and write the findings to a baseline file",
        description="Scan with the same options as `seawall scan`, and write the findings that count to a file for its "
        "--baseline. Exit status 0: written; 2: wrong usage, or something could not be scanned: then nothing is written.",
        allow_abbrev=False,
    )
    add_scan_options(writing)
    output = writing.add_argument_group("baseline")
    output.add_argument(
        "--output",
        metavar="FILE",
        help="where to write it, - for standard output (default: that of seawall.yaml, else seawall-baseline.json)",
    )
    add_allow_unscanned(output)


def run(arguments: argparse.Namespace) -> int:
    """Scan, and write the baseline."""
    from seawall.reports.escaping import make_visible
    from seawall.stages import baselines, deploy

    options = msgspec.structs.replace(scan_options(arguments), baseline="")
    gc.disable()  # as in `scan`
    with Progress(wanted=True) as progress:
        scanned = deploy.scan(options, progress=progress.update)
    allow = scanned.gate.allow_unscanned if arguments.allow_unscanned is None else arguments.allow_unscanned
    missed = scanned.report.unscanned
    for entry in missed:
        print(f"seawall: not scanned: {make_visible(f'{entry.path}: {entry.reason}')}", file=sys.stderr)
    if missed and not allow:
        print(
            "seawall: error: no baseline was written: its findings would not be all that there are"
            " (mend what was not scanned, or accept it with --allow-unscanned)",
            file=sys.stderr,
        )
        return 2
    path = arguments.output or scanned.gate.baseline or baselines.DEFAULT_NAME
    data, count = baselines.write_baseline(scanned.report.findings, scanned.root, scanned.protected)
    write([data], path)
    if path != "-":
        what = "1 finding" if count == 1 else f"{count} findings"
        shown = path if arguments.output else str(Path(path))
        print(
            f"seawall: {what} written to {shown}; `seawall scan --baseline {shown}` fails for new ones", file=sys.stderr
        )
    return 0
