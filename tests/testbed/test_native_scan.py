"""Native policies on a live cluster: ``seawall scan cluster --rules FILE`` knows its namespaces and parameters."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seawall.apps.cli.main import main
from tests.testbed.control_plane import ControlPlane

Object = dict[str, Any]

POLICY = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-web}
spec:
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    namespaceSelector: {matchLabels: {native-scan: "yes"}}
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  validations:
    - expression: object.metadata.name != params.data.never || object.spec.restartPolicy != 'Always'
      messageExpression: "'no ' + string(params.data.never) + ' for ' + namespaceObject.metadata.labels.team"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: no-web}
spec:
  policyName: no-web
  validationActions: [Warn]
  paramRef: {name: native-scan, namespace: native-shop, parameterNotFoundAction: Deny}
"""


def _pod(namespace: str) -> Object:
    containers = [{"name": "main", "image": "registry.example/app:1.0"}]
    metadata = {"name": "web", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": containers}}


@pytest.fixture
def pods(control_plane: ControlPlane) -> Iterator[None]:
    """The same pod in a namespace that the policy selects and in one that it does not."""
    control_plane.ensure_namespace("native-shop", {"native-scan": "yes", "team": "shop"})
    control_plane.ensure_namespace("native-bank", {"team": "bank"})
    metadata = {"name": "native-scan", "namespace": "native-shop"}
    objects = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"never": "web"}},
        _pod("native-shop"),
        _pod("native-bank"),
    ]
    for value in objects:
        control_plane.client.apply(value)
    yield
    for value in objects:
        control_plane.client.call("DELETE", control_plane.client.path(value), query={"gracePeriodSeconds": "0"})


def test_a_live_cluster_is_judged_with_its_own_namespaces_and_parameters(
    pods: None, control_plane: ControlPlane, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "policies.yaml"
    path.write_text(POLICY)
    options = ["--kubeconfig", str(control_plane.kubeconfig), "--rules", str(path), "--format", "json"]
    status = main(["scan", "cluster", *options])
    report = json.loads(capsys.readouterr().out)
    found = [(one["message"], one["severity"], one["resource"]["namespace"]) for one in report["findings"]]
    assert found == [("no web for shop", "medium", "native-shop")]
    assert (status, report["unscanned"]) == (0, [])
