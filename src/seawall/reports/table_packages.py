"""The parts of the table about packages: the flaws of one rule by package, and at the end what to upgrade."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from seawall.model.finding import Finding
from seawall.reports.escaping import make_visible
from seawall.reports.packages import Upgrade, describe_flaws, describe_upgrade, flaw_ids, upgrades
from seawall.reports.terminal import SEVERITY_STYLES, print_text, styled

if TYPE_CHECKING:
    from rich.console import Console

PACKAGES_SHOWN, FLAWS_SHOWN, UPGRADES_SHOWN = 8, 6, 15
"""Of an entry, of a package, and at the end: one screen. `--format json` has them all."""

_MARGIN = 2


def print_flaws(console: "Console", findings: Sequence[Finding]) -> None:
    """Print the findings of one rule by package, each with its flaws in one or two lines."""
    found = upgrades(findings)
    for upgrade in found[:PACKAGES_SHOWN]:
        console.print()
        _print_package(console, upgrade)
    left = found[PACKAGES_SHOWN:]
    if left:
        flaws = sum(upgrade.flaws for upgrade in left)
        more = f"… {len(left):,} more packages with {flaws:,} flaws (--format json has them all)"
        console.print()
        print_text(console, styled((more, "dim")), indent=_MARGIN)


def _print_package(console: "Console", upgrade: Upgrade) -> None:
    first = upgrade.findings[0]
    place = _place(first)
    elsewhere = (
        f" and in {upgrade.files - 1} more {'file' if upgrade.files == 2 else 'files'}" if upgrade.files > 1 else ""
    )
    if upgrade.flaws == 1:
        print_text(console, styled((place, "bold"), (elsewhere, "dim")), indent=_MARGIN, hang=2)
        print_text(console, styled((make_visible(first.message), "")), indent=_MARGIN)
        return
    package = upgrade.package
    fixed = f"fixed in {upgrade.fixed}" if upgrade.fixed else "no fixed version is known"
    if upgrade.fixed and upgrade.unfixed:
        fixed += f", {upgrade.unfixed} without a fix"
    what = make_visible(f"{package.name} {package.version}: {upgrade.flaws} flaws, {fixed}")
    print_text(console, styled((place, "bold"), (elsewhere, "dim"), (f"  {what}", "")), indent=_MARGIN, hang=2)
    ids = flaw_ids(upgrade.findings)
    more = f" and {len(ids) - FLAWS_SHOWN} more" if len(ids) > FLAWS_SHOWN else ""
    shown = make_visible(", ".join(ids[:FLAWS_SHOWN]))
    print_text(console, styled((f"{shown}{more}", "dim")), indent=_MARGIN + 2)


def print_upgrades(console: "Console", findings: Iterable[Finding]) -> None:
    """Print what to upgrade, the most urgent first, where there is more than one flaw."""
    found = upgrades(findings)
    if sum(upgrade.flaws for upgrade in found) < 2:
        return
    from rich.cells import cell_len

    print_text(console, styled(("What to upgrade", "bold")))
    shown = found[:UPGRADES_SHOWN]
    width = min(max(cell_len(describe_upgrade(upgrade)) for upgrade in shown), console.width // 2)
    for upgrade in shown:
        what = describe_upgrade(upgrade)
        gap = " " * max(2, width + 2 - cell_len(what))
        style = SEVERITY_STYLES[upgrade.findings[0].severity].removesuffix(" on red")
        line = styled(
            (what, style), (f"{gap}{describe_flaws(upgrade)}", ""), (f"  {_place(upgrade.findings[0])}", "dim")
        )
        print_text(console, line, indent=_MARGIN, hang=2)
    left = len(found) - len(shown)
    if left:
        print_text(console, styled((f"… {left:,} more packages (--format json has them all)", "dim")), indent=_MARGIN)
    console.print()


def _place(finding: Finding) -> str:
    return f"{make_visible(finding.location.path)}:{finding.location.line}"
