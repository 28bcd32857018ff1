"""What the front end must know beyond CEL's standard library: the signatures of Kubernetes' functions.

One line a signature: `[Target.]name(argument types) -> result`. `A` is a type parameter. Source: k8s.io/apiserver v0.36
`pkg/cel/library` and `pkg/cel/environment/base.go`, which says what Kubernetes 1.36 turns on. The library for JSON patches is
left out: only MutatingAdmissionPolicies have it.
"""

import json
import re
from typing import Any, Final

from seawall.cel.names import FORMATS

EXTENSIONS: Final = ("optional", "two-var-comprehensions", "lists", "sets")

# The types of the library that an expression may name (`type(x) == net.IP`); the others have no name there.
TYPE_NAMES: Final = ("net.IP", "net.CIDR")

_ORDERED = ("int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes")
_SUMMABLE = ("int", "uint", "double", "duration")

_SIGNATURES: Final = (
    """
url(string) -> kubernetes.URL
isURL(string) -> bool
kubernetes.URL.getScheme() -> string
kubernetes.URL.getHost() -> string
kubernetes.URL.getHostname() -> string
kubernetes.URL.getPort() -> string
kubernetes.URL.getEscapedPath() -> string
kubernetes.URL.getQuery() -> map<string,list<string>>
string.charAt(int) -> string
string.indexOf(string) -> int
string.indexOf(string, int) -> int
string.lastIndexOf(string) -> int
string.lastIndexOf(string, int) -> int
string.lowerAscii() -> string
string.upperAscii() -> string
string.replace(string, string) -> string
string.replace(string, string, int) -> string
string.split(string) -> list<string>
string.split(string, int) -> list<string>
string.substring(int) -> string
string.substring(int, int) -> string
string.trim() -> string
string.format(list<dyn>) -> string
list<string>.join() -> string
list<string>.join(string) -> string
strings.quote(string) -> string
string(string) -> string
string(bool) -> string
string(int) -> string
string(uint) -> string
string(double) -> string
string(bytes) -> string
string(duration) -> string
string(timestamp) -> string
string.find(string) -> string
string.findAll(string) -> list<string>
string.findAll(string, int) -> list<string>
list<A>.indexOf(A) -> int
list<A>.lastIndexOf(A) -> int
ip(string) -> net.IP
isIP(string) -> bool
ip.isCanonical(string) -> bool
net.IP.family() -> int
net.IP.isUnspecified() -> bool
net.IP.isLoopback() -> bool
net.IP.isLinkLocalMulticast() -> bool
net.IP.isLinkLocalUnicast() -> bool
net.IP.isGlobalUnicast() -> bool
string(net.IP) -> string
cidr(string) -> net.CIDR
isCIDR(string) -> bool
net.CIDR.containsIP(string) -> bool
net.CIDR.containsIP(net.IP) -> bool
net.CIDR.containsCIDR(string) -> bool
net.CIDR.containsCIDR(net.CIDR) -> bool
net.CIDR.ip() -> net.IP
net.CIDR.prefixLength() -> int
net.CIDR.masked() -> net.CIDR
string(net.CIDR) -> string
quantity(string) -> kubernetes.Quantity
isQuantity(string) -> bool
sign(kubernetes.Quantity) -> int
kubernetes.Quantity.isGreaterThan(kubernetes.Quantity) -> bool
kubernetes.Quantity.isLessThan(kubernetes.Quantity) -> bool
kubernetes.Quantity.compareTo(kubernetes.Quantity) -> int
kubernetes.Quantity.asApproximateFloat() -> double
kubernetes.Quantity.asInteger() -> int
kubernetes.Quantity.isInteger() -> bool
kubernetes.Quantity.add(kubernetes.Quantity) -> kubernetes.Quantity
kubernetes.Quantity.add(int) -> kubernetes.Quantity
kubernetes.Quantity.sub(kubernetes.Quantity) -> kubernetes.Quantity
kubernetes.Quantity.sub(int) -> kubernetes.Quantity
semver(string) -> kubernetes.Semver
semver(string, bool) -> kubernetes.Semver
isSemver(string) -> bool
isSemver(string, bool) -> bool
kubernetes.Semver.isGreaterThan(kubernetes.Semver) -> bool
kubernetes.Semver.isLessThan(kubernetes.Semver) -> bool
kubernetes.Semver.compareTo(kubernetes.Semver) -> int
kubernetes.Semver.major() -> int
kubernetes.Semver.minor() -> int
kubernetes.Semver.patch() -> int
format.named(string) -> optional_type<kubernetes.NamedFormat>
kubernetes.NamedFormat.validate(string) -> optional_type<list<string>>
kubernetes.authorization.Authorizer.path(string) -> kubernetes.authorization.PathCheck
kubernetes.authorization.Authorizer.group(string) -> kubernetes.authorization.GroupCheck
kubernetes.authorization.Authorizer.serviceAccount(string, string) -> kubernetes.authorization.Authorizer
kubernetes.authorization.GroupCheck.resource(string) -> kubernetes.authorization.ResourceCheck
kubernetes.authorization.ResourceCheck.subresource(string) -> kubernetes.authorization.ResourceCheck
kubernetes.authorization.ResourceCheck.namespace(string) -> kubernetes.authorization.ResourceCheck
kubernetes.authorization.ResourceCheck.name(string) -> kubernetes.authorization.ResourceCheck
kubernetes.authorization.ResourceCheck.fieldSelector(string) -> kubernetes.authorization.ResourceCheck
kubernetes.authorization.ResourceCheck.labelSelector(string) -> kubernetes.authorization.ResourceCheck
kubernetes.authorization.PathCheck.check(string) -> kubernetes.authorization.Decision
kubernetes.authorization.ResourceCheck.check(string) -> kubernetes.authorization.Decision
kubernetes.authorization.Decision.errored() -> bool
kubernetes.authorization.Decision.error() -> string
kubernetes.authorization.Decision.allowed() -> bool
kubernetes.authorization.Decision.reason() -> string
optional.unwrap(list<optional_type<A>>) -> list<A>
list<optional_type<A>>.unwrapOpt() -> list<A>
"""
    + "".join(f"format.{name}() -> kubernetes.NamedFormat\n" for name in FORMATS)
    + "".join(
        f"list<{kind}>.isSorted() -> bool\nlist<{kind}>.min() -> {kind}\nlist<{kind}>.max() -> {kind}\n"
        for kind in _ORDERED
    )
    + "".join(f"list<{kind}>.sum() -> {kind}\n" for kind in _SUMMABLE)
)

