"""Label selectors over labels that may be known only in part."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import msgspec

from seawall.policy.admission.policies import LabelRequirement, LabelSelector

NAME_LABEL: Final = "kubernetes.io/metadata.name"
"""The label that the API server itself puts on every namespace."""


class Labels(msgspec.Struct, frozen=True):
    """Labels of an object; where `complete` is False, a label that is not in `values` may be there or not."""

    values: Mapping[str, str]
    complete: bool = True


Test: TypeAlias = Callable[[Labels], bool | None]
"""True, False, or None where the labels that are known do not decide it."""


def compile_selector(selector: LabelSelector) -> Test | None:
    """Return the test of `selector` (``LabelSelectorAsSelector`` of apimachinery), or None where it selects everything."""
    equal = [LabelRequirement(key=key, operator="In", values=[value]) for key, value in selector.match_labels.items()]
    requirements = [(r.key, r.operator, frozenset(r.values)) for r in (*equal, *selector.match_expressions)]
    if not requirements:
        return None

    def test(labels: Labels) -> bool | None:
        answer: bool | None = True
        for key, operator, values in requirements:
            value = labels.values.get(key)
            if value is None and not labels.complete:
                answer = None
                continue
            if operator == "In":
                holds = value is not None and value in values
            elif operator == "NotIn":
                holds = value is None or value not in values
            else:
                holds = (value is not None) == (operator == "Exists")
            if not holds:
                return False
        return answer

    return test
