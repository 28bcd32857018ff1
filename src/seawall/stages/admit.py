"""The door of the cluster: an AdmissionReview in, a decision out, by the same rules and native policies as a scan. No state.

    admitter = load(Admission(choice=RuleChoice(rules=("pss-baseline",))))
    answer = admitter.review(body)          # bytes of an AdmissionReview -> bytes of its answer
    decision = admitter.decide(request)     # the same without the JSON: what the parity suite compares

A rule that needs more than the object (whether a NetworkPolicy selects the pod) would need the whole cluster inside the deadline
of a request: such rules are left out, and `Admitter.left_out` names them. Suppressions of the configuration count;
those that stand in the object itself do not: whoever may create the object could write them.
"""

import datetime
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from seawall.facts import catalogue
from seawall.formats.admission_review import AdmissionRequest, read_review, write_answer
from seawall.formats.kubernetes_yaml import drop_nulls
from seawall.model.errors import UsageError
from seawall.model.field_path import FieldPath
from seawall.model.finding import Finding
from seawall.model.resource import Location, Place, Resource, ResourceRef
from seawall.model.rule import Rule
from seawall.model.suppression import Suppression
from seawall.model.taxonomy import Severity, Stage
from seawall.policy.admission import AdmissionOutcome, KindTable, Parameters, PolicySet, World, evaluate, messages
from seawall.policy.admission.policies import AUDIT, WARN
from seawall.policy.evaluate import Failure, Inconclusive, Plan
from seawall.policy.findings import build_findings, urgency
from seawall.policy.suppress import View, suppress
from seawall.stages import configuration, rule_sets, suppressions
from seawall.stages.rule_sets import RuleChoice

SUB_RESOURCES: Final = frozenset(("", "ephemeralcontainers", "resize"))
"""Requests for these hold the whole object with what they change; a status or a scale holds nothing that rules judge."""

MESSAGE_CHARACTERS: Final = 4000
"""Of a refusal. kubectl prints it; an event keeps 1,024 characters of it."""

WARNING_CHARACTERS: Final = 240
WARNINGS: Final = 16
"""The API server cuts warnings above 256 characters once they make up more than 4,096 in all
(k8s.io/apiserver pkg/endpoints/filters/warning.go)."""


class Admission(msgspec.Struct, frozen=True, kw_only=True):
    """What is judged at the door: the options of ``seawall admit``. `fail_on` None: that of the configuration, or high."""

    choice: RuleChoice = RuleChoice()
    configuration: str | None = None
    fail_on: Severity | None = None


class AdmissionDecision(msgspec.Struct, frozen=True, kw_only=True):
    """The answer. `reasons` deny, the most urgent first; `findings` are those of the rules, whatever became of them."""

    allowed: bool
    reasons: list[str]
    warnings: list[str]
    audit_annotations: dict[str, str]
    findings: list[Finding]
    code: int = 403

    @property
    def message(self) -> str:
        """What the client reads: all reasons, as far as there is room."""
        text = "; ".join(self.reasons)
        return text if len(text) <= MESSAGE_CHARACTERS else f"{text[: MESSAGE_CHARACTERS - 1]}…"


