"""seawall db status."""

import argparse

DESCRIPTION = (
    "Say where the advisory database is, when it was built, and for each source how many records it gave and how old "
    "those are."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's arguments."""
    from seawall.apps.cli.db_options import add_database

    parser.add_argument("--format", choices=("table", "json"), default="table", help="default: table")
    parser.add_argument("--max-age", metavar="DAYS", type=int, default=7, help="warn of older sources (default: 7)")
    add_database(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print; 0 where there is a database of this version, old or not."""
    import sys
    from datetime import UTC, datetime

    from seawall.apps.cli.db_options import database_of
    from seawall.apps.cli.output import write
    from seawall.reports import database_status
    from seawall.sources.advisory_database import AdvisoryDatabase

    path = database_of(arguments)
    with AdvisoryDatabase(path) as database:
        status = database_status.describe(
            str(path), database.built(), database.sources(), now=datetime.now(UTC), max_age=arguments.max_age
        )
    write([database_status.render(arguments.format, status)], None)
    if status.stale and not arguments.quiet:
        names = ", ".join(status.stale[:5]) + (f" and {len(status.stale) - 5} more" if len(status.stale) > 5 else "")
        print(f"seawall: older than {arguments.max_age} days: {names} (`seawall db update`)", file=sys.stderr)
    return 0
