"""CEL values as data: how conformance files and the judges write them, and how a value of our engine is written the same way.

A bool, an int, a double, a string, null and a list stand for themselves. Everything else is a map with one key, its type:
`{uint: 5}`, `{bytes: ff00}`, `{duration: 1000000000}` (nanoseconds), `{timestamp: [seconds, nanoseconds]}`, `{type: int}`,
`{optional: []}` or `{optional: [value]}`, `{map: [[key, value], …]}`, `{kubernetes.Quantity: 12Mi}`.
"""

import json
import math
from typing import Any

from seawall.cel.authorizers import Answer, Principal, Question
from seawall.cel.environment import Environment
from seawall.cel.functions.authorization import AuthorizerValue, ResourceCheck
from seawall.cel.values import NONE, CelType, Duration, Opaque, Optional, Timestamp, Uint, from_key

DATA = ("object", "oldObject", "params", "request", "namespaceObject", "variables", "x", "y", "z")
ENVIRONMENT = Environment(
    (*DATA, "authorizer", "authorizer.requestResource"),
    types={
        "authorizer": "kubernetes.authorization.Authorizer",
        "authorizer.requestResource": "kubernetes.authorization.ResourceCheck",
    },
)
ENVIRONMENT.exact_literals = True  # its variables have the types that the judge gives them


class _Echo:
    """The authorizer of the judge: `get` is allowed, `delete` denied, `watch` fails, and the reason repeats the question."""

    def decide(self, question: Question) -> Answer:
        words = [question.principal.name, ",".join(question.principal.groups), question.verb]
        if question.path is None:
            words += [question.group, "*", question.resource, question.subresource, question.namespace, question.name]
        else:
            words.append(question.path)
        reason = "|".join(words)
        if question.verb == "watch":
            return Answer(reason=reason, error="the authorizer failed")
        return Answer(decision={"get": "allow", "delete": "deny"}.get(question.verb, "noOpinion"), reason=reason)


_JANE = AuthorizerValue(Principal(name="jane", uid="u1", groups=("dev", "system:authenticated")), _Echo())
_SCALE = ResourceCheck(
    authorizer=_JANE, group="apps", resource="deployments", subresource="scale", namespace="shop", name="web"
)


def arguments(data: dict[str, Any]) -> list[Any]:
    """The arguments of a program of `ENVIRONMENT`: the values of `data`, null for the rest."""
    return [*(data.get(name) for name in DATA), _JANE, _SCALE]


def written(value: Any) -> Any:
    """A value of our engine as data."""
    if value is None or isinstance(value, bool | str) or type(value) in (int, float):
        return value
    if isinstance(value, list):
        return [written(item) for item in value]
    if isinstance(value, dict):
        return entries([[written(from_key(key)), written(value[key])] for key in value])
    if isinstance(value, Optional):
        return {"optional": [] if value is NONE else [written(value.content)]}
    if isinstance(value, Opaque):
        return {value.cel_type: "" if value.cel_type.startswith("kubernetes.authorization") else str(value)}
    tags = {Uint: "uint", bytes: "bytes", Duration: "duration", Timestamp: "timestamp", CelType: "type"}
    return {tags[type(value)]: _content(value)}


def _content(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Duration):
        return value.nanos
    if isinstance(value, Timestamp):
        return list(divmod(value.nanos, 10**9))
    return value.name if isinstance(value, CelType) else int(value)


def entries(pairs: list[Any]) -> dict[str, Any]:
    """A map, its entries in an order of their own: a map has none."""
    return {"map": sorted(pairs, key=lambda pair: json.dumps(pair, sort_keys=True))}


def alike(a: Any, b: Any) -> bool:
    """Whether two written values are the same, types and NaN included."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(alike(a[key], b[key]) for key in a)
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a):
        return math.isnan(b)
    return type(a) is type(b) and bool(a == b)
