"""The judge itself: a real API server that judges by ValidatingAdmissionPolicy, and clients that are who they say."""

import json
import time
from pathlib import Path

import pytest

from tests.testbed import binaries
from tests.testbed.api_client import ApiError, Object
from tests.testbed.control_plane import ControlPlane


def _pod(name: str) -> Object:
    containers = [{"name": "main", "image": "registry.example/app:1.0"}]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": containers}}


def test_the_api_server_is_the_pinned_version(control_plane: ControlPlane) -> None:
    version = control_plane.client.get("/version")
    assert (version["major"], version["minor"]) == ("1", "36")


def test_a_dry_run_is_answered_with_the_defaulted_object_and_stores_nothing(control_plane: ControlPlane) -> None:
    response = control_plane.client.create(_pod("dry"), dry_run=True)
    assert response.status == 201, response.text
    assert response.body["spec"]["restartPolicy"] == "Always"
    assert control_plane.client.call("GET", "/api/v1/namespaces/default/pods/dry").status == 404


def test_a_native_policy_warns_and_denies(control_plane: ControlPlane) -> None:
    client = control_plane.client
    control_plane.ensure_namespace("judged", {"judge": "yes"})
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    validations = [
        {"expression": "object.metadata.name != 'bad'", "messageExpression": "'never “' + object.metadata.name + '”'"}
    ]
    policy = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "judge"},
        "spec": {"matchConstraints": {"resourceRules": [rule]}, "validations": validations},
    }
    binding = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "judge"},
        "spec": {
            "policyName": "judge",
            "validationActions": ["Warn"],
            "matchResources": {"namespaceSelector": {"matchLabels": {"judge": "yes"}}},
        },
    }
    client.apply(policy)
    client.apply(binding)
    bad = _pod("bad")
    bad["metadata"]["namespace"] = "judged"
    deadline = time.monotonic() + 30
    while not (warnings := client.create(bad, dry_run=True).warnings) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert warnings == ("Validation failed for ValidatingAdmissionPolicy 'judge' with binding 'judge': never “bad”",)
    client.delete(binding)
    client.delete(policy)


def test_a_user_without_rights_is_refused(control_plane: ControlPlane) -> None:
    nobody = control_plane.client_for("nobody", [])
    with pytest.raises(ApiError) as refused:
        nobody.get("/api/v1/pods")
    assert refused.value.response.status == 403
    nobody.close()


def test_an_anonymous_request_is_refused(control_plane: ControlPlane) -> None:
    config = json.loads(control_plane.kubeconfig.read_text())
    config["users"] = [{"name": "testbed", "user": {"token": "not-a-token"}}]
    path = control_plane.folder / "kubeconfig-anonymous"
    path.write_text(json.dumps(config))
    done = control_plane.run_kubectl("--kubeconfig", str(path), "get", "pods")
    assert done.returncode != 0
    assert b"asked for the client to provide credentials" in done.stderr


def test_kubectl_reads_the_kubeconfig(control_plane: ControlPlane) -> None:
    done = control_plane.run_kubectl("get", "namespaces", "-o", "name")
    assert done.returncode == 0, done.stderr
    assert b"namespace/kube-system" in done.stdout


def test_missing_kubebuilder_assets_are_an_error_not_a_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    with pytest.raises(binaries.BuildError, match="has no etcd"):
        binaries.provide("etcd")
    (tmp_path / "etcd").write_bytes(b"")
    assert binaries.provide("etcd") == tmp_path / "etcd"


def test_a_failed_build_says_what_the_go_tool_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAWALL_TESTBED_CACHE", str(tmp_path))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    monkeypatch.setitem(
        binaries.PROGRAMS, "etcd", binaries.Program(module="etcd", version="v0", package="./no-such-package")
    )
    with pytest.raises(binaries.BuildError, match="no-such-package"):
        binaries.provide("etcd")
