"""The product's promise: one rule, one verdict, wherever it is asked.

Every rule that can be one is installed in a real API server as a native policy. Every example of every rule, and the manifests
of published projects, are put before five judges: the server (as a dry run of their creation), the engine, ``seawall scan``,
``seawall scan --rules`` with the exported policies (the evaluator of ``seawall vap eval``), and ``seawall admit``, called by
the server. Verdict and message must agree, rule by rule and object by object, without exception. What the server refuses
before any policy sees it has no verdict to compare; it is counted. The counts are printed.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from seawall.facts.workloads import POD_TEMPLATE_PATHS
from seawall.model.rule import Rule
from seawall.model.taxonomy import Severity
from seawall.stages import native_export, rule_sets
from tests.testbed import custom_kinds, parity_objects, parity_scan, parity_webhook
from tests.testbed.api_client import Object
from tests.testbed.control_plane import ControlPlane
from tests.testbed.parity_objects import Case
from tests.testbed.parity_server import NAMESPACE, Judge, Judgement

POLICIES = native_export.export(rule_sets.shipped_rules())
RULES = [policy.rule for policy in POLICIES]

# `args: [null]` is `args: [""]` to the API server, because it knows the field's type. The scan does not guess: it says that it
# could not judge, and no gate passes on that.
UNDECIDED = {"k8s.io/kubernetes/hack/testdata/invalid-rc-with-empty-args.yaml#0"}

FEWEST_OBJECTS, FEWEST_JUDGED_EXAMPLES = 2000, 0.97

# Kubernetes 1.36 refuses an unmasked /proc outside a user namespace before any policy sees it.
NEVER_SEEN = {"unmasked-proc-mount"}

# An example names it; the server must know it before it takes the pod.
PRIORITY_CLASS: Object = {
    "apiVersion": "scheduling.k8s.io/v1",
    "kind": "PriorityClass",
    "metadata": {"name": "business-critical"},
    "value": 1000,
}


# Without it the server refuses devices with administrative access before any policy sees them.
LABELS = {"resource.kubernetes.io/admin-access": "true"}


@dataclass(frozen=True, slots=True)
class Judged:
    """The cases with the server's judgements, in the same order."""

    cases: list[Case]
    judgements: list[Judgement]

    @property
    def admitted(self) -> list[tuple[Case, Judgement]]:
        """Those that the server let its policies see."""
        pairs = zip(self.cases, self.judgements, strict=True)
        return [(case, judgement) for case, judgement in pairs if not judgement.refused]


@pytest.fixture(scope="module")
def judged(control_plane: ControlPlane, testbed_progress: Callable[[str], None]) -> Iterator[Judged]:
    client = control_plane.client
    cases = parity_objects.collect(RULES)
    definitions = custom_kinds.install(
        client, {(str(case.value["apiVersion"]), str(case.value["kind"])) for case in cases}
    )
    client.apply(PRIORITY_CLASS)
    namespaces = {str((case.value.get("metadata") or {}).get("namespace") or NAMESPACE) for case in cases}
    for namespace in sorted(namespaces):
        control_plane.ensure_namespace(namespace, LABELS)
    judge = Judge(control_plane, POLICIES)
    judgements = judge.judge(cases)
    requests = sum(judgement.requests for judgement in judgements)
    testbed_progress(f"parity: {len(RULES)} policies, {len(cases)} objects, {requests} dry runs")
    yield Judged(cases, judgements)
    judge.close()
    for one in (*definitions, PRIORITY_CLASS):
        client.delete(one)


EXAMPLES = frozenset(rule.id for rule in rule_sets.shipped_rules())


def is_example(case: Case) -> bool:
    return case.name.partition("/")[0] in EXAMPLES


def rules_for(case: Case) -> list[Rule]:
    makes_pods = case.kind in POD_TEMPLATE_PATHS
    return [rule for rule in RULES if case.kind in rule.match.kinds or (makes_pods and rule.match.facts)]


def test_the_server_and_the_engine_say_the_same_of_every_object(
    judged: Judged, testbed_progress: Callable[[str], None]
) -> None:
    engine = parity_scan.Engine(RULES)
    differences: list[str] = []
    comparisons = failures = 0
    for case, judgement in judged.admitted:
        if case.name in UNDECIDED:
            continue
        expected = engine.expected(case)
        rules = rules_for(case)
        assert judgement.failures.keys() | expected.keys() <= {rule.id for rule in rules}, case.name
        for rule in rules:
            comparisons += 1
            scan, server = expected.get(rule.id, set()), judgement.failures.get(rule.id, set())
            failures += bool(server)
            if scan != server:
                differences.append(f"{rule.id} on {case.name}: engine {sorted(scan)}, server {sorted(server)}")
    testbed_progress(
        f"parity: {len(judged.admitted)} objects judged, {comparisons} verdicts compared, {failures} of them failures, "
        f"{len(differences)} differences"
    )
    assert differences == []
    assert len(judged.admitted) >= FEWEST_OBJECTS


