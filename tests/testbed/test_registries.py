"""Real registries hold the client: what is pushed comes back, chunk by chunk, with a password and without."""

import hashlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sample_images import Built, dpkg, files, write_layout
from seawall.actions import publish_artifact
from seawall.formats.image_reference import parse_image_reference
from seawall.model.errors import SourceError
from seawall.sources.images.read import read_image
from seawall.sources.registry.image import open_registry_image
from seawall.stages.artifacts import ArtifactFile, RegistrySettings, pull_artifact, push_artifact, referrers
from tests.testbed import binaries, registries

pytestmark = pytest.mark.testbed

KIND = "application/vnd.example.database.v1"
SETTINGS = RegistrySettings()
LARGE = hashlib.shake_256(b"large").digest(3_000_000)


# Built before a test has a home of its own, below which the cache of programs would be looked for.
@pytest.fixture(scope="session")
def crane(testbed_progress: Callable[[str], None]) -> Path:
    return binaries.provide("crane", testbed_progress)


@pytest.fixture(scope="session")
def distribution(testbed_progress: Callable[[str], None]) -> Path:
    return binaries.provide("registry", testbed_progress)


@pytest.fixture(params=["crane", "distribution", "distribution with password"])
def host(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crane: Path, distribution: Path
) -> Iterator[str]:
    for name in ("REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "DOCKER_CONFIG", "XDG_CONFIG_HOME", "SEAWALL_CACHE_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "registry").mkdir()
    with registries.start(
        request.param, crane if request.param == "crane" else distribution, tmp_path / "registry"
    ) as served:
        if "password" in request.param:
            (tmp_path / "home" / "config.json").write_text(registries.docker_config(served))
        yield served


def test_an_image_that_crane_pushed_is_read(host: str, tmp_path: Path, crane: Path) -> None:
    image = Built(files(var__lib__dpkg__status=dpkg(("zlib1g", "1.2.13-1"))), files(app=LARGE))
    layout = write_layout(tmp_path / "layout", image)
    subprocess.run([crane, "push", layout, f"{host}/team/app:1"], check=True, timeout=60, capture_output=True)
    with open_registry_image(parse_image_reference(f"{host}/team/app:1"), SETTINGS) as store:
        read = read_image(store)
    assert (read.image.digest, read.unscanned) == (image.descriptor["digest"], ())
    with pytest.raises(SourceError, match=r"has no tag '2' \(near it are 1\)"):
        open_registry_image(parse_image_reference(f"{host}/team/app:2"), SETTINGS)


def test_an_artifact_comes_back_and_is_listed_where_it_refers_to(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish_artifact, "PART_BYTES", 1_000_000)
    (tmp_path / "data").write_bytes(LARGE)
    there = parse_image_reference(f"{host}/team/data:1")
    parts = [ArtifactFile(path=tmp_path / "data", name="data.sqlite")]
    steps: list[int] = []
    pushed = push_artifact(there, parts, KIND, {"a": "b"}, SETTINGS, progress=steps.append)
    assert steps == [1_000_000] * 3
    about = push_artifact(
        parse_image_reference(f"{host}/team/data:about"),
        parts,
        "application/vnd.example.about",
        {},
        SETTINGS,
        subject=pushed,
    )
    assert pull_artifact(there, tmp_path, KIND, SETTINGS).digest == pushed.digest
    assert (tmp_path / "data.sqlite").read_bytes() == LARGE
    assert [entry.manifest.digest for entry in referrers(there, pushed.digest, SETTINGS)] == [about.digest]


@pytest.mark.parametrize("host", ["distribution with password"], indirect=True)
def test_a_wrong_password_is_refused_and_not_shown(host: str, tmp_path: Path) -> None:
    for text, said in ((registries.docker_config(host, "wrong-one"), "refuses team/app"), ("{}", "none were found")):
        (tmp_path / "home" / "config.json").write_text(text)
        with pytest.raises(SourceError, match=said) as caught:
            open_registry_image(parse_image_reference(f"{host}/team/app:1"), SETTINGS)
        assert "wrong-one" not in str(caught.value)
