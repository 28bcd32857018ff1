"""What Seawall's scan says of the suite's objects, in the API server's words.

A scan has a finding for each failing item; a native policy has one message a validation, the items' messages joined
(docs/adr/0007). `expected` says the findings so; `report` is what the product prints for the files.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from seawall.facts import catalogue
from seawall.formats import kubernetes_yaml
from seawall.model.finding import Report
from seawall.model.rule import Rule
from seawall.policy.evaluate import Failure
from seawall.policy.findings import message_of
from seawall.policy.native_export import NativePolicy
from seawall.policy.native_expressions import SEPARATOR
from seawall.stages import deploy, native_export, rule_sets
from seawall.stages.rule_sets import RuleChoice
from tests.testbed.parity_objects import Case

MOST_BYTES = 5 * 1024
"""k8s.io/apiserver, pkg/apis/cel/config.go: a longer message is not shown, the validation's fixed one is."""

Messages = dict[str, set[str]]


class Engine:
    """The rules, compiled once."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._plan = rule_sets.plan(rules, {})

    def expected(self, case: Case) -> Messages:
        """Return what the API server must say of `case`: the messages of each rule that fails. Raises `AssertionError` where a
        rule could not be decided."""
        (document,) = kubernetes_yaml.parse(case.name, case.text).documents
        resources = list(kubernetes_yaml.resources(document))
        facts = [*catalogue.derive(self._plan.fact_kinds, resources), *self._plan.resource_facts(resources)]
        failures, inconclusive = self._plan.run(facts)
        assert not inconclusive, [(one.validation.rule.id, one.reason) for one in inconclusive]
        by_validation: dict[tuple[str, int], list[Failure]] = {}
        for failure in failures:
            by_validation.setdefault((failure.validation.rule.id, failure.validation.index), []).append(failure)
        messages: Messages = {}
        for (rule_id, _), group in by_validation.items():
            messages.setdefault(rule_id, set()).add(_joined(group))
        return messages


def report(folder: Path, rules: Sequence[Rule]) -> Report:
    """Scan the files in `folder` with `rules`, as ``seawall scan`` does."""
    ids = tuple(rule.id for rule in rules)
    return deploy.scan(deploy.DeployScan(targets=(str(folder),), choice=RuleChoice(rules=("all",), only=ids))).report


def native_report(folder: Path, policies: Sequence[NativePolicy], file: Path) -> Report:
    """Scan the files in `folder` with the exported text of `policies`, written to `file`: ``seawall scan --rules FILE``."""
    file.write_text("---\n".join(native_export.texts(policies).values()))
    choice = RuleChoice(rules=(str(file),))
    return deploy.scan(deploy.DeployScan(targets=(str(folder),), choice=choice)).report


def findings_by_file(found: Report) -> Mapping[str, dict[str, list[str]]]:
    """Return the messages of the findings, sorted, by file name and rule."""
    by_file: dict[str, dict[str, list[str]]] = {}
    for finding in found.findings:
        name = Path(finding.location.path).name
        by_file.setdefault(name, {}).setdefault(finding.rule, []).append(finding.message)
    return {name: {rule: sorted(own) for rule, own in rules.items()} for name, rules in by_file.items()}


def sentences(texts: Iterable[str]) -> set[str]:
    """Return the single messages in what the server joined."""
    return {sentence for text in texts for sentence in text.split(SEPARATOR)}


def as_told_natively(messages: Mapping[str, Sequence[str]], rules: Sequence[Rule]) -> dict[str, set[str]]:
    """Return the single messages of findings by rule, as a native policy would tell them: where they are too long together, it
    says the rule's title."""
    titles = {rule.id: rule.title for rule in rules}
    told = {}
    for rule, own in messages.items():
        too_long = len(SEPARATOR.join(own).encode()) > MOST_BYTES
        told[rule] = {titles[rule]} if too_long else sentences(own)
    return told


def _joined(failures: list[Failure]) -> str:
    validation = failures[0].validation
    if isinstance(validation.message, str):
        return validation.message.strip()
    text = SEPARATOR.join(message_of(failure) for failure in failures).strip()
    return text if len(text.encode()) <= MOST_BYTES and "\n" not in text else validation.rule.title
