"""`seawall scan cluster` says of an object what `seawall scan FILES` says of its manifest: the API server is the judge.

Every example of every rule that the server accepts is created for real; then files and cluster are scanned with the same rules
(the runtime stage's, because a rule that is only about files says nothing of a live object) and the verdicts are compared.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from seawall.apps.cli.main import main
from seawall.model.errors import SourceError
from seawall.model.finding import Finding
from seawall.model.resource import Resource
from seawall.model.taxonomy import Stage
from seawall.sources import cluster, kubeconfig, manifests
from seawall.sources.api_discovery import discover
from seawall.sources.api_server import ApiServer
from seawall.sources.manifests import ReadOptions
from seawall.stages import deploy
from seawall.stages.deploy import DeployScan, Scanned
from seawall.stages.rule_sets import RuleChoice
from tests.testbed import control_plane as testbed
from tests.testbed.api_client import ApiClient, Object
from tests.testbed.cluster_examples import missing_kinds, read_examples, spread
from tests.testbed.control_plane import ControlPlane

pytestmark = pytest.mark.testbed

# Verdict: rule, kind, namespace, name. A rule may point to another field where the server wrote the default in.
Verdict = tuple[str, str, str, str]

READER_ROLE = Path(__file__).parents[2] / "deploy" / "reader-role.yaml"
EVERYTHING = RuleChoice(rules=("all",), stages=(Stage.RUNTIME,))
# Where the server keeps other text than it was given, a rule that asks "is anything written here" hears another answer:
# it turns AppArmor annotations into fields, and drops an empty list.
STORED_DIFFERENTLY = {"security-context-missing"}
# What the server holds of its own, and what therefore stands in both scans.
OWN_KINDS = (
    ("v1", "Namespace"),
    ("v1", "Service"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("scheduling.k8s.io/v1", "PriorityClass"),
)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ControlPlane, list[Object]]]:
    """A control plane of its own that holds the examples (policies and webhooks among them), and what it accepted."""
    folder = tmp_path_factory.mktemp("crowded")
    with testbed.start(folder) as plane:
        client = plane.client
        files = read_examples()
        for definition in missing_kinds(client, files):
            assert client.create(definition).status == 201, definition
        own = [value for api_version, kind in OWN_KINDS for value in stored(client, api_version, kind)]
        await_custom_kinds(client)
        accepted = list(create(client, spread(client, files)))
        yield plane, [*own, *accepted]


def stored(client: ApiClient, api_version: str, kind: str) -> list[Object]:
    base = f"/api/{api_version}" if "/" not in api_version else f"/apis/{api_version}"
    items = client.get(f"{base}/{client.resource(api_version, kind).plural}")["items"]
    for item in items:
        item["metadata"].pop("managedFields", None)
    return [{"apiVersion": api_version, "kind": kind, **item} for item in items]


def await_custom_kinds(client: ApiClient) -> None:
    deadline = time.monotonic() + 30
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    for definition in client.get(path)["items"]:
        while not any(
            condition["type"] == "Established" and condition["status"] == "True"
            for condition in client.get(f"{path}/{definition['metadata']['name']}")["status"].get("conditions", [])
        ):
            assert time.monotonic() < deadline, definition["metadata"]["name"]
            time.sleep(0.1)
    client.forget_discovery()


def create(client: ApiClient, values: list[Object]) -> Iterator[Object]:
    """Create `values` and the namespaces that they need; yield what the server accepted, namespaces included."""
    made: set[str] = set()
    for value in values:
        if not client.knows(value["apiVersion"], value["kind"]):
            continue
        namespace = value["metadata"].get("namespace")
        if namespace and namespace not in made:
            made.add(namespace)
            space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
            if client.create(space).status == 201:
                yield space
        if client.create(value).status == 201:
            yield value


def scan(*targets: str, **reading: object) -> Scanned:
    return deploy.scan(
        DeployScan(targets=targets, choice=EVERYTHING, reading=ReadOptions(**reading))  # type: ignore[arg-type]
    )


def verdicts(findings: list[Finding]) -> Counter[Verdict]:
    return Counter(
        (finding.rule, finding.resource.kind, finding.resource.namespace, finding.resource.name)
        for finding in findings
        if finding.rule not in STORED_DIFFERENTLY and finding.resource.kind != "Secret"  # never read from a cluster
    )


def test_files_and_cluster_get_the_same_verdicts(
    crowded: tuple[ControlPlane, list[Object]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plane, values = crowded
    file = tmp_path / "everything.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": values}))
    of_files = scan(str(file))
    of_cluster = scan("cluster", kubeconfig=str(plane.kubeconfig))
    assert of_files.report.unscanned == []
    assert of_cluster.report.unscanned == []
    known = {(value["kind"], value["metadata"].get("namespace", ""), value["metadata"]["name"]) for value in values}
    files = verdicts(of_files.report.findings)
    cluster = Counter(
        {verdict: count for verdict, count in verdicts(of_cluster.report.findings).items() if verdict[1:] in known}
    )
    with capsys.disabled():
        total, rules = sum(files.values()), len({verdict[0] for verdict in files})
        print(f"\n[cluster scan] {len(values)} objects, {total} failures of {rules} rules in files and in the cluster")
    assert len(values) > 1_000
    assert sorted((files - cluster).elements()) == []
    assert sorted((cluster - files).elements()) == []


def test_a_live_object_has_no_lines_but_a_path_field_and_value(crowded: tuple[ControlPlane, list[Object]]) -> None:
    found = scan("cluster", kubeconfig=str(crowded[0].kubeconfig)).report.findings
    finding = next(finding for finding in found if finding.rule == "privileged-container")
    ref = finding.resource
    assert finding.location.path == f"cluster/testbed/{ref.namespace}/{ref.kind}/{ref.name}"
    assert finding.location.line == 1
    assert finding.evidence == "true"
    assert finding.snippet == f"{finding.field}: true"


DEPLOYMENT: Object = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "containers": [
                    {"name": "web", "image": "registry.example/web:1", "securityContext": {"privileged": True}}
                ]
            },
        },
    },
}


def owned_by(owner: Object, kind: str, name: str) -> Object:
    """Return a ReplicaSet or Pod as the controller of `owner` makes it."""
    reference = {key: owner[key] for key in ("apiVersion", "kind")} | {
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
    }
    metadata = {"name": name, "namespace": owner["metadata"]["namespace"], "ownerReferences": [reference]}
    if kind == "ReplicaSet":
        return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": DEPLOYMENT["spec"]}
    template = DEPLOYMENT["spec"]["template"]
    metadata["labels"] = template["metadata"]["labels"]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}


def privileged(scanned: Scanned) -> list[str]:
    return sorted(
        f"{finding.resource.kind}/{finding.resource.name}"
        for finding in scanned.report.findings
        if finding.rule == "privileged-container"
    )


def test_one_root_cause_is_one_finding_and_an_orphan_is_one_of_its_own(control_plane: ControlPlane) -> None:
    control_plane.ensure_namespace("owned")
    client = control_plane.client
    deployment = client.create({**DEPLOYMENT, "metadata": {"name": "web", "namespace": "owned"}}).body
    replicas = client.create(owned_by(deployment, "ReplicaSet", "web-1")).body
    client.create(owned_by(replicas, "Pod", "web-1-a"))
    gone = {**replicas, "metadata": {**replicas["metadata"], "uid": "00000000-0000-0000-0000-000000000000"}}
    client.create(owned_by(gone, "Pod", "orphan"))
    scanned = scan("cluster", kubeconfig=str(control_plane.kubeconfig), namespaces=("owned",))
    assert privileged(scanned) == ["Deployment/web", "Pod/orphan"]
    assert "managedFields" not in json.dumps([resource.object for resource in scanned.resources])


READER: Object = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "Role",
    "metadata": {"name": "reader", "namespace": "restricted"},
    "rules": [{"apiGroups": ["apps", ""], "resources": ["deployments", "pods"], "verbs": ["get", "list"]}],
}
BINDING: Object = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "RoleBinding",
    "metadata": {"name": "reader", "namespace": "restricted"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
    "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "restricted-reader"}],
}


@pytest.fixture
def restricted(control_plane: ControlPlane) -> Path:
    """The kubeconfig of a user who may list deployments and pods in one namespace, and nothing else."""
    control_plane.ensure_namespace("restricted")
    for value in (READER, BINDING, {**DEPLOYMENT, "metadata": {"name": "web", "namespace": "restricted"}}):
        control_plane.client.apply(value)
    return control_plane.kubeconfig_for("restricted-reader", [])


def test_what_a_user_may_not_list_is_unscanned_with_the_grant_that_is_missing(restricted: Path) -> None:
    scanned = scan("cluster", kubeconfig=str(restricted), namespaces=("restricted",))
    assert privileged(scanned) == ["Deployment/web"]
    missing = {entry.path: entry.reason for entry in scanned.report.unscanned}
    assert "cluster/testbed: pods in namespace restricted" not in missing
    reason = missing["cluster/testbed: services in namespace restricted"]
    assert reason.startswith("forbidden: ")
    assert "grant list on services" in reason
    assert missing["cluster/testbed: namespace restricted"].endswith("grant get on namespaces")
    # What they say holds in the namespace; what other cluster-wide kinds say does not.
    assert "cluster/testbed: clusterroles.rbac.authorization.k8s.io" in missing
    assert not any(kind in path for path in missing for kind in ("secrets", "nodes", "persistentvolumes.", "storage"))


def test_a_namespace_that_does_not_exist_does_not_pass(control_plane: ControlPlane) -> None:
    scanned = scan("cluster", kubeconfig=str(control_plane.kubeconfig), namespaces=("no-such-namespace",))
    assert [(entry.path, entry.reason) for entry in scanned.report.unscanned] == [
        ("cluster/testbed: namespace no-such-namespace", "there is no such namespace: check --namespace")
    ]


def test_the_role_that_we_ship_is_enough_for_every_rule(control_plane: ControlPlane) -> None:
    client = control_plane.client
    (role,) = (resource.object for resource in manifests.read(str(READER_ROLE)) if isinstance(resource, Resource))
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": role["metadata"]["name"]},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role["metadata"]["name"]},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "seawall"}],
    }
    client.apply(role)
    client.apply(binding)
    try:
        scanned = scan("cluster", kubeconfig=str(control_plane.kubeconfig_for("seawall", [])))
        assert scanned.report.unscanned == []
        assert len(scanned.resources) > 50
        # Every grant is one that a rule or a fact needs, so that a reviewer has no question left.
        asked = {*cluster.KINDS, *(kind for rule in scanned.rules for kind in rule.match.kinds)}
        granted = {
            (group, plural) for rule in role["rules"] for group in rule["apiGroups"] for plural in rule["resources"]
        }
        with closing(ApiServer(kubeconfig.load(path=str(control_plane.kubeconfig), environment={}))) as server:
            served, _ = discover(server)
        needed = {(served[kind].group, served[kind].plural) for kind in asked & served.keys() if kind != "Secret"}
        assert sorted(needed - granted) == []
        assert {verb for rule in role["rules"] for verb in rule["verbs"]} == {"list"}
        assert not any("secrets" in rule["resources"] or "*" in rule["resources"] for rule in role["rules"])
    finally:
        client.delete(binding)
        client.delete(role)


def test_a_user_of_one_namespace_gets_that_one_and_hears_of_the_rest(restricted: Path) -> None:
    config = json.loads(restricted.read_text())
    config["contexts"][0]["context"]["namespace"] = "restricted"
    restricted.write_text(json.dumps(config))
    scanned = scan("cluster", kubeconfig=str(restricted))
    assert privileged(scanned) == ["Deployment/web"]
    paths = [entry.path for entry in scanned.report.unscanned]
    assert "cluster/testbed: deployments.apps outside namespace restricted" in paths
    assert "cluster/testbed: services in all namespaces" in paths


def test_unscanned_kinds_fail_the_gate_unless_they_are_accepted(
    restricted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["scan", "cluster", "--kubeconfig", str(restricted), "--only", "latest-image-tag", "--quiet"]
    assert main(arguments) == 2
    assert main([*arguments, "--allow-unscanned"]) == 0
    assert "could not be scanned" in capsys.readouterr().out


def test_a_user_whom_the_server_does_not_know_is_told_so(control_plane: ControlPlane) -> None:
    config = json.loads(control_plane.kubeconfig.read_text())
    config["users"] = [{"name": "testbed", "user": {"token": "not-a-token"}}]
    path = control_plane.folder / "kubeconfig-unknown"
    path.write_text(json.dumps(config))
    with pytest.raises(SourceError, match="refused discovery: 401"):
        scan("cluster", kubeconfig=str(path))


def test_impersonation_is_passed_on(control_plane: ControlPlane, restricted: Path) -> None:
    config = json.loads(control_plane.kubeconfig.read_text())
    config["users"][0]["user"]["as"] = "restricted-reader"
    path = control_plane.folder / "kubeconfig-impersonating"
    path.write_text(json.dumps(config))
    scanned = scan("cluster", kubeconfig=str(path), namespaces=("restricted",))
    assert any('User "restricted-reader" cannot list' in entry.reason for entry in scanned.report.unscanned)
