"""ValidatingAdmissionPolicies and their bindings: objects -> typed values, defaulted as the API server defaults them.

Source: k8s.io/api/admissionregistration/v1. A field that the API does not know is refused, as ``kubectl apply`` has the API
server refuse it: a misspelt ``matchCondition`` must not widen a policy in silence.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from seawall.model.errors import RuleError
from seawall.model.field_path import FieldPath, format_field_path
from seawall.model.resource import Resource

GROUP: Final = "admissionregistration.k8s.io"
_VERSIONS: Final = frozenset((f"{GROUP}/v1", f"{GROUP}/v1beta1"))
POLICY, BINDING = "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"

FAIL, IGNORE = "Fail", "Ignore"
DENY, WARN, AUDIT = "Deny", "Warn", "Audit"
EXACT, EQUIVALENT = "Exact", "Equivalent"


class _Api(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A part of the API: camelCase in files, no unknown fields."""


class LabelRequirement(_Api, frozen=True, kw_only=True):
    key: str = ""
    operator: str = ""
    values: list[str] = []


class LabelSelector(_Api, frozen=True, kw_only=True):
    match_labels: dict[str, str] = {}
    match_expressions: list[LabelRequirement] = []


class ResourceRule(_Api, frozen=True, kw_only=True):
    """NamedRuleWithOperations."""

    resource_names: list[str] = []
    operations: list[str] = []
    api_groups: list[str] = []
    api_versions: list[str] = []
    resources: list[str] = []
    scope: str = "*"


class MatchResources(_Api, frozen=True, kw_only=True):
    namespace_selector: LabelSelector = LabelSelector()
    object_selector: LabelSelector = LabelSelector()
    resource_rules: list[ResourceRule] = []
    exclude_resource_rules: list[ResourceRule] = []
    match_policy: str = EQUIVALENT


class ParamKind(_Api, frozen=True, kw_only=True):
    api_version: str = ""
    kind: str = ""


class ParamRef(_Api, frozen=True, kw_only=True):
    name: str = ""
    namespace: str = ""
    selector: LabelSelector | None = None
    parameter_not_found_action: str = ""


class NamedExpression(_Api, frozen=True, kw_only=True):
    """A variable or a match condition."""

    name: str = ""
    expression: str = ""


class Validation(_Api, frozen=True, kw_only=True):
    expression: str = ""
    message: str = ""
    message_expression: str = ""
    reason: str | None = None


class AuditAnnotation(_Api, frozen=True, kw_only=True):
    key: str = ""
    value_expression: str = ""


class PolicySpec(_Api, frozen=True, kw_only=True):
    param_kind: ParamKind | None = None
    match_constraints: MatchResources | None = None
    validations: list[Validation] = []
    failure_policy: str = FAIL
    audit_annotations: list[AuditAnnotation] = []
    match_conditions: list[NamedExpression] = []
    variables: list[NamedExpression] = []


class BindingSpec(_Api, frozen=True, kw_only=True):
    policy_name: str = ""
    param_ref: ParamRef | None = None
    match_resources: MatchResources | None = None
    validation_actions: list[str] = []


class Metadata(msgspec.Struct, frozen=True):
    name: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class Source:
    """Where a policy or binding was read from: `refuse` makes errors that name file, line and field."""

    def __init__(self, origin: Resource | Mapping[str, Any]) -> None:
        self._origin = origin
        value: Mapping[str, Any] = origin.object if isinstance(origin, Resource) else origin
        metadata = value.get("metadata")
        self.object = value
        self.name = f"{value.get('kind')} {metadata.get('name', '') if isinstance(metadata, dict) else ''}".rstrip()

    def place(self, path: FieldPath) -> str:
        """Return ``file:line`` of a field, or the object's name where it did not come from a file."""
        if not isinstance(self._origin, Resource):
            return self.name
        location = self._origin.locate(path).location
        return f"{location.path}:{location.line}"

    def refuse(self, problems: Iterable[tuple[FieldPath, str]]) -> RuleError:
        """Return the error for `problems`, each a field and what is wrong with it; there is at least one."""
        listed = list(problems)
        text = "; ".join(f"{format_field_path(path)}: {message}" for path, message in listed)
        where = f"{self.name}: " if isinstance(self._origin, Resource) else ""
        return RuleError(f"{where}{text}", place=self.place(listed[0][0]))


class Policy(msgspec.Struct, frozen=True, eq=False):
    name: str
    metadata: Metadata
    spec: PolicySpec
    source: Source


class Binding(msgspec.Struct, frozen=True, eq=False):
    name: str
    spec: BindingSpec
    source: Source


class _PolicyObject(_Api, frozen=True, kw_only=True):
    api_version: str
    kind: str
    metadata: Metadata = Metadata()
    spec: PolicySpec = PolicySpec()
    status: Any = None


class _BindingObject(_Api, frozen=True, kw_only=True):
    api_version: str
    kind: str
    metadata: Metadata = Metadata()
    spec: BindingSpec = BindingSpec()


def is_native(value: Mapping[str, Any]) -> bool:
    """Return whether `value` is a ValidatingAdmissionPolicy or a binding of one."""
    return value.get("kind") in (POLICY, BINDING) and value.get("apiVersion") in _VERSIONS


def decode(origin: Resource | Mapping[str, Any]) -> Policy | Binding:
    """Return the policy or binding in `origin`, which `is_native`. Raises `RuleError` for a shape that the API refuses."""
    source = Source(origin)
    if source.object["kind"] == POLICY:
        policy = _convert(source, _PolicyObject)
        return Policy(policy.metadata.name, policy.metadata, policy.spec, source)
    binding = _convert(source, _BindingObject)
    return Binding(binding.metadata.name, binding.spec, source)


_PLACE = re.compile(r"(?P<message>.*?)(?: - at `(?:key in )?\$(?P<path>.*)`)?", re.DOTALL)


def _convert(source: Source, kind: type[Any]) -> Any:
    try:
        return msgspec.convert(source.object, kind)
    except msgspec.ValidationError as error:
        found = _PLACE.fullmatch(str(error))
        path = _steps(source.object, found["path"] or "") if found else ()
        raise source.refuse([(path, found["message"] if found else str(error))]) from None


def _steps(value: Any, path: str) -> FieldPath:
    """The field path of msgspec's ``.spec.validations[0]``; a ``[...]`` (some value of a map) ends it."""
    steps: list[str | int] = []
    for name, index in re.findall(r"\.([A-Za-z]+)|\[(\d+)\]", path.partition("[...]")[0]):
        steps.append(name or int(index))
    return tuple(steps)
