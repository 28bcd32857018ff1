"""A request against policies -> what the API server would answer.

    outcome = evaluate(policies, request, World(namespaces={...}, params=Parameters([...])))
    outcome.allowed, outcome.message, outcome.warnings

Source: k8s.io/apiserver pkg/admission/plugin/policy/validating/dispatcher.go (v1.36). Policies and bindings run in the order of
their names, where the API server's order is that of a Go map; only which message a refusal shows depends on it.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import msgspec

from seawall.cel.unknown import UNKNOWN
from seawall.formats.admission_review import AdmissionRequest
from seawall.policy.admission import messages
from seawall.policy.admission.activation import Activation, RequestValues, versioned
from seawall.policy.admission.compile import CompiledBinding, CompiledPolicy, PolicySet
from seawall.policy.admission.judge import Decision, judge
from seawall.policy.admission.kinds import KindTable
from seawall.policy.admission.matching import EXEMPT, ConfigurationError, Match, UndecidedError
from seawall.policy.admission.outcome import AdmissionOutcome, Failure, Problem
from seawall.policy.admission.parameters import Parameters, collect_parameters
from seawall.policy.admission.policies import AUDIT, DENY, IGNORE, WARN
from seawall.policy.admission.selectors import NAME_LABEL, Labels

Object: TypeAlias = Mapping[str, Any]

Authorize: TypeAlias = Callable[[AdmissionRequest], tuple[Any, Any]]
"""Gives the values of ``authorizer`` and ``authorizer.requestResource`` for a request."""


def nobody_knows(_request: AdmissionRequest) -> tuple[Any, Any]:
    """Answer for an authorizer that is not known: what depends on it is undecided."""
    return UNKNOWN, UNKNOWN


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the cluster besides the request.

    A namespace that is not in `namespaces` does not exist where `namespaces_complete`, and is not known otherwise.
    """

    namespaces: Mapping[str, Object] = {}
    namespaces_complete: bool = False
    params: Parameters = Parameters()
    kinds: KindTable = KindTable()
    authorize: Authorize = nobody_knows

    def namespace_labels(self, name: str) -> Labels | None:
        """Return the labels of a namespace, or None where it does not exist."""
        known = self.namespaces.get(name)
        if known is None:
            return None if self.namespaces_complete else Labels({NAME_LABEL: name}, complete=False)
        metadata = known.get("metadata")
        labels = metadata.get("labels") if isinstance(metadata, dict) else None
        return Labels({NAME_LABEL: name, **(labels or {})})


NOTHING_KNOWN: Final = World()


def evaluate(policies: PolicySet, request: AdmissionRequest, world: World = NOTHING_KNOWN) -> AdmissionOutcome:
    """Return the answer of `policies` to `request`."""
    resource = request.request_resource or request.resource
    if (resource.group, resource.resource) in EXEMPT:
        return AdmissionOutcome(allowed=True)
    run = _Run(request, world)
    try:
        for policy in policies.concerned(request, world.kinds):
            run.policy(policy)
    except _NoNamespaceError as error:
        # The API server gives up on the whole request, whatever the policies say.
        return AdmissionOutcome(allowed=False, message=str(error), reason="NotFound", code=404)
    return run.outcome()


class _NoNamespaceError(Exception):
    """The namespace of the request does not exist."""


