"""Native policies in a scan: every scanned object as the create request that it would become (``seawall scan --rules FILE``).

The request is made up of what a file says: who sends it is unknown, and so is what the scan does not hold (the labels of a
namespace, a parameter that lives in the cluster). What depends on an unknown is reported as not scanned; it never passes.
Objects are shown to policies as the API server would show them (`formats.admitted`, ADR 0004).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec

from seawall.formats.admission_review import AdmissionRequest, GroupVersionKind, GroupVersionResource
from seawall.formats.admitted import WrongShapeError, admitted
from seawall.formats.custom_resources import admitted_custom, schemas_of
from seawall.model.fact import Fact
from seawall.model.resource import Resource
from seawall.model.rule import Match, Rule
from seawall.model.taxonomy import Confidence, Layer, Severity, Stage, Verdict
from seawall.policy.admission import AdmissionOutcome, KindTable, Parameters, PolicySet, World, evaluate
from seawall.policy.admission.compile import CompiledPolicy
from seawall.policy.admission.kinds import ServedKind
from seawall.policy.admission.policies import AUDIT, DENY, WARN
from seawall.policy.compile import parse_at
from seawall.policy.compiled import CompiledValidation
from seawall.policy.evaluate import Failure, Inconclusive
from seawall.policy.native_kinds import resource_of, why_not_admitted

PREFIX: Final = "seawall.dev/"
"""Of the annotations (or labels) of a policy that a scan reads: severity, title, remediation, practices, at."""

_BY_ACTION: Final = {DENY: Severity.HIGH, WARN: Severity.MEDIUM, AUDIT: Severity.LOW}
_OPTIONS: Final = {"apiVersion": "meta.k8s.io/v1", "kind": "CreateOptions"}

Object = Mapping[str, Any]


class NativeRules(msgspec.Struct, frozen=True, eq=False):
    """Policies of one run. `rules` stand for them in reports and suppressions; `extra` are the other objects of their files."""

    policies: PolicySet
    rules: list[Rule]
    extra: list[Resource]

    def only(self, ids: frozenset[str]) -> "NativeRules":
        """Return these with the policies named in `ids` alone."""
        policies = tuple(policy for policy in self.policies.policies if policy.policy.name in ids)
        return NativeRules(PolicySet(policies), [rule for rule in self.rules if rule.id in ids], self.extra)


def make_rules(policies: PolicySet) -> list[Rule]:
    """Return a rule for each of `policies` that is bound: its words for reports, its name for ``--only`` and suppressions."""
    return [_make_rule(policy) for policy in policies.policies if policy.bindings]


def _make_rule(policy: CompiledPolicy) -> Rule:
    decoded = policy.policy
    marks = {**decoded.metadata.labels, **decoded.metadata.annotations}
    said = {key.removeprefix(PREFIX): text for key, text in marks.items() if key.startswith(PREFIX)}
    actions = {action for one in policy.bindings for action in one.binding.spec.validation_actions}
    problems = []
    severity = max((_BY_ACTION[action] for action in actions), key=lambda one: one.rank)
    if "severity" in said:
        if said["severity"] in set(Severity):
            severity = Severity(said["severity"])
        else:
            path = ("metadata", "annotations", f"{PREFIX}severity")
            problems.append((path, f"{said['severity']!r} is not one of: {', '.join(Severity)}"))
    if problems:
        raise decoded.source.refuse(problems)
    where = decoded.source.place(())
    return Rule(
        id=decoded.name,
        title=said.get("title", f"ValidatingAdmissionPolicy {decoded.name}"),
        layer=Layer.CLUSTER,
        stages=list(Stage),
        practices=[one.strip() for one in said.get("practices", "").split(",") if one.strip()],
        severity=severity,
        confidence=Confidence.HIGH,
        why=f"The ValidatingAdmissionPolicy {decoded.name} ({where}) is bound with {', '.join(sorted(actions))}.",
        remediation=said.get("remediation", "Change the object so that it satisfies the policy."),
        sets=[],
        match=Match(kinds=sorted(_kinds_of(policy))),
        validations=[],
    )


def _kinds_of(policy: CompiledPolicy) -> set[str]:
    """Return which kinds of Kubernetes' own a cluster must be asked for: those that match, and what the answer depends on."""
    kinds = {"Namespace"}
    spec = policy.policy.spec
    served = list(KindTable().all())
    for rule in spec.match_constraints.resource_rules if spec.match_constraints else ():
        for one in served:
            if any(wanted in ("*", "*/*", one.resource.resource) for wanted in rule.resources) and any(
                group in ("*", one.kind.group) for group in rule.api_groups
            ):
                kinds.add(_group_kind(one.kind.group, one.kind.kind))
    if spec.param_kind is not None:
        kinds.add(_group_kind(spec.param_kind.api_version.rpartition("/")[0], spec.param_kind.kind))
    return kinds


