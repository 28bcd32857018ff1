"""Fixtures that every test may use, and the marks that follow from where a test stands or what it asks for."""

import pytest
from hypothesis import settings

from tests.testbed.fixtures import (
    _cel_judge,
    _control_plane,
    helm_binary,
    kubectl_binary,
    kustomize_binary,
    pod_security_manifests,
    testbed_progress,
)

__all__ = [
    "_cel_judge",
    "_control_plane",
    "helm_binary",
    "kubectl_binary",
    "kustomize_binary",
    "pod_security_manifests",
    "testbed_progress",
]

# A machine that does other things beside is no failure of the code: how long things take is measured in bench/.
settings.register_profile("seawall", deadline=None)
settings.load_profile("seawall")

_REAL_PARTS = frozenset(
    {"cel_judge", "control_plane", "helm_binary", "kubectl_binary", "kustomize_binary", "pod_security_manifests"}
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that asks for a real part with ``testbed``, so that `make test-quick` can leave it out."""
    for item in items:
        if _REAL_PARTS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.testbed)
