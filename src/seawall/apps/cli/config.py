"""seawall config: check the configuration, and print its JSON Schema for editors."""

import argparse
import datetime
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from seawall.model.rule import Rule
    from seawall.stages.configuration import Configured

CHECK = (
    "Say which file is in force for the targets, whether it is right, and what it decides for each stage. Exit status 0: right, "
    "or there is none; 1: a suppression in it is expired or names a rule that does not exist; 2: it is refused."
)
SCHEMA = "Print the JSON Schema of seawall.yaml, for editors that complete and check it."


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's arguments."""
    parser = subparsers.add_parser("config", help="check seawall.yaml, or print its schema", allow_abbrev=False)
    inner = parser.add_subparsers(dest="subcommand", metavar="COMMAND", required=True)
    check = inner.add_parser(
        "check", help="check seawall.yaml and say what it decides", description=CHECK, allow_abbrev=False
    )
    check.add_argument("targets", nargs="*", metavar="TARGET", help="what would be scanned (default: .)")
    check.add_argument("--config", metavar="FILE", help="this file, and not the one that the targets find")
    inner.add_parser("schema", help="print the JSON Schema of seawall.yaml", description=SCHEMA, allow_abbrev=False)


def run(arguments: argparse.Namespace) -> int:
    """Run the subcommand and return the exit status."""
    from seawall.apps.cli.output import write

    if arguments.subcommand == "schema":
        from seawall.formats.configuration_schema import json_schema

        write([json_schema()], None)
        return 0
    return _check(arguments)


def _check(arguments: argparse.Namespace) -> int:
    from seawall.model.taxonomy import Severity, Stage
    from seawall.reports.escaping import make_visible
    from seawall.stages import configuration, rule_sets
    from seawall.stages.rule_sets import RuleChoice

    configured = configuration.load(arguments.config, tuple(arguments.targets) or (".",))
    if configured.configuration is None:
        print("There is no seawall.yaml: the defaults hold.")
        return 0
    lines: list[str] = []
    known: list[Rule] = []
    for stage in Stage:
        chosen = rule_sets.resolve(configuration.configure_rules(RuleChoice(), configured, stage))
        configuration.check_names(configured, chosen.known)
        known += chosen.known
        gate = configuration.gate_of(configured, stage)
        rules = [rule for rule in chosen.rules if stage in rule.stages]
        unscanned = "accepts" if gate.allow_unscanned else "fails for"
        lines.append(
            f"  {stage:<8} {len(rules)} rules; fails at {gate.fail_on or Severity.HIGH}, {unscanned} what was not scanned"
            + (f"; baseline {gate.baseline}" if gate.baseline else "")
        )
    problems = list(_problems(configured, known))
    count = len(configured.configuration.suppressions)
    print(f"{make_visible(configured.path or '')}: {'as it should be' if not problems else 'to be mended'}")
    print("\n".join(lines))
    print(f"  {count} {'suppression' if count == 1 else 'suppressions'}")
    for problem in problems:
        print(make_visible(problem), file=sys.stderr)
    return 1 if problems else 0


def _problems(configured: "Configured", known: "Sequence[Rule]") -> "Iterator[str]":
    from fnmatch import fnmatchcase

    names = {name for rule in known for name in (rule.id, *rule.aliases)}
    today = datetime.datetime.now(datetime.UTC).date()
    file = configured.file
    if file is None:
        return
    for index, entry in enumerate(file.configuration.suppressions):
        place = file.place(("suppressions", index))
        for glob in [entry.rule] if isinstance(entry.rule, str) else entry.rule:
            if not any(fnmatchcase(name, glob) for name in names):
                yield f"{place}: {glob!r} is the name of no rule"
        if entry.expires is not None and entry.expires < today:
            yield f"{place}: expired on {entry.expires.isoformat()}"
