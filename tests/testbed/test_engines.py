"""Real engines hold `docker:` and `containerd:`: what they hand over is read, verified, and is the image that went in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from seawall.apps.cli.main import main
from seawall.model.errors import SourceError
from seawall.model.image_contents import ReadImage
from seawall.sources.images.elsewhere import open_elsewhere
from seawall.sources.images.read import read_image
from seawall.sources.registry.settings import RegistrySettings
from tests.sample_images import (
    DEBIAN,
    Built,
    digest,
    docker_files,
    dpkg,
    files,
    layer,
    layout_files,
    member,
    write_archive,
)
from tests.testbed import engines
from tests.testbed.system_programs import require

pytestmark = pytest.mark.testbed

NAME = "registry.example/team/app:1"
BASE = layer(member("etc/os-release", DEBIAN), member("var/lib/dpkg/status", dpkg(("zlib1g", "1.2.13-1"))))
IMAGE = Built(BASE, files(srv__app=b"application" * 100_000))


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAWALL_CACHE_DIR", str(tmp_path / "cache"))


def read(name: str) -> ReadImage:
    with open_elsewhere(name, RegistrySettings()) as store:
        return read_image(store, verify_diff_ids=True)


@pytest.fixture(params=["dockerd", "podman"])
def docker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    require(request.param)
    start = engines.start_docker if request.param == "dockerd" else engines.start_podman
    with engines.engine_folder() as folder, start(folder) as address:
        monkeypatch.setenv("DOCKER_HOST", f"unix://{address}")
        yield address


def test_what_a_docker_engine_has_is_read(docker: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contents, links = docker_files(**{NAME.replace(":", "__"): IMAGE})
    engines.load_into_docker(docker, write_archive(tmp_path / "app.tar", contents, links))
    found = read(f"docker:{NAME}")
    assert (found.unscanned, found.kind) == ((), "image")
    assert [layer.diff_id for layer in found.image.layers] == [digest(layer) for layer in IMAGE.layers]
    assert found.image.config_digest == digest(IMAGE.config)
    assert main(["sbom", f"docker:{NAME}"]) == 0
    assert "pkg:deb/debian/zlib1g@1.2.13-1" in capsys.readouterr().out
    with pytest.raises(SourceError, match=r"has no image registry\.example/team/app:2"):
        open_elsewhere("docker:registry.example/team/app:2", RegistrySettings())


@pytest.mark.parametrize("namespace", ["default", "k8s.io"])
def test_what_containerd_has_is_read(
    namespace: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    require("containerd", "ctr")
    entry = IMAGE.entry()
    entry["annotations"] = {"io.containerd.image.name": NAME}
    archive = write_archive(tmp_path / "app.tar", layout_files(IMAGE, entries=[entry]))
    with engines.engine_folder() as folder, engines.start_containerd(folder) as address:
        engines.import_into_containerd(address, archive, namespace)
        monkeypatch.setenv("CONTAINERD_ADDRESS", str(address))
        for name in (f"containerd:{NAME}", f"containerd:{NAME}@{digest(IMAGE.manifest)}"):
            found = read(name)
            assert (found.image.digest, found.unscanned) == (digest(IMAGE.manifest), ())
            assert [layer.blob.digest for layer in found.image.layers] == [digest(blob) for blob in IMAGE.packed]
        assert main(["sbom", f"containerd:{NAME}"]) == 0
        assert "pkg:deb/debian/zlib1g@1.2.13-1" in capsys.readouterr().out
        with pytest.raises(SourceError, match=r"has no image registry\.example/team/app:2"):
            open_elsewhere("containerd:registry.example/team/app:2", RegistrySettings())
        if namespace == "default":
            monkeypatch.setenv("CONTAINERD_NAMESPACE", "k8s.io")
            with pytest.raises(SourceError, match=r"in k8s\.io"):
                open_elsewhere(f"containerd:{NAME}", RegistrySettings())
