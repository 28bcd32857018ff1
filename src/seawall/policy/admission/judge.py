"""One policy on one request with one parameter: match conditions, validations with their messages, audit annotations.

Source: k8s.io/apiserver pkg/admission/plugin/policy/validating/validator.go and
pkg/admission/plugin/webhook/matchconditions/matcher.go (v1.36).
"""

from typing import NamedTuple

import msgspec

from seawall.cel.errors import CelError, CelUnknown
from seawall.policy.admission import messages
from seawall.policy.admission.activation import Activation
from seawall.policy.admission.compile import CompiledPolicy
from seawall.policy.admission.policies import IGNORE


class Decision(msgspec.Struct, frozen=True):
    """What is not right with one validation; `index` is None where the policy failed as a whole.

    `error` could not be evaluated, and denies only by ``failurePolicy``; `undecided` could not be known.
    """

    index: int | None
    message: str
    reason: str = ""
    error: bool = False
    denies: bool = True
    undecided: bool = False


class Annotation(NamedTuple):
    """An audit annotation: a value to publish, or an error that denies."""

    key: str
    value: str
    error: str = ""


def judge(policy: CompiledPolicy, activation: Activation) -> tuple[list[Decision], list[Annotation]]:
    """Return what `policy` finds; nothing for a validation that holds."""
    denies = policy.policy.spec.failure_policy != IGNORE
    if policy.conditions:
        condition = _conditions(policy, activation, denies)
        if condition is not None:
            return condition, []
    decisions = list[Decision]()
    scope = activation.validations(authorizer=True)
    bare = None
    for index, compiled in enumerate(policy.validations):
        try:
            value = scope.run(compiled.expression)
        except CelUnknown as error:
            text = messages.evaluation_error(compiled.expression.text, error)
            decisions.append(Decision(index, text, undecided=True))
            continue
        except CelError as error:
            decisions.append(Decision(index, str(error), error=True, denies=denies))
            continue
        if value is True:
            continue
        evaluated = None
        if compiled.message is not None:
            bare = bare or activation.validations(authorizer=False)
            try:
                evaluated = bare.run(compiled.message)
            except (CelError, CelUnknown):
                evaluated = None
        validation = compiled.validation
        text = messages.failure_message(validation.expression, validation.message, evaluated)
        decisions.append(Decision(index, text, validation.reason or "Invalid"))
    return decisions, _annotations(policy, activation, denies)


def _conditions(policy: CompiledPolicy, activation: Activation, denies: bool) -> list[Decision] | None:
    """None where all match conditions hold. One that is false wins over errors; an error goes by ``failurePolicy``."""
    errors: list[str] = []
    unknown = ""
    scope = activation.conditions()
    for _, expression in policy.conditions:
        try:
            if scope.run(expression) is not True:
                return []
        except CelUnknown as error:
            unknown = unknown or messages.evaluation_error(expression.text, error)
        except CelError as error:
            errors.append(str(error))
    if unknown:
        return [Decision(None, unknown, undecided=True)]
    if errors:
        return [Decision(None, messages.aggregate(errors), error=True, denies=denies)]
    return None


def _annotations(policy: CompiledPolicy, activation: Activation, denies: bool) -> list[Annotation]:
    if not policy.annotations:
        return []
    found: list[Annotation] = []
    # The API server compiles them with an authorizer and evaluates them without one.
    scope = activation.validations(authorizer=False)
    for key, expression in policy.annotations:
        try:
            value = scope.run(expression)
        except CelUnknown:
            continue  # what would be written into an audit log is no verdict
        except CelError as error:
            if denies:
                found.append(Annotation(key, "", str(error)))
            continue
        if isinstance(value, str) and messages.trim(value):
            found.append(Annotation(key, messages.cut_annotation(messages.trim(value))))
    return found
