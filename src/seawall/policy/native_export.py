"""Rules -> ValidatingAdmissionPolicies with their bindings (admissionregistration.k8s.io/v1; docs/adr/0007).

Each rule becomes one policy and one binding of the same name, ``<id>.seawall.dev``. The same rule gives the same objects.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from seawall.model.rule import Rule
from seawall.model.taxonomy import Stage
from seawall.policy.native_expressions import write_logic
from seawall.policy.native_kinds import resource_of, why_not_admitted

API_VERSION = "admissionregistration.k8s.io/v1"
DOMAIN = "seawall.dev"

_SUBRESOURCES = {("", "pods"): ("pods/ephemeralcontainers", "pods/resize")}
"""Subresources whose requests carry the whole pod: containers can be added and limits changed there."""

# Removing a finalizer is an update. An object that is being deleted may go as it is; any other change of it is judged, since
# what is being deleted still counts (a role grants until it is gone).
_DELETION = {
    "name": "more-than-the-end-of-a-deletion",
    "expression": (
        "request.operation != 'UPDATE' || !has(object.metadata.deletionTimestamp) ||\n"
        "object.exists(key, !(key in ['metadata', 'status']) && (!(key in oldObject) || object[key] != oldObject[key]))"
    ),
}


class NativeFact(msgspec.Struct, frozen=True, kw_only=True):
    """What the exporter must know of a fact kind: the ``group/Kind``s that yield it, and its fields as CEL over the admitted
    ``object``. `why_not` says why there is none."""

    kinds: tuple[str, ...] = ()
    fields: Mapping[str, str] = {}
    why_not: str = ""


class Enforcing(msgspec.Struct, frozen=True, kw_only=True):
    """What the bindings do: `action` is ``Deny``, ``Warn`` or ``Audit``; `exempt` are namespaces that they leave alone."""

    action: str = "Warn"
    exempt: tuple[str, ...] = ()


class NativePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as the API server has it: the two objects, ready to be written."""

    rule: Rule
    policy: dict[str, Any]
    binding: dict[str, Any]


def why_not_native(rule: Rule, facts: Mapping[str, NativeFact]) -> str:
    """Return why `rule` cannot be written as a native policy, as a clause; empty where it can."""
    if Stage.RUNTIME not in rule.stages:
        return "it is about how a file is written, and the API server fills in what the file leaves open"
    for fact in rule.match.facts:
        if facts[fact].why_not:
            return facts[fact].why_not
    reasons = {why_not_admitted(kind) for kind in rule.match.kinds}
    return "; ".join(sorted(reasons)) if reasons and "" not in reasons else ""


def export_rule(
    rule: Rule,
    facts: Mapping[str, NativeFact],
    *,
    params: Mapping[str, Any] | None = None,
    enforcing: Enforcing | None = None,
) -> NativePolicy:
    """Return `rule` as a native policy with its binding; it must be one of which `why_not_native` says nothing.

    `params` override the rule's parameters, which become literals. Raises `RuleError` where an expression has no native form.
    """
    fact = facts[rule.match.facts[0]] if rule.match.facts else NativeFact()
    kinds = fact.kinds if rule.match.facts else [kind for kind in rule.match.kinds if not why_not_admitted(kind)]
    logic = write_logic(rule, params or {}, fact.fields)
    spec: dict[str, Any] = {
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": _resource_rules(kinds)},
        "matchConditions": [dict(_DELETION)],
    }
    if logic.variables:
        spec["variables"] = logic.variables
    spec["validations"] = logic.validations
    policy = {
        "apiVersion": API_VERSION,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": _metadata(rule, described=True),
        "spec": spec,
    }
    return NativePolicy(rule=rule, policy=policy, binding=_binding(rule, enforcing or Enforcing()))


def _binding(rule: Rule, enforcing: Enforcing) -> dict[str, Any]:
    spec: dict[str, Any] = {"policyName": f"{rule.id}.{DOMAIN}", "validationActions": [enforcing.action]}
    if enforcing.exempt:
        expression = {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": list(enforcing.exempt)}
        spec["matchResources"] = {"namespaceSelector": {"matchExpressions": [expression]}}
    return {
        "apiVersion": API_VERSION,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": _metadata(rule, described=False),
        "spec": spec,
    }


def _metadata(rule: Rule, *, described: bool) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "name": f"{rule.id}.{DOMAIN}",
        "labels": {
            "app.kubernetes.io/managed-by": "seawall",
            f"{DOMAIN}/layer": rule.layer.value,
            f"{DOMAIN}/severity": rule.severity.value,
        },
    }
    if described:
        metadata["annotations"] = {
            f"{DOMAIN}/title": rule.title,
            f"{DOMAIN}/practices": ",".join(rule.practices),
            f"{DOMAIN}/remediation": rule.remediation.strip(),
        }
    return metadata


def _resource_rules(kinds: Iterable[str]) -> list[dict[str, Any]]:
    groups: dict[str, list[str]] = {}
    for resource in sorted({resource_of(kind) for kind in kinds}):
        groups.setdefault(resource.group, []).append(resource.plural)
        groups[resource.group] += _SUBRESOURCES.get((resource.group, resource.plural), ())
    return [_resource_rule(group, plurals) for group, plurals in groups.items()]


def _resource_rule(group: str, plurals: Sequence[str]) -> dict[str, Any]:
    return {
        "apiGroups": [group],
        # Rules hold for every version of a kind, as they do in a scan; the object is judged in the version it is sent in.
        "apiVersions": ["*"],
        "operations": ["CREATE", "UPDATE"],
        "resources": list(plurals),
    }
