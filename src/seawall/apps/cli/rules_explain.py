"""seawall rules explain."""

import argparse

DESCRIPTION = (
    "Say what a rule checks, why it matters, what to change, whom it serves, and show an example of each kind."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's arguments."""
    parser.add_argument("rule", metavar="ID", help="a rule's id or a former one")


def run(arguments: argparse.Namespace) -> int:
    """Print the card of the rule; always 0."""
    from seawall.apps.cli.output import terminal_width, wants_colour, write
    from seawall.reports import rule_card
    from seawall.stages import native_export, rule_reference

    rule = rule_reference.find_rule(arguments.rule)
    text = rule_card.render(
        rule,
        frameworks=rule_reference.frameworks(),
        examples=rule_reference.examples_of(rule_reference.folder_of(rule)),
        not_native=native_export.reasons([rule]).get(rule.id, ""),
        width=terminal_width(),
        colour=wants_colour(None),
    )
    write([text.encode("utf-8", "backslashreplace")], None)
    return 0
