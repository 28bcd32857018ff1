"""Expressions drawn from CEL's grammar: templates by the type that they give, filled by the types that they need.

`{int}` is an expression of that type; `{var:int}` introduces a variable of that type that the placeholders behind it may use.
`KUBERNETES` adds the functions that only the API server's environment has. Data are Kubernetes objects (`x`) and JSON (`y`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Choose = Callable[[Sequence[str]], str]

_PLACEHOLDER = re.compile(r"\{(var:)?([a-z0-9_]+)\}")

LEAVES: dict[str, list[str]] = {
    "bool": ["true", "false"],
    "int": ["0", "1", "-1", "2", "7", "9223372036854775807", "-9223372036854775808"],
    "uint": ["0u", "1u", "18446744073709551615u"],
    "double": ["0.0", "-0.0", "1.5", "-2.0", "1e300", "9007199254740993.0"],
    "string": ["''", "'a'", "'web'", "'a,b'", "'1'", "'1.5'", "'é😀'", "'true'", "'app'", "'Ä b'"],
    "bytes": ["b''", "b'a'", "b'\\xff'"],
    "duration": ["duration('1s')", "duration('-1h30m')", "duration('100ms')"],
    "timestamp": ["timestamp('2024-02-29T12:34:56.789Z')", "timestamp('1969-12-31T23:59:59+01:00')"],
    "list_int": ["[]", "[1]", "[3, 1, 2]", "[1, 1]"],
    "list_string": ["['a', 'b']", "['web']", "['b', 'a', 'b']"],
    "map_int": ["{}", "{'a': 1}", "{'a': 1, 'b': 2}"],
    "dyn": ["null", "dyn(1)", "dyn(1.0)", "dyn('a')", "dyn([1])", "dyn({'a': 1})", "dyn(true)", "y", "y", "y"],
    "optional": ["optional.none()", "optional.of(1)", "x.?metadata", "y.?a", "y[?0]"],
    "type": ["int", "string", "map", "null_type"],
}

TEMPLATES: dict[str, list[str]] = {
    "bool": [
        "({bool} && {bool})",
        "({bool} || {bool})",
        "!{bool}",
        "({bool} ? {bool} : {bool})",
        "({int} == {int})",
        "({string} == {string})",
        "({dyn} == {dyn})",
        "({dyn} != {dyn})",
        "({dyn} == {int})",
        "({string} != {dyn})",
        "({list_int} == {list_int})",
        "({map_int} == {map_int})",
        "({optional} == {optional})",
        "({int} < {int})",
        "({int} <= {double})",
        "({uint} > {int})",
        "({dyn} >= {dyn})",
        "({dyn} < {int})",
        "({string} < {string})",
        "({duration} < {duration})",
        "({timestamp} <= {timestamp})",
        "({int} in {list_int})",
        "({dyn} in {dyn})",
        "({string} in {map_int})",
        "({string} in {dyn})",
        "({dyn} in {list_string})",
        "{string}.startsWith({string})",
        "{string}.endsWith({string})",
        "{string}.contains({string})",
        "{string}.matches('^[a-z]+$')",
        "{dyn}.startsWith({string})",
        "has({dyn}.a)",
        "has({map_int}.a)",
        "has({dyn}.metadata.name)",
        "{optional}.hasValue()",
        "{optional}.orValue({dyn}) == {dyn}",
        "{list_int}.all({var:int}, {bool})",
        "{list_int}.exists({var:int}, {bool})",
        "{list_string}.exists_one({var:string}, {bool})",
        "{dyn}.all({var:dyn}, {bool})",
        "{dyn}.exists({var:dyn}, {bool})",
        "{map_int}.all({var:string}, {bool})",
        "{map_int}.exists({var:string}, {var:int}, {bool})",
        "{list_int}.all({var:int}, {var:int}, {bool})",
        "{dyn}.exists({var:dyn}, {var:dyn}, {bool})",
        "{dyn}.existsOne({var:dyn}, {var:dyn}, {bool})",
        "bool({string})",
        "sets.contains({list_int}, {list_int})",
        "sets.intersects({dyn}, {list_string})",
        "({type} == type({dyn}))",
        "dyn({bool})",
        "{dyn}",
    ],
    "int": [
        "({int} + {int})",
        "({int} - {int})",
        "({int} * {int})",
        "({int} / {int})",
        "({int} % {int})",
        "(-{int})",
        "({bool} ? {int} : {int})",
        "size({string})",
        "size({dyn})",
        "{list_int}.size()",
        "{map_int}.size()",
        "int({string})",
        "int({double})",
        "int({uint})",
        "int({dyn})",
        "{list_int}[{int}]",
        "{list_int}[{dyn}]",
        "{map_int}[{string}]",
        "{map_int}.a",
        "{timestamp}.getHours()",
        "{timestamp}.getFullYear()",
        "{timestamp}.getDayOfWeek()",
        "{timestamp}.getMilliseconds()",
        "{duration}.getSeconds()",
        "int({timestamp})",
        "{list_int}.first().orValue({int})",
        "{optional}.orValue({int})",
    ],
    "uint": ["({uint} + {uint})", "({uint} - {uint})", "uint({int})", "uint({dyn})"],
    "double": [
        "({double} + {double})",
        "({double} / {double})",
        "({double} * {double})",
        "double({int})",
        "double({string})",
    ],
    "string": [
        "({string} + {string})",
        "({bool} ? {string} : {string})",
        "string({int})",
        "string({bool})",
        "string({dyn})",
        "{list_string}[{int}]",
        "{optional}.orValue({string})",
        "{dyn}",
    ],
    "bytes": ["bytes({string})", "({bytes} + {bytes})"],
    "duration": ["({duration} + {duration})", "({timestamp} - {timestamp})", "(-{duration})"],
    "timestamp": ["({timestamp} + {duration})", "timestamp({int})"],
    "list_int": [
        "({list_int} + {list_int})",
        "[{int}, {int}]",
        "{list_int}.map({var:int}, {int})",
        "{list_int}.filter({var:int}, {bool})",
        "{list_int}.map({var:int}, {bool}, {int})",
        "{map_int}.map({var:string}, {int})",
        "{list_int}.transformList({var:int}, {var:int}, {int})",
        "{map_int}.transformList({var:string}, {var:int}, {bool}, {int})",
        "{list_int}.reverse()",
        "{list_int}.distinct()",
        "{list_int}.sort()",
        "{list_int}.slice({int}, {int})",
        "lists.range(size({list_int}))",
        "[?optional.of({int}), {int}]",
    ],
    "list_string": [
        "({list_string} + {list_string})",
        "[{string}, {string}]",
        "{list_string}.map({var:string}, {string})",
        "{list_string}.filter({var:string}, {bool})",
        "{list_string}.sort()",
        "{list_string}.distinct()",
        "{map_int}.map({var:string}, {var:string})",
    ],
    "map_int": [
        "{'a': {int}, {string}: {int}}",
        "{map_int}.transformMap({var:string}, {var:int}, {int})",
        "{map_int}.transformMap({var:string}, {var:int}, {bool}, {int})",
        "{list_string}.transformMapEntry({var:int}, {var:string}, {'a': {int}})",
        "{?'a': optional.of({int})}",
    ],
    "dyn": [
        "{dyn}.a",
        "{dyn}.metadata",
        "{dyn}[{string}]",
        "{dyn}[{int}]",
        "{dyn}[{dyn}]",
        "dyn({int})",
        "dyn({string})",
        "dyn({list_int})",
        "dyn({map_int})",
        "({dyn} + {dyn})",
        "({bool} ? {dyn} : {dyn})",
        "{dyn}.map({var:dyn}, {dyn})",
        "{dyn}.filter({var:dyn}, {bool})",
        "{dyn}.transformList({var:dyn}, {var:dyn}, {dyn})",
        "{dyn}.transformMap({var:dyn}, {var:dyn}, {dyn})",
        "{optional}.value()",
        "{optional}.orValue({dyn})",
        "[{dyn}, {dyn}]",
        "{'k': {dyn}}",
        "type({dyn})",
    ],
    "optional": [
        "{dyn}.?a",
        "{dyn}[?{string}]",
        "{dyn}[?{int}]",
        "{dyn}.?metadata.?name",
        "{dyn}.?metadata.labels",
        "{optional}.or({optional})",
        "optional.of({int})",
        "optional.ofNonZeroValue({dyn})",
        "{optional}.optMap({var:dyn}, {dyn})",
        "{list_int}.last()",
    ],
    "type": ["type({int})", "type({dyn})"],
}

# What only the API server's environment has; the official evaluator cannot run these.
KUBERNETES: dict[str, list[str]] = {
    "bool": [
        "isURL({string})",
        "isIP({string})",
        "isCIDR({string})",
        "isQuantity({string})",
        "isSemver({string})",
        "isSemver({string}, {bool})",
        "{ip}.isLoopback()",
        "{ip}.isGlobalUnicast()",
        "{cidr}.containsIP({ip})",
        "{cidr}.containsIP({string})",
        "{cidr}.containsCIDR({cidr})",
        "ip.isCanonical({string})",
        "({ip} == {ip})",
        "({quantity} == {quantity})",
        "({quantity} == {dyn})",
        "({dyn} == {quantity})",
        "({url} != {dyn})",
        "{quantity}.isLessThan({quantity})",
        "{quantity}.isInteger()",
        "{semver}.isGreaterThan({semver})",
        "format.dns1123Label().validate({string}).hasValue()",
        "format.named({string}).hasValue()",
        "{list_int}.isSorted()",
        "{dyn}.isSorted()",
        "({quantity} in [{quantity}])",
        "authorizer.group({string}).resource({string}).check('get').allowed()",
    ],
    "int": [
        "{string}.indexOf({string})",
        "{string}.indexOf({string}, {int})",
        "{string}.lastIndexOf({string})",
        "{list_int}.sum()",
        "{list_int}.max()",
        "{dyn}.min()",
        "{dyn}.sum()",
        "{list_string}.indexOf({string})",
        "{dyn}.lastIndexOf({dyn})",
        "{ip}.family()",
        "{cidr}.prefixLength()",
        "{quantity}.asInteger()",
        "sign({quantity})",
        "{quantity}.compareTo({quantity})",
        "{semver}.major()",
        "{semver}.compareTo({semver})",
        "{timestamp}.getHours('+05:30')",
        "{timestamp}.getDate('America/New_York')",
    ],
    "double": ["{quantity}.asApproximateFloat()"],
    "string": [
        "{string}.lowerAscii()",
        "{string}.upperAscii()",
        "{string}.trim()",
        "{string}.replace({string}, {string})",
        "{string}.replace({string}, {string}, {int})",
        "{string}.substring({int})",
        "{string}.substring({int}, {int})",
        "{string}.charAt({int})",
        "{list_string}.join({string})",
        "{dyn}.join(',')",
        "strings.quote({string})",
        "'%s|%s'.format([{dyn}, {string}])",
        "'%d %x %b'.format([{int}, {int}, {bool}])",
        "'%.2f %e'.format([{double}, {double}])",
        "{string}.format([{dyn}, {int}])",
        "{string}.find('[a-z]+')",
        "{string}.find({string})",
        "string({ip})",
        "string({double})",
        "string({duration})",
        "string({cidr})",
        "string({timestamp})",
        "{url}.getHost()",
        "{url}.getEscapedPath()",
        "{url}.getPort()",
        "authorizer.path({string}).check({string}).reason()",
        "authorizer.requestResource.check({string}).reason()",
        "authorizer.serviceAccount({string}, {string}).path('/x').check('get').reason()",
    ],
    "list_string": [
        "{string}.split({string})",
        "{string}.split({string}, {int})",
        "{string}.findAll('[a-z]')",
        "{string}.findAll({string}, {int})",
        "{list_string}.sortBy({var:string}, size({string}))",
        "format.qualifiedName().validate({string}).orValue([])",
    ],
    "list_int": ["{list_int}.sortBy({var:int}, {int})", "{list_int}.flatten()"],
    "dyn": [
        "{dyn}.sort()",
        "{dyn}.distinct()",
        "{dyn}.flatten()",
        "{dyn}.reverse()",
        "dyn({quantity})",
        "dyn({url}.getQuery())",
    ],
    "ip": ["ip({string})", "{cidr}.ip()"],
    "cidr": ["cidr({string})", "{cidr}.masked()"],
    "url": ["url({string})"],
    "quantity": ["quantity({string})", "{quantity}.add({quantity})", "{quantity}.sub({int})", "{quantity}.add({int})"],
    "semver": ["semver({string})", "semver({string}, true)"],
}
KUBERNETES_LEAVES: dict[str, list[str]] = {
    "string": [
        "'10.0.0.1'",
        "'10.0.0.0/8'",
        "'fe80::1'",
        "'1.5Gi'",
        "'500m'",
        "'v1.2'",
        "'1.2.3-rc.1'",
        "'https://h:8080/p?a=1&b#f'",
        "'a b'",
        "'%s'",
        "'kube-system'",
    ],
    "ip": ["ip('10.0.0.1')", "ip('fe80::1')"],
    "cidr": ["cidr('10.0.0.0/8')", "cidr('fe80::/10')"],
    "url": ["url('https://h:8080/p?a=1&b#f')", "url('/a%2Fb')"],
    "quantity": ["quantity('1')", "quantity('1.5Gi')", "quantity('500m')", "quantity('9223372036854775807')"],
    "semver": ["semver('1.2.3')", "semver('1.2.3-rc.1')"],
}


def paths(value: Any, prefix: str = "x") -> list[str]:
    """Expressions for the parts of a value, down to its leaves."""
    found = [prefix]
    if isinstance(value, Mapping):
        for key, part in value.items():
            step = f".{key}" if re.fullmatch("[a-z][a-zA-Z0-9]*", key) else f"['{key}']"
            found += paths(part, prefix + step)
    elif isinstance(value, list):
        for place, part in enumerate(value):
            found += paths(part, f"{prefix}[{place}]")
    return found


class Grammar:
    """Draws expressions; `choose` takes one of several texts, `places` are expressions for parts of the data."""

    def __init__(self, choose: Choose, places: Sequence[str], *, kubernetes: bool) -> None:
        self._choose = choose
        extra, leaves = (KUBERNETES, KUBERNETES_LEAVES) if kubernetes else ({}, {})
        self._templates = {kind: TEMPLATES.get(kind, []) + extra.get(kind, []) for kind in {**TEMPLATES, **extra}}
        self._leaves = {kind: LEAVES.get(kind, []) + leaves.get(kind, []) for kind in {**LEAVES, **leaves}}
        self._leaves["dyn"] = self._leaves["dyn"] + list(places)
        self._names = 0

    def draw(self, kind: str, depth: int, scope: Mapping[str, str] | None = None) -> str:
        """An expression of type `kind`, at most `depth` templates deep; `scope` are the variables with their types."""
        scope = scope or {}
        if depth <= 0 or self._choose(["leaf", "template", "template", "template"]) == "leaf":
            return self._choose(self._leaves[kind] + 3 * [name for name, known in scope.items() if known == kind])
        template = self._choose(self._templates[kind])
        inner = dict(scope)

        def fill(found: re.Match[str]) -> str:
            if found[1]:
                self._names += 1
                name = f"v{self._names}"
                inner[name] = found[2]
                return name
            return self.draw(found[2], depth - 1, inner)

        return _PLACEHOLDER.sub(fill, template)
