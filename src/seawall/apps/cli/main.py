"""The ``seawall`` command: finds the command that is asked for, and imports nothing else.

Every command is a module of this package with ``add_parser(subparsers)`` and ``run(arguments) -> int``; its docstring's first
line is its help. Exit status 0: nothing at or above the gate; 1: findings at or above it; 2: wrong usage, or something that
should have been scanned and could not be.
"""

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import seawall

if TYPE_CHECKING:
    from seawall.apps.cli.arguments import Parser

COMMANDS = {
    "scan": "find what is wrong in manifests, charts, clusters, dependencies and images",
    "baseline": "write down the findings that there are, so that only new ones fail",
    "config": "check seawall.yaml, or print its schema",
    "sbom": "write down what a target is made of, as CycloneDX or SPDX",
    "vex": "say what is the case with each vulnerability of a target, as OpenVEX or CSAF",
    "rules": "list, test, explain, document and export the rules",
    "admit": "run the validating webhook: the same rules at the door of the cluster",
    "db": "bring advisories into the local database, and say what it holds",
    "vap": "evaluate native ValidatingAdmissionPolicies as the API server does",
}
"""Command -> one line of help."""

QUICK = ("scan",)
"""Commands whose start is felt: in hooks, once a file."""

EPILOG = """\
examples:
  seawall scan .                          everything in this repository
  seawall scan alpine:3.20                an image, by reference, archive or layout
  seawall scan deploy/ --format sarif     for code scanning
  kubectl get deploy -A -o yaml | seawall scan -
  seawall scan --rules pss-restricted .
  seawall rules explain privileged-container
"""


def build_parser(command: str | None) -> "Parser":
    """Return the parser with the arguments of `command` alone, or of every command when it is None."""
    import argparse

    from seawall.apps.cli.arguments import Parser

    parser = Parser(
        prog="seawall",
        description="One wall around a Kubernetes system: the same rule in CI, at the door of the cluster and at runtime.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"seawall {seawall.__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        if command in (None, name):
            import_module(f"seawall.apps.cli.{name}").add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=summary)
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command line `arguments` and return the exit status."""
    from seawall.model.errors import SeawallError

    parsed = _parse(arguments)
    if parsed is None:
        return 2
    command = import_module(f"seawall.apps.cli.{parsed.command}")
    gc.enable()
    try:
        status: int = command.run(parsed)
    except SeawallError as error:
        print(f"seawall: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("seawall: interrupted", file=sys.stderr)
        return 130
    return status


def _parse(arguments: Sequence[str]) -> Any:
    """Return the parsed `arguments`, or None when nothing was asked for. Exits with status 2 for wrong usage."""
    if arguments and arguments[0] in QUICK:
        parsed = read_quickly(arguments)
        if parsed is not None:
            return parsed
    from seawall.apps.cli.arguments import near

    if not arguments:
        # That is no success for a script, and a person wants to know what there is.
        build_parser("").print_help(sys.stderr)
        return None
    first = next((argument for argument in arguments if not argument.startswith("-")), None)
    if first is not None and first not in COMMANDS:
        build_parser("").refuse(f"there is no command {first!r}", near(first, COMMANDS))
    parser = build_parser(first or "")
    if first is None and arguments[0] not in ("-h", "--help", "--version"):
        parser.refuse_unknown(arguments[0])
    return parser.parse_args(arguments)


def read_quickly(arguments: Sequence[str]) -> Any:
    """Return the parsed `arguments` where they are written plainly, else None."""
    from seawall.apps.cli.quick_arguments import Declared

    command, *words = arguments
    declared = Declared()
    import_module(f"seawall.apps.cli.{command}").add_parser(declared)
    parsed = declared.read(words)
    if parsed is not None:
        parsed.command = command
    return parsed


def run() -> None:
    """The console script: never a traceback for a closed pipe, and every stream flushed before the status is given."""
    gc.disable()  # what modules make stays; looking for cycles in it takes a fortieth of a start
    try:
        status = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (``head``, a pager) went away; what it did not read it did not want.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 2
    except OSError as error:  # a full disk behind standard output
        print(f"seawall: error: {error.strerror or error}", file=sys.stderr)
        status = 2
    # A large scan leaves millions of values behind. Taking them down one by one takes a sixth of the whole run, and the process
    # ends anyway; everything that must be undone or written out was, by the commands themselves.
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    run()
