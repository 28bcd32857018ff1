"""The smallest base that would run an image's own program (fact ``BaseAdvice``).

No base is named where the answer is not a clear yes, where the packages of the base are not known one by one, or where the
image is that small already. Images without a program of their own, such as bases, have no fact.
"""

from collections.abc import Iterable, Iterator, Sequence

from seawall.facts.application import find_application
from seawall.facts.base_advice import judge
from seawall.facts.image_tree import read_tree
from seawall.facts.image_values import ImageOrigin
from seawall.facts.images import ImageInventory
from seawall.facts.inventory import API_VERSION
from seawall.model.base_image import BaseImage
from seawall.model.fact import Fact
from seawall.model.resource import Resource, ResourceRef

KIND = "BaseAdvice"
_KNOWN = ("pkg:deb/", "pkg:apk/")


def derive_base_advice(inventories: Iterable[ImageInventory], bases: Sequence[BaseImage]) -> Iterator[Fact]:
    """Yield the fact of each image that has a program of its own; `bases` are tried in their order."""
    for inventory in inventories:
        packages = sum(package.purl.startswith(_KNOWN) for package in inventory.packages)
        start = (*inventory.image.config.entrypoint, *inventory.image.config.command)[:1]
        tree = read_tree(inventory) if packages and start else None
        application = find_application(inventory, tree) if tree is not None else None
        if application is None or not application.files:
            continue
        base = next(
            (one for one in bases if _is_smaller(one, packages) and judge(application, one).runs == "yes"), None
        )
        name = inventory.image.name
        value = {
            "image": name,
            "base": base.name if base is not None else "",
            "source": base.source if base is not None else "",
            "packages": packages,
            "basePackages": len(base.packages) if base is not None else 0,
            "starts": start[0],
        }
        yield Fact(KIND, Resource(ResourceRef(API_VERSION, "Image", "", name), value, ImageOrigin(name)), value, {})


def _is_smaller(base: BaseImage, packages: int) -> bool:
    return 0 < len(base.packages) < packages
