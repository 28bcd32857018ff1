"""Kubernetes' authorizer library: checks are built step by step and asked with `check(verb)`.

The values of the variables `authorizer` and `authorizer.requestResource` are an `AuthorizerValue` and a `ResourceCheck`; who
answers is `seawall.cel.authorizers`. These values cannot be compared: the API server's `==` on them is an error.
"""

from dataclasses import dataclass, replace
from typing import Any

from seawall.cel.authorizers import Answer, Authorizer, Principal, Question
from seawall.cel.authorizers import service_account as account_principal
from seawall.cel.errors import CelError
from seawall.cel.functions.core import text_of
from seawall.cel.functions.formats import label_errors, subdomain_errors
from seawall.cel.operators import no_overload
from seawall.cel.values import Opaque


class _Incomparable(Opaque):
    __slots__ = ()

    def same(self, other: Any) -> bool:
        raise CelError("no such overload")


@dataclass(frozen=True, slots=True, eq=False)
class AuthorizerValue(_Incomparable):
    """Someone's permissions (`kubernetes.authorization.Authorizer`)."""

    principal: Principal
    source: Authorizer
    cel_type = "kubernetes.authorization.Authorizer"


@dataclass(frozen=True, slots=True, eq=False)
class PathCheck(_Incomparable):
    """A check of a path that is no resource."""

    authorizer: AuthorizerValue
    path: str
    cel_type = "kubernetes.authorization.PathCheck"


@dataclass(frozen=True, slots=True, eq=False)
class GroupCheck(_Incomparable):
    """A check of something in an API group."""

    authorizer: AuthorizerValue
    group: str
    cel_type = "kubernetes.authorization.GroupCheck"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ResourceCheck(_Incomparable):
    """A check of a resource."""

    authorizer: AuthorizerValue
    group: str
    resource: str
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    field_selector: str = ""
    label_selector: str = ""
    cel_type = "kubernetes.authorization.ResourceCheck"


@dataclass(frozen=True, slots=True, eq=False)
class Decision(_Incomparable):
    """The answer to a check."""

    answer: Answer
    cel_type = "kubernetes.authorization.Decision"


def _authorizer(value: Any, *others: Any) -> AuthorizerValue:
    if isinstance(value, AuthorizerValue):
        return value
    raise no_overload(value, *others)


def _resource(value: Any, *others: Any) -> ResourceCheck:
    if isinstance(value, ResourceCheck):
        return value
    raise no_overload(value, *others)


def path(value: Any, text: Any) -> PathCheck:
    """`authorizer.path(text)`."""
    authorizer = _authorizer(value, text)
    if not text_of(text).strip():
        raise CelError("path must not be empty")
    return PathCheck(authorizer, text)


def group(value: Any, text: Any) -> GroupCheck:
    """`authorizer.group(text)`; the core group is empty."""
    return GroupCheck(_authorizer(value, text), text_of(text))


def service_account(value: Any, namespace: Any, name: Any) -> AuthorizerValue:
    """`authorizer.serviceAccount(namespace, name)`: what that service account may do."""
    authorizer = _authorizer(value, namespace, name)
    space, account = text_of(namespace, name), text_of(name)
    if subdomain_errors(account):
        raise CelError("Invalid service account name")
    if label_errors(space):
        raise CelError("Invalid service account namespace")
    return AuthorizerValue(account_principal(space, account), authorizer.source)


def resource(value: Any, text: Any) -> ResourceCheck:
    """`group.resource(text)`."""
    if not isinstance(value, GroupCheck):
        raise no_overload(value, text)
    if not text_of(text).strip():
        raise CelError("resource must not be empty")
    return ResourceCheck(authorizer=value.authorizer, group=value.group, resource=text)


def subresource(value: Any, text: Any) -> ResourceCheck:
    return replace(_resource(value, text), subresource=text_of(text))


def namespace(value: Any, text: Any) -> ResourceCheck:
    return replace(_resource(value, text), namespace=text_of(text))


def name(value: Any, text: Any) -> ResourceCheck:
    return replace(_resource(value, text), name=text_of(text))


def field_selector(value: Any, text: Any) -> ResourceCheck:
    return replace(_resource(value, text), field_selector=text_of(text))


def label_selector(value: Any, text: Any) -> ResourceCheck:
    return replace(_resource(value, text), label_selector=text_of(text))


def check(value: Any, verb: Any) -> Decision:
    """`check(verb)`: ask."""
    if isinstance(value, PathCheck):
        authorizer = value.authorizer
        question = Question(principal=authorizer.principal, verb=text_of(verb), path=value.path)
    else:
        checked = _resource(value, verb)
        authorizer = checked.authorizer
        question = Question(
            principal=authorizer.principal,
            verb=text_of(verb),
            group=checked.group,
            resource=checked.resource,
            subresource=checked.subresource,
            namespace=checked.namespace,
            name=checked.name,
            field_selector=checked.field_selector,
            label_selector=checked.label_selector,
        )
    return Decision(authorizer.source.decide(question))


def _answer(value: Any) -> Answer:
    if isinstance(value, Decision):
        return value.answer
    raise no_overload(value)


def allowed(value: Any) -> bool:
    """`allowed()`: false also where there is no opinion."""
    return _answer(value).decision == "allow"


def reason(value: Any) -> str:
    return _answer(value).reason


def errored(value: Any) -> bool:
    return bool(_answer(value).error)


def error(value: Any) -> str:
    """`error()`: empty where the check met none."""
    return _answer(value).error