class _Run:
    """One request on its way through the policies; collects what they say."""

    def __init__(self, request: AdmissionRequest, world: World) -> None:
        self.request = request
        self.world = world
        self.values = RequestValues(request)
        self.failures: list[Failure] = []
        self.problems: list[Problem] = []
        self.warnings: dict[str, None] = {}
        self.annotations: dict[str, str] = {}

    def outcome(self) -> AdmissionOutcome:
        """Return the answer to the request."""
        message, reason, code = "", "", 200
        denied = next((failure for failure in self.failures if failure.action == DENY), None)
        blocking = next((problem for problem in self.problems if problem.denies), None)
        if denied is not None:
            message = messages.denial(self.request, denied.policy, denied.binding, denied.message)
            reason, code = denied.reason, messages.status_code(denied.reason)
        elif blocking is not None:
            message = messages.denial(self.request, blocking.policy, blocking.binding, blocking.message)
            reason, code = "Invalid", messages.status_code("Invalid")
        return AdmissionOutcome(
            allowed=not message,
            message=message,
            reason=reason,
            code=code,
            failures=tuple(self.failures),
            warnings=tuple(self.warnings),
            audit_annotations=self.annotations,
            problems=tuple(self.problems),
        )

    def policy(self, policy: CompiledPolicy) -> None:
        """Ask one policy, through each of its bindings."""
        try:
            match = policy.matcher.match(self.request, self.world.kinds, self.world)
            if match is None:
                return
            if policy.policy.spec.param_kind is not None and not policy.bindings[0].everywhere:
                self.world.params.is_namespaced(policy.policy.spec.param_kind)  # raises where there is no such kind
        except ConfigurationError as error:
            self._misconfigured(policy, "", f"failed to configure policy: {error}")
            return
        except UndecidedError as error:
            denies = any(DENY in one.binding.spec.validation_actions for one in policy.bindings)
            self._problem(policy, "", None, str(error), undecided=True, denies=denies)
            return
        collected: dict[str, list[str]] = {}
        for compiled in policy.bindings:
            self._binding(policy, compiled, match, collected)
        for key, values in collected.items():
            self.annotations.setdefault(f"{policy.policy.name}/{key}", ", ".join(values))

    def _binding(
        self, policy: CompiledPolicy, compiled: CompiledBinding, match: Match, collected: dict[str, list[str]]
    ) -> None:
        request, world, binding = self.request, self.world, compiled.binding
        try:
            if compiled.matcher is not None and compiled.matcher.match(request, world.kinds, world) is None:
                return
            params = collect_parameters(policy.policy.spec.param_kind, compiled, request.namespace, world.params)
            value = versioned(request.object, request, match, world.kinds) if params else None
            old_value = versioned(request.old_object, request, match, world.kinds) if params else None
        except ConfigurationError as error:
            self._misconfigured(policy, binding.name, f"failed to configure binding: {error}")
            return
        except UndecidedError as error:
            denies = DENY in binding.spec.validation_actions
            self._problem(policy, binding.name, None, str(error), undecided=True, denies=denies)
            return
        namespace = self._namespace()
        authorizers = world.authorize(request)
        for param in params:
            activation = Activation(policy, self.values, match, (value, old_value), namespace, authorizers, param)
            decisions, annotations = judge(policy, activation)
            for decision in decisions:
                self._act(policy, compiled, decision)
            for key, text, failed in annotations:
                if failed:
                    # An audit annotation that fails denies whatever the actions of the binding are.
                    self._misconfigured(policy, binding.name, failed)
                elif text not in collected.setdefault(key, []):
                    collected[key].append(text)

    def _namespace(self) -> Any:
        """The value of ``namespaceObject``: null for an object without a namespace, and for a Namespace itself."""
        request = self.request
        kind = request.request_kind or request.kind
        if not request.namespace or (kind.group, kind.version, kind.kind) == ("", "v1", "Namespace"):
            return None
        known = self.world.namespaces.get(request.namespace)
        if known is not None:
            return known
        if self.world.namespaces_complete:
            raise _NoNamespaceError(f'namespaces "{request.namespace}" not found')
        return UNKNOWN

    def _act(self, policy: CompiledPolicy, compiled: CompiledBinding, decision: Decision) -> None:
        """Do what the binding's actions say with one decision."""
        name, binding = policy.policy.name, compiled.binding
        actions = binding.spec.validation_actions
        if decision.undecided or decision.error:
            denies = decision.undecided and DENY in actions
            self._problem(
                policy, binding.name, decision.index, decision.message, undecided=decision.undecided, denies=denies
            )
        if decision.undecided or not decision.denies:
            return
        for action in actions:
            self._fail(policy, binding.name, decision, action)
            if action == WARN:
                self.warnings[messages.warning(name, binding.name, decision.message)] = None
            elif action == AUDIT:
                value = messages.failure_annotation(
                    message=decision.message,
                    policy=name,
                    binding=binding.name,
                    index=decision.index or 0,
                    actions=actions,
                )
                self.annotations.setdefault(messages.FAILURE_ANNOTATION, value)

    def _misconfigured(self, policy: CompiledPolicy, binding: str, message: str) -> None:
        """Note something that denies by ``failurePolicy`` alone, whatever the actions are."""
        self._problem(policy, binding, None, message)
        if policy.policy.spec.failure_policy != IGNORE:
            self._fail(policy, binding, Decision(None, message, error=True), DENY)

    def _problem(
        self,
        policy: CompiledPolicy,
        binding: str,
        index: int | None,
        message: str,
        *,
        undecided: bool = False,
        denies: bool = False,
    ) -> None:
        name = policy.policy.name
        self.problems.append(
            Problem(policy=name, binding=binding, index=index, message=message, undecided=undecided, denies=denies)
        )

    def _fail(self, policy: CompiledPolicy, binding: str, decision: Decision, action: str) -> None:
        self.failures.append(
            Failure(
                policy=policy.policy.name,
                binding=binding,
                index=decision.index,
                message=decision.message,
                reason=decision.reason or "Invalid",
                action=action,
                error=decision.error,
            )
        )
