"""Reports: pure functions from a `model.finding.Report` to text.

`RENDERERS` maps a ``--format`` to the module that writes it; `render` imports that module only. Every module has
``render(report, *, rules, decision)``; the table also takes a width, and whether colour and details are wanted. `rules` (by
id) gives what a finding does not carry: why it matters. `decision` is the gate's answer. Both may be left out.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module

from seawall.model.decision import Decision
from seawall.model.errors import UsageError
from seawall.model.finding import Report
from seawall.model.rule import Rule

RENDERERS: Mapping[str, str] = {
    "table": "seawall.reports.table",
    "json": "seawall.reports.json",
    "sarif": "seawall.reports.sarif",
    "junit": "seawall.reports.junit",
    "markdown": "seawall.reports.markdown",
    "html": "seawall.reports.html",
    "github": "seawall.reports.github",
}


def render(
    name: str,
    report: Report,
    *,
    rules: Mapping[str, Rule] | None = None,
    decision: Decision | None = None,
    width: int = 100,
    colour: bool = False,
    details: bool = False,
    show_suppressed: bool = False,
) -> Iterator[bytes]:
    """Yield `report` in the format `name` as UTF-8, ending in a newline, in pieces. Raises `UsageError` for an unknown format."""
    if name not in RENDERERS:
        raise UsageError(f"there is no report format {name!r}", remedy=f"choose one of {', '.join(RENDERERS)}")
    module = import_module(RENDERERS[name])
    presentation = {}
    if name == "table":
        presentation = {"width": width, "colour": colour, "details": details, "show_suppressed": show_suppressed}
    if name == "json":  # the one that may be large, for it leaves nothing out
        yield from module.stream(report)
    else:
        text: str = module.render(report, rules=rules or {}, decision=decision, **presentation)
        yield text.encode("utf-8", "backslashreplace")
