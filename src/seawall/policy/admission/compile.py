"""Policies and bindings -> programs and matchers, once.

`compile_policies` refuses what the API server refuses on creation (`RuleError`, with file and line). With ``tolerate`` it keeps a
policy whose expressions do not compile, as an API server does that stored it in an earlier version: each use is then an
evaluation error, and ``failurePolicy`` decides.

The variables and their types are those of k8s.io/apiserver pkg/admission/plugin/cel/compile.go (v1.36): match conditions know no
``variables``, message expressions no ``authorizer``, and ``params`` exists only where the policy has a paramKind.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final, TypeAlias

import msgspec

from seawall.cel.environment import Environment
from seawall.cel.errors import CompileError
from seawall.cel.program import Program, compile_expression
from seawall.cel.typed_fields import FieldEnvironment
from seawall.formats.admission_review import AdmissionRequest
from seawall.model.field_path import FieldPath
from seawall.model.resource import Resource
from seawall.policy.admission.kinds import KindTable
from seawall.policy.admission.matching import Matcher
from seawall.policy.admission.policies import DENY, Binding, BindingSpec, Policy, Validation, decode, is_native
from seawall.policy.admission.selectors import Test, compile_selector
from seawall.policy.admission.validate import binding_problems, policy_problems

Document: TypeAlias = "Resource | Mapping[str, Any]"

Compiler: TypeAlias = Callable[[str, Environment, str | None], Program]
"""Compiles a text in an environment to the expected type. A caller that keeps a cache passes its own."""

OBJECTS: Final = ("object", "oldObject", "request", "namespaceObject")

_FIELDS: Final = {
    **{
        f"request.{kind}.{field}": "string"
        for kind in ("kind", "requestKind")
        for field in ("group", "version", "kind")
    },
    **{
        f"request.{kind}.{field}": "string"
        for kind in ("resource", "requestResource")
        for field in ("group", "version", "resource")
    },
    **{
        f"request.{field}": "string"
        for field in ("subResource", "requestSubResource", "name", "namespace", "operation")
    },
    "request.userInfo.username": "string",
    "request.userInfo.uid": "string",
    "request.userInfo.groups": "list(string)",
    "request.userInfo.extra": "map(string, list(string))",
    "request.dryRun": "bool",
    "request.options": "dyn",
    **{
        f"namespaceObject.metadata.{field}": "string"
        for field in ("name", "generateName", "namespace", "UID", "resourceVersion")
    },
    **{f"namespaceObject.metadata.{field}": "map(string, string)" for field in ("labels", "annotations")},
    **{f"namespaceObject.metadata.{field}": "timestamp" for field in ("creationTimestamp", "deletionTimestamp")},
    **{f"namespaceObject.metadata.{field}": "int" for field in ("deletionGracePeriodSeconds", "generation")},
    "namespaceObject.metadata.finalizers": "list(string)",
    "namespaceObject.spec.finalizers": "list(string)",
    "namespaceObject.status.conditions": "list(dyn)",
    "namespaceObject.status.phase": "string",
}


KNOWN_RESOURCES: Final = 4096
"""Of how many different requests a policy set remembers whom they concern; a large cluster has some hundred resources."""


class Broken(msgspec.Struct, frozen=True):
    """An expression of a tolerated policy that does not compile, and what the API server says of it."""

    message: str


class Expression(msgspec.Struct, frozen=True, eq=False):
    """A compiled expression: the text that messages quote, the program, and the `names` of its arguments."""

    text: str
    program: Program | Broken
    names: tuple[str, ...]


class CompiledValidation(msgspec.Struct, frozen=True, eq=False):
    validation: Validation
    expression: Expression
    message: Expression | None


class CompiledBinding(msgspec.Struct, frozen=True, eq=False):
    """A binding; `selector` is that of its paramRef (None: every object).

    `everywhere`: no binding was written; it stands for one that takes every parameter of the kind, in whatever namespace.
    """

    binding: Binding
    matcher: Matcher | None
    selector: Test | None
    everywhere: bool = False


class CompiledPolicy(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """A policy with its bindings, ready to evaluate."""

    policy: Policy
    matcher: Matcher
    conditions: tuple[tuple[str, Expression], ...]
    variables: Mapping[str, Expression]
    validations: tuple[CompiledValidation, ...]
    annotations: tuple[tuple[str, Expression], ...]
    bindings: tuple[CompiledBinding, ...]


class PolicySet(msgspec.Struct, frozen=True, eq=False):
    """Policies in the order of their names; `unbound` are bindings whose policy is not here: they do nothing."""

    policies: tuple[CompiledPolicy, ...]
    unbound: tuple[Binding, ...] = ()
    known: dict[Any, list[CompiledPolicy]] = msgspec.field(default_factory=dict)

    def concerned(self, request: AdmissionRequest, kinds: KindTable) -> list[CompiledPolicy]:
        """Return the bound policies whose rules match `request`, selectors and conditions aside.

        Most requests concern few policies, and most are like one before: what rules say of a resource is kept.
        """
        key = (
            request.request_resource or request.resource,
            request.request_kind or request.kind,
            request.request_sub_resource or request.sub_resource,
            request.operation,
            bool(request.namespace),
            kinds,
        )
        found = self.known.get(key)
        if found is None:
            if len(self.known) >= KNOWN_RESOURCES:
                self.known.clear()
            found = self.known[key] = [
                policy
                for policy in self.policies
                if policy.bindings
                and (policy.matcher.asks_for_names or policy.matcher.applies(request, kinds) is not None)
            ]
        return found

    def names_group(self, group: str) -> bool:
        """Return whether a policy asks for the API group `group` by its name."""
        return any(policy.matcher.names_group(group) for policy in self.policies)


def compile_text(text: str, environment: Environment, expect: str | None) -> Program:
    """Compile `text` without a cache."""
    return compile_expression(text, environment, expect=expect)


def compile_policies(
    documents: Iterable[Document], *, compiler: Compiler = compile_text, tolerate: bool = False
) -> PolicySet:
    """Compile the policies among `documents` (resources, or plain objects) with their bindings; other kinds are passed over.

    Raises `RuleError` for what the API server would refuse to store.
    """
    policies: dict[str, Policy] = {}
    bindings: dict[str, Binding] = {}
    for document in documents:
        if not is_native(document.object if isinstance(document, Resource) else document):
            continue
        decoded = decode(document)
        twins: Mapping[str, Policy | Binding] = policies if isinstance(decoded, Policy) else bindings
        if decoded.name in twins:
            raise decoded.source.refuse([(("metadata", "name"), "Duplicate value: another object has this name")])
        problems = list(policy_problems(decoded) if isinstance(decoded, Policy) else binding_problems(decoded))
        if problems:
            raise decoded.source.refuse(problems)
        if isinstance(decoded, Policy):
            policies[decoded.name] = decoded
        else:
            bindings[decoded.name] = decoded
    bound: dict[str, list[CompiledBinding]] = {}
    for name in sorted(bindings):
        bound.setdefault(bindings[name].spec.policy_name, []).append(compile_binding(bindings[name]))
    return PolicySet(
        tuple(_compile(policies[name], bound.get(name, ()), compiler, tolerate) for name in sorted(policies)),
        tuple(one.binding for name, many in sorted(bound.items()) if name not in policies for one in many),
    )


def compile_binding(binding: Binding) -> CompiledBinding:
    """Return `binding` with its selectors compiled."""
    spec = binding.spec
    matcher = None if spec.match_resources is None else Matcher(spec.match_resources)
    selector = spec.param_ref.selector if spec.param_ref is not None else None
    return CompiledBinding(binding, matcher, compile_selector(selector) if selector is not None else None)


def bind_everywhere(policies: PolicySet) -> PolicySet:
    """Return `policies` with those that nothing binds bound to everything, with Deny and every parameter there is."""
    bound = []
    for policy in policies.policies:
        if not policy.bindings:
            binding = Binding(
                "", BindingSpec(policy_name=policy.policy.name, validation_actions=[DENY]), policy.policy.source
            )
            policy = msgspec.structs.replace(policy, bindings=(CompiledBinding(binding, None, None, everywhere=True),))
        bound.append(policy)
    return PolicySet(tuple(bound), policies.unbound)


@cache
def admission_environment(params: bool, authorizer: bool) -> FieldEnvironment:
    """Return the environment of an expression that has no ``variables``."""
    return _environment(params, authorizer, None)


def _environment(params: bool, authorizer: bool, variables: Mapping[str, str] | None) -> FieldEnvironment:
    names = list(OBJECTS)
    types: dict[str, str] = {}
    fields = dict(_FIELDS)
    closed = {"request", "namespaceObject"}
    if params:
        names.append("params")
    if authorizer:
        names += ["authorizer", "authorizer_requestResource"]
        types["authorizer"] = "kubernetes.authorization.Authorizer"
        fields["authorizer.requestResource"] = "kubernetes.authorization.ResourceCheck"
        types["authorizer_requestResource"] = fields["authorizer.requestResource"]
    if variables is not None:
        names.append("variables")
        closed.add("variables")
        fields |= {f"variables.{name}": kind for name, kind in variables.items()}
    return FieldEnvironment(tuple(names), types=types, fields=fields, closed=frozenset(closed))


def _compile(policy: Policy, bindings: Iterable[CompiledBinding], compiler: Compiler, tolerate: bool) -> CompiledPolicy:
    spec = policy.spec
    params = spec.param_kind is not None
    types: dict[str, str] | None = {} if spec.variables else None
    environments: dict[bool, FieldEnvironment] = {}
    problems: list[tuple[FieldPath, str]] = []

    def environment(authorizer: bool) -> FieldEnvironment:
        if types is None:
            return admission_environment(params, authorizer)
        known = environments.get(authorizer)
        if known is None:
            known = environments[authorizer] = _environment(params, authorizer, types)
        return known

    def compiled(text: str, names: FieldEnvironment, expect: str | None, path: FieldPath) -> Expression:
        try:
            return Expression(text, compiler(text, names, expect), names.variables)
        except CompileError as error:
            problems.append((path, f"compilation failed: {error}"))
            return Expression(text, Broken(f"compilation failed: {error}"), names.variables)

    conditions = tuple(
        (one.name, compiled(one.expression, admission_environment(params, True), "bool", _at("matchConditions", index)))
        for index, one in enumerate(spec.match_conditions)
    )
    variables: dict[str, Expression] = {}
    for index, variable in enumerate(spec.variables):
        expression = compiled(variable.expression, environment(True), None, _at("variables", index))
        variables[variable.name] = expression
        if types is not None:
            types[variable.name] = _declared(expression.program)
            environments.clear()
    validations = tuple(
        _validation(validation, index, compiled, environment) for index, validation in enumerate(spec.validations)
    )
    annotations = tuple(
        (
            one.key,
            compiled(
                one.value_expression,
                environment(True),
                "string|null_type",
                ("spec", "auditAnnotations", index, "valueExpression"),
            ),
        )
        for index, one in enumerate(spec.audit_annotations)
    )
    if problems and not tolerate:
        raise policy.source.refuse(problems)
    return CompiledPolicy(
        policy=policy,
        matcher=Matcher(spec.match_constraints) if spec.match_constraints is not None else _refused(policy),
        conditions=conditions,
        variables=variables,
        validations=validations,
        annotations=annotations,
        bindings=tuple(bindings),
    )


def _at(part: str, index: int) -> FieldPath:
    return ("spec", part, index, "expression")


def _refused(policy: Policy) -> Matcher:
    raise policy.source.refuse([(("spec", "matchConstraints"), "Required value")])


def _validation(
    validation: Validation,
    index: int,
    compiled: Callable[[str, FieldEnvironment, str | None, FieldPath], Expression],
    environment: Callable[[bool], FieldEnvironment],
) -> CompiledValidation:
    path: FieldPath = ("spec", "validations", index)
    message = None
    expression = compiled(validation.expression, environment(True), "bool", (*path, "expression"))
    if validation.message_expression:
        message = compiled(validation.message_expression, environment(False), "string", (*path, "messageExpression"))
    return CompiledValidation(validation, expression, message)


def _declared(program: Program | Broken) -> str:
    """The type under which a variable is declared: as the API server, `dyn` for all but plain types, lists and maps."""
    if isinstance(program, Broken) or any(
        word in program.result_type for word in ("kubernetes.", "net.", "optional_type")
    ):
        return "dyn"
    return program.result_type
