"""Until when distributions mend their releases, as `detectors/distribution-ends.yaml` says."""

from collections.abc import Mapping

import msgspec


class DistributionEnds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One distribution. The fields are documented where the data is; `releases` has days as ``2026-04-01``."""

    id: str
    source: str
    releases: Mapping[str, str]
    ordered: bool = False


class KnownDistributions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of them."""

    distributions: tuple[DistributionEnds, ...]
