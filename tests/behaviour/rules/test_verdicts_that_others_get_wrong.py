"""Threads in which users of other scanners report a wrong verdict, each with the manifests that show the right one.

Further threads are held where their facts are: `test_rbac_powers`, `test_network_isolation`, `test_suppressions`.
"""

import pytest

from rule_runs import failures_of, messages_of, shipped
from sample_manifests import resources_in
from seawall.facts import catalogue
from seawall.model.taxonomy import Severity
from seawall.policy.compile import compile_rule
from seawall.policy.evaluate import Plan

HARDENED_CONTAINER = (
    "securityContext: {runAsNonRoot: true, runAsUser: 10001, runAsGroup: 10001, allowPrivilegeEscalation: false,"
    " readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}}"
)


def pod(container: str, spec: str = "") -> str:
    return (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n"
        f"  {spec or 'restartPolicy: Always'}\n  containers:\n    - name: c\n      image: registry.example.com/shop/web:1.0.0\n"
        f"      {container}\n"
    )


@pytest.mark.parametrize(
    "rule",
    ["security-context-missing", "root-allowed", "seccomp-unset", "privilege-escalation", "capabilities-not-dropped"],
)
def test_trivy_9329_a_context_on_every_container_is_as_good_as_one_on_the_pod(rule: str) -> None:
    assert messages_of(rule, pod(HARDENED_CONTAINER)) == []


@pytest.mark.parametrize("rule", ["security-context-missing", "root-allowed", "seccomp-unset"])
def test_trivy_9329_a_context_on_the_pod_is_as_good_as_one_on_every_container(rule: str) -> None:
    spec = "securityContext: {runAsNonRoot: true, runAsUser: 10001, seccompProfile: {type: RuntimeDefault}}"
    assert messages_of(rule, pod("args: [serve]", spec)) == []


def test_trivy_4922_what_is_no_pod_is_not_asked_for_a_security_context() -> None:
    text = (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: test}\nrules:\n"
        '  - {apiGroups: ["rbac.authorization.k8s.io"], resources: [clusterroles, roles], verbs: [get, list, watch]}\n'
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}]}\n"
        "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v}\nspec: {hosts: [a.example.com]}\n"
    )
    plan = Plan([compile_rule(rule) for rule in shipped().values() if rule.layer in ("container", "cluster")])
    resources = resources_in(text)
    failures, inconclusive = plan.run([*catalogue.derive(plan.fact_kinds, resources), *plan.resource_facts(resources)])
    assert ([failure.validation.rule.id for failure in failures], inconclusive) == ([], [])


def test_trivy_4604_dropping_all_counts_beside_what_is_added_back() -> None:
    container = "securityContext: {capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}}"
    assert messages_of("capabilities-not-dropped", pod(container)) == []
    assert messages_of("capability-kept", pod(container)) == []


def role_bound(verbs: str) -> str:
    return (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: operator}\nrules:\n"
        f'  - {{apiGroups: ["rbac.authorization.k8s.io"], resources: [roles, rolebindings, clusterroles], verbs: {verbs}}}\n'
        "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: operator}\n"
        "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: operator}\n"
        "subjects: [{kind: ServiceAccount, name: operator, namespace: ops}]\n"
    )


def test_trivy_9826_writing_roles_is_no_escalation_and_the_verbs_that_are_one_are_named() -> None:
    # The API server lets nobody write a role with more than they have, but for `escalate` and `bind`.
    written = role_bound("[create, update, patch]")
    assert [f.validation.rule.severity for f in failures_of("rbac-write", written)] == [Severity.MEDIUM]
    assert messages_of("role-escalation", written) == []
    assert messages_of("role-bind", written) == []
    escalating = role_bound("[escalate, bind]")
    assert [f.validation.rule.severity for f in failures_of("role-escalation", escalating)] == [Severity.HIGH]
    assert [f.validation.rule.severity for f in failures_of("role-bind", escalating)] == [Severity.HIGH]


NAMESPACE_RULES = (
    "namespace-without-network-policy",
    "namespace-without-pod-security",
    "namespace-without-quota",
    "namespace-without-limit-range",
    "unbounded-namespace",
    "open-egress",
)


@pytest.mark.parametrize("rule", NAMESPACE_RULES)
def test_platform_2988_what_a_namespace_lacks_is_said_once_however_many_files_there_are(rule: str) -> None:
    workloads = "".join(
        f"---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: w{n}, namespace: shop}}\n"
        f"spec: {{template: {{metadata: {{labels: {{app: w{n}}}}}, spec: {{containers: [{{name: c, image: x}}]}}}}}}\n"
        for n in range(40)
    )
    text = f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop}}\n{workloads}"
    assert len(failures_of(rule, text)) == 1


def test_checkov_7444_an_open_policy_of_cilium_is_judged_as_one_of_kubernetes_is() -> None:
    text = (
        "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p, namespace: shop}\n"
        "spec: {endpointSelector: {}, ingress: [{fromEntities: [world]}]}\n"
    )
    assert messages_of("cilium-policy-allows-all", text) == ["a rule allows every source on every port"]


@pytest.mark.parametrize("value", ["{{ .Values.tag }}", "${TAG}", "$(TAG)", "__TAG__"])
def test_what_a_template_left_open_is_neither_a_version_nor_latest(value: str) -> None:
    text = pod("args: [serve]").replace(":1.0.0", f":{value}").replace("image: ", 'image: "', 1)
    text = text.replace(f":{value}\n", f':{value}"\n', 1)
    assert messages_of("latest-image-tag", text) == []


def test_trivy_6758_init_and_debug_containers_do_not_escape() -> None:
    privileged = "image: x, securityContext: {privileged: true}"
    text = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n"
        f"  initContainers: [{{name: i, {privileged}}}]\n"
        "  containers: [{name: c, image: x}]\n"
        f"  ephemeralContainers: [{{name: e, {privileged}}}]\n"
    )
    assert messages_of("privileged-container", text) == ["container i is privileged", "container e is privileged"]


@pytest.mark.parametrize(
    ("rule", "container"),
    [
        ("privileged-container", "securityContext: {privileged: '{{ .Values.privileged }}'}"),
        ("root-user", "securityContext: {runAsUser: '${UID}'}"),
        ("privilege-escalation", "securityContext: {allowPrivilegeEscalation: '{{ .Values.escalate }}'}"),
        ("writable-root-filesystem", "securityContext: {readOnlyRootFilesystem: '{{ .Values.readOnly }}'}"),
        ("host-port", "ports: [{containerPort: 80, hostPort: '{{ .Values.port }}'}]"),
    ],
)
def test_what_a_template_left_open_never_passes(rule: str, container: str) -> None:
    plan = Plan([compile_rule(shipped()[rule])])
    failures, inconclusive = plan.run(catalogue.derive(plan.fact_kinds, resources_in(pod(container))))
    assert failures or inconclusive
