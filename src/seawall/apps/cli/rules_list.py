"""seawall rules list."""

import argparse

DESCRIPTION = "List the rules, sorted by id. Without --rules: all that come with Seawall."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's arguments."""
    from seawall.apps.cli.rule_options import add_choice

    add_choice(parser)
    parser.add_argument("--format", choices=("table", "json", "markdown"), default="table", help="default: table")
    parser.add_argument("--output", metavar="FILE", help="write to FILE in place of standard output")


def run(arguments: argparse.Namespace) -> int:
    """Print the list; always 0."""
    from seawall.apps.cli.output import terminal_width, wants_colour, write
    from seawall.apps.cli.rule_options import chosen_rules
    from seawall.reports import rule_list, terminal
    from seawall.stages import native_export

    rules = chosen_rules(arguments)
    text = rule_list.render(
        arguments.format,
        rules,
        native=native_export.reasons(rules),
        width=terminal_width(piped=terminal.WIDEST),  # a line that another program reads is never cut
        colour=wants_colour(arguments.output),
    )
    write([text], arguments.output)
    return 0