class Admitter:
    """Rules and native policies, compiled once. Safe to use from many threads: nothing in it changes."""

    def __init__(
        self,
        plan: Plan,
        policies: PolicySet,
        world: World,
        *,
        fail_on: Severity,
        left_out: Sequence[Rule] = (),
        accepted: "Accepted | None" = None,
    ) -> None:
        self._plan = plan
        self._policies = policies
        self._world = world
        self._fail_on = fail_on
        self._accepted = accepted
        self.left_out = list(left_out)

    @property
    def rules(self) -> int:
        """How many rules and policies judge."""
        return len(self._plan.rules) + len(self._policies.policies)

    def review(self, body: bytes) -> bytes:
        """Return the answer to the AdmissionReview in `body`. Raises `SourceError` where it is none.

        Anything unexpected while judging is a refusal: the door fails closed.
        """
        request = read_review(body, path="request")
        try:
            decision = self.decide(request)
        except Exception as error:  # whatever it is, letting the object in would be the wrong answer
            text = f"seawall could not judge the request ({type(error).__name__}), and refuses what it cannot judge"
            return write_answer(request.uid, allowed=False, message=text, code=500, reason="InternalError")
        return write_answer(
            request.uid,
            allowed=decision.allowed,
            message="" if decision.allowed else decision.message,
            code=0 if decision.allowed else decision.code,
            warnings=decision.warnings,
            audit_annotations=decision.audit_annotations,
        )

    def decide(self, request: AdmissionRequest) -> AdmissionDecision:
        """Return what the rules and policies say of `request`."""
        findings, doubts = self._judge(request)
        counting = [one for one in findings if one.suppressed is None]
        reasons = [_say(one) for one in counting if one.severity.rank >= self._fail_on.rank]
        warnings = [_say(one) for one in counting if one.severity.rank < self._fail_on.rank]
        for doubt in doubts:
            rule = doubt.validation.rule
            text = f"[{rule.id}] {doubt.verdict}: {doubt.reason}"
            (reasons if rule.severity.rank >= self._fail_on.rank else warnings).append(text)
        annotations = {"rules": ",".join(dict.fromkeys(one.rule for one in counting))} if counting else {}
        if len(counting) < len(findings):
            accepted = dict.fromkeys(one.rule for one in findings if one.suppressed is not None)
            annotations["suppressed"] = ",".join(accepted)
        code = 403
        if self._policies.policies:
            outcome = evaluate(self._policies, request, self._world)
            if not reasons and not outcome.allowed:
                code = outcome.code
            reasons += _native_reasons(outcome)
            warnings += outcome.warnings
            annotations |= _native_annotations(outcome)
        annotations["decision"] = "deny" if reasons else "allow"
        return AdmissionDecision(
            allowed=not reasons,
            reasons=reasons,
            warnings=_bounded(warnings),
            audit_annotations=annotations,
            findings=findings,
            code=code,
        )

    def _judge(self, request: AdmissionRequest) -> tuple[list[Finding], list[Inconclusive]]:
        value = request.object
        judged = request.operation in ("CREATE", "UPDATE") and request.sub_resource in SUB_RESOURCES
        if not self._plan.rules or value is None or not judged:
            return [], []
        metadata = value.get("metadata")
        name = request.name or (_text(metadata.get("generateName")) if isinstance(metadata, dict) else "")
        namespace = request.namespace if request.kind.kind != "Namespace" else ""
        reference = ResourceRef(request.kind.api_version, request.kind.kind, namespace, name)
        resource = Resource(reference, drop_nulls(value), _REQUEST)
        facts = list(catalogue.derive(self._plan.fact_kinds, [resource]))
        facts += self._plan.resource_facts([resource])
        failures, inconclusive = self._plan.run(facts)
        findings = build_findings(failures)
        if findings and self._accepted is not None:
            findings = self._accepted.mark(failures, findings)
        findings.sort(key=urgency)
        return findings, inconclusive


class Accepted(msgspec.Struct, frozen=True):
    """The suppressions of the configuration: the only form that counts at the door."""

    suppressions: list[Suppression]
    view: View

    def mark(self, failures: Sequence[Failure], findings: Sequence[Finding]) -> list[Finding]:
        """Return `findings` with those marked that the configuration accepts today."""
        today = datetime.datetime.now(datetime.UTC).date()
        return suppress(failures, findings, self.suppressions, msgspec.structs.replace(self.view, today=today))[0]


