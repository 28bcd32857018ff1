"""Policies for every branch of ValidatingAdmissionPolicy, and requests that take it.

A case is a policy that looks only at objects of its own name (``resourceNames``), its bindings, and the requests to send.
"""

from dataclasses import dataclass, field
from typing import Any

Object = dict[str, Any]

NAMESPACE = "judge-gold"
OTHER_NAMESPACE = "judge-plain"
NAMESPACES: dict[str, dict[str, str]] = {NAMESPACE: {"judge": "yes", "tier": "gold"}, OTHER_NAMESPACE: {"judge": "yes"}}

GROUP = "judge.seawall.dev"


@dataclass(frozen=True, kw_only=True)
class Send:
    """One request. `verb`: create, update, delete, connect; `value` is the object, `old` the stored one for update and delete."""

    value: Object
    verb: str = "create"
    old: Object | None = None
    sub_resource: str = ""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A policy with its bindings and requests."""

    name: str
    documents: list[Object] = field(default_factory=list)
    requests: list[Send] = field(default_factory=list)


def config_map(name: str, *, data: dict[str, str] | None = None, namespace: str = NAMESPACE, **metadata: Any) -> Object:
    value: Object = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace, **metadata},
    }
    return value if data is None else {**value, "data": data}


def rule(
    resources: list[str], *, names: list[str] | None = None, operations: list[str] | None = None, **more: Any
) -> Object:
    value = {
        "apiGroups": ["*"],
        "apiVersions": ["*"],
        "operations": operations or ["CREATE"],
        "resources": resources,
        **more,
    }
    return {**value, "resourceNames": names} if names else value


def policy(name: str, *validations: Object, constraints: Object | None = None, **spec: Any) -> Object:
    default = {"resourceRules": [rule(["configmaps"], names=[name])]}
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {"matchConstraints": constraints or default, "validations": list(validations), **spec},
    }


def binding(name: str, *actions: str, suffix: str = "", **spec: Any) -> Object:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": f"{name}{suffix}"},
        "spec": {"policyName": name, "validationActions": list(actions) or ["Deny"], **spec},
    }


def simple(
    name: str,
    *validations: Object,
    actions: tuple[str, ...] = ("Deny",),
    data: dict[str, str] | None = None,
    **spec: Any,
) -> Case:
    """A case of one ConfigMap named like the policy."""
    documents = [policy(name, *validations, **spec), binding(name, *actions)]
    return Case(name=name, documents=documents, requests=[Send(value=config_map(name, data=data))])


NO = {"expression": "false", "message": "no"}


def _messages() -> list[Case]:
    long = "'" + "x" * 5121 + "'"
    return [
        simple("message", {"expression": "false", "message": "  never “that”  "}),
        simple("message-none", {"expression": " object.metadata.name\n  == 'other' "}),
        simple(
            "message-text",
            {"expression": "false", "message": "no", "messageExpression": "' no ' + object.metadata.name + ' '"},
        ),
        simple("message-blank", {"expression": "false", "message": "no", "messageExpression": "'  '"}),
        simple("message-lines", {"expression": "false", "message": "no", "messageExpression": "'a\\nb'"}),
        simple("message-long", {"expression": "false", "messageExpression": long}),
        simple("message-just", {"expression": "false", "messageExpression": "'" + "y" * 5120 + "'"}),
        simple("message-error", {"expression": "false", "message": "no", "messageExpression": "string(object.data.x)"}),
        *[
            simple(f"reason-{reason.lower()}", {"expression": "false", "reason": reason})
            for reason in ("Invalid", "Forbidden", "RequestEntityTooLarge")
        ],
        Case(
            name="generated",
            documents=[
                policy("generated", NO, constraints={"resourceRules": [rule(["configmaps"])]}),
                binding("generated", matchResources={"objectSelector": {"matchLabels": {"case": "generated"}}}),
            ],
            requests=[
                Send(
                    value={
                        "apiVersion": "v1",
                        "kind": "ConfigMap",
                        "metadata": {"generateName": "some-", "namespace": NAMESPACE, "labels": {"case": "generated"}},
                    }
                )
            ],
        ),
    ]


def _actions() -> list[Case]:
    two = (
        {"expression": "false", "message": "first"},
        {"expression": "true"},
        {"expression": "false", "message": "third"},
    )
    return [
        simple("warn", *two, actions=("Warn",)),
        simple("audit", *two, actions=("Audit",)),
        simple("audit-marks", {"expression": "false", "message": "a < b & c > d"}, actions=("Audit",)),
        simple("warn-audit", *two, actions=("Warn", "Audit")),
        simple("deny-audit", *two, actions=("Deny", "Audit")),
        simple("passes", {"expression": "true"}),
        Case(
            name="bound-twice",
            documents=[
                policy("bound-twice", NO),
                binding("bound-twice", "Warn", suffix="-a"),
                binding("bound-twice", "Warn", suffix="-b"),
                binding("bound-twice", "Deny", suffix="-c", matchResources={"resourceRules": [rule(["secrets"])]}),
            ],
            requests=[Send(value=config_map("bound-twice"))],
        ),
        Case(name="unbound", documents=[policy("unbound", NO)], requests=[Send(value=config_map("unbound"))]),
    ]


def _errors() -> list[Case]:
    missing = {"expression": "object.data.missing == 'x'"}
    return [
        simple("error-key", missing, data={"a": "b"}),
        simple("error-key-warn", missing, actions=("Warn",), data={"a": "b"}),
        simple("error-no-data", {"expression": "object.data.size() > 0"}),
        simple("error-overload", {"expression": "object.data.a > 1"}, data={"a": "b"}),
        simple("error-index", {"expression": "object.metadata.name.split('-')[7] == 'x'"}),
        simple("error-parse", {"expression": "int(object.data.a) > 1"}, data={"a": "b"}),
        simple("error-absorbed", {"expression": "object.data.missing == 'x' || true"}, data={"a": "b"}),
        simple("error-ignored", missing, data={"a": "b"}, failurePolicy="Ignore"),
        simple("error-ignored-second", missing, NO, data={"a": "b"}, failurePolicy="Ignore"),
        simple("null-value", {"expression": "object.?data.hasValue()"}),
    ]


def _conditions() -> list[Case]:
    def conditions(name: str, *expressions: str, **spec: Any) -> Case:
        listed = [{"name": f"c{index}", "expression": text} for index, text in enumerate(expressions)]
        return simple(name, NO, matchConditions=listed, **spec)

    broken, broken_too = "object.data.x == 'a'", "object.metadata.labels.y == 'a'"
    return [
        conditions("condition-true", "true", "object.metadata.name == 'condition-true'"),
        conditions("condition-false", "true", "object.metadata.name == 'x'"),
        conditions("condition-error", broken),
        conditions("condition-errors", broken, "true", broken_too),
        conditions("condition-same-error", broken, broken),
        conditions("condition-error-false", broken, "false"),
        conditions("condition-error-ignored", broken, failurePolicy="Ignore"),
        conditions("condition-namespace", "namespaceObject == null"),
        conditions(
            "condition-request", "request.namespace == 'judge-gold' && request.resource.resource == 'configmaps'"
        ),
        conditions("condition-optional", "object.?data.x.orValue('') == ''"),
    ]


def _variables() -> list[Case]:
    def variables(name: str, expression: str, **named: str) -> Case:
        listed = [{"name": key, "expression": text} for key, text in named.items()]
        return simple(name, {"expression": expression}, variables=listed, data={"a": "1", "b": "2"})

    return [
        variables("variable-unused-error", "variables.fine", broken="object.data.missing", fine="true"),
        variables("variable-error", "variables.broken == 'x'", broken="object.data.missing"),
        variables(
            "variable-error-deep", "variables.outer", broken="object.data.missing", outer="variables.broken == 'x'"
        ),
        variables(
            "variable-composed",
            "variables.sum == 4",
            a="int(object.data.a)",
            b="int(object.data.b)",
            sum="variables.a + variables.b",
        ),
        variables("variable-typed", "variables.flag", flag="object.data.a == '2'"),
        variables("variable-list", "variables.keys[0] == 'z'", keys="object.data.map(key, key)"),
        variables("variable-has", "has(variables.a) && !has(object.data.c)", a="1"),
        variables("variable-absorbed", "variables.broken == 'x' || true", broken="object.data.missing"),
        simple(
            "variable-message",
            {"expression": "variables.ok", "messageExpression": "'limit is ' + string(variables.limit)"},
            variables=[{"name": "limit", "expression": "3"}, {"name": "ok", "expression": "variables.limit > 5"}],
        ),
    ]


def _request() -> list[Case]:
    def says(name: str, expression: str, **case: Any) -> Case:
        return simple(name, {"expression": "false", "messageExpression": expression}, **case)

    return [
        says("request-user", "request.userInfo.username + ' of ' + request.userInfo.groups.join(',')"),
        says("request-names", "request.name + ' in ' + request.namespace + ' ' + request.operation"),
        says(
            "request-kind",
            "[request.kind.group, request.kind.version, request.kind.kind, request.resource.resource].join('/')",
        ),
        says(
            "request-asked",
            "[request.requestKind.kind, request.requestResource.version, request.requestResource.resource].join('/')",
        ),
        simple("request-dry-run", {"expression": "!request.dryRun", "message": "dry"}),
        simple("request-sub", {"expression": "has(request.subResource)", "message": "none"}),
        simple("request-sub-error", {"expression": "request.subResource == ''"}),
        says("request-options", "request.options.kind + ' ' + request.options.dryRun[0]"),
        simple("request-extra", {"expression": "has(request.userInfo.extra)", "message": "no extra"}),
        says("namespace-name", "namespaceObject.metadata.name + ' ' + namespaceObject.metadata.labels.tier"),
        says("namespace-phase", "namespaceObject.status.phase + ' ' + namespaceObject.spec.finalizers[0]"),
        simple("old-object", {"expression": "oldObject == null && object != null", "message": "old"}),
        says("object-type", "object.apiVersion + ' ' + object.kind"),
    ]


def _annotations() -> list[Case]:
    def annotated(name: str, *pairs: tuple[str, str], **case: Any) -> Case:
        listed = [{"key": key, "valueExpression": text} for key, text in pairs]
        return simple(name, auditAnnotations=listed, **case)

    return [
        annotated("noted", ("one", "' x ' + object.metadata.name"), ("blank", "'  '"), ("null", "null")),
        annotated("noted-error", ("one", "string(object.data.x)")),
        annotated("noted-error-warn", ("one", "string(object.data.x)"), actions=("Warn",)),
        annotated("noted-error-ignored", ("one", "string(object.data.x)"), failurePolicy="Ignore"),
        annotated(
            "noted-long",
            ("one", "'" + "z" * 4000 + "' + '" + "z" * 1000 + "'"),
            ("two", "string(object.data.a) + string(object.data.a) + string(object.data.a)"),
            data={"a": "y" * 4096},
        ),
        Case(
            name="noted-params",
            documents=[
                policy(
                    "noted-params",
                    paramKind={"apiVersion": "v1", "kind": "ConfigMap"},
                    auditAnnotations=[{"key": "one", "valueExpression": "string(params.data.value)"}],
                ),
                binding(
                    "noted-params",
                    paramRef={"selector": {"matchLabels": {"set": "many"}}, "parameterNotFoundAction": "Deny"},
                ),
            ],
            requests=[Send(value=config_map("noted-params"))],
        ),
    ]


def _deployment(name: str) -> Object:
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [{"name": "main", "image": "registry.example/app:1"}]},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": {"app": name}},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": template},
    }


def _matching() -> list[Case]:
    def matched(
        name: str, constraints: Object, *requests: Send, bound: Object | None = None, expression: str = "false"
    ) -> Case:
        return Case(
            name=name,
            documents=[
                policy(name, {"expression": expression, "message": "matched"}, constraints=constraints),
                binding(name, **({"matchResources": bound} if bound else {})),
            ],
            requests=list(requests),
        )

    def of(name: str, **more: Any) -> Object:
        return {"resourceRules": [rule(["configmaps"], names=[name])], **more}

    def tier(operator: str, *values: str) -> Object:
        expression: Object = {"key": "tier", "operator": operator}
        return {"matchExpressions": [{**expression, "values": list(values)} if values else expression]}

    cases: list[Case] = []
    selectors = {
        "in": tier("In", "gold", "silver"),
        "not-in": tier("NotIn", "gold"),
        "exists": tier("Exists"),
        "absent": tier("DoesNotExist"),
        "named": {"matchLabels": {"kubernetes.io/metadata.name": OTHER_NAMESPACE}},
    }
    for key, selector in selectors.items():
        name = f"namespace-{key}"
        requests = [Send(value=config_map(name, namespace=namespace)) for namespace in NAMESPACES]
        cases.append(matched(name, of(name, namespaceSelector=selector), *requests))
        name = f"bound-namespace-{key}"
        requests = [Send(value=config_map(name, namespace=namespace)) for namespace in NAMESPACES]
        cases.append(matched(name, of(name), *requests, bound={"namespaceSelector": selector}))
    name = "object-selector"
    labels: list[dict[str, str]] = [{}, {"tier": "gold"}, {"tier": "tin"}]
    cases.append(
        matched(
            name,
            of(name, objectSelector=tier("In", "gold")),
            *[Send(value=config_map(name, labels=one)) for one in labels],
        )
    )
    name = "object-selector-not"
    cases.append(
        matched(
            name,
            of(name, objectSelector=tier("NotIn", "gold")),
            *[Send(value=config_map(name, labels=one)) for one in labels],
        )
    )
    name = "excluded"
    cases.append(
        matched(
            name,
            of(name, excludeResourceRules=[rule(["configmaps"], operations=["CREATE"])]),
            Send(value=config_map(name)),
        )
    )
    name = "excluded-by-name"
    rules = {
        "resourceRules": [rule(["configmaps"], names=[name, "kept"])],
        "excludeResourceRules": [rule(["*"], names=["kept"])],
    }
    cases.append(matched(name, rules, Send(value=config_map(name)), Send(value=config_map("kept"))))
    for scope in ("Cluster", "Namespaced", "*"):
        name = f"scope-{scope.lower().replace('*', 'any')}"
        listed = [rule(["*"], names=[name], scope=scope)]
        cluster_role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name}}
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        cases.append(
            matched(
                name,
                {"resourceRules": listed},
                *[Send(value=value) for value in (config_map(name), cluster_role, namespace)],
            )
        )
    name = "new-namespace"
    constraints = {"resourceRules": [rule(["namespaces"], names=[name])], "namespaceSelector": tier("In", "gold")}
    new = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    gold = {**new, "metadata": {"name": name, "labels": {"tier": "gold"}}}
    cases.append(matched(name, constraints, Send(value=new), Send(value=gold), expression="namespaceObject != null"))
    name = "group"
    listed = [{**rule(["deployments"], names=[name]), "apiGroups": ["apps"]}]
    cases.append(matched(name, {"resourceRules": listed}, Send(value=_deployment(name))))
    name = "wrong-version"
    listed = [{**rule(["configmaps"], names=[name]), "apiVersions": ["v2"]}]
    cases.append(matched(name, {"resourceRules": listed}, Send(value=config_map(name))))
    name = "wrong-operation"
    cases.append(
        matched(
            name,
            {"resourceRules": [rule(["configmaps"], names=[name], operations=["UPDATE"])]},
            Send(value=config_map(name)),
        )
    )
    name = "second-rule"
    listed = [rule(["pods"], names=[name]), rule(["secrets", "configmaps"], names=[name])]
    cases.append(matched(name, {"resourceRules": listed}, Send(value=config_map(name))))
    return cases


def _operations() -> list[Case]:
    def changed(
        name: str, expression: str, *requests: Send, operations: list[str], resources: list[str], **constraints: Any
    ) -> Case:
        listed = [rule(resources, names=[name], operations=operations)]
        return Case(
            name=name,
            documents=[
                policy(
                    name,
                    {"expression": expression, "message": "matched"},
                    constraints={"resourceRules": listed, **constraints},
                ),
                binding(name),
            ],
            requests=list(requests),
        )

    def replaced(name: str, old: Object, new: Object) -> Send:
        return Send(verb="update", old=config_map(name, **old), value=config_map(name, **new))

    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "connected", "namespace": NAMESPACE},
        "spec": {"containers": [{"name": "main", "image": "registry.example/app:1"}]},
    }
    gold, tin = {"labels": {"tier": "gold"}}, {"labels": {"tier": "tin"}}
    select_gold = {"matchLabels": {"tier": "gold"}}
    scale = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "scaled", "namespace": NAMESPACE}}
    return [
        changed(
            "updated",
            "oldObject.data.a == object.data.a",
            replaced("updated", {"data": {"a": "1"}}, {"data": {"a": "2"}}),
            operations=["UPDATE"],
            resources=["configmaps"],
        ),
        changed(
            "old-selected",
            "false",
            replaced("old-selected", gold, tin),
            operations=["*"],
            resources=["configmaps"],
            objectSelector=select_gold,
        ),
        changed(
            "new-selected",
            "false",
            replaced("new-selected", tin, gold),
            operations=["*"],
            resources=["configmaps"],
            objectSelector=select_gold,
        ),
        changed(
            "none-selected",
            "false",
            replaced("none-selected", tin, tin),
            operations=["*"],
            resources=["configmaps"],
            objectSelector=select_gold,
        ),
        changed(
            "deleted",
            "object == null && oldObject.metadata.name == 'x'",
            Send(verb="delete", old=config_map("deleted"), value=config_map("deleted")),
            operations=["DELETE"],
            resources=["configmaps"],
        ),
        changed(
            "deleted-selected",
            "false",
            Send(verb="delete", old=config_map("deleted-selected", **gold), value=config_map("deleted-selected")),
            operations=["DELETE"],
            resources=["configmaps"],
            objectSelector=select_gold,
        ),
        changed(
            "deleted-error",
            "object.metadata.name == 'x'",
            Send(verb="delete", old=config_map("deleted-error"), value=config_map("deleted-error")),
            operations=["DELETE"],
            resources=["configmaps"],
        ),
        changed(
            "connected",
            "object.kind != 'PodExecOptions' || object.command[0] != 'sh' || request.subResource != 'exec'",
            Send(verb="connect", old=pod, value=pod, sub_resource="exec"),
            operations=["CONNECT"],
            resources=["pods/exec"],
        ),
        changed(
            "scaled",
            "object.spec.replicas < 3 && oldObject.spec.replicas == 1",
            Send(
                verb="update", old=_deployment("scaled"), value={**scale, "spec": {"replicas": 5}}, sub_resource="scale"
            ),
            operations=["UPDATE"],
            resources=["deployments/scale"],
        ),
        changed(
            "not-scaled",
            "false",
            Send(
                verb="update",
                old=_deployment("not-scaled"),
                value={**scale, "metadata": {"name": "not-scaled", "namespace": NAMESPACE}, "spec": {"replicas": 5}},
                sub_resource="scale",
            ),
            operations=["UPDATE"],
            resources=["deployments"],
        ),
    ]


def _param(name: str, value: str, namespace: str = NAMESPACE, **labels: str) -> Object:
    return config_map(name, data={"value": value}, namespace=namespace, labels={"param": "yes", **labels})


PARAMETERS: list[Object] = [
    _param("limit", "of gold"),
    _param("limit", "of plain", OTHER_NAMESPACE),
    _param("first", "one", set="many"),
    _param("second", "two", set="many"),
    {"apiVersion": f"{GROUP}/v1", "kind": "Limit", "metadata": {"name": "small"}, "spec": {"size": 3}},
    {
        "apiVersion": f"{GROUP}/v1",
        "kind": "Limit",
        "metadata": {"name": "large", "labels": {"big": "yes"}},
        "spec": {"size": 30},
    },
]


def _definition(kind: str, plural: str, scope: str, versions: list[str]) -> Object:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": scope,
            "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"},
            "versions": [{"name": v, "served": True, "storage": v == versions[0], "schema": schema} for v in versions],
        },
    }


DEFINITIONS: list[Object] = [
    _definition("Limit", "limits", "Cluster", ["v1"]),
    _definition("Gadget", "gadgets", "Namespaced", ["v1", "v2"]),
]


def _parameters() -> list[Case]:
    config_maps = {"apiVersion": "v1", "kind": "ConfigMap"}
    limits = {"apiVersion": f"{GROUP}/v1", "kind": "Limit"}
    says = {
        "expression": "false",
        "messageExpression": "'value ' + (params == null ? 'none' : string(params.data.value))",
    }
    sized = {
        "expression": "false",
        "messageExpression": "params.kind + ' ' + params.apiVersion + ' ' + string(params.spec.size)",
    }

    def given(
        name: str,
        kind: Object,
        reference: Object | None,
        *,
        actions: tuple[str, ...] = ("Warn",),
        validation: Object = says,
        **spec: Any,
    ) -> Case:
        return Case(
            name=name,
            documents=[
                policy(name, validation, paramKind=kind, **spec),
                binding(name, *actions, **({"paramRef": reference} if reference else {})),
            ],
            requests=[Send(value=config_map(name, namespace=namespace)) for namespace in NAMESPACES],
        )

    def by(name: str, action: str = "Deny", **more: Any) -> Object:
        return {"name": name, "parameterNotFoundAction": action, **more}

    def selected(action: str = "Deny", **labels: str) -> Object:
        return {"selector": {"matchLabels": labels}, "parameterNotFoundAction": action}

    cluster = Case(
        name="param-of-cluster-scoped",
        documents=[
            policy(
                "param-of-cluster-scoped",
                says,
                constraints={"resourceRules": [rule(["clusterroles"], names=["param-of-cluster-scoped"])]},
                paramKind=config_maps,
            ),
            binding("param-of-cluster-scoped", "Warn", paramRef=by("limit")),
        ],
        requests=[
            Send(
                value={
                    "apiVersion": "rbac.authorization.k8s.io/v1",
                    "kind": "ClusterRole",
                    "metadata": {"name": "param-of-cluster-scoped"},
                }
            )
        ],
    )
    unknown = {"apiVersion": f"{GROUP}/v1", "kind": "Nothing"}
    return [
        given("param-named", config_maps, by("limit")),
        given("param-elsewhere", config_maps, by("limit", namespace=OTHER_NAMESPACE)),
        given("param-missing", config_maps, by("absent")),
        given("param-missing-warn-fails", config_maps, by("absent"), actions=("Audit",)),
        given("param-missing-ignored", config_maps, by("absent"), failurePolicy="Ignore"),
        given("param-missing-allowed", config_maps, by("absent", "Allow"), actions=("Deny",)),
        given("param-many", config_maps, selected(set="many")),
        given("param-selected-none", config_maps, selected(set="none")),
        given("param-selected-none-allowed", config_maps, selected("Allow", set="none"), actions=("Deny",)),
        given("param-unreferenced", config_maps, None),
        given("param-cluster-kind", limits, by("small"), validation=sized),
        given("param-cluster-kind-all", limits, {"selector": {}, "parameterNotFoundAction": "Deny"}, validation=sized),
        given("param-cluster-kind-namespace", limits, by("small", namespace=NAMESPACE), validation=sized),
        given(
            "param-condition",
            config_maps,
            by("limit"),
            matchConditions=[{"name": "of-gold", "expression": "params.data.value == 'of gold'"}],
        ),
        given("param-unknown-kind", unknown, by("x"), validation=NO),
        given("param-unknown-kind-unreferenced", unknown, None, validation=NO),
        given("param-unknown-kind-ignored", unknown, by("x"), validation=NO, failurePolicy="Ignore"),
        cluster,
    ]


def _equivalents() -> list[Case]:
    def gadget(name: str, version: str) -> Send:
        return Send(
            value={
                "apiVersion": f"{GROUP}/{version}",
                "kind": "Gadget",
                "metadata": {"name": name, "namespace": NAMESPACE},
            }
        )

    versions = "string(object.apiVersion), request.kind.version, request.requestKind.version, request.resource.version"
    says = {"expression": "false", "messageExpression": f"[{versions}].join(' ')"}
    cases = []
    for match_policy in ("Exact", "Equivalent"):
        name = f"version-{match_policy.lower()}"
        listed = [{**rule(["gadgets"], names=[name]), "apiGroups": [GROUP], "apiVersions": ["v2"]}]
        constraints = {"resourceRules": listed, "matchPolicy": match_policy}
        cases.append(
            Case(
                name=name,
                documents=[policy(name, says, constraints=constraints), binding(name)],
                requests=[gadget(name, "v1"), gadget(name, "v2")],
            )
        )
    name = "condition-version"
    listed = [{**rule(["gadgets"], names=[name]), "apiGroups": [GROUP], "apiVersions": ["v2"]}]
    conditions = [
        {"name": "as-asked", "expression": "request.resource.version == 'v1' && request.kind.version == 'v2'"}
    ]
    cases.append(
        Case(
            name=name,
            documents=[
                policy(name, says, constraints={"resourceRules": listed}, matchConditions=conditions),
                binding(name),
            ],
            requests=[gadget(name, "v1"), gadget(name, "v2")],
        )
    )
    return cases


def _authorizer() -> list[Case]:
    def may(name: str, expression: str, **case: Any) -> Case:
        return simple(name, {"expression": expression, "message": "may not"}, **case)

    nobody = "authorizer.serviceAccount('judge-gold', 'nobody').group('').resource('secrets').namespace('judge-gold')"
    everybody = "authorizer.group('').resource('configmaps').namespace('judge-gold').check('create').allowed()"
    return [
        may("may-create", everybody),
        may("may-not", f"{nobody}.check('get').allowed()"),
        may("may-asked", "authorizer.requestResource.check('custom').allowed()"),
        may("may-path", "authorizer.path('/healthz').check('get').allowed()"),
        may(
            "may-condition", "false", matchConditions=[{"name": "a", "expression": f"{nobody}.check('get').allowed()"}]
        ),
        may("may-condition-holds", "false", matchConditions=[{"name": "a", "expression": everybody}]),
        may("may-error", "authorizer.group('').resource('').check('get').allowed()"),
        may(
            "may-account-error", "authorizer.serviceAccount('A', 'b').group('').resource('pods').check('get').allowed()"
        ),
        may(
            "may-variable",
            "variables.may",
            variables=[{"name": "may", "expression": f"{nobody}.check('get').allowed()"}],
        ),
        simple(
            "may-message",
            {"expression": "variables.may", "messageExpression": "'may ' + string(variables.may)", "message": "plain"},
            variables=[{"name": "may", "expression": f"{nobody}.check('get').allowed()"}],
        ),
        simple("may-noted", auditAnnotations=[{"key": "a", "valueExpression": f"string({everybody})"}]),
        simple(
            "may-noted-variable",
            variables=[{"name": "may", "expression": everybody}],
            auditAnnotations=[{"key": "a", "valueExpression": "string(variables.may)"}],
        ),
        simple(
            "may-noted-asked",
            auditAnnotations=[
                {"key": "a", "valueExpression": "string(authorizer.requestResource.check('x').allowed())"}
            ],
        ),
    ]


CASES: list[Case] = [
    *_messages(),
    *_actions(),
    *_errors(),
    *_conditions(),
    *_variables(),
    *_request(),
    *_annotations(),
    *_matching(),
    *_operations(),
    *_parameters(),
    *_equivalents(),
    *_authorizer(),
]
