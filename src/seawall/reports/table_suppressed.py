"""The part of the table about findings that do not count: each reason once, with what it covers."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from seawall.model.finding import Finding, Suppressed
from seawall.reports.escaping import make_visible
from seawall.reports.grouping import describe_resource
from seawall.reports.terminal import print_text, styled

if TYPE_CHECKING:
    from rich.console import Console

PLACES_SHOWN = 20
"""A baseline may hold thousands; `--format json` has them all."""


def print_suppressed(console: "Console", findings: Iterable[Finding]) -> None:
    """Print the suppressed ones of `findings`, by who suppressed them and why; those of the baseline last."""
    groups: dict[Suppressed, list[Finding]] = {}
    for finding in findings:
        if finding.suppressed is not None:
            groups.setdefault(finding.suppressed, []).append(finding)
    for suppressed, covered in sorted(groups.items(), key=lambda group: (group[0].by == "baseline", group[0].reason)):
        print_text(console, styled((" SUPPRESSED ", "bold"), (f" {describe(suppressed)}", "")), hang=2)
        for finding in covered[:PLACES_SHOWN]:
            place = f"{make_visible(finding.location.path)}:{finding.location.line}:{finding.location.column}"
            what = f"  {finding.severity} {make_visible(finding.rule)}  {describe_resource(finding.resource)}"
            print_text(console, styled((place, ""), (what, "dim")), indent=2, hang=2)
        if len(covered) > PLACES_SHOWN:
            left = f"… {len(covered) - PLACES_SHOWN:,} more (--format json has them all)"
            print_text(console, styled((left, "dim")), indent=2)
        console.print()


def describe(suppressed: Suppressed) -> str:
    """Return who suppressed it and why, safe to show."""
    details = [
        f"owner {suppressed.owner}" if suppressed.owner else "",
        f"until {suppressed.expires}" if suppressed.expires else "",
    ]
    more = ", ".join(detail for detail in details if detail)
    where = f" ({suppressed.at})" if suppressed.at else ""
    return make_visible(f"by {suppressed.by}{where}: {suppressed.reason}{f' ({more})' if more else ''}")