def _group_kind(group: str, kind: str) -> str:
    return f"{group}/{kind}" if group else kind


class NativeScan:
    """One run of native policies over the resources of a scan."""

    def __init__(
        self, native: NativeRules, resources: Sequence[Resource], warn: Callable[[str], None], *, live: bool
    ) -> None:
        self._native = native
        self._resources = resources
        self._warn = warn
        self._rules = {rule.id: rule for rule in native.rules}
        self._policies = {policy.policy.name: policy for policy in native.policies.policies}
        known = [resource.object for resource in (*resources, *native.extra)]
        definitions = [value for value in known if value.get("kind") == "CustomResourceDefinition"]
        self._schemas = schemas_of(definitions)
        self._kinds = KindTable(definitions)
        wanted = {
            (policy.policy.spec.param_kind.api_version.rpartition("/")[0], policy.policy.spec.param_kind.kind)
            for policy in native.policies.policies
            if policy.policy.spec.param_kind is not None
        }
        params = [value for value in known if _group_and_kind(value) in wanted]
        namespaces = [value for value in known if _group_and_kind(value) == ("", "Namespace")]
        self._world = World(
            namespaces={str(_metadata(value).get("name", "")): value for value in self._readable(namespaces)},
            namespaces_complete=live,
            params=Parameters(self._readable(params), self._kinds, complete=live),
            kinds=self._kinds,
        )
        self._guessed: set[str] = set()

    def run(self) -> tuple[list[Failure], list[Inconclusive]]:
        """Return what the policies find in each resource, and what they could not decide."""
        failures: list[Failure] = []
        inconclusive: list[Inconclusive] = []
        for resource in self._resources:
            request = self._request(resource)
            if request is None:
                continue
            concerned = self._concerned(request)
            if not concerned:
                continue
            fact = Fact(kind="AdmissionRequest", resource=resource, value=resource.object, roots={})
            try:
                shown = self._show(request.object or {})
            except WrongShapeError as error:
                # No policy is asked about what cannot be created: that is neither a pass nor a fail of any.
                validation = self._validation(concerned[0].policy.name, None, "")
                inconclusive.append(Inconclusive(validation, fact, (), Verdict.ERROR, error.message))
                continue
            outcome = evaluate(self._native.policies, msgspec.structs.replace(request, object=shown), self._world)
            failures += self._failures(outcome, fact)
            inconclusive += self._inconclusive(outcome, fact)
        return failures, inconclusive

    def _concerned(self, request: AdmissionRequest) -> list[CompiledPolicy]:
        policies = self._native.policies.concerned(request, self._kinds)
        return [policy for policy in policies if policy.matcher.applies(request, self._kinds) is not None]

    def _failures(self, outcome: AdmissionOutcome, fact: Fact) -> Iterator[Failure]:
        """Yield one failure for each thing that is wrong, however many bindings and actions say so; the strictest counts."""
        strictest: dict[tuple[str, int | None, str], str] = {}
        for failure in outcome.failures:
            if failure.error:
                continue  # it is among the problems
            key = (failure.policy, failure.index, failure.message)
            if key not in strictest or _BY_ACTION[failure.action].rank > _BY_ACTION[strictest[key]].rank:
                strictest[key] = failure.action
        for (policy, index, message), action in strictest.items():
            yield Failure(self._validation(policy, index, message, action), fact, None, None, ())

    def _inconclusive(self, outcome: AdmissionOutcome, fact: Fact) -> Iterator[Inconclusive]:
        for problem in outcome.problems:
            verdict = Verdict.UNKNOWN if problem.undecided else Verdict.ERROR
            validation = self._validation(problem.policy, problem.index, problem.message)
            yield Inconclusive(validation, fact, (), verdict, problem.message)

    def _validation(self, policy: str, index: int | None, message: str, action: str = "") -> CompiledValidation:
        rule = self._rules[policy]
        metadata = self._policies[policy].policy.metadata
        marks = {**metadata.labels, **metadata.annotations}
        if action and f"{PREFIX}severity" not in marks:
            rule = msgspec.structs.replace(rule, severity=_BY_ACTION[action])
        places = [one.strip() for one in marks.get(f"{PREFIX}at", "").split(",") if one.strip()]
        return CompiledValidation(
            rule=rule,
            index=index or 0,
            test=_never_asked,
            message=message,
            at=parse_at(rule, places),
            each=None,
        )

    def _request(self, resource: Resource) -> AdmissionRequest | None:
        """Return the create request for a resource, or None where no API server would ever get one."""
        value = resource.object
        served = self._served(resource)
        if served is None:
            return None
        metadata = _metadata(value)
        name, namespace = _text(metadata.get("name")), _text(metadata.get("namespace"))
        if served.namespaced:
            namespace = namespace or "default"
            value = {**value, "metadata": {**metadata, "namespace": namespace}}
        else:
            # The API server says of a Namespace that it is in itself.
            namespace = name if (served.kind.group, served.kind.kind) == ("", "Namespace") else ""
        return AdmissionRequest(
            kind=served.kind,
            resource=served.resource,
            name=name,
            namespace=namespace,
            operation="CREATE",
            user_info=None,
            object=dict(value),
            dry_run=False,
            options=_OPTIONS,
        )

    def _served(self, resource: Resource) -> ServedKind | None:
        api_version, kind = resource.ref.api_version, resource.ref.kind
        served = self._kinds.find(api_version, kind)
        if served is not None:
            return served
        group, _, version = api_version.rpartition("/")
        if why_not_admitted(_group_kind(group, kind)) or not group:
            return None
        plural = resource_of(_group_kind(group, kind)).plural
        guess = ServedKind(
            GroupVersionKind(group, version, kind),
            GroupVersionResource(group, version, plural),
            bool(resource.ref.namespace),
        )
        self._say_guess(guess)
        return guess

    def _say_guess(self, guess: ServedKind) -> None:
        """Tell the reader that a name was guessed, where a policy asks for that group by its name."""
        name = guess.resource.name
        if name not in self._guessed and self._native.policies.names_group(guess.kind.group):
            self._guessed.add(name)
            self._warn(
                f"the CustomResourceDefinition of {guess.kind.group}/{guess.kind.kind} is not in the scan: "
                f"policies are asked about it as {name}"
            )

    def _readable(self, values: Iterable[Object]) -> Iterator[Object]:
        """Yield the objects of `values` as policies see them, without those that the API server could not read."""
        for value in values:
            with suppress(WrongShapeError):
                yield self._show(value)

    def _show(self, value: Object) -> dict[str, Any]:
        schema = self._schemas.get((str(value.get("apiVersion")), str(value.get("kind"))))
        return admitted(value) if schema is None else admitted_custom(value, schema)


def _never_asked(*_arguments: Any) -> bool:
    raise RuntimeError("a native policy is evaluated as a whole")


def _group_and_kind(value: Object) -> tuple[str, str]:
    return str(value.get("apiVersion", "")).rpartition("/")[0], str(value.get("kind", ""))


def _metadata(value: Object) -> Mapping[str, Any]:
    metadata = value.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
