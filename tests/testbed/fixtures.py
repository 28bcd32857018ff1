"""The testbed as pytest fixtures; ``tests/conftest.py`` gives them to every test.

A control plane that cannot be built or started fails the tests that need it; nothing here skips.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.testbed import binaries, cel_judge, control_plane, go_modules
from tests.testbed.cel_judge import Judge
from tests.testbed.control_plane import ControlPlane


@pytest.fixture(scope="session")
def testbed_progress(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Return a function that prints a line to the terminal even while pytest captures output: a cold build is long."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    def show(line: str) -> None:
        with capture.global_and_fixture_disabled():
            print(f"[testbed] {line}", flush=True)

    return show


@pytest.fixture(scope="session", name="control_plane")
def _control_plane(
    tmp_path_factory: pytest.TempPathFactory, testbed_progress: Callable[[str], None]
) -> Iterator[ControlPlane]:
    """A running etcd and kube-apiserver, one for the whole session (and worker)."""
    with control_plane.start(tmp_path_factory.mktemp("control-plane"), testbed_progress) as plane:
        yield plane


@pytest.fixture(scope="session")
def helm_binary(testbed_progress: Callable[[str], None]) -> Path:
    """The real helm."""
    return binaries.provide("helm", testbed_progress)


@pytest.fixture(scope="session")
def kustomize_binary(testbed_progress: Callable[[str], None]) -> Path:
    """The real kustomize."""
    return binaries.provide("kustomize", testbed_progress)


@pytest.fixture(scope="session")
def kubectl_binary(testbed_progress: Callable[[str], None]) -> Path:
    """The real kubectl."""
    return binaries.provide("kubectl", testbed_progress)


@pytest.fixture(scope="session", name="cel_judge")
def _cel_judge(testbed_progress: Callable[[str], None]) -> Iterator[Judge]:
    """The API server's own CEL environment, as a program."""
    with cel_judge.start(testbed_progress) as judge:
        yield judge


@pytest.fixture(scope="session")
def pod_security_manifests() -> Path:
    """The test data of ``k8s.io/pod-security-admission``: ``<level>/v1.<minor>/<pass|fail>/<check><number>.yaml``."""
    return go_modules.module_folder("k8s.io/pod-security-admission") / "test" / "testdata"
