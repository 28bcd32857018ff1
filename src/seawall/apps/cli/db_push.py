"""seawall db push."""

import argparse

DESCRIPTION = (
    "Push the database to a registry as an OCI artifact, so that machines without a way to the publishers can pull it. "
    "Credentials are those of Docker and podman."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's arguments."""
    from seawall.apps.cli.db_options import add_database
    from seawall.apps.cli.image_options import add_registry_options

    parser.add_argument("reference", metavar="REFERENCE", help="where to: registry.example/team/advisories:latest")
    add_registry_options(parser, mirrors=False)
    add_database(parser)


def run(arguments: argparse.Namespace) -> int:
    """Push and print the reference by digest; 0 where it arrived."""
    from seawall.apps.cli.db_options import DownloadProgress, database_of
    from seawall.apps.cli.image_options import registry_settings
    from seawall.stages.advisory_artifacts import push

    with DownloadProgress(wanted=not arguments.quiet) as progress:
        digest = push(
            database_of(arguments), arguments.reference, registry_settings(arguments), progress=progress.update
        )
    if not arguments.quiet:
        print(f"{arguments.reference}@{digest}")
    return 0
