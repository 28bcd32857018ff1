"""``seawall rules list``: the rules as a table for a terminal, as JSON, or as Markdown. Sorted by id."""

from collections.abc import Iterator, Mapping, Sequence
from io import StringIO

import msgspec

from seawall.model.errors import UsageError
from seawall.model.rule import Rule
from seawall.reports import markdown_text as md
from seawall.reports.escaping import escape_json_controls, make_visible
from seawall.reports.terminal import SEVERITY_STYLES, crop, finish, make_console, print_text, styled

RULES_SCHEMA = "seawall.dev/rules/v1"
FORMATS = ("table", "json", "markdown")


def render(
    name: str, rules: Sequence[Rule], *, native: Mapping[str, str], width: int = 100, colour: bool = False
) -> bytes:
    """Return the list of `rules` in the format `name`, as UTF-8.

    `native` holds, by id, why a rule cannot be a native policy; a rule that is not in it can. Raises `UsageError` for an
    unknown format.
    """
    if name == "json":
        return _json(rules, native)
    if name == "markdown":
        return _markdown(rules).encode("utf-8", "backslashreplace")
    if name == "table":
        return _table(rules, width, colour).encode("utf-8", "backslashreplace")
    raise UsageError(f"there is no list format {name!r}", remedy=f"choose one of {', '.join(FORMATS)}")


def _json(rules: Sequence[Rule], native: Mapping[str, str]) -> bytes:
    entries = [
        {
            "id": rule.id,
            "title": rule.title,
            "status": rule.status,
            "severity": rule.severity,
            "confidence": rule.confidence,
            "layer": rule.layer,
            "stages": rule.stages,
            "practices": rule.practices,
            "sets": rule.sets,
            "frameworks": rule.maps,
            "params": rule.params,
            "facts": rule.match.facts,
            "kinds": rule.match.kinds,
            "native": rule.id not in native,
            **({"nativeReason": native[rule.id]} if rule.id in native else {}),
        }
        for rule in rules
    ]
    encoded = msgspec.json.encode({"schema": RULES_SCHEMA, "rules": entries})
    return escape_json_controls(msgspec.json.format(encoded, indent=2)) + b"\n"


def _markdown(rules: Sequence[Rule]) -> str:
    rows = [
        [
            md.cell_code(rule.id),
            rule.severity.value,
            rule.layer.value,
            ", ".join(rule.stages),
            ", ".join(rule.practices),
            md.prose(rule.title),
        ]
        for rule in rules
    ]
    return md.table(["rule", "severity", "layer", "stages", "practices", "title"], rows)


def _table(rules: Sequence[Rule], width: int, colour: bool) -> str:
    out = StringIO()
    console = make_console(out, width=width, colour=colour)
    columns = list(_columns(rules))
    for rule, cells in zip(rules, columns, strict=True):
        line = styled((cells[0], SEVERITY_STYLES[rule.severity]), (cells[1], "bold"), (cells[2], "dim"))
        room = console.width - len(line.plain)
        line.append(crop(make_visible(rule.title), max(room, 20)))
        print_text(console, line, wrap=False)
    noun = "rule" if len(rules) == 1 else "rules"
    print_text(console, styled((f"{len(rules)} {noun}", "bold")))
    return finish(out, colour=colour)


def _columns(rules: Sequence[Rule]) -> Iterator[tuple[str, str, str]]:
    """Yield severity, id, and the rest (layer, stages, practices) of each rule, padded to the widest."""
    widest = max((len(rule.id) for rule in rules), default=0)
    details = [f"{rule.layer:<9}  {_stages(rule)}  {','.join(rule.practices)}" for rule in rules]
    room = max(map(len, details), default=0)
    for rule, detail in zip(rules, details, strict=True):
        yield f"{rule.severity:<8}  ", f"{rule.id:<{widest}}  ", f"{detail:<{room}}  "


def _stages(rule: Rule) -> str:
    """Return the stages as three columns of one letter: b(uild), d(eploy), r(untime)."""
    return "".join(stage[0] if stage in rule.stages else "-" for stage in ("build", "deploy", "runtime"))
