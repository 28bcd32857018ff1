"""The smallest base that would run an image's own program, and why the others would or would not (fact ``BaseAdvice``).

`base` is empty where no answer is a clear yes for a base with fewer packages. Images without a program of their own, such as
bases, have no fact.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from seawall.facts.application_search import find_application
from seawall.facts.base_advice import Verdict, judge
from seawall.facts.image_tree import ImageTree, read_tree
from seawall.facts.image_values import ImageOrigin
from seawall.facts.images import ImageInventory
from seawall.facts.inventory import API_VERSION
from seawall.facts.unneeded_packages import find_unneeded
from seawall.model.base_image import BaseImage
from seawall.model.fact import Fact
from seawall.model.resource import Resource, ResourceRef

KIND, UNNEEDED = "BaseAdvice", "UnneededPackages"
DISTRIBUTIONS = ("pkg:deb/", "pkg:apk/")
_MEGABYTE = 1_000_000

Flaws = Mapping[str, frozenset[str]]
"""The known flaws of each package of the distribution, by its name."""


def derive_base_advice(
    inventories: Iterable[ImageInventory],
    bases: Sequence[BaseImage],
    advisories: Mapping[str, Flaws] | None = None,
    kinds: frozenset[str] = frozenset((KIND, UNNEEDED)),
) -> Iterator[Fact]:
    """Yield the facts of `kinds` about each image that has a program of its own; `bases` are tried in their order.

    `advisories` are those of the images' packages, by the name of the image; what is not in it is not known.
    """
    for inventory in inventories:
        packages = {package.name for package in inventory.packages if package.purl.startswith(DISTRIBUTIONS)}
        start = (*inventory.image.config.entrypoint, *inventory.image.config.command)[:1]
        tree = read_tree(inventory) if packages and start else None
        application = find_application(inventory, tree) if tree is not None else None
        if tree is None or application is None or not (application.files or application.needs):
            continue
        name = inventory.image.name
        known = advisories.get(name) if advisories is not None else None
        values = []
        if KIND in kinds and application.files:
            verdicts = [judge(application, tree, base) for base in bases]
            values.append((KIND, _advice(name, start[0], packages, tree, verdicts, known)))
        if UNNEEDED in kinds:
            found = find_unneeded(tree, application, inventory.programs)
            values.append(
                (
                    UNNEEDED,
                    {
                        "image": name,
                        "starts": start[0],
                        "packages": len(packages),
                        "unneeded": list(found.packages),
                        "sizeMB": found.size // _MEGABYTE,
                        "advisories": _count(found.packages, known),
                        "unknown": found.unknown,
                    },
                )
            )
        for kind, value in values:
            yield Fact(kind, Resource(ResourceRef(API_VERSION, "Image", "", name), value, ImageOrigin(name)), value, {})


def _advice(
    name: str,
    start: str,
    packages: set[str],
    tree: ImageTree,
    verdicts: Sequence[Verdict],
    advisories: Flaws | None,
) -> dict[str, object]:
    chosen = next((one for one in verdicts if one.runs == "yes" and 0 < len(one.base.packages) < len(packages)), None)
    base = chosen.base if chosen is not None else None
    # The base's own versions are not known, so what it shares with the image is taken to have the same flaws.
    gone = packages - set(base.packages) if base is not None else set()
    return {
        "image": name,
        "base": _named(base) if base is not None else "",
        "source": base.source if base is not None else "",
        "starts": start,
        "packages": len(packages),
        "basePackages": len(base.packages) if base is not None else 0,
        "sizeMB": _size(packages, tree),
        "baseSizeMB": base.size_mb if base is not None else 0,
        "advisories": _count(packages, advisories),
        "advisoriesGone": _count(gone, advisories),
        "candidates": [
            {
                "base": _named(one.base),
                "runs": one.runs,
                "packages": len(one.base.packages),
                "reasons": list(one.reasons),
            }
            for one in verdicts
        ],
    }


def _named(base: BaseImage) -> str:
    """Return the base in words: what to write behind FROM, and what to install there."""
    *others, last = base.adds or ("",)
    return f"{base.name} with {', '.join(others)}{' and ' if others else ''}{last}" if last else base.name


def _size(packages: Iterable[str], tree: ImageTree) -> int:
    return sum(tree.relations[name].size for name in packages if name in tree.relations) // _MEGABYTE


def _count(packages: Iterable[str], advisories: Flaws | None) -> int:
    return -1 if advisories is None else len({flaw for name in packages for flaw in advisories.get(name, ())})
