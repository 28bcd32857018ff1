"""The API server takes every exported policy as it is written, and lets an object that is being deleted go."""

from collections.abc import Iterator

import pytest

from seawall.policy.native_export import Enforcing, NativePolicy
from seawall.stages import native_export, rule_sets
from tests.testbed.control_plane import ControlPlane
from tests.testbed.native_policies import await_policies, install, remove

POLICIES = native_export.export(rule_sets.shipped_rules())


def test_kubectl_takes_the_exported_text(control_plane: ControlPlane) -> None:
    text = "---\n".join(native_export.texts(POLICIES).values()).encode()
    done = control_plane.run_kubectl("apply", "--dry-run=server", "--filename", "-", stdin=text)
    assert done.stderr.decode() == ""
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 2 * len(POLICIES)


@pytest.fixture
def wildcard_policy(control_plane: ControlPlane) -> Iterator[NativePolicy]:
    rules = [rule for rule in rule_sets.shipped_rules() if rule.id == "wildcard-role-verbs"]
    (native,) = native_export.export(rules, enforcing=Enforcing(action="Deny"))
    # Created before the policy is in force: what was there before Seawall came.
    control_plane.client.apply(a_role(["*"], finalizers=["seawall.dev/test"]))
    install(control_plane.client, [native])
    await_policies(control_plane.client)
    yield native
    remove(control_plane.client, [native])


def a_role(verbs: list[str], **metadata: object) -> dict[str, object]:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "going", "namespace": "default", **metadata},
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": verbs}],
    }


def test_a_failing_object_can_be_deleted_but_not_changed_on_its_way_out(
    control_plane: ControlPlane, wildcard_policy: NativePolicy
) -> None:
    client = control_plane.client
    role = a_role(["*"])
    path = client.path(role)

    def patch(body: dict[str, object]) -> int:
        return client.call("PATCH", path, body, content_type="application/merge-patch+json").status

    assert patch({"metadata": {"labels": {"a": "b"}}}) == 422
    client.delete(role)
    assert client.get(path)["metadata"]["deletionTimestamp"]
    # It still grants while its finalizer holds it: its rules are judged, its finalizer may go.
    widened = [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["*"]}]
    assert patch({"rules": widened}) == 422
    assert patch({"metadata": {"finalizers": None}}) == 200
    assert client.call("GET", path).status == 404
