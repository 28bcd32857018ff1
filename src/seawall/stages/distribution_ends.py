"""Until when distributions are maintained, from Seawall's data."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

import seawall
from seawall.formats import kubernetes_yaml
from seawall.model.distribution_ends import DistributionEnds, KnownDistributions
from seawall.sources.rule_folders import read_file

SHIPPED = Path(seawall.__file__).parent / "detectors" / "distribution-ends.yaml"


@cache
def read_distribution_ends() -> Mapping[str, DistributionEnds]:
    """Return the distributions by their id. Raises `RuleError` where the file cannot be read."""
    parsed = kubernetes_yaml.parse(SHIPPED.name, read_file(SHIPPED))
    known = msgspec.convert(parsed.documents[0].value, KnownDistributions)
    return {distribution.id: distribution for distribution in known.distributions}
