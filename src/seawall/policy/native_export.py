"""Rules -> native admission policies (docs/adr/0007)."""

from collections.abc import Mapping

import msgspec

from seawall.model.rule import Rule
from seawall.policy.native_kinds import why_not_admitted


class NativeFact(msgspec.Struct, frozen=True, kw_only=True):
    """What the exporter must know of a fact kind: the ``group/Kind``s that yield it, and its fields as CEL over the admitted
    ``object``. `why_not` says why there is none."""

    kinds: tuple[str, ...] = ()
    fields: Mapping[str, str] = {}
    why_not: str = ""


def why_not_native(rule: Rule, facts: Mapping[str, NativeFact]) -> str:
    """Return why `rule` cannot be written as a native policy, as a clause; empty where it can."""
    for fact in rule.match.facts:
        if facts[fact].why_not:
            return facts[fact].why_not
    reasons = {why_not_admitted(kind) for kind in rule.match.kinds}
    return "; ".join(sorted(reasons)) if reasons and "" not in reasons else ""
