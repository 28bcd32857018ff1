"""seawall db update."""

import argparse

DESCRIPTION = (
    "Download the feeds that changed and build the database anew. A download that was cut off goes on where it stopped. "
    "The old database stays when anything fails. A mirror (--from) has the publishers' files at HOST/PATH, as "
    "`wget --force-directories` lays them out; docs/advisories.md lists the feeds."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's arguments."""
    from seawall.apps.cli.db_options import add_database

    parser.add_argument(
        "--only", metavar="FEED", action="append", default=[],
        help="a feed, a group or an ecosystem: kev, osv/PyPI, alpine, npm (repeatable; the others stay as they are)",
    )  # fmt: skip
    parser.add_argument(
        "--from", dest="base", metavar="URL|DIR", default="", help="a mirror in place of the publishers"
    )
    parser.add_argument("--ca-file", metavar="FILE", default="", help="trust these certificate authorities too (PEM)")
    add_database(parser)


def run(arguments: argparse.Namespace) -> int:
    """Update; 0 where the database is up to date."""
    from seawall.apps.cli.db_options import DownloadProgress, database_of, now, print_changed
    from seawall.sources.web_connections import WebSettings
    from seawall.stages.advisories import update

    with DownloadProgress(wanted=not arguments.quiet) as progress:
        changed = update(
            database_of(arguments),
            arguments.only,
            now=now(),
            base=arguments.base,
            settings=WebSettings(ca_file=arguments.ca_file),
            progress=progress.update,
        )
    if not arguments.quiet:
        print_changed(changed)
    return 0
