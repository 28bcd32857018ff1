"""What a target is: told by looking at it, said in the report, and said plainly where this version does not scan it."""

import os
from pathlib import Path

import pytest

from seawall.apps.cli.main import main
from seawall.model.errors import UsageError
from seawall.sources.detect import TargetKind, detect


@pytest.fixture(autouse=True)
def _in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def touch(*paths: str, text: str = "") -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text)


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("-", TargetKind.STDIN),
        ("cluster", TargetKind.CLUSTER),
        ("./cluster", TargetKind.DIRECTORY),
        ("plain", TargetKind.DIRECTORY),
        ("chart", TargetKind.HELM),
        ("chart/", TargetKind.HELM),
        ("chart/Chart.yaml", TargetKind.HELM),
        ("chart-1.0.0.tgz", TargetKind.HELM),
        ("overlay", TargetKind.KUSTOMIZE),
        ("overlay/Kustomization", TargetKind.KUSTOMIZE),
        ("plain/a.yaml", TargetKind.FILE),
        ("plain/values", TargetKind.FILE),
        ("layout", TargetKind.OCI_LAYOUT),
        ("layout#app:1.0", TargetKind.OCI_LAYOUT),
        ("oci:layout", TargetKind.OCI_LAYOUT),
        ("oci:layout:1.0", TargetKind.OCI_LAYOUT),
        ("oci:layout@sha256:" + "0" * 64, TargetKind.OCI_LAYOUT),
        ("image.tar", TargetKind.OCI_ARCHIVE),
        ("image.tar#localhost:5000/app:1.0", TargetKind.OCI_ARCHIVE),
        ("image.TAR.zst", TargetKind.OCI_ARCHIVE),
        ("oci-archive:image.tar:1.0", TargetKind.OCI_ARCHIVE),
        ("docker-archive:chart-1.0.0.tgz", TargetKind.DOCKER_ARCHIVE),
        ("docker-archive:image.tar:app:1.0", TargetKind.DOCKER_ARCHIVE),
        ("rootfs:plain", TargetKind.ROOTFS),
        ("registry.example/team/app", TargetKind.IMAGE),
        ("nginx:1.27", TargetKind.IMAGE),
        ("sbom.json", TargetKind.SBOM),
        ("sorted.json", TargetKind.SBOM),
        ("app.cdx.json", TargetKind.SBOM),
        ("app.spdx", TargetKind.SBOM),
        ("localhost:5000/app@sha256:" + "0" * 64, TargetKind.IMAGE),
    ],
)
def test_a_target_is_what_it_looks_like(target: str, kind: TargetKind) -> None:
    touch(
        "cluster/a.yaml", "plain/a.yaml", "plain/values", "chart/Chart.yaml", "chart-1.0.0.tgz", "overlay/Kustomization"
    )
    touch("layout/oci-layout", "image.tar", "image.TAR.zst", "app.cdx.json", "app.spdx")
    touch("sbom.json", text='{"bomFormat": "CycloneDX"}')
    touch("sorted.json", text='{"SPDXID": "SPDXRef-DOCUMENT", "spdxVersion": "SPDX-2.3"}')
    assert detect(target) is kind


@pytest.mark.parametrize(
    ("target", "what"),
    [
        ("main.tf", "is Terraform"),
    ],
)
def test_a_target_of_a_later_version_is_refused_plainly(
    target: str, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    touch("image.tar", "image.tar.gz", "app.cdx.json", "app.spdx", "main.tf")
    touch("layout/oci-layout")
    touch("sbom.json", text='{"bomFormat": "CycloneDX"}')
    assert main(["scan", target]) == 2
    said = capsys.readouterr().err
    assert what in said
    assert "is not supported yet in this version" in said


def test_in_a_directory_files_of_a_later_version_are_no_error() -> None:
    touch("app/main.tf")
    touch("app/sbom.json", text='{"bomFormat": "CycloneDX"}')
    touch("app/config.yaml", text="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n")
    assert main(["scan", "app", "--quiet"]) == 0


@pytest.mark.parametrize(
    ("target", "near"),
    [
        ("deplyo", "did you mean deploy?"),
        ("deploy/ap.yaml", "did you mean deploy/app.yaml or deploy/api.yaml?"),
        ("clsuter", "did you mean cluster?"),
        ("deploy/nothing-like-it", "name a file, a directory, an image with its tag, - for input, or cluster"),
        ("nowhere/app.yaml", "name a file, a directory, an image with its tag, - for input, or cluster"),
    ],
)
def test_a_target_that_does_not_exist_is_answered_with_names_like_it(
    target: str, near: str, capsys: pytest.CaptureFixture[str]
) -> None:
    touch("deploy/app.yaml", "deploy/api.yaml", "deploy/web.yaml")
    assert main(["scan", target]) == 2
    assert capsys.readouterr().err == f"seawall: error: '{target}' does not exist ({near})\n"


def test_a_link_that_leads_nowhere_is_said_to_be_one() -> None:
    os.symlink("gone", "link.yaml")
    with pytest.raises(UsageError, match="is a link that leads nowhere"):
        detect("link.yaml")


def test_names_that_are_no_text_or_no_path_are_refused_in_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", os.fsdecode(b"caf\xe9")]) == 2
    assert "'caf\N{REPLACEMENT CHARACTER}' does not exist" in capsys.readouterr().err
    with pytest.raises(UsageError, match="does not exist"):
        detect("a\0b")


@pytest.mark.parametrize("format_", ["table", "json", "sarif", "junit", "markdown", "html", "github"])
def test_a_directory_whose_name_is_no_text_is_reported_in_every_format(
    format_: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    directory = os.fsdecode(b"caf\xe9")
    os.mkdir(directory)
    Path(directory, "a.yaml").write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostNetwork: true}\n")
    assert main(["scan", directory, "--format", format_]) == 1
    capsysbinary.readouterr().out.decode()


@pytest.mark.parametrize("target", ["oci:nowhere", "rootfs:nowhere", "docker-archive:nowhere.tar:app:1.0"])
def test_a_path_behind_a_word_must_exist(target: str) -> None:
    with pytest.raises(UsageError, match=r"'nowhere.* does not exist"):
        detect(target)