def test_the_report_of_a_scan_says_the_same_as_the_server(judged: Judged, tmp_path: Path) -> None:
    by_file = parity_objects.write([case for case, _ in judged.admitted], tmp_path)
    report = parity_scan.report(tmp_path, RULES)
    messages = parity_scan.findings_by_file(report)
    server = {case.name: judgement for case, judgement in judged.admitted}
    undecided = {by_file[Path(entry.path.rpartition(":")[0]).name].name for entry in report.unscanned}
    assert undecided == UNDECIDED
    differences = []
    for file, case in by_file.items():
        if case.name in UNDECIDED:
            continue
        found = parity_scan.as_told_natively(messages.get(file, {}), RULES)
        told = {rule: parity_scan.sentences(texts) for rule, texts in server[case.name].failures.items()}
        if found != told:
            differences.append(f"{case.name}: scan {found}, server {told}")
    assert differences == []


def test_the_exported_policies_in_a_scan_say_the_same_as_the_server(
    control_plane: ControlPlane, judged: Judged, tmp_path: Path
) -> None:
    folder = tmp_path / "objects"
    folder.mkdir()
    client = control_plane.client
    placed = [
        parity_objects.placed(case, NAMESPACE)
        if client.is_namespaced(str(case.value["apiVersion"]), str(case.value["kind"]))
        else case
        for case, _ in judged.admitted
    ]
    by_file = parity_objects.write(placed, folder)
    report = parity_scan.native_report(folder, POLICIES, tmp_path / "policies.yaml")
    messages = parity_scan.findings_by_file(report)
    assert {by_file[Path(entry.path.rpartition(":")[0]).name].name for entry in report.unscanned} == UNDECIDED
    server = {case.name: judgement.failures for case, judgement in judged.admitted}
    differences = []
    for file, case in by_file.items():
        found = {rule.removesuffix(".seawall.dev"): set(own) for rule, own in messages.get(file, {}).items()}
        if case.name not in UNDECIDED and found != server[case.name]:
            differences.append(f"{case.name}: exported {found}, server {server[case.name]}")
    assert differences == []


def test_the_webhook_says_the_same_as_the_server(
    control_plane: ControlPlane, judged: Judged, testbed_progress: Callable[[str], None]
) -> None:
    cases = [case for case, _ in judged.admitted]
    with parity_webhook.open_door(control_plane, POLICIES) as door:
        answers = door.judge(cases)
    severity = {rule.id: rule.severity for rule in RULES}
    differences = []
    for (case, judgement), answer in zip(judged.admitted, answers, strict=True):
        if answer.messages is None:
            # The API server shows no webhook the configuration of webhooks.
            assert case.kind.startswith("admissionregistration.k8s.io/"), case.name
            continue
        found = parity_scan.as_told_natively(answer.messages, RULES)
        told = {rule: parity_scan.sentences(texts) for rule, texts in judgement.failures.items()}
        urgent = any(severity[rule].rank >= Severity.HIGH.rank for rule in told)
        if found != told or answer.refused != urgent:
            differences.append(f"{case.name}: webhook {found} (refused: {answer.refused}), server {told}")
    asked = sum(answer.messages is not None for answer in answers)
    refused = sum(answer.refused for answer in answers)
    testbed_progress(
        f"parity: the webhook was asked {asked} times and refused {refused}; {len(differences)} differences"
    )
    assert differences == []


def test_what_the_server_refuses_before_any_policy_is_counted(
    judged: Judged, testbed_progress: Callable[[str], None]
) -> None:
    refused = [
        (case, judgement) for case, judgement in zip(judged.cases, judged.judgements, strict=True) if judgement.refused
    ]
    kinds = Counter(
        "not served" if judgement.refused.endswith("is not served") else judgement.refused[:3]
        for _, judgement in refused
    )
    testbed_progress(f"parity: {len(refused)} objects refused: {dict(kinds.most_common())}")
    examples = [case for case in judged.cases if is_example(case)]
    lost = [case.name for case, _ in refused if is_example(case)]
    assert len(lost) <= len(examples) * (1 - FEWEST_JUDGED_EXAMPLES), lost


def test_every_policy_failed_somewhere(judged: Judged) -> None:
    """A policy that never fires agrees with everything and proves nothing."""
    fired = {rule for _, judgement in judged.admitted for rule in judgement.failures}
    assert {rule.id for rule in RULES} - fired == NEVER_SEEN


def test_the_suite_sees_a_rule_that_differs(control_plane: ControlPlane, judged: Judged) -> None:
    """The judge is judged: a policy that was changed on its way to the server must show up."""
    (native,) = (policy for policy in POLICIES if policy.rule.id == "host-pid")
    text = str(native.policy["spec"]["validations"][0]["expression"])
    changed = {
        **native.policy,
        "spec": {
            **native.policy["spec"],
            "validations": [{**native.policy["spec"]["validations"][0], "expression": f"!({text})"}],
        },
    }
    judge = Judge(control_plane, [type(native)(rule=native.rule, policy=changed, binding=native.binding)])
    pods = [case for case, _ in judged.admitted if case.kind == "Pod"][:5]
    engine = parity_scan.Engine([native.rule])
    answers = judge.judge(pods)
    judge.close()
    assert [bool(answer.failures) for answer in answers] == [not engine.expected(case) for case in pods]