_LINE = re.compile(r"(?:(?P<target>[\w.<>,]*[>\w])\.)?(?P<name>\w+)\((?P<arguments>.*)\) -> (?P<result>.+)")
# Names with a dot that are functions of a namespace, not methods.
_NAMESPACES = ("format", "ip", "optional", "strings")


def _type(text: str) -> dict[str, Any]:
    name, _, rest = text.partition("<")
    if not rest:
        return {"type_name": name, "is_type_param": True} if name == "A" else {"type_name": name}
    parts, depth, start, inner = [], 0, 0, rest[:-1]
    for at, character in enumerate(inner):
        depth += (character == "<") - (character == ">")
        if character == "," and not depth:
            parts.append(inner[start:at])
            start = at + 1
    parts.append(inner[start:])
    return {"type_name": name, "params": [_type(part.strip()) for part in parts]}


def _functions() -> list[dict[str, Any]]:
    functions: dict[str, list[dict[str, Any]]] = {}
    for number, line in enumerate(filter(None, _SIGNATURES.splitlines())):
        found = _LINE.match(line)
        if found is None:
            raise RuntimeError(f"malformed signature: {line}")
        target, name = found["target"], found["name"]
        overload: dict[str, Any] = {
            "id": f"k8s_{number}_{name}",
            "args": [_type(part) for part in found["arguments"].split(", ") if part],
            "return": _type(found["result"]),
        }
        if target in _NAMESPACES:
            name = f"{target}.{name}"
        elif target:
            overload["target"] = _type(target)
        functions.setdefault(name, []).append(overload)
    functions.update(_comparisons())
    return [{"name": name, "overloads": overloads} for name, overloads in functions.items()]


# Redeclared with more overloads, for the front end takes a function from one place only.
_MIXED = ("_<_", "_<=_", "_>_", "_>=_")


def _comparisons() -> dict[str, list[dict[str, Any]]]:
    """The order of values, with the comparisons across numeric types that Kubernetes turns on and the front end does not."""
    numbers = ("int", "uint", "double")
    others = ("bool", "string", "bytes", "duration", "timestamp")
    kinds = [(a, b) for a in numbers for b in numbers] + [(kind, kind) for kind in others]
    return {
        name: [
            {
                "id": f"k8s_{place}_{a}_{b}",
                "args": [{"type_name": a}, {"type_name": b}],
                "return": {"type_name": "bool"},
            }
            for a, b in kinds
        ]
        for place, name in enumerate(_MIXED)
    }


def front_end_configuration() -> str:
    """The configuration of the official front end, as the text that it reads (JSON, which is YAML)."""
    return json.dumps(
        {
            "name": "kubernetes",
            "stdlib": {"exclude_functions": [{"name": name} for name in (*_MIXED, "string")]},
            "extensions": [{"name": name} for name in EXTENSIONS],
            "functions": _functions(),
        }
    )
