"""seawall db import."""

import argparse

DESCRIPTION = (
    "Build the database from files: OSV archives and records, Alpine, Wolfi and Chainguard databases, the Debian tracker, "
    "KEV and EPSS, each also packed (.gz, .zst, .xz), and directories of them. It replaces the database as a whole; with "
    "--add, what other sources gave stays."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's arguments."""
    from seawall.apps.cli.db_options import add_database

    parser.add_argument("paths", metavar="PATH", nargs="+", help="a file, an archive or a directory")
    parser.add_argument("--add", action="store_true", help="keep what the database has from other sources")
    add_database(parser)


def run(arguments: argparse.Namespace) -> int:
    """Import; 0 where the database was replaced."""
    from pathlib import Path

    from seawall.apps.cli.db_options import DownloadProgress, database_of, now, print_changed
    from seawall.stages.advisories import import_files

    with DownloadProgress(wanted=not arguments.quiet) as progress:
        changed = import_files(
            database_of(arguments),
            [Path(path) for path in arguments.paths],
            now=now(),
            add=arguments.add,
            progress=progress.update,
        )
    if not arguments.quiet:
        print_changed(changed)
    return 0