def _accepted(configured: configuration.Configured, chosen: rule_sets.ChosenRules, stage: Stage) -> Accepted | None:
    declared = configured.configuration
    # An entry with a path is for files; a request has none.
    entries = [entry for entry in suppressions.declared_in(configured) if not entry.paths]
    if declared is None or not entries:
        return None
    view = View(
        ran=chosen.rules,
        chosen=chosen.before,
        known=chosen.known,
        today=datetime.date.min,
        stage=stage,
        live=True,
        must_not=declared.must_not_suppress,
        forms=configuration.suppression_forms(configured),
    )
    return Accepted(entries, view)


def load(options: Admission) -> Admitter:
    """Compile what `options` choose. Raises `UsageError` and `RuleError` as a scan does."""
    choice = options.choice
    if not choice.stages:
        # As for a live cluster: what is only wrong in a file, such as a Secret in plain text, is right at the door.
        choice = msgspec.structs.replace(choice, stages=(Stage.RUNTIME,))
    configured = configuration.load(options.configuration, ()) if options.configuration else configuration.Configured()
    stage = configuration.run_stage(choice, live=True)
    chosen = rule_sets.resolve(configuration.configure_rules(choice, configured, stage))
    configuration.check_names(configured, chosen.known)
    native = chosen.native
    natives = {rule.id for rule in native.rules} if native else set()
    rules = [rule for rule in chosen.rules if rule.id not in natives]
    affordable = [rule for rule in rules if all(_is_affordable(kind) for kind in rule.match.facts)]
    if not affordable and not natives:
        raise UsageError("none of the chosen rules can judge one object alone", remedy="choose others with --rules")
    world = World()
    if native is not None:
        objects = [resource.object for resource in native.extra]
        kinds = KindTable(value for value in objects if value.get("kind") == "CustomResourceDefinition")
        world = World(params=Parameters(objects, kinds, complete=False), kinds=kinds)
    return Admitter(
        rule_sets.plan(affordable, chosen.params),
        native.policies if native else PolicySet(()),
        world,
        fail_on=options.fail_on or configuration.gate_of(configured, stage).fail_on or Severity.HIGH,
        left_out=[rule for rule in rules if rule not in affordable],
        accepted=_accepted(configured, chosen, stage),
    )


def _is_affordable(kind: str) -> bool:
    return catalogue.FACT_KINDS[kind].scope == "resource"


class _RequestOrigin:
    """The origin of an object that came in a request: it has fields, and no lines."""

    path = "request"

    def locate(self, field: FieldPath) -> Place:
        del field
        return Place(Location("request", 1, 1, 1, 1), None, "")


_REQUEST: Final = _RequestOrigin()


def _say(finding: Finding) -> str:
    field = f" ({finding.field})" if finding.field else ""
    return f"[{finding.rule}] {finding.message}{field}"


def _native_reasons(outcome: AdmissionOutcome) -> list[str]:
    """Return what native policies refuse for, and what could refuse if it were known."""
    reasons = [
        messages.denied(failure.policy, failure.binding, failure.message)
        for failure in outcome.failures
        if failure.action not in (WARN, AUDIT)
    ]
    reasons += [
        messages.denied(problem.policy, problem.binding, problem.message)
        for problem in outcome.problems
        if problem.denies
    ]
    return reasons


def _native_annotations(outcome: AdmissionOutcome) -> dict[str, str]:
    # The API server puts the webhook's name and a slash before each key, which may have no other slash.
    return {key.replace("/", "."): value for key, value in outcome.audit_annotations.items()}


def _bounded(warnings: Sequence[str]) -> list[str]:
    """Return as many warnings, each as long, as the API server passes on uncut."""
    lines = [" ".join(text.split()) for text in warnings]
    lines = [text if len(text) <= WARNING_CHARACTERS else f"{text[: WARNING_CHARACTERS - 1]}…" for text in lines]
    if len(lines) > WARNINGS:
        lines = [*lines[: WARNINGS - 1], f"and {len(lines) - WARNINGS + 1} more findings"]
    return lines


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
