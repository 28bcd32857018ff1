"""Who may do what, for the `authorizer` variable: the question, the answer, and a source of answers that is data.

In a cluster the API server asks its authorizers. A command line has none, so the caller states the answers that it assumes:
`StaticAuthorizer` holds rules, the first one that fits a question answers it, and a question that none fits gets the default.
Without rules the default is no opinion, so `allowed()` is false: an expression that needs a permission fails closed.

The rules as a document (`read_authorizer`), with the words of RBAC's rules:

    default: {decision: noOpinion, reason: not stated}      # optional
    rules:
    - users: [jane]                      # any of users, groups and serviceAccounts; none of them: everyone
      groups: [system:masters]
      serviceAccounts: [shop/deployer]   # namespace/name
      verbs: [get, list]                 # "*": any
      apiGroups: [""]
      resources: [pods, pods/log, "*/scale"]    # "*": any resource and subresource
      namespaces: [shop]                 # optional; "" is the cluster scope
      resourceNames: [web]               # optional
      decision: allow                    # allow (when absent), deny or noOpinion
      reason: granted by the platform team
      error: ""                          # optional: what Decision.error() says
    - verbs: [get]
      nonResourceURLs: [/healthz, /metrics/*]

Field and label selectors of a question are handed to an `Authorizer` as text; static rules do not look at them, as RBAC does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

DecisionWord = Literal["allow", "deny", "noOpinion"]
_DECISIONS: Final = ("allow", "deny", "noOpinion")


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks: a user or a service account."""

    name: str = ""
    uid: str = ""
    groups: tuple[str, ...] = ()


def service_account(namespace: str, name: str) -> Principal:
    """The principal that a service account's pods are."""
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}")
    return Principal(name=f"system:serviceaccount:{namespace}:{name}", groups=groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One authorization check; `path` is set for one that is about no resource. `resource` is the plural, lower-case name."""

    principal: Principal
    verb: str
    path: str | None = None
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    field_selector: str = ""
    label_selector: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an authorizer says. An `error` may come with any decision."""

    decision: DecisionWord = "noOpinion"
    reason: str = ""
    error: str = ""


class Authorizer(Protocol):
    """Answers authorization checks; raises nothing: what it cannot tell is an answer with an error."""

    def decide(self, question: Question, /) -> Answer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRule:
    """Questions that get one answer. `None` admits everything; an empty tuple of subjects admits everyone."""

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    namespaces: tuple[str, ...] | None = None
    names: tuple[str, ...] | None = None
    paths: tuple[str, ...] = ()
    answer: Answer = Answer(decision="allow")

    def fits(self, question: Question) -> bool:
        """Whether this rule answers `question`."""
        asks = question.principal
        if (self.users or self.groups) and not (
            _holds(self.users, asks.name) or any(_holds(self.groups, group) for group in asks.groups)
        ):
            return False
        if not _holds(self.verbs, question.verb):
            return False
        if question.path is not None:
            return any(_path_fits(pattern, question.path) for pattern in self.paths)
        full = f"{question.resource}/{question.subresource}" if question.subresource else question.resource
        return (
            _holds(self.api_groups, question.group)
            and (
                _holds(self.resources, full)
                or bool(question.subresource and f"*/{question.subresource}" in self.resources)
            )
            and (self.namespaces is None or _holds(self.namespaces, question.namespace))
            and (self.names is None or question.name in self.names)
        )


def _holds(patterns: tuple[str, ...], value: str) -> bool:
    return value in patterns or "*" in patterns


def _path_fits(pattern: str, path: str) -> bool:
    return pattern == path or (pattern.endswith("*") and path.startswith(pattern[:-1]))


@dataclass(frozen=True, slots=True)
class StaticAuthorizer:
    """Answers from rules: the first that fits, otherwise `default`."""

    rules: tuple[AuthorizationRule, ...] = ()
    default: Answer = Answer()

    def decide(self, question: Question) -> Answer:
        """The answer to `question`."""
        return next((rule.answer for rule in self.rules if rule.fits(question)), self.default)


class AuthorizerError(ValueError):
    """A document that states no answers; the message says where and why."""


_SUBJECTS: Final = ("users", "groups", "serviceAccounts")
_RESOURCE_FIELDS: Final = ("apiGroups", "resources", "namespaces", "resourceNames")
_ANSWER_FIELDS: Final = ("decision", "reason", "error")


def read_authorizer(document: Any) -> StaticAuthorizer:
    """The rules of a document in the form above. Raises `AuthorizerError`."""
    content = _fields(document, "the document", ("rules", "default"))
    entries = content.get("rules", [])
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        raise AuthorizerError("rules: must be a list")
    rules = tuple(_rule(entry, f"rules[{place}]") for place, entry in enumerate(entries))
    default = _answer(_fields(content.get("default", {}), "default", _ANSWER_FIELDS), "default", "noOpinion")
    return StaticAuthorizer(rules, default)


def _rule(entry: Any, place: str) -> AuthorizationRule:
    content = _fields(entry, place, (*_SUBJECTS, "verbs", *_RESOURCE_FIELDS, "nonResourceURLs", *_ANSWER_FIELDS))
    texts = {field: _texts(content[field], f"{place}.{field}") for field in content if field not in _ANSWER_FIELDS}
    for field in ("verbs", "nonResourceURLs") if "nonResourceURLs" in content else ("verbs", "apiGroups", "resources"):
        if not texts.get(field):
            raise AuthorizerError(f"{place}.{field}: must not be empty")
    if "nonResourceURLs" in content and any(field in content for field in _RESOURCE_FIELDS):
        raise AuthorizerError(f"{place}: a rule is about resources or about nonResourceURLs, not about both")
    return AuthorizationRule(
        users=texts.get("users", ()) + tuple(_account(name, place) for name in texts.get("serviceAccounts", ())),
        groups=texts.get("groups", ()),
        verbs=texts["verbs"],
        api_groups=texts.get("apiGroups", ()),
        resources=texts.get("resources", ()),
        namespaces=texts.get("namespaces"),
        names=texts.get("resourceNames"),
        paths=texts.get("nonResourceURLs", ()),
        answer=_answer(content, place, "allow"),
    )


def _account(text: str, place: str) -> str:
    namespace, slash, name = text.partition("/")
    if not (namespace and slash and name):
        raise AuthorizerError(f"{place}.serviceAccounts: {text!r} is not of the form namespace/name")
    return service_account(namespace, name).name


def _answer(content: Mapping[str, Any], place: str, default: str) -> Answer:
    decision = content.get("decision", default)
    if decision not in _DECISIONS:
        raise AuthorizerError(f"{place}.decision: must be one of {', '.join(_DECISIONS)}, not {decision!r}")
    reason, error = content.get("reason", ""), content.get("error", "")
    if not isinstance(reason, str) or not isinstance(error, str):
        raise AuthorizerError(f"{place}: reason and error must be strings")
    return Answer(decision=decision, reason=reason, error=error)


def _fields(value: Any, place: str, known: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise AuthorizerError(f"{place}: must be a map")
    unknown = next((field for field in value if field not in known), None)
    if unknown is not None:
        raise AuthorizerError(f"{place}: unknown field {unknown!r}; known are {', '.join(known)}")
    return value


def _texts(value: Any, place: str) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(item, str) for item in value):
        raise AuthorizerError(f"{place}: must be a list of strings")
    return tuple(value)
