"""Files go into a registry and come back as they were, also on a bad day; what refers to an image is listed."""

import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from seawall.actions import publish_artifact
from seawall.formats.image_reference import ImageReference, parse_image_reference
from seawall.model.errors import SourceError
from seawall.model.image import Descriptor
from seawall.stages.artifacts import ArtifactFile, RegistrySettings, pull_artifact, push_artifact, referrers
from tests.simulators.registry import INDEX, MANIFEST, Registry, Reply, once, serve

KIND = "application/vnd.example.database.v1"
LARGE = hashlib.shake_256(b"large").digest(300_000)
SETTINGS = RegistrySettings()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "DOCKER_CONFIG", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(publish_artifact, "PART_BYTES", 100_000)


@pytest.fixture
def registry() -> Iterator[Registry]:
    with serve() as served:
        yield served


@pytest.fixture
def files(tmp_path: Path) -> list[ArtifactFile]:
    (tmp_path / "small").write_bytes(b"small")
    (tmp_path / "large").write_bytes(LARGE)
    return [ArtifactFile(path=tmp_path / name, name=f"{name}.bin", media_type="x/y") for name in ("small", "large")]


def there(registry: Registry, tag: str = "1") -> ImageReference:
    return parse_image_reference(f"{registry.host}/team/data:{tag}")


def pulled(registry: Registry, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    pull_artifact(there(registry), folder, KIND, SETTINGS)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_files_come_back_as_they_were(registry: Registry, files: list[ArtifactFile], tmp_path: Path) -> None:
    steps: list[int] = []
    pushed = push_artifact(there(registry), files, KIND, {"a": "b"}, SETTINGS, progress=steps.append)
    assert sum(steps) == len(LARGE) + 5
    folder = tmp_path / "out"
    folder.mkdir()
    seen: list[tuple[int, int]] = []
    artifact = pull_artifact(
        there(registry), folder, KIND, SETTINGS, progress=lambda done, size: seen.append((done, size))
    )
    assert (artifact.digest, artifact.annotations) == (pushed.digest, {"a": "b"})
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {"small.bin": b"small", "large.bin": LARGE}
    assert seen[-1] == (len(LARGE) + 5, len(LARGE) + 5)


def test_the_manifest_is_an_artifact_of_oci_1_1(registry: Registry, files: list[ArtifactFile]) -> None:
    push_artifact(there(registry), files[:1], KIND, {}, SETTINGS)
    media_type, data = registry.manifests["team/data/1"]
    empty = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    small = f"sha256:{hashlib.sha256(b'small').hexdigest()}"
    title = {"org.opencontainers.image.title": "small.bin"}
    assert media_type == MANIFEST
    assert json.loads(data) == {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": KIND,
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": empty, "size": 2, "data": "e30="},
        "layers": [{"mediaType": "x/y", "digest": small, "size": 5, "annotations": title}],
    }
    assert registry.blobs[empty] == b"{}"


def test_what_the_registry_has_is_not_sent_again(registry: Registry, files: list[ArtifactFile]) -> None:
    push_artifact(there(registry), files, KIND, {}, SETTINGS)
    sent = len(registry.asked("POST", "/uploads/"))
    push_artifact(there(registry, "2"), files, KIND, {}, SETTINGS)
    assert len(registry.asked("POST", "/uploads/")) == sent == 3
    assert registry.manifests["team/data/1"] == registry.manifests["team/data/2"]


@pytest.mark.parametrize("reply", [Reply(503), Reply(202, b"lost", cut=0, headers={"Content-Length": "4"})])
def test_a_part_that_is_lost_is_sent_again_from_where_the_registry_is(
    registry: Registry, files: list[ArtifactFile], tmp_path: Path, reply: Reply
) -> None:
    registry.faults.append(once(reply, part="/uploads/", method="PATCH", after=1))
    push_artifact(there(registry), files, KIND, {}, SETTINGS)
    assert pulled(registry, tmp_path / "out")["large.bin"] == LARGE
    starts = [request.headers["content-range"].partition("-")[0] for request in registry.asked("PATCH", "/uploads/")]
    assert starts == ["0", "100000", "100000", "200000"]


def test_an_upload_that_fails_each_time_moves_no_tag(registry: Registry, files: list[ArtifactFile]) -> None:
    registry.faults.append(lambda request: Reply(500) if request.method == "PATCH" else None)
    with pytest.raises(SourceError, match=r"failed 5 times at 0 of 300,000 bytes"):
        push_artifact(there(registry), files, KIND, {}, SETTINGS)
    assert registry.manifests == {}


def test_an_upload_whose_last_answer_is_lost_is_looked_for(registry: Registry, files: list[ArtifactFile]) -> None:
    def lose(request: object) -> None:
        # What the registry does with the last PUT of the large file, but for its answer.
        if registry.requests[-1].method == "PUT" and registry.requests[-1].body == b"":
            registry.add_blob(LARGE)
            registry.uploads.clear()

    registry.faults.append(lose)
    registry.faults.append(lambda request: Reply(404) if request.method == "PUT" and request.body == b"" else None)
    push_artifact(there(registry), files, KIND, {}, SETTINGS)
    assert "team/data/1" in registry.manifests


def test_credentials_and_rights_are_said_when_they_lack(registry: Registry, files: list[ArtifactFile]) -> None:
    registry.faults.append(lambda request: Reply(403) if request.method == "POST" else None)
    with pytest.raises(SourceError, match="wants credentials for team/data"):
        push_artifact(there(registry), files, KIND, {}, SETTINGS)


def test_an_artifact_of_another_kind_is_refused(registry: Registry, tmp_path: Path) -> None:
    registry.add_image("team/data", "1", b"layer")
    with pytest.raises(SourceError, match=f"holds c and not {KIND}"):
        pull_artifact(there(registry), tmp_path, KIND, SETTINGS)
    registry.add_manifest("team/data", "1", INDEX, b'{"schemaVersion": 2, "manifests": []}')
    with pytest.raises(SourceError, match="an index of several"):
        pull_artifact(there(registry), tmp_path, KIND, SETTINGS)


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "..", "a\\b", "x" * 256])
def test_a_file_name_that_leads_elsewhere_is_refused(registry: Registry, tmp_path: Path, name: str) -> None:
    (tmp_path / "data").write_bytes(b"data")
    push_artifact(there(registry), [ArtifactFile(path=tmp_path / "data", name=name)], KIND, {}, SETTINGS)
    with pytest.raises(SourceError, match="whose name is a path"):
        pull_artifact(there(registry), tmp_path, KIND, SETTINGS)


