"""Which labels does a label selector select? (meta/v1 LabelSelector, all of it)

Semantics are those of apimachinery's ``LabelSelectorAsSelector``: ``matchLabels`` and ``matchExpressions`` must all hold;
``NotIn`` and ``DoesNotExist`` hold for an absent key; the empty selector selects everything. What an *absent* selector means
(nothing, or everything) differs by field, so it is the caller's question.

`LabelIndex` answers the same question for many selectors over many label sets in time that grows with the answers, not with
the product.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Labels = Mapping[str, Any]


def selects(selector: Mapping[str, Any], labels: Labels) -> bool:
    """Return whether `selector` (a LabelSelector as written) selects `labels`.

    A requirement that the API server would refuse (an unknown operator, a shape that is not a selector's) selects nothing.
    """
    wanted = selector.get("matchLabels") or {}
    if not isinstance(wanted, dict):
        return False
    for key, value in wanted.items():
        if labels.get(key) != value:
            return False
    expressions = selector.get("matchExpressions")
    if not expressions:
        return True
    return isinstance(expressions, list) and all(_holds(expression, labels) for expression in expressions)


def _holds(expression: Any, labels: Labels) -> bool:
    """Return whether one entry of ``matchExpressions`` holds for `labels`."""
    if not isinstance(expression, dict):
        return False
    key, operator, values = expression.get("key"), expression.get("operator"), expression.get("values") or []
    if not isinstance(key, str):
        return False
    if operator == "In":
        return key in labels and labels[key] in values
    if operator == "NotIn":
        return key not in labels or labels[key] not in values
    if operator == "Exists":
        return key in labels
    if operator == "DoesNotExist":
        return key not in labels
    return False


class LabelIndex(Generic[Item]):
    """Label sets with something attached to each, indexed by their pairs so that a selector finds its few candidates."""

    def __init__(self, entries: Iterable[tuple[Labels, Item]]) -> None:
        """Index `entries`; their order is the order of every answer."""
        self._entries: list[tuple[Labels, Item]] = list(entries)
        self._by_pair: dict[tuple[str, Any], list[int]] = {}
        self._by_key: dict[str, list[int]] = {}
        for position, (labels, _) in enumerate(self._entries):
            for key, value in labels.items():
                if isinstance(value, str):
                    self._by_pair.setdefault((key, value), []).append(position)
                self._by_key.setdefault(key, []).append(position)

    def __len__(self) -> int:
        return len(self._entries)

    def select(self, selector: Mapping[str, Any]) -> list[Item]:
        """Return the items whose labels `selector` selects, in the order in which they were given."""
        found = []
        for position in self._candidates(selector):
            labels, item = self._entries[position]
            if selects(selector, labels):
                found.append(item)
        return found

    def _candidates(self, selector: Mapping[str, Any]) -> Sequence[int]:
        """Return the shortest list of positions that must contain every answer."""
        best: Sequence[int] = range(len(self._entries))
        wanted = selector.get("matchLabels") or {}
        if isinstance(wanted, dict):
            for key, value in wanted.items():
                positions = self._by_pair.get((key, value), []) if isinstance(value, str) else []
                if len(positions) < len(best):
                    best = positions
        expressions = selector.get("matchExpressions") or []
        for expression in expressions if isinstance(expressions, list) else []:
            if isinstance(expression, dict) and expression.get("operator") in ("In", "Exists"):
                positions = self._by_key.get(expression.get("key", ""), [])
                if len(positions) < len(best):
                    best = positions
        return best
