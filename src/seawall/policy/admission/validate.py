"""What the API server refuses when a policy or binding is created, expressions aside (`compile` checks those).

Source: k8s.io/kubernetes pkg/apis/admissionregistration/validation/validation.go (v1.36) and apimachinery's label selector and
name validation. Words follow apimachinery's field errors, so that both refusals read alike.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from seawall.model.field_path import FieldPath
from seawall.policy.admission.messages import trim
from seawall.policy.admission.policies import (
    AUDIT,
    DENY,
    EQUIVALENT,
    EXACT,
    FAIL,
    IGNORE,
    WARN,
    AuditAnnotation,
    Binding,
    LabelSelector,
    MatchResources,
    NamedExpression,
    ParamKind,
    ParamRef,
    Policy,
    ResourceRule,
    Validation,
)

Problem: TypeAlias = tuple[FieldPath, str]

MATCH_CONDITIONS: Final = 64
AUDIT_ANNOTATIONS: Final = 20
ANNOTATION_EXPRESSION_BYTES: Final = 5 * 1024

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\Z")
_LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?\Z")
_QUALIFIED = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\Z")
_IDENTIFIER = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*\Z")
_RESERVED: Final = re.compile(
    "(true|false|null|in|as|break|const|continue|else|for|function|if|import|let|loop|package|namespace|return|var|void|while)\\Z"
)
_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_SCOPES = ("*", "Cluster", "Namespaced")
_REASONS = ("Forbidden", "Invalid", "RequestEntityTooLarge")


def policy_problems(policy: Policy) -> Iterator[Problem]:
    """Yield what is wrong with `policy`, in the order of the API server."""
    spec = policy.spec
    yield from _name(policy.name, ("metadata", "name"))
    yield from _one_of(spec.failure_policy, (FAIL, IGNORE), ("spec", "failurePolicy"))
    if spec.param_kind is not None:
        yield from _param_kind(spec.param_kind, ("spec", "paramKind"))
    if spec.match_constraints is None:
        yield ("spec", "matchConstraints"), "Required value"
    else:
        yield from _match_resources(spec.match_constraints, ("spec", "matchConstraints"))
        if not spec.match_constraints.resource_rules:
            yield ("spec", "matchConstraints", "resourceRules"), "Required value"
    yield from _match_conditions(spec.match_conditions)
    for index, variable in enumerate(spec.variables):
        path: FieldPath = ("spec", "variables", index)
        if not trim(variable.name):
            yield (*path, "name"), "Required value: name is not specified"
        elif not _IDENTIFIER.match(variable.name) or _RESERVED.match(variable.name):
            yield (*path, "name"), f"Invalid value: {_quote(variable.name)}: must be a valid CEL identifier"
        if not trim(variable.expression):
            yield (*path, "expression"), "Required value: expression is not specified"
    if not spec.validations and not spec.audit_annotations:
        for field in ("validations", "auditAnnotations"):
            yield ("spec", field), "Required value: validations or auditAnnotations must contain at least one item"
    for index, validation in enumerate(spec.validations):
        yield from _validation(validation, ("spec", "validations", index))
    yield from _annotations(policy.name, spec.audit_annotations)


def binding_problems(binding: Binding) -> Iterator[Problem]:
    """Yield what is wrong with `binding`, in the order of the API server."""
    spec = binding.spec
    yield from _name(binding.name, ("metadata", "name"))
    if not spec.policy_name:
        yield ("spec", "policyName"), "Required value"
    else:
        yield from _name(spec.policy_name, ("spec", "policyName"))
    if spec.param_ref is not None:
        yield from _param_ref(spec.param_ref, ("spec", "paramRef"))
    if spec.match_resources is not None:
        yield from _match_resources(spec.match_resources, ("spec", "matchResources"))
    path: FieldPath = ("spec", "validationActions")
    for index, action in enumerate(spec.validation_actions):
        yield from _one_of(action, (AUDIT, DENY, WARN), (*path, index))
    yield from _duplicates(spec.validation_actions, path)
    if {DENY, WARN} <= set(spec.validation_actions):
        yield (
            path,
            "Invalid value: must not contain both Deny and Warn (repeating the same validation failure information in the API "
            "response and headers serves no purpose)",
        )
    if not spec.validation_actions:
        yield path, "Required value: at least one validation action is required"


def _name(name: str, path: FieldPath) -> Iterator[Problem]:
    if not name:
        yield path, "Required value: name or generateName is required"
    elif len(name) > 253 or not _SUBDOMAIN.match(name):
        yield path, f"Invalid value: {_quote(name)}: must be a lowercase RFC 1123 subdomain"


def _one_of(value: str, supported: Sequence[str], path: FieldPath) -> Iterator[Problem]:
    if value not in supported:
        yield path, f"Unsupported value: {_quote(value)}: supported values: {', '.join(map(_quote, supported))}"


def _duplicates(values: Iterable[str], path: FieldPath) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value in seen:
            yield (*path, index), f"Duplicate value: {_quote(value)}"
        seen.add(value)


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _param_kind(kind: ParamKind, path: FieldPath) -> Iterator[Problem]:
    group, slash, version = kind.api_version.rpartition("/")
    if not kind.api_version:
        yield (*path, "apiVersion"), "Required value"
    elif "/" in group or (slash and not group):
        yield (*path, "apiVersion"), f"Invalid value: {_quote(kind.api_version)}: not a group and a version"
    else:
        if group and (len(group) > 253 or not _SUBDOMAIN.match(group)):
            yield (*path, "apiVersion"), f"Invalid value: {_quote(group)}: must be a lowercase RFC 1123 subdomain"
        if len(version) > 63 or not _LABEL_1035.match(version):
            yield (*path, "apiVersion"), f"Invalid value: {_quote(version)}: must be a DNS-1035 label"
    if not kind.kind:
        yield (*path, "kind"), "Required value"
    elif len(kind.kind) > 63 or not _LABEL_1035.match(kind.kind.lower()):
        yield (
            (*path, "kind"),
            f"Invalid value: {_quote(kind.kind)}: may have mixed case, but should otherwise match a DNS-1035 label",
        )


def _match_resources(match: MatchResources, path: FieldPath) -> Iterator[Problem]:
    yield from _one_of(match.match_policy, (EQUIVALENT, EXACT), (*path, "matchPolicy"))
    yield from _selector(match.namespace_selector, (*path, "namespaceSelector"))
    yield from _selector(match.object_selector, (*path, "objectSelector"))
    for field, rules in (
        ("resourceRules", match.resource_rules),
        ("excludeResourceRules", match.exclude_resource_rules),
    ):
        for index, rule in enumerate(rules):
            yield from _rule(rule, (*path, field, index))


def _rule(rule: ResourceRule, path: FieldPath) -> Iterator[Problem]:
    for index, name in enumerate(rule.resource_names):
        if name in (".", "..") or "/" in name or "%" in name:
            yield (*path, "resourceNames", index), f"Invalid value: {_quote(name)}: not a name of an object"
    yield from _duplicates(rule.resource_names, (*path, "resourceNames"))
    lists = (
        ("operations", rule.operations, "operations"),
        ("apiGroups", rule.api_groups, "API groups"),
        ("apiVersions", rule.api_versions, "API versions"),
    )
    for field, items, noun in lists:
        if not items:
            yield (*path, field), "Required value"
        if len(items) > 1 and "*" in items:
            yield (*path, field), f"Invalid value: if '*' is present, must not specify other {noun}"
    for index, operation in enumerate(rule.operations):
        yield from _one_of(operation, _OPERATIONS, (*path, "operations", index))
    for index, version in enumerate(rule.api_versions):
        if not version:
            yield (*path, "apiVersions", index), "Required value"
    yield from _resources(rule.resources, (*path, "resources"))
    yield from _one_of(rule.scope, _SCOPES, (*path, "scope"))


def _resources(resources: Sequence[str], path: FieldPath) -> Iterator[Problem]:
    if not resources:
        yield path, "Required value"
    all_below: set[str] = set()
    below_all: set[str] = set()
    whole = False
    for index, resource in enumerate(resources):
        if not resource:
            yield (*path, index), "Required value"
            continue
        main, slash, below = resource.partition("/")
        if not slash:
            whole = resource != "*"  # of the last one without a slash, as the API server has it
            continue
        if main in all_below:
            text = f"if '{main}/*' is present, must not specify {resource}"
            yield (*path, index), f"Invalid value: {_quote(resource)}: {text}"
        if below in below_all:
            text = f"if '*/{below}' is present, must not specify {resource}"
            yield (*path, index), f"Invalid value: {_quote(resource)}: {text}"
        if below == "*":
            all_below.add(main)
        if main == "*":
            below_all.add(below)
    if len(resources) > 1 and "*/*" in resources:
        yield path, "Invalid value: if '*/*' is present, must not specify other resources"
    if "*" in resources and whole:
        yield path, "Invalid value: if '*' is present, must not specify other resources without subresources"


def _selector(selector: LabelSelector, path: FieldPath) -> Iterator[Problem]:
    for key, value in selector.match_labels.items():
        yield from _label(key, (value,), (*path, "matchLabels", key))
    for index, requirement in enumerate(selector.match_expressions):
        inner: FieldPath = (*path, "matchExpressions", index)
        if requirement.operator in ("In", "NotIn"):
            if not requirement.values:
                yield (*inner, "values"), "Required value: must be specified when `operator` is 'In' or 'NotIn'"
        elif requirement.operator in ("Exists", "DoesNotExist"):
            if requirement.values:
                yield (
                    (*inner, "values"),
                    "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
                )
        else:
            yield (
                (*inner, "operator"),
                f"Invalid value: {_quote(requirement.operator)}: not a valid selector operator",
            )
        yield from _label(requirement.key, requirement.values, inner)


def _label(key: str, values: Iterable[str], path: FieldPath) -> Iterator[Problem]:
    if not is_qualified_name(key):
        yield path, f"Invalid value: {_quote(key)}: not a qualified name"
    for value in values:
        if len(value) > 63 or (value and not _QUALIFIED.match(value)):
            yield path, f"Invalid value: {_quote(value)}: not a label value"


def is_qualified_name(name: str) -> bool:
    """Return whether `name` is a qualified name: an optional DNS subdomain with a slash, and a name of up to 63 characters."""
    prefix, slash, rest = name.rpartition("/")
    if "/" in prefix or (slash and (len(prefix) > 253 or not _SUBDOMAIN.match(prefix))):
        return False
    return len(rest) <= 63 and bool(_QUALIFIED.match(rest))


def _match_conditions(conditions: Sequence[NamedExpression]) -> Iterator[Problem]:
    path: FieldPath = ("spec", "matchConditions")
    if len(conditions) > MATCH_CONDITIONS:
        yield path, f"Too many: {len(conditions)}: must have at most {MATCH_CONDITIONS} items"
    seen: set[str] = set()
    for index, condition in enumerate(conditions):
        if not trim(condition.expression):
            yield (*path, index, "expression"), "Required value"
        if not condition.name:
            yield (*path, index, "name"), "Required value"
        elif not is_qualified_name(condition.name):
            yield (*path, index, "name"), f"Invalid value: {_quote(condition.name)}: not a qualified name"
        elif condition.name in seen:
            yield (*path, index, "name"), f"Duplicate value: {_quote(condition.name)}"
        seen.add(condition.name)


def _validation(validation: Validation, path: FieldPath) -> Iterator[Problem]:
    if not trim(validation.expression):
        yield (*path, "expression"), "Required value: expression is not specified"
    if validation.message_expression and not trim(validation.message_expression):
        yield (*path, "messageExpression"), "Invalid value: must be non-empty if specified"
    message = trim(validation.message)
    if validation.message and not message:
        yield (*path, "message"), "Invalid value: must be non-empty if specified"
    elif "\n" in message or "\r" in message:
        yield (*path, "message"), "Invalid value: must not contain line breaks"
    if validation.reason is not None:
        yield from _one_of(validation.reason, _REASONS, (*path, "reason"))


def _annotations(policy: str, annotations: Sequence[AuditAnnotation]) -> Iterator[Problem]:
    path: FieldPath = ("spec", "auditAnnotations")
    if len(annotations) > AUDIT_ANNOTATIONS:
        yield path, f"Invalid value: must not have more than {AUDIT_ANNOTATIONS} auditAnnotations"
    seen: set[str] = set()
    for index, annotation in enumerate(annotations):
        if not is_qualified_name(f"{policy}/{annotation.key}"):
            yield (*path, index, "key"), f"Invalid value: {_quote(f'{policy}/{annotation.key}')}: not a qualified name"
        expression = trim(annotation.value_expression)
        if not expression:
            yield (*path, index, "valueExpression"), "Required value: valueExpression is not specified"
        elif len(expression.encode()) > ANNOTATION_EXPRESSION_BYTES:
            text = f"must not exceed {ANNOTATION_EXPRESSION_BYTES} bytes in length"
            yield (*path, index, "valueExpression"), f"Required value: {text}"
        if annotation.key in seen:
            yield (*path, index, "key"), f"Duplicate value: {_quote(annotation.key)}"
        seen.add(annotation.key)


def _param_ref(reference: ParamRef, path: FieldPath) -> Iterator[Problem]:
    if reference.name and (reference.name in (".", "..") or "/" in reference.name or "%" in reference.name):
        yield (*path, "name"), f"Invalid value: {_quote(reference.name)}: not a name of an object"
    if reference.name and reference.selector is not None:
        for field in ("name", "selector"):
            yield (*path, field), "Forbidden: name and selector are mutually exclusive"
    if reference.selector is not None:
        yield from _selector(reference.selector, (*path, "selector"))
    if not reference.name and reference.selector is None:
        yield path, "Required value: one of name or selector must be specified"
    if not reference.parameter_not_found_action:
        yield (*path, "parameterNotFoundAction"), "Required value"
    else:
        yield from _one_of(reference.parameter_not_found_action, ("Deny", "Allow"), (*path, "parameterNotFoundAction"))
