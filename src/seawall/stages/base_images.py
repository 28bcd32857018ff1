"""The small bases that Seawall knows, from its data."""

from pathlib import Path

import msgspec

import seawall
from seawall.formats import kubernetes_yaml
from seawall.model.base_image import BaseImage, BaseImages
from seawall.sources.rule_folders import read_file

SHIPPED = Path(seawall.__file__).parent / "detectors" / "bases.yaml"


def read_base_images() -> tuple[BaseImage, ...]:
    """Return the bases, the smallest first. Raises `RuleError` where the file cannot be read."""
    parsed = kubernetes_yaml.parse(SHIPPED.name, read_file(SHIPPED))
    return msgspec.convert(parsed.documents[0].value, BaseImages).bases
