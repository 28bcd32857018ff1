"""Is a release of a distribution still maintained? (``Image.distro.ended``)

    ended(Distro("alpine", "3.20"), "2026-11-25", ends)   # True

The days are data (`detectors/distribution-ends.yaml`). What they say nothing of is not known, which no rule may take for a pass.
"""

import re
from collections.abc import Mapping

from seawall.model.distribution_ends import DistributionEnds
from seawall.model.package import Distro

_NUMBER = re.compile(r"\d{1,9}")


def end_of(distro: Distro, ends: Mapping[str, DistributionEnds]) -> str | None:
    """Return the last day of `distro`, empty where it has none (it has no releases), or None where that is not known."""
    known = ends.get(distro.id)
    return known.releases.get(distro.version) if known is not None else None


def ended(distro: Distro, today: str, ends: Mapping[str, DistributionEnds]) -> bool | None:
    """Tell whether the last day of `distro` is before `today` (``2026-11-25``), or None where that is not known.

    A release that is newer than all that are listed has not ended while the newest of those has not, where the distribution ends
    its releases in their order.
    """
    end = end_of(distro, ends)
    if end is not None:
        return end != "" and end < today
    known = ends.get(distro.id)
    numbered = [(_key(release), end) for release, end in known.releases.items() if end] if known is not None else []
    if known is None or not known.ordered or not numbered or not distro.version[:1].isdigit():
        return None
    newest, last = max(numbered)
    return False if _key(distro.version) > newest and today <= last else None


def _key(release: str) -> tuple[int, ...]:
    return tuple(map(int, _NUMBER.findall(release)))
