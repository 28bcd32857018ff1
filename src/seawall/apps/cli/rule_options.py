"""The options that choose rules where nothing is scanned: those of ``seawall scan``."""

import argparse
from typing import TYPE_CHECKING

import msgspec

from seawall.model.rule import Rule
from seawall.model.taxonomy import Layer, Stage

if TYPE_CHECKING:
    from seawall.stages.rule_sets import RuleChoice


def add_choice(parser: argparse.ArgumentParser, *, default: str = "all") -> None:
    """Add what chooses the rules; `default` is the rule set where none is named."""
    rules = parser.add_argument_group("which rules")
    rules.add_argument(
        "--rules", action="append", metavar="SET|PATH", help=f"rule set or rule folder; repeatable (default: {default})"
    )
    rules.add_argument("--layer", action="append", metavar="L", help="only this layer: " + ", ".join(Layer))
    rules.add_argument("--stage", action="append", metavar="S", help="only rules of this stage: " + ", ".join(Stage))
    rules.add_argument("--only", action="append", metavar="ID", help="only these rules; repeatable, globs allowed")
    rules.add_argument("--skip", action="append", metavar="ID", help="not these rules; repeatable, globs allowed")


def chosen_rules(arguments: argparse.Namespace) -> list[Rule]:
    """Return the rules that the parsed `arguments` choose, sorted by id. Raises `UsageError` where one names nothing."""
    from seawall.stages import rule_sets

    choice = rule_choice(arguments)
    return rule_sets.choose(msgspec.structs.replace(choice, rules=choice.rules or ("all",)))


def rule_choice(arguments: argparse.Namespace) -> "RuleChoice":
    """Return what the parsed `arguments` say of rules. Raises `UsageError` for a word that is not in its vocabulary."""
    from seawall.apps.cli.scan_options import parse_word
    from seawall.stages import rule_sets

    return rule_sets.RuleChoice(
        rules=tuple(arguments.rules or ()),
        layers=tuple(parse_word("--layer", word, Layer) for word in arguments.layer or ()),
        stages=tuple(parse_word("--stage", word, Stage) for word in arguments.stage or ()),
        only=tuple(arguments.only or ()),
        skip=tuple(arguments.skip or ()),
    )
