"""What images do without, wired: their layers, the bases that Seawall knows, and the advisory database for the figures."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from seawall.facts import catalogue
from seawall.facts.advisories import lookup
from seawall.facts.base_advice_values import DISTRIBUTIONS, derive_base_advice
from seawall.facts.flaws import flaws
from seawall.facts.images import ImageInventory
from seawall.model.errors import SourceError
from seawall.model.fact import Fact
from seawall.sources.advisory_database import AdvisoryDatabase
from seawall.sources.advisory_location import database_path
from seawall.stages.base_images import read_base_images


def derive(inventories: Sequence[ImageInventory], kinds: Collection[str]) -> Iterator[Fact]:
    """Yield those of `kinds` that are advice. A scan with ``--no-vulnerabilities`` has no figures of them."""
    advisories = _advisories(inventories) if not catalogue.ADVISORY_FACTS.isdisjoint(kinds) else None
    yield from derive_base_advice(inventories, read_base_images(), advisories, frozenset(kinds))


def _advisories(inventories: Sequence[ImageInventory]) -> Mapping[str, Mapping[str, frozenset[str]]] | None:
    """Return the flaws of each package of a distribution, by its name, by the image; None where nothing can tell them."""
    found: dict[str, Mapping[str, frozenset[str]]] = {}
    try:
        with AdvisoryDatabase(database_path()) as database:
            for inventory in inventories:
                packages = [package for package in inventory.packages if package.purl.startswith(DISTRIBUTIONS)]
                if not packages or not database.covers(lookup(packages[0])[0]):
                    continue
                ids: dict[str, set[str]] = {package.name: set() for package in packages}
                for flaw in flaws(database.match(packages).matches):
                    ids[flaw.package.name].add(flaw.id)
                found[inventory.image.name] = {name: frozenset(known) for name, known in ids.items()}
    except SourceError:
        return None  # the scan says so, where it holds packages against advisories
    return found
