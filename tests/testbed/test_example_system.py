"""The example system is one that a cluster takes: every manifest is valid, and the fixed one keeps to its Pod Security level."""

from pathlib import Path

import pytest

from tests.testbed.control_plane import ControlPlane

PARCEL = Path(__file__).parents[2] / "examples" / "parcel"
LEVEL = "pod-security.kubernetes.io/warn"


@pytest.mark.parametrize(("side", "level"), [("flawed", "privileged"), ("fixed", "restricted")])
def test_the_api_server_takes_every_manifest_of_the_example(side: str, level: str, control_plane: ControlPlane) -> None:
    control_plane.ensure_namespace("parcel")
    labelled = control_plane.run_kubectl("label", "--overwrite", "namespace", "parcel", f"{LEVEL}={level}")
    assert labelled.returncode == 0, labelled.stderr.decode()
    folder = PARCEL / side / "deploy"
    done = control_plane.run_kubectl("apply", "--dry-run=server", "--filename", str(folder))
    assert done.returncode == 0, done.stderr.decode()
    said = done.stderr.decode()
    assert "would violate PodSecurity" not in said
    assert len(done.stdout.splitlines()) == sum(text.count("\nkind: ") for text in _texts(folder))


def test_pod_security_warns_of_the_flawed_side(control_plane: ControlPlane) -> None:
    control_plane.ensure_namespace("parcel")
    control_plane.run_kubectl("label", "--overwrite", "namespace", "parcel", f"{LEVEL}=restricted")
    api = PARCEL / "flawed" / "deploy" / "api.yaml"
    done = control_plane.run_kubectl("apply", "--dry-run=server", "--filename", str(api))
    assert 'would violate PodSecurity "restricted' in done.stderr.decode()


def _texts(folder: Path) -> list[str]:
    return [path.read_text() for path in sorted(folder.glob("*.yaml"))]
