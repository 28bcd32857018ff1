"""seawall db: bring advisories into the local database, from their publishers or from disk, and say what it holds."""

import argparse
from importlib import import_module

SUBCOMMANDS = {
    "update": "download what changed since the last time",
    "import": "build the database from files, on a machine without a network",
    "push": "bring the database to a registry, as an OCI artifact",
    "pull": "get the database from a registry",
    "status": "say where the database is, what it holds and how old that is",
}
"""Subcommand -> one line of help. Each is a module of this package, ``db_<name>``."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's arguments, those of every subcommand included: they cost nothing until one runs."""
    parser = subparsers.add_parser("db", help="update, import and show the advisory database", allow_abbrev=False)
    inner = parser.add_subparsers(dest="subcommand", metavar="COMMAND", required=True)
    for name, summary in SUBCOMMANDS.items():
        module = import_module(f"seawall.apps.cli.db_{name}")
        module.add_arguments(inner.add_parser(name, help=summary, description=module.DESCRIPTION, allow_abbrev=False))


def run(arguments: argparse.Namespace) -> int:
    """Run the subcommand and return the exit status."""
    status: int = import_module(f"seawall.apps.cli.db_{arguments.subcommand}").run(arguments)
    return status
