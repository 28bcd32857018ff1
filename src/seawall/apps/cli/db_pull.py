"""seawall db pull."""

import argparse

DESCRIPTION = (
    "Replace the database by one that `seawall db push` brought to a registry. Its bytes are verified by their digest, and "
    "the old database stays when anything fails. Name it by digest to get that one and no other."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's arguments."""
    from seawall.apps.cli.db_options import add_database
    from seawall.apps.cli.image_options import add_registry_options

    parser.add_argument(
        "reference", metavar="REFERENCE", help="what: registry.example/team/advisories:latest, or @sha256:…"
    )
    add_registry_options(parser)
    add_database(parser)


def run(arguments: argparse.Namespace) -> int:
    """Pull; 0 where the database was replaced."""
    from seawall.apps.cli.db_options import DownloadProgress, database_of
    from seawall.apps.cli.image_options import registry_settings
    from seawall.stages.advisory_artifacts import pull

    database = database_of(arguments)
    with DownloadProgress(wanted=not arguments.quiet) as progress:
        digest, sources = pull(database, arguments.reference, registry_settings(arguments), progress=progress.update)
    if not arguments.quiet:
        print(
            f"{database}: {sum(source.records for source in sources):,} records from {len(sources)} sources, {digest}"
        )
    return 0
