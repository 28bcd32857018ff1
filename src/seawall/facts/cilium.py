"""Which pods does a Cilium policy isolate, and in which direction? What `network` asks for the kinds of ``cilium.io``.

A rule of Cilium isolates the endpoints that its ``endpointSelector`` selects in each direction that it has rules for, unless
``enableDefaultDeny`` says otherwise. An empty rule allows nothing there (in a NetworkPolicy it allows everything); only
``toEntities: [all]`` without ports undoes the isolation. The labels of an endpoint are those of its pod, with a source before
a colon, and a few that Cilium adds. A rule that needs labels which only a running Cilium knows is answered with None.

Source: the policy API of Cilium 1.16 to 1.18 (``pkg/policy/api/rule.go``).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from seawall.facts.pods import mapping, maps_in
from seawall.model.resource import Resource

GROUP = "cilium.io"
KINDS = ("CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy")

_NAMESPACE = "io.kubernetes.pod.namespace"
_SOURCES = ("k8s:", "any:", "k8s.", "any.")


class EndpointRule(msgspec.Struct, frozen=True, eq=False):
    """What one rule isolates: pods that `selector` selects, in `namespace` (None: in every one), in `directions`.

    `open_egress` tells that the rule lets everything out again.
    """

    namespace: str | None
    selector: Mapping[str, Any]
    directions: tuple[str, ...]
    open_egress: bool


def read_rules(policy: Resource) -> list[EndpointRule] | None:
    """Return the rules of a `policy` of one of `KINDS`, or None where one of them cannot be told from the object."""
    found: list[EndpointRule] = []
    clusterwide = policy.ref.kind == "CiliumClusterwideNetworkPolicy"
    for spec in _specs(policy):
        if "nodeSelector" in spec:
            continue  # nodes are no pods
        selector = spec.get("endpointSelector")
        if not isinstance(selector, dict):
            return None
        plain = _plain(selector)
        if plain is None:
            return None
        if plain.get("reserved"):
            continue  # endpoints of Cilium itself
        namespace = plain.pop("namespace", None) if clusterwide else policy.ref.namespace
        found.append(
            EndpointRule(
                namespace=namespace,
                selector={key: value for key, value in plain.items() if key != "namespace"},
                directions=tuple(_directions(spec)),
                open_egress=any(
                    "all" in (rule.get("toEntities") or []) and not rule.get("toPorts")
                    for rule in maps_in(spec.get("egress"))
                ),
            )
        )
    return found


def _specs(policy: Resource) -> Iterator[Mapping[str, Any]]:
    one = policy.object.get("spec")
    if isinstance(one, dict):
        yield one
    yield from maps_in(policy.object.get("specs"))


def _directions(spec: Mapping[str, Any]) -> Iterator[str]:
    wanted = mapping(spec.get("enableDefaultDeny"))
    for direction, field in (("Ingress", "ingress"), ("Egress", "egress")):
        has_rules = bool(spec.get(field)) or bool(spec.get(f"{field}Deny"))
        if wanted.get(field, has_rules) is True:
            yield direction


def _plain(selector: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return `selector` over the labels of pods; ``namespace`` and ``reserved`` beside them; None where it asks for others."""
    plain: dict[str, Any] = {"matchLabels": {}, "matchExpressions": []}
    for key, value in mapping(selector.get("matchLabels")).items():
        name = _label(key)
        if key.startswith("reserved"):
            plain["reserved"] = True
        elif name == _NAMESPACE:
            plain["namespace"] = str(value)
        elif name.startswith(("io.c", "io.kubernetes.")):
            return None
        else:
            plain["matchLabels"][name] = value
    for expression in maps_in(selector.get("matchExpressions")):
        name = _label(str(expression.get("key", "")))
        if name.startswith(("io.c", "io.kubernetes.", "reserved")):
            return None
        plain["matchExpressions"].append({**expression, "key": name})
    return plain


def _label(key: str) -> str:
    for source in _SOURCES:
        if key.startswith(source):
            return key[len(source) :]
    return key
