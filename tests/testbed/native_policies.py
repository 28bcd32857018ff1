"""Installs native policies in the testbed's API server and waits until they are in force."""

import time
import uuid
from collections.abc import Iterable

from seawall.policy.native_export import NativePolicy
from tests.testbed.api_client import ApiClient, Object

_SECONDS = 60.0
_API = "admissionregistration.k8s.io/v1"


def install(client: ApiClient, policies: Iterable[NativePolicy]) -> None:
    """Create the policies and their bindings. Raises `ApiError` where the server refuses one."""
    for native in policies:
        client.apply(native.policy)
        client.apply(native.binding)


def remove(client: ApiClient, policies: Iterable[NativePolicy]) -> None:
    """Delete the policies and their bindings."""
    for native in policies:
        client.delete(native.binding)
        client.delete(native.policy)


def await_policies(client: ApiClient) -> None:
    """Wait until everything that was installed before is in force.

    The server's watches deliver policies and bindings in the order of their creation, and it puts all of them in force
    together, about once a second; so a sentinel that was created last and answers stands for all before it.
    """
    name = f"sentinel-{uuid.uuid4().hex[:12]}"
    policy: Object = {
        "apiVersion": _API,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            "matchConstraints": {
                "resourceRules": [
                    {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
                ]
            },
            "validations": [{"expression": f"object.metadata.name != '{name}'", "message": name}],
        },
    }
    binding: Object = {
        "apiVersion": _API,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {"policyName": name, "validationActions": ["Warn"]},
    }
    probe: Object = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}
    client.apply(policy)
    client.apply(binding)
    deadline = time.monotonic() + _SECONDS
    while not any(name in warning for warning in client.create(probe, dry_run=True).warnings):
        if time.monotonic() > deadline:
            raise TimeoutError(f"policies were not in force after {_SECONDS:.0f} s")
        time.sleep(0.1)
    client.delete(binding)
    client.delete(policy)
