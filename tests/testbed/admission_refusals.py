"""Policies and bindings at the border of what the API server stores: most are refused, some just pass."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from tests.testbed.admission_cases import Object, binding, policy, rule

_VALID = {"expression": "true"}


def refused_documents() -> Iterator[tuple[str, Object]]:
    """Yield a name and a document each; the judge says which of them are refused."""
    yield from _specs()
    yield from _expressions()
    yield from _matches()
    yield from _bindings()


def _specs() -> Iterator[tuple[str, Object]]:
    yield "valid", policy("p", _VALID)
    yield "bad name", policy("Bad_Name", _VALID)
    yield "failure policy", policy("p", _VALID, failurePolicy="Perhaps")
    yield "no match constraints", _without(policy("p", _VALID), "matchConstraints")
    yield "no rules", policy("p", _VALID, constraints={"matchPolicy": "Exact"})
    yield "no validations", policy("p")
    yield "annotations alone", policy("p", auditAnnotations=[{"key": "a", "valueExpression": "'x'"}])
    for kind in (
        {"apiVersion": "v1", "kind": "ConfigMap"},
        {"apiVersion": "", "kind": "ConfigMap"},
        {"apiVersion": "v1", "kind": ""},
        {"apiVersion": "a/b/c", "kind": "ConfigMap"},
        {"apiVersion": "A_b/v1", "kind": "ConfigMap"},
        {"apiVersion": "a.b/1", "kind": "ConfigMap"},
        {"apiVersion": "a.b/v1", "kind": "Config.Map"},
    ):
        yield f"param kind {kind}", policy("p", _VALID, paramKind=kind)
    for message in ("", "  ", "a\nb", " a \n", "a\rb"):
        yield f"message {message!r}", policy("p", {**_VALID, "message": message})
    for reason in ("Invalid", "Forbidden", "Unauthorized", "RequestEntityTooLarge", "NotFound", ""):
        yield f"reason {reason!r}", policy("p", {**_VALID, "reason": reason})
    for name in ("a", "", " ", "a-b", "in", "namespace", "a.b", "1a", "_a"):
        yield f"variable {name!r}", policy("p", _VALID, variables=[{"name": name, "expression": "1"}])
    for key in ("a", "", "a/b", "-a", "a" * 63, "a" * 64, "A.b_c"):
        yield f"annotation {key!r}", policy("p", auditAnnotations=[{"key": key, "valueExpression": "'x'"}])
    twice = [{"key": "a", "valueExpression": "'x'"}] * 2
    yield "annotation twice", policy("p", auditAnnotations=twice)
    many = [{"key": f"a{index}", "valueExpression": "'x'"} for index in range(21)]
    yield "many annotations", policy("p", auditAnnotations=many)
    yield "twenty annotations", policy("p", auditAnnotations=many[:20])
    long = f"'{'x' * (5 * 1024 - 2)}'"
    yield "annotation of the longest", policy("p", auditAnnotations=[{"key": "a", "valueExpression": long}])
    yield "annotation too long", policy("p", auditAnnotations=[{"key": "a", "valueExpression": f"{long} + 'x'"}])
    for names in (["a"], [""], ["a", "a"], ["a/b"], ["a.b/c"], ["a/b/c"], ["é"]):
        conditions = [{"name": name, "expression": "true"} for name in names]
        yield f"conditions {names}", policy("p", _VALID, matchConditions=conditions)
    for count in (64, 65):
        conditions = [{"name": f"c{index}", "expression": "true"} for index in range(count)]
        yield f"{count} conditions", policy("p", _VALID, matchConditions=conditions)


def _expressions() -> Iterator[tuple[str, Object]]:
    for text in (
        "",
        " ",
        "1",
        "object",
        "object.spec.x == 1",
        "object.spec.x",
        "request.dryRun",
        "request.foo == 'x'",
        "request.uid == 'x'",
        "request.object == null",
        "request.name == 1",
        "request.kind.group == 'apps'",
        "request.kind.foo == 'apps'",
        "request.userInfo.groups.exists(g, g == 'x')",
        "request.userInfo.groups == 'x'",
        "request.userInfo.extra['x'][0] == 'y'",
        "request.userInfo.foo == 'y'",
        "request.options.foo == 'y'",
        "has(request.namespace)",
        "has(request.foo)",
        "namespaceObject.metadata.name == 'x'",
        "namespaceObject.metadata.labels['x'] == 'y'",
        "namespaceObject.metadata.?labels.x.orValue('') == 'y'",
        "namespaceObject.metadata.ownerReferences == null",
        "namespaceObject.metadata.uid == 'x'",
        "namespaceObject.status.phase == 'x'",
        "namespaceObject == null",
        "oldObject == null",
        "params == null",
        "variables.x == 1",
        "[1, 'a'].size() == 2",
        "[object.a, 'a'].size() == 2",
        "{'a': 1, 'b': 'c'}.size() == 2",
        "[1, 2].all(request, request > 0)",
        "object.x.matches('[')",
        "object.x.matches('[a-z]')",
        "duration('x') == duration('1s')",
        "foo == 1",
        "object.foo(",
        "true && 'x'",
        "dyn(1) == 'x'",
        "1 == 1.0",
        "'a' == 1",
        "object.items.map(i, i.name).join(',') == ''",
        "object.metadata.name.format([1, 'a', true]) == ''",
        "cel.bind(x, 1, x == 1)",
        "optional.of(1).hasValue()",
        "object.?spec.?x.orValue(1) == 1",
        "[[1], [2]].flatten() == [1, 2]",
        "object.x.transformList(i, v, i).size() == 0",
        "math.greatest(1, 2) == 2",
        "base64.encode(b'x') == ''",
        "object.x.reverse() == ''",
        "sets.contains([1], [1])",
        "size(object.x) == 1",
        "object.x.sum() == 1",
        "[1].isSorted()",
        "type(object) == map",
        "object.x in ['a', 'b']",
    ):
        yield f"expression {text!r}", policy("p", {"expression": text})
    for text in (
        "",
        " ",
        "'x'",
        "1",
        "object.x",
        "string(object.x)",
        "'a' + object.x",
        "request.name",
        "params.x",
        "request.foo",
    ):
        yield f"message expression {text!r}", policy("p", {**_VALID, "messageExpression": text})
    for text in (
        "",
        "true",
        "1",
        "object.x",
        "params == null",
        "variables.a == 1",
        "namespaceObject == null",
        "request.foo",
    ):
        conditions = [{"name": "a", "expression": text}]
        yield f"condition {text!r}", policy("p", _VALID, matchConditions=conditions)
        variables = [{"name": "a", "expression": "1"}]
        yield f"condition {text!r} with variables", policy("p", _VALID, matchConditions=conditions, variables=variables)
    for text in ("'x'", "null", "1", "object.x", "string(object.x)", "true ? 'x' : null", "request.name", "''"):
        yield f"annotation {text!r}", policy("p", auditAnnotations=[{"key": "a", "valueExpression": text}])
    for variables, text in (
        (["1"], "variables.v0 == 1"),
        (["1"], "variables.v0 == 'a'"),
        (["1"], "variables.v1 == 1"),
        (["true"], "variables.v0"),
        (["object.x"], "variables.v0"),
        (["object.x"], "variables.v0 == 'a' || variables.v0 == 1"),
        (["1", "variables.v0 + 1"], "variables.v1 == 2"),
        (["variables.v1", "1"], "variables.v0 == 2"),
        (["[1, 2]"], "variables.v0.exists(i, i == 1)"),
        (["[1, 2]"], "variables.v0.exists(i, i == 'a')"),
        (["{'a': [1]}"], "variables.v0.a[0] == 1"),
        (["{'a': [1]}"], "variables.v0.a[0] == 'x'"),
        (["object.x.map(i, i.name)"], "'a' in variables.v0"),
        (["request.userInfo"], "variables.v0.username == 'a'"),
        (["optional.of(1)"], "variables.v0.orValue(2) == 1"),
        (["timestamp('2020-01-01T00:00:00Z')"], "variables.v0 < timestamp('2021-01-01T00:00:00Z')"),
        (["duration('1s')"], "variables.v0 == 'a'"),
        (["1.5"], "variables.v0 > 1"),
        (["1", "2"], "has(variables.v0) && has(variables.v1)"),
        (["1"], "has(variables.v7)"),
        (["request.foo"], "true"),
        (["  "], "true"),
    ):
        listed = [{"name": f"v{index}", "expression": one} for index, one in enumerate(variables)]
        yield f"variables {variables} {text!r}", policy("p", {"expression": text}, variables=listed)
    for text in (
        "authorizer.group('').resource('pods').check('get').allowed()",
        "authorizer.requestResource.check('get').allowed()",
        "authorizer.requestResource.check('get')",
        "authorizer.foo == 1",
        "authorizer == null",
        "has(authorizer.requestResource)",
        "authorizer.group('').check('get').allowed()",
        "authorizer.path('/x').check('get').reason() == ''",
        "authorizer.requestResource.fieldSelector('a=b').check('list').errored()",
        "quantity('1Gi').isGreaterThan(quantity('1Mi'))",
        "quantity('1Gi') == 1",
        "url('https://a').getHost() == 'a'",
        "semver('1.2.3').major() == 1",
        "format.dns1123Label().validate('a').hasValue()",
        "ip('10.0.0.1').family() == 4",
        "cidr('10.0.0.0/8').containsIP('10.0.0.1')",
    ):
        yield f"expression {text!r}", policy("p", {"expression": text})
        yield f"message {text!r}", policy("p", {**_VALID, "messageExpression": f"string({text})"})
        yield f"condition {text!r}", policy("p", _VALID, matchConditions=[{"name": "a", "expression": text}])
    config_map = {"apiVersion": "v1", "kind": "ConfigMap"}
    yield "params with a kind", policy("p", {"expression": "params.data.x == 'y'"}, paramKind=config_map)
    yield "params in a message", policy("p", {**_VALID, "messageExpression": "string(params.x)"}, paramKind=config_map)


def _matches() -> Iterator[tuple[str, Object]]:
    good = rule(["pods"])
    changes: list[Object] = [
        {"operations": []},
        {"operations": ["*", "CREATE"]},
        {"operations": ["READ"]},
        {"apiGroups": []},
        {"apiGroups": ["*", "apps"]},
        {"apiVersions": []},
        {"apiVersions": ["*", "v1"]},
        {"apiVersions": [""]},
        {"resources": []},
        {"resources": [""]},
        {"resources": ["*", "pods"]},
        {"resources": ["*", "pods/exec"]},
        {"resources": ["*/*", "pods"]},
        {"resources": ["pods/*", "pods/exec"]},
        {"resources": ["*/exec", "pods/exec"]},
        {"resources": ["pods/exec", "pods/*"]},
        {"resources": ["pods", "*"]},
        {"resources": ["pods", "pods/exec"]},
        {"scope": "Cluster"},
        {"scope": "Everywhere"},
        {"scope": ""},
        {"resourceNames": ["a", "a"]},
        {"resourceNames": ["a/b"]},
        {"resourceNames": [""]},
        {"resourceNames": [".."]},
    ]
    for change in changes:
        yield f"rule {change}", policy("p", _VALID, constraints={"resourceRules": [{**good, **change}]})
        constraints = {"resourceRules": [good], "excludeResourceRules": [{**good, **change}]}
        yield f"excluding {change}", policy("p", _VALID, constraints=constraints)
    selectors: list[Object] = [
        {"matchLabels": {"a": "b"}},
        {"matchLabels": {"a": "b c"}},
        {"matchLabels": {"-a": "b"}},
        {"matchLabels": {"a/b/c": "b"}},
        {"matchLabels": {"a": ""}},
        {"matchLabels": {"a": "b" * 64}},
        {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]},
        {"matchExpressions": [{"key": "a", "operator": "In", "values": []}]},
        {"matchExpressions": [{"key": "a", "operator": "NotIn"}]},
        {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]},
        {"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]},
        {"matchExpressions": [{"key": "a", "operator": "Gt", "values": ["1"]}]},
        {"matchExpressions": [{"key": "", "operator": "Exists"}]},
        {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b c"]}]},
    ]
    for selector in selectors:
        for part in ("namespaceSelector", "objectSelector"):
            constraints = {"resourceRules": [good], part: selector}
            yield f"{part} {selector}", policy("p", _VALID, constraints=constraints)
    for match_policy in ("Exact", "Equivalent", "Fuzzy", ""):
        constraints = {"resourceRules": [good], "matchPolicy": match_policy}
        yield f"match policy {match_policy!r}", policy("p", _VALID, constraints=constraints)


def _bindings() -> Iterator[tuple[str, Object]]:
    for actions in (["Deny"], [], ["Deny", "Warn"], ["Warn", "Audit"], ["Deny", "Deny"], ["Block"], ["Deny", "Audit"]):
        value = binding("p")
        value["spec"]["validationActions"] = actions
        yield f"actions {actions}", value
    yield "no policy name", binding("")
    yield "bad policy name", _changed(binding("p"), policyName="A_b")
    references: list[Object] = [
        {"name": "a", "parameterNotFoundAction": "Deny"},
        {"name": "a"},
        {"name": "a", "parameterNotFoundAction": "Maybe"},
        {"name": "a", "selector": {}, "parameterNotFoundAction": "Deny"},
        {"selector": {}, "parameterNotFoundAction": "Allow"},
        {"parameterNotFoundAction": "Allow"},
        {"name": "a/b", "parameterNotFoundAction": "Allow"},
        {"name": "a", "namespace": "b", "parameterNotFoundAction": "Allow"},
        {"selector": {"matchLabels": {"a b": "c"}}, "parameterNotFoundAction": "Allow"},
    ]
    for reference in references:
        yield f"reference {reference}", binding("p", paramRef=reference)
    yield "narrow binding", binding("p", matchResources={"resourceRules": [rule(["pods"])]})
    yield "broken binding", binding("p", matchResources={"resourceRules": [rule([])]})


def _without(value: Object, field: str) -> Object:
    copy = deepcopy(value)
    del copy["spec"][field]
    return copy


def _changed(value: Object, **spec: Any) -> Object:
    return {**value, "spec": {**value["spec"], **spec}}