def test_broken_bytes_leave_the_old_file(registry: Registry, files: list[ArtifactFile], tmp_path: Path) -> None:
    push_artifact(there(registry), files[:1], KIND, {}, SETTINGS)
    registry.blobs[f"sha256:{hashlib.sha256(b'small').hexdigest()}"] = b"smell"
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "small.bin").write_bytes(b"old")
    with pytest.raises(SourceError, match="is broken"):
        pull_artifact(there(registry), folder, KIND, SETTINGS)
    assert [(file.name, file.read_bytes()) for file in folder.iterdir()] == [("small.bin", b"old")]


@pytest.mark.parametrize("knows", [True, False], ids=["by the registry", "by a tag"])
def test_what_refers_to_an_image_is_listed(registry: Registry, files: list[ArtifactFile], knows: bool) -> None:
    registry.referrers = knows
    image = Descriptor(digest=registry.add_image("team/data", "image", b"layer"), size=1, media_type=MANIFEST)
    assert referrers(there(registry), image.digest, SETTINGS) == ()
    kinds = ("a/one", "a/two", "a/one")
    pushed = [
        push_artifact(
            there(registry, f"x{number}"), files[:1], kind, {"n": str(number)}, SETTINGS, subject=image
        ).digest
        for number, kind in enumerate(kinds)
    ]
    assert [entry.manifest.digest for entry in referrers(there(registry), image.digest, SETTINGS)] == pushed
    ones = referrers(there(registry), image.digest, SETTINGS, "a/one")
    assert [entry.manifest.digest for entry in ones] == [pushed[0], pushed[2]]
    assert (f"team/data/{image.digest.replace(':', '-')}" in registry.manifests) is not knows


def test_a_list_of_referrers_is_read_page_by_page(registry: Registry) -> None:
    digest = registry.add_image("team/data", "image", b"layer")
    page = json.dumps({"manifests": [{"digest": digest, "artifactType": "a/one"}]}).encode()
    registry.faults.append(once(Reply(200, page, {"Link": '<?page=2>; rel="next"'}), part="/referrers/"))
    registry.faults.append(once(Reply(200, page), part="/referrers/"))
    assert len(referrers(there(registry), digest, SETTINGS)) == 2
    endless = Reply(200, page, {"Link": '<?page=2>; rel="next"'})
    registry.faults[:] = [lambda request: endless if "/referrers/" in request.path else None]
    with pytest.raises(SourceError, match="does not end"):
        referrers(there(registry), digest, SETTINGS)
