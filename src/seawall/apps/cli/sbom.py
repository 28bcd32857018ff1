"""seawall sbom: write down what a target is made of."""

import argparse
import sys
from typing import TYPE_CHECKING

from seawall.apps.cli.image_options import add_registry_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seawall.model.resource import Unscanned

SHOWN = 10
EPILOG = """\
examples:
  seawall sbom .                                   the lock files of this repository
  seawall sbom . --format spdx --output sbom.spdx.json
  seawall sbom sbom.cdx.json --format spdx         from one format to the other

The same target gives the same bytes. The time in the document is the image's own, or SOURCE_DATE_EPOCH where that is set.
Exit status 0: all was read; 2: something could not be, and the document says that it is incomplete.
"""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's arguments."""
    parser = subparsers.add_parser(
        "sbom",
        help="write down what a target is made of, as CycloneDX or SPDX",
        description="Write down what a target is made of: every package with its purl, version, licence, where it is named, and "
        "what requires it.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("target", metavar="TARGET", help="a directory, a lock file, an SBOM, or an image")
    parser.add_argument(
        "--format",
        choices=("cyclonedx", "spdx"),
        default="cyclonedx",
        help="CycloneDX 1.6 (default) or SPDX 2.3, as JSON",
    )
    parser.add_argument("--output", metavar="FILE", help="write to FILE in place of standard output")
    parser.add_argument(
        "--no-ignore", action="store_true", help="read lock files that .gitignore or .seawallignore leave out, too"
    )
    parser.add_argument(
        "--allow-unscanned", action="store_true", help="exit with 0 although something could not be read"
    )
    parser.add_argument("--platform", default="", metavar="OS/ARCH", help="of an image with several: like linux/arm64")
    add_registry_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the SBOM; 2 where something could not be read."""
    import seawall
    from seawall.apps.cli.output import write
    from seawall.apps.cli.source_date import source_date
    from seawall.reports.sbom import render
    from seawall.sources.detect import TargetKind, detect
    from seawall.sources.manifests import ReadOptions
    from seawall.stages.packages import collect_packages

    moment = source_date()
    created = moment.isoformat() if moment else ""
    reading = ReadOptions(
        platform=arguments.platform,
        insecure_registries=tuple(arguments.insecure_registry or ()),
        registry_ca=arguments.registry_ca,
        registry_mirrors=tuple(arguments.registry_mirror or ()),
    )
    if detect(arguments.target) is TargetKind.IMAGE:
        from seawall.stages import configuration

        reading = configuration.configure_registries(reading, configuration.load(None, (arguments.target,)))
    inventory = collect_packages(arguments.target, respect_ignores=not arguments.no_ignore, reading=reading)
    write([render(arguments.format, inventory, version=seawall.__version__, created=created)], arguments.output)
    _tell(inventory.unscanned)
    if arguments.output and sys.stderr.isatty():
        count = len(inventory.packages)
        print(f"{arguments.output}: {count:,} {'package' if count == 1 else 'packages'}", file=sys.stderr)
    return 2 if inventory.unscanned and not arguments.allow_unscanned else 0


def _tell(unscanned: "Sequence[Unscanned]") -> None:
    """Say what could not be read."""
    from seawall.reports.escaping import make_visible

    for problem in unscanned[:SHOWN]:
        print(f"seawall: not read: {make_visible(f'{problem.path}: {problem.reason}')}", file=sys.stderr)
    if len(unscanned) > SHOWN:
        print(f"seawall: and {len(unscanned) - SHOWN} more could not be read", file=sys.stderr)
