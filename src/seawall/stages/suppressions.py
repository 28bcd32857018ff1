"""Suppressions through one scan: collected from the configuration, annotations and comments, applied, and judged themselves.

Rules on the fact ``Suppression`` run when all others have spoken. Their findings cannot be suppressed.
"""

import datetime
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from seawall.facts import catalogue
from seawall.facts.suppressions import KIND, derive_suppressions, read_annotations, read_comment, read_entry
from seawall.formats.suppression_text import MARK, ignore_comments
from seawall.model.fact import Fact
from seawall.model.finding import Finding
from seawall.model.resource import Resource, Unscanned
from seawall.model.rule import Rule
from seawall.model.suppression import Suppression
from seawall.policy.compiled import CompiledRule
from seawall.policy.evaluate import Failure, Inconclusive, Plan
from seawall.policy.findings import build_findings
from seawall.sources.files import SourceFile
from seawall.stages import rule_sets
from seawall.stages.configuration import Configured
from seawall.stages.rule_sets import RuleChoice

if TYPE_CHECKING:
    from seawall.policy.suppress import View

# A block of a template that other values may leave out or fill: a comment in it may cover what these values do not render.
_BRANCH = rb"\{\{-?\s*(?:if|else|range|with|include|template|block|define|tpl)\b|\{\{-?[^}]*\btoYaml\b"


class CommentCollector:
    """Takes every file of a scan and keeps the suppressions in its comments: one search a file where there are none."""

    def __init__(self) -> None:
        self.suppressions: list[Suppression] = []
        self._seen: set[str] = set()

    def add(self, file: SourceFile) -> None:
        """Look at one file."""
        if MARK not in file.data or file.path in self._seen:
            return
        self._seen.add(file.path)
        conditional = file.optional or re.search(_BRANCH, file.data) is not None
        self.suppressions += [
            read_comment(file.path, comment, conditional=conditional) for comment in ignore_comments(file.data)
        ]


def declared_in(configured: Configured) -> list[Suppression]:
    """Return the suppressions that the configuration declares."""
    file = configured.file
    if file is None:
        return []
    return [read_entry(entry, file.resource, index) for index, entry in enumerate(file.configuration.suppressions)]


def written_on(resources: Iterable[Resource]) -> list[Suppression]:
    """Return the suppressions in the annotations of `resources`."""
    return [suppression for resource in resources for suppression in read_annotations(resource)]


def needs_all_resources(rules: Iterable[CompiledRule]) -> set[str]:
    """Return the ids of rules whose facts need every resource: what they say of a part is not what they say of the whole."""
    return {
        compiled.rule.id
        for compiled in rules
        if any(
            catalogue.FACT_KINDS[kind].scope in ("set", "system", "tree")
            for kind in compiled.rule.match.facts
            if kind in catalogue.FACT_KINDS
        )
    }


def missed_paths(unscanned: Iterable[Unscanned]) -> set[str]:
    """Return the paths of which something was not scanned, as they are shown."""
    return {entry.path.rpartition(":")[0] if re.search(r":\d+\Z", entry.path) else entry.path for entry in unscanned}


def apply_suppressions(
    plan: Plan,
    failures: Sequence[Failure],
    findings: Sequence[Finding],
    suppressions: Sequence[Suppression],
    view: "View",
    *,
    relative: Callable[[str], str],
) -> tuple[list[Finding], list[Inconclusive]]:
    """Return `findings` with the suppressed ones marked, and those about the suppressions themselves.

    `relative` gives the path that fingerprints use for a shown one.
    """
    from seawall.policy.suppress import suppress  # most scans have none

    marked, uses = suppress(failures, findings, suppressions, view)
    if KIND not in plan.fact_kinds:
        return marked, []
    more, undecided = plan.run(derive_suppressions(uses))
    return marked + build_findings(more, relative), undecided


EXAMPLE_DAY = datetime.date(2026, 1, 1)
"""The day on which the examples of rules are judged, so that they say the same on any day."""


def example_facts(resources: Sequence[Resource], comments: Sequence[Suppression] = ()) -> list[Fact]:
    """Return the facts about the suppressions of an example: all shipped rules have spoken on it."""
    from seawall.policy.suppress import View, suppress

    rules, plan = _every_shipped_rule()
    facts = [*catalogue.derive(plan.fact_kinds, resources), *plan.resource_facts(resources)]
    failures, _ = plan.run(facts)
    written = written_on(resources)
    ids = [rule.id for rule in rules]
    view = View(ran=rules, chosen=ids, known=rules, today=EXAMPLE_DAY)
    _, uses = suppress(failures, build_findings(failures), [*comments, *written], view)
    return list(derive_suppressions(uses))


@cache
def _every_shipped_rule() -> tuple[list[Rule], Plan]:
    rules = rule_sets.choose(RuleChoice(rules=("all",)))
    return rules, rule_sets.plan(rules, {})
