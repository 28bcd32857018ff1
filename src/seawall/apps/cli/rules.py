"""seawall rules: list the rules, run their examples, explain one, write their pages, export them as native policies."""

import argparse
from importlib import import_module

SUBCOMMANDS = {
    "list": "list the rules",
    "test": "run the examples of rules: everything bad fires, everything good is silent",
    "explain": "say what a rule checks, why it matters and what to change",
    "docs": "write the reference pages, or check that they are current",
    "export": "write rules as native admission policies",
}
"""Subcommand -> one line of help. Each is a module of this package, ``rules_<name>``."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's arguments, those of every subcommand included: they cost nothing until one runs."""
    parser = subparsers.add_parser("rules", help="list, test, explain, document and export rules", allow_abbrev=False)
    inner = parser.add_subparsers(dest="subcommand", metavar="COMMAND", required=True)
    for name, summary in SUBCOMMANDS.items():
        module = import_module(f"seawall.apps.cli.rules_{name}")
        module.add_arguments(inner.add_parser(name, help=summary, description=module.DESCRIPTION, allow_abbrev=False))


def run(arguments: argparse.Namespace) -> int:
    """Run the subcommand and return the exit status."""
    status: int = import_module(f"seawall.apps.cli.rules_{arguments.subcommand}").run(arguments)
    return status
