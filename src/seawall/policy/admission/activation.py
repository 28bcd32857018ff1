"""The values that expressions see: ``object``, ``request``, ``params`` and the others.

Source: k8s.io/apiserver pkg/admission/plugin/cel/{activation,condition,composition}.go.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from seawall.cel.errors import CelError
from seawall.cel.unknown import UNKNOWN
from seawall.cel.values import Opaque
from seawall.formats.admission_review import AdmissionRequest, GroupVersionKind, GroupVersionResource
from seawall.policy.admission import messages
from seawall.policy.admission.compile import Broken, CompiledPolicy, Expression
from seawall.policy.admission.kinds import KindTable
from seawall.policy.admission.matching import Match, UndecidedError

_AUTHORIZER: Final = {"authorizer": "authorizer", "authorizer_requestResource": "authorizer.requestResource"}


class _Absent(Opaque):
    """The authorizer where the API server compiles one and has none when it evaluates: every use of it is an error."""

    __slots__ = ()
    cel_type = "error"


_ABSENT: Final = _Absent()


class Scope:
    """One set of values; programs take theirs from it in the order of their environment."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self._tuples: dict[tuple[str, ...], tuple[Any, ...]] = {}

    def evaluate(self, expression: Expression) -> Any:
        """Return the value of `expression`. Raises `CelError` with the evaluator's own words, and `CelUnknown`."""
        program, names = expression.program, expression.names
        if isinstance(program, Broken):
            raise CelError(program.message)
        arguments = self._tuples.get(names)
        if arguments is None:
            arguments = self._tuples[names] = tuple([self._values[name] for name in names])
        try:
            return program.function(*arguments)
        except CelError:
            for name, written in _AUTHORIZER.items():
                if name in program.uses and self._values[name] is _ABSENT:
                    raise CelError(f"no such attribute(s): {written}") from None
            raise
        except RecursionError:
            raise CelError("the evaluation is nested too deeply") from None

    def run(self, expression: Expression) -> Any:
        """Return the value of `expression`. Raises `CelError` as the API server words it, and `CelUnknown`."""
        if isinstance(expression.program, Broken):
            raise CelError(f"compilation error: {expression.program.message}")
        try:
            return self.evaluate(expression)
        except CelError as error:
            raise CelError(messages.evaluation_error(expression.text, error)) from None


class Variables:
    """``variables``: each is evaluated when it is first asked for, and its value or error kept."""

    def __init__(self, expressions: Mapping[str, Expression]) -> None:
        self._expressions = expressions
        self._values: dict[str, Any] = {}
        self._errors: dict[str, str] = {}
        self.scope = Scope({})

    def keys(self) -> Any:
        return self._expressions.keys()

    def __iter__(self) -> Iterator[str]:
        return iter(self._expressions)

    def __len__(self) -> int:
        return len(self._expressions)

    def __contains__(self, name: object) -> bool:
        return name in self._expressions

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self._expressions else default

    def __getitem__(self, name: str) -> Any:
        if name in self._values:
            return self._values[name]
        if name in self._errors:
            raise CelError(self._errors[name])
        expression = self._expressions[name]
        verb = "compile" if isinstance(expression.program, Broken) else "evaluate"
        try:
            value = self._values[name] = self.scope.evaluate(expression)
        except CelError as error:
            self._errors[name] = f'composited variable "{name}" fails to {verb}: {error}'
            raise CelError(self._errors[name]) from None
        return value


class Activation:
    """The values for one policy, one request and one parameter."""

    def __init__(
        self,
        policy: CompiledPolicy,
        request: "RequestValues",
        match: Match,
        views: tuple[Any, Any],
        namespace: Any,
        authorizers: tuple[Any, Any],
        params: Any,
    ) -> None:
        self._policy = policy
        self._request = request
        self._match = match
        self._authorizers = authorizers
        self._namespace = namespace
        self._shared = {"object": views[0], "oldObject": views[1], "params": params}

    def conditions(self) -> Scope:
        """Return what match conditions see: the resource as it was asked for, and no namespace."""
        asked = self._request.request.request_resource or self._request.request.resource
        return self._scope(self._request.value(asked, self._match.kind), None, self._authorizers)

    def validations(self, *, authorizer: bool) -> Scope:
        """Return what validations see; message expressions and audit annotations have no `authorizer`."""
        value = self._request.value(self._match.resource, self._match.kind)
        return self._scope(value, self._namespace, self._authorizers if authorizer else (_ABSENT, _ABSENT))

    def _scope(self, request: Any, namespace: Any, authorizers: tuple[Any, Any]) -> Scope:
        variables = Variables(self._policy.variables)
        scope = Scope(
            {
                **self._shared,
                "request": request,
                "namespaceObject": namespace,
                "authorizer": authorizers[0],
                "authorizer_requestResource": authorizers[1],
                "variables": variables,
            }
        )
        variables.scope = scope
        return scope


class RequestValues:
    """``request`` for each resource and kind that a request matched as; nothing changes them, so policies share them."""

    def __init__(self, request: AdmissionRequest) -> None:
        self.request = request
        self._values: dict[tuple[GroupVersionResource, GroupVersionKind], dict[str, Any]] = {}

    def value(self, resource: GroupVersionResource, kind: GroupVersionKind) -> dict[str, Any]:
        """Return the value of ``request``."""
        known = self._values.get((resource, kind))
        if known is None:
            known = self._values[resource, kind] = request_value(self.request, resource, kind)
        return known


def request_value(request: AdmissionRequest, resource: GroupVersionResource, kind: GroupVersionKind) -> dict[str, Any]:
    """Return ``request`` as the API server builds it: empty texts are absent, ``dryRun`` never is."""
    asked_kind = request.request_kind or request.kind
    asked_resource = request.request_resource or request.resource
    sub_resource = request.request_sub_resource or request.sub_resource
    user: Any = UNKNOWN
    if request.user_info is not None:
        user = {name: value for name, value in request.user_info.items() if value and name in _USER_FIELDS}
    value: dict[str, Any] = {
        "kind": _kind_value(kind),
        "resource": _resource_value(resource),
        "requestKind": _kind_value(asked_kind),
        "requestResource": _resource_value(asked_resource),
        "operation": request.operation,
        "userInfo": user,
        "dryRun": bool(request.dry_run),
        "options": request.options,
    }
    texts = {
        "subResource": sub_resource,
        "requestSubResource": sub_resource,
        "name": request.name,
        "namespace": request.namespace,
    }
    value |= {name: text for name, text in texts.items() if text}
    return value


_USER_FIELDS: Final = frozenset(("username", "uid", "groups", "extra"))


def _kind_value(kind: GroupVersionKind) -> dict[str, str]:
    return {"group": kind.group, "version": kind.version, "kind": kind.kind}


def _resource_value(resource: GroupVersionResource) -> dict[str, str]:
    return {"group": resource.group, "version": resource.version, "resource": resource.resource}


def versioned(
    value: Mapping[str, Any] | None, request: AdmissionRequest, match: Match, kinds: KindTable
) -> Mapping[str, Any] | None:
    """Return an object of `request` in the version that it matched as.

    Raises `UndecidedError` where only the API server can convert it.
    """
    if value is None or match.kind == request.kind:
        return value
    served = kinds.find(match.kind.api_version, match.kind.kind)
    if served is None or not served.convertible:
        raise UndecidedError(f"only the API server can convert {request.kind} to {match.kind}")
    return {**value, "apiVersion": match.kind.api_version}
