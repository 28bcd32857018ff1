"""Makes kinds that are not part of Kubernetes known to the testbed's API server, with any fields."""

import time
from collections.abc import Iterable

from seawall.policy.native_kinds import resource_of
from tests.testbed.api_client import ApiClient, Object

_SECONDS = 30.0


def install(client: ApiClient, kinds: Iterable[tuple[str, str]]) -> list[Object]:
    """Define those of the (apiVersion, kind) pairs that the server does not know, wait for them, and return the definitions.

    A removed version of one of Kubernetes' own kinds stays unknown, as it is to every server of today.
    """
    versions: dict[tuple[str, str], set[str]] = {}
    for api_version, kind in kinds:
        group, _, version = api_version.rpartition("/")
        is_custom = "." in group and (not group.endswith(".k8s.io") or group.startswith("gateway."))
        if is_custom and not client.knows(api_version, kind):
            versions.setdefault((group, kind), set()).add(version)
    definitions = [_definition(group, kind, sorted(own)) for (group, kind), own in sorted(versions.items())]
    for definition in definitions:
        client.apply(definition)
    for definition in definitions:
        _await(client, definition)
    client.forget_discovery()
    return definitions


def _definition(group: str, kind: str, versions: list[str]) -> Object:
    plural = resource_of(f"{group}/{kind}").plural
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{plural}.{group}",
            "annotations": {"api-approved.kubernetes.io": "unapproved, for tests only"},
        },
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": plural, "kind": kind},
            "versions": [
                {"name": version, "served": True, "storage": index == 0, "schema": schema}
                for index, version in enumerate(versions)
            ],
        },
    }


def _await(client: ApiClient, definition: Object) -> None:
    """Wait until the server serves what `definition` defines."""
    spec = definition["spec"]
    deadline = time.monotonic() + _SECONDS
    path = f"/apis/{spec['group']}/{spec['versions'][-1]['name']}/{spec['names']['plural']}"
    while client.call("GET", path).status != 200:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{path} was not served after {_SECONDS:.0f} s")
        time.sleep(0.1)
