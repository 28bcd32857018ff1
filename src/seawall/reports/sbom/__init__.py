"""SBOMs: an inventory as a CycloneDX or SPDX document.

Pure and deterministic: the same inventory gives the same bytes, whoever asks and when. The number that either format wants of a
document is made of its content, and its time is that of the target (``docs/adr/0021-sboms.md``).
"""

from collections.abc import Mapping
from importlib import import_module

from seawall.model.inventory import Inventory

FORMATS: Mapping[str, str] = {
    "cyclonedx": "seawall.reports.sbom.cyclonedx",
    "spdx": "seawall.reports.sbom.spdx",
}
"""``--format`` -> the module that writes it."""


def render(name: str, inventory: Inventory, *, version: str, created: str = "") -> bytes:
    """Return `inventory` in the format `name` as UTF-8 JSON, ending in a newline.

    `version` is that of Seawall; `created` (RFC 3339) stands for the time that the target says of itself.
    """
    text: bytes = import_module(FORMATS[name]).render(
        inventory, version=version, created=created or inventory.subject.created
    )
    return text
