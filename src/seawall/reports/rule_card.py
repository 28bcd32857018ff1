"""``seawall rules explain``: one rule for a person at a terminal, plain where it is piped."""

from collections.abc import Mapping, Sequence
from io import StringIO
from typing import TYPE_CHECKING

import msgspec

from seawall.model.framework import Framework
from seawall.model.rule import Rule
from seawall.reports.escaping import make_visible
from seawall.reports.rule_facets import PEERS, Snippet, controls_with_titles
from seawall.reports.terminal import SEVERITY_STYLES, finish, make_console, print_text, styled

if TYPE_CHECKING:
    from rich.console import Console

_MARGIN = 2


def render(
    rule: Rule,
    *,
    frameworks: Sequence[Framework],
    examples: Mapping[str, Snippet],
    not_native: str = "",
    width: int = 100,
    colour: bool = False,
) -> str:
    """Return the card of `rule`.

    `examples` has the first ``bad`` and ``good`` one; `not_native` says why the rule cannot be a native policy, empty where
    it can.
    """
    out = StringIO()
    console = make_console(out, width=width, colour=colour)
    _print_head(console, rule)
    _print_section(console, "why", rule.why)
    _print_section(console, "what to change", rule.remediation)
    if rule.false_positives:
        _print_section(console, "false positives", rule.false_positives)
    _print_maps(console, rule, frameworks)
    _print_logic(console, rule)
    _print_section(console, "native policy", _native_words(rule, not_native))
    for kind in ("bad", "good"):
        if kind in examples:
            _print_example(console, kind, examples[kind])
    if rule.references:
        _heading(console, "read on")
        for reference in rule.references:
            print_text(console, styled((make_visible(reference), "cyan")), indent=_MARGIN, wrap=False)
    return finish(out, colour=colour)


def _print_head(console: "Console", rule: Rule) -> None:
    label = (f" {rule.severity.upper()} ", SEVERITY_STYLES[rule.severity])
    print_text(console, styled(label, (f" {make_visible(rule.title)}", "bold")))
    stages = ", ".join(rule.stages)
    facts = [rule.id, f"{rule.layer} layer", stages, f"{rule.confidence} confidence"]
    if rule.status != "stable":
        facts.append(rule.status.value)
    print_text(console, styled((" · ".join(facts), "dim")), indent=_MARGIN)
    sets = ", ".join(rule.sets) or "none by name: it runs when asked for"
    print_text(console, styled((f"rule sets: {sets}", "dim")), indent=_MARGIN)


def _heading(console: "Console", name: str) -> None:
    console.print()
    print_text(console, styled((name, "bold green")))


def _print_section(console: "Console", name: str, words: str) -> None:
    _heading(console, name)
    print_text(console, styled((make_visible(words.strip()), "")), indent=_MARGIN)


def _print_maps(console: "Console", rule: Rule, frameworks: Sequence[Framework]) -> None:
    _heading(console, "serves")
    for framework, controls in controls_with_titles(rule, frameworks):
        print_text(console, styled((framework.title, "bold")), indent=_MARGIN)
        for control, title in controls:
            # A control that is cited by its topic has said its title already.
            words = f"  {title}" if title and not control.endswith(title) else ""
            print_text(console, styled((make_visible(control), "cyan"), (words, "")), indent=_MARGIN + 2, hang=2)
    peers = [f"{PEERS[name]} {make_visible(_join(ids))}" for name, ids in rule.maps.items() if name in PEERS]
    if peers:
        print_text(console, styled(("elsewhere: ", "bold"), ("; ".join(peers), "")), indent=_MARGIN, hang=2)


def _print_logic(console: "Console", rule: Rule) -> None:
    _heading(console, "what it checks")
    for name, words in logic(rule):
        print_text(console, styled((f"{name}: ", "bold"), (make_visible(words), "")), indent=_MARGIN, hang=2)


def logic(rule: Rule) -> list[tuple[str, str]]:
    """Return what decides, as pairs of a name and the words of the rule, in the order of evaluation."""
    rows = [("looks at", ", ".join([*rule.match.facts, *rule.match.kinds]))]
    if rule.each:
        rows.append(("each", rule.each))
    rows += [(f"parameter {name}", msgspec.json.encode(value).decode()) for name, value in rule.params.items()]
    rows += [(f"only where {condition.name}", _one_line(condition.expression)) for condition in rule.match_conditions]
    rows += [(f"variable {variable.name}", _one_line(variable.expression)) for variable in rule.variables]
    rows += [("must hold", _one_line(validation.expression)) for validation in rule.validations]
    return rows


def _native_words(rule: Rule, not_native: str) -> str:
    if not_native:
        return f"no: {not_native}"
    return f"yes: seawall rules export --native --only {rule.id}"


def _print_example(console: "Console", kind: str, example: Snippet) -> None:
    _heading(console, f"{kind} example ({make_visible(example.name)})")
    for line in example.lines:
        print_text(console, styled((make_visible(line), "red" if kind == "bad" else "")), indent=_MARGIN, wrap=False)
    if example.cut:
        print_text(console, styled(("…", "dim")), indent=_MARGIN)


def _one_line(expression: str) -> str:
    return " ".join(expression.split())


def _join(ids: str | list[str]) -> str:
    return ids if isinstance(ids, str) else ", ".join(ids)
