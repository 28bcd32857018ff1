"""Does a request match ``matchConstraints`` or ``matchResources``, and as which version?

Source: k8s.io/apiserver pkg/admission/plugin: policy/matching and webhook/predicates/{namespace,object,rules}.
The order of the questions is theirs: an error of a selector counts only when the rules match.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from seawall.formats.admission_review import AdmissionRequest, GroupVersionKind, GroupVersionResource
from seawall.policy.admission.kinds import KindTable
from seawall.policy.admission.policies import EQUIVALENT, MatchResources, ResourceRule
from seawall.policy.admission.selectors import Labels, Test, compile_selector


class ConfigurationError(Exception):
    """A policy or binding cannot be applied to a request; ``failurePolicy`` says what that means."""


class UndecidedError(Exception):
    """The answer depends on something that is not known here; it is neither a match nor the lack of one."""


class Namespaces(Protocol):
    """What is known of the namespaces of the cluster."""

    def namespace_labels(self, name: str) -> Labels | None:
        """Return the labels of the namespace `name`, or None where there is no such namespace."""
        ...


class Match(msgspec.Struct, frozen=True):
    """What a request matched as: for an equivalent resource, another one than the user asked for."""

    resource: GroupVersionResource
    kind: GroupVersionKind


_NAMESPACES = GroupVersionResource("", "v1", "namespaces")

# Requests for these never meet policies: they would lock the cluster's own door, or the policies' own.
# Source: k8s.io/kubernetes pkg/kubeapiserver/admission/exclusion; k8s.io/apiserver pkg/admission/plugin/policy/generic/plugin.go.
EXEMPT = frozenset(
    {
        ("authentication.k8s.io", "selfsubjectreviews"),
        ("authentication.k8s.io", "tokenreviews"),
        ("authorization.k8s.io", "localsubjectaccessreviews"),
        ("authorization.k8s.io", "selfsubjectaccessreviews"),
        ("authorization.k8s.io", "selfsubjectrulesreviews"),
        ("authorization.k8s.io", "subjectaccessreviews"),
        ("admissionregistration.k8s.io", "validatingadmissionpolicies"),
        ("admissionregistration.k8s.io", "validatingadmissionpolicybindings"),
        ("admissionregistration.k8s.io", "mutatingadmissionpolicies"),
        ("admissionregistration.k8s.io", "mutatingadmissionpolicybindings"),
    }
)


class Matcher:
    """A compiled `MatchResources`."""

    def __init__(self, constraints: MatchResources) -> None:
        self._namespace_selector = compile_selector(constraints.namespace_selector)
        self._object_selector = compile_selector(constraints.object_selector)
        self._rules = [_Rule(rule) for rule in constraints.resource_rules]
        self._excluded = [_Rule(rule) for rule in constraints.exclude_resource_rules]
        self._equivalent = constraints.match_policy == EQUIVALENT

    def match(self, request: AdmissionRequest, kinds: KindTable, namespaces: Namespaces) -> Match | None:
        """Return what `request` matches as, or None.

        Raises `ConfigurationError` where the API server would find the policy not applicable, `UndecidedError` where a selector
        asks for labels of a namespace that are not known.
        """
        # The rules come first here because they are cheap; what they decide is the same in any order, errors aside.
        found = self.applies(request, kinds)
        if found is None:
            return None
        if self._object_selector is not None and not (
            _object_matches(request.object, self._object_selector)
            or _object_matches(request.old_object, self._object_selector)
        ):
            return None
        if self._namespace_selector is not None:
            resource = request.request_resource or request.resource
            selected = _namespace_matches(request, resource, self._namespace_selector, namespaces)
            if selected is None:
                raise UndecidedError(f"the labels of namespace {request.namespace!r} are not known")
            if not selected:
                return None
        return found

    @property
    def asks_for_names(self) -> bool:
        """Whether a rule has ``resourceNames``: what applies then differs from object to object."""
        return any(rule.has_names for rule in (*self._rules, *self._excluded))

    def applies(self, request: AdmissionRequest, kinds: KindTable) -> Match | None:
        """Return what the rules alone match `request` as: all that can be said without the object."""
        asked = Match(request.request_resource or request.resource, request.request_kind or request.kind)
        if self._excluded and self._rules_match(self._excluded, request, asked, kinds) is not None:
            return None
        return asked if not self._rules else self._rules_match(self._rules, request, asked, kinds)

    def names_group(self, group: str) -> bool:
        """Return whether a rule names `group` itself."""
        return any(rule.names_group(group) for rule in self._rules)

    def _rules_match(
        self, rules: list["_Rule"], request: AdmissionRequest, asked: Match, kinds: KindTable
    ) -> Match | None:
        for rule in rules:
            if rule.matches(request, asked.resource) and rule.names(request.name):
                return asked
        if not self._equivalent or not rules:
            return None
        equivalents = [served for served in kinds.equivalents(asked.resource) if served.resource != asked.resource]
        for rule in rules:
            for served in equivalents:
                if rule.matches(request, served.resource) and rule.names(request.name):
                    # Every version of a scale subresource is the one kind autoscaling/v1 Scale.
                    scale = (request.request_sub_resource or request.sub_resource) == "scale"
                    return Match(served.resource, asked.kind if scale else served.kind)
        return None


class _Rule:
    """A compiled rule; ``*`` in a list is any."""

    def __init__(self, rule: ResourceRule) -> None:
        self._groups = _any_or(rule.api_groups)
        self._versions = _any_or(rule.api_versions)
        self._operations = _any_or(rule.operations)
        self._names = frozenset(rule.resource_names)
        self._scope = rule.scope
        self._resources = [_split(resource) for resource in rule.resources]

    def matches(self, request: AdmissionRequest, resource: GroupVersionResource) -> bool:
        if self._scope != "*":
            cluster = resource == _NAMESPACES or not request.namespace
            if cluster != (self._scope == "Cluster"):
                return False
        return (
            (self._operations is None or request.operation in self._operations)
            and (self._groups is None or resource.group in self._groups)
            and (self._versions is None or resource.version in self._versions)
            and self._resource_matches(resource.resource, request.request_sub_resource or request.sub_resource)
        )

    def _resource_matches(self, name: str, sub_resource: str) -> bool:
        return any(
            (main == "*" or main == name) and (below == "*" or below == sub_resource) for main, below in self._resources
        )

    @property
    def has_names(self) -> bool:
        return bool(self._names)

    def names_group(self, group: str) -> bool:
        return self._groups is not None and group in self._groups

    def names(self, name: str) -> bool:
        return not self._names or name in self._names


def _any_or(items: list[str]) -> frozenset[str] | None:
    return None if "*" in items else frozenset(items)


def _split(resource: str) -> tuple[str, str]:
    main, _, below = resource.partition("/")
    return main, below


def _object_matches(value: Mapping[str, Any] | None, selector: Test) -> bool:
    """Whether an object exists, has metadata (the options of CONNECT have none) and its labels are selected."""
    if value is None:
        return False
    metadata = value.get("metadata")
    if not isinstance(metadata, dict):
        return value.get("kind") not in _WITHOUT_METADATA and bool(selector(Labels({})))
    return bool(selector(Labels(metadata.get("labels") or {})))


_WITHOUT_METADATA = frozenset(
    {
        "PodExecOptions",
        "PodAttachOptions",
        "PodPortForwardOptions",
        "PodProxyOptions",
        "ServiceProxyOptions",
        "NodeProxyOptions",
    }
)


def _namespace_matches(
    request: AdmissionRequest, resource: GroupVersionResource, selector: Test, namespaces: Namespaces
) -> bool | None:
    if not request.namespace and resource.resource != "namespaces":
        return True  # objects without a namespace are never left out by a namespace selector
    if (
        resource.resource == "namespaces"
        and not (request.request_sub_resource or request.sub_resource)
        and request.operation in ("CREATE", "UPDATE")
    ):
        metadata = (request.object or {}).get("metadata") or {}
        return selector(Labels(metadata.get("labels") or {}))
    labels = namespaces.namespace_labels(request.namespace)
    if labels is None:
        raise ConfigurationError(f'namespaces "{request.namespace}" not found')
    return selector(labels)
