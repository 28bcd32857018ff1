"""Images on disk: layouts, archives of both kinds, root file systems, and what is said where they are none."""

import io
import json
import os
import re
import zipfile
from pathlib import Path

import pytest

from seawall.formats.image_layers import IN_MEMORY
from seawall.formats.oci import parse_platform
from seawall.model.errors import SourceError, UsageError
from seawall.model.image import Platform
from seawall.model.image_contents import ReadImage
from seawall.sources.images.open import open_image
from seawall.sources.images.read import read_image
from seawall.sources.images.rootfs import MAX_DEPTH, Walk
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
    write_layout,
)

BASE = files(etc__os_release=DEBIAN, var__lib__dpkg__status=dpkg(("libc6", "2.36-9")))
APP = files(usr__lib__python3__app_1_0_dist_info__METADATA=b"")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAWALL_CACHE_DIR", str(tmp_path / "cache"))


def read(target: str, platform: str = "") -> ReadImage:
    with open_image(target) as store:
        return read_image(store, parse_platform(platform) if platform else None)


def purls(found: ReadImage) -> list[str]:
    return [p.purl for layer in found.contents if layer for file in layer.packages for p in file.packages]


LIBC = ["pkg:deb/debian/libc6@2.36-9?arch=amd64"]


@pytest.mark.parametrize("compression", ["gzip", "zstd", "none"])
def test_a_layout_is_read_whatever_its_layers_are_compressed_with(tmp_path: Path, compression: str) -> None:
    image = Built(
        BASE, compression=compression, config={"User": "app", "Env": ["A=b=c"], "ExposedPorts": {"80/tcp": {}}}
    )
    found = read(str(write_layout(tmp_path / "layout", image)))
    assert purls(found) == LIBC
    assert found.unscanned == ()
    assert found.kind == "oci-layout"
    assert found.image.digest == digest(image.manifest)
    assert found.image.config.user == "app"
    assert found.image.config.environment == (("A", "b=c"),)
    assert found.image.config.exposed_ports == ("80/tcp",)
    assert found.image.layers[0].diff_id == digest(BASE)
    assert found.contents[0] is not None
    assert found.contents[0].size == len(BASE)


@pytest.mark.parametrize("name", ["image.tar", "image.tar.gz", "image.tar.zst"])
def test_a_layout_in_an_archive_is_read_compressed_or_not(tmp_path: Path, name: str) -> None:
    path = write_archive(tmp_path / name, layout_files(Built(BASE)))
    for target in (str(path), f"oci-archive:{path}"):
        found = read(target)
        assert (found.kind, purls(found)) == ("oci-archive", LIBC)


@pytest.mark.parametrize("name", ["image.tar", "image.tar.gz"])
def test_an_old_docker_archive_is_read_with_its_links_between_layers(tmp_path: Path, name: str) -> None:
    first, second = Built(BASE), Built(BASE, files(etc__motd=b"x"))
    contents, links = docker_files(a__1=first, b__2=second)
    assert links
    path = write_archive(tmp_path / name, contents, links)
    found = read(f"{path}#b:2")
    assert (found.kind, purls(found), len(found.contents)) == ("docker-archive", LIBC, 2)
    assert found.image.digest == ""
    assert found.image.config_digest == digest(second.config)
    assert read(f"docker-archive:{path}:a:1").image.config_digest == digest(first.config)


def test_a_new_docker_archive_is_read_as_the_layout_that_it_is_too(tmp_path: Path) -> None:
    image = Built(BASE, docker=True)
    path = write_archive(tmp_path / "a.tar", {**docker_files(a__1=image)[0], **layout_files(image)})
    found = read(str(path))
    assert (found.kind, found.image.digest) == ("docker-archive", digest(image.manifest))


def test_several_images_in_an_archive_are_an_error_that_names_them_and_how_to_choose(tmp_path: Path) -> None:
    contents, links = docker_files(a__1=Built(BASE), b__2=Built(APP))
    path = write_archive(tmp_path / "a.tar", contents, links)
    with pytest.raises(SourceError, match=r"several images: a:1, b:2 \(name one of them, like .*a\.tar#a:1\)"):
        read(str(path))
    with pytest.raises(SourceError, match=r"no image c \(it has a:1, b:2\)"):
        read(f"{path}#c")


def test_images_of_a_layout_are_chosen_by_tag_and_digest(tmp_path: Path) -> None:
    first, second = Built(BASE), Built(APP)
    layout = write_layout(
        tmp_path / "l", first, second, entries=[first.entry("1.0"), second.entry("example.org/app:2.0")]
    )
    for chosen in (":2.0", ":example.org/app:2.0", f"@{digest(second.manifest)}"):
        assert read(f"oci:{layout}{chosen}").image.digest == digest(second.manifest)
    with pytest.raises(SourceError, match=r"several images: 1\.0, example\.org/app:2\.0"):
        read(f"oci:{layout}")


def test_the_platform_is_chosen_from_an_index_and_attestations_never_are(tmp_path: Path) -> None:
    arm, amd = Built(BASE, architecture="arm64"), Built(APP)
    attestation = {**Built(files(a=b"")).entry(), "platform": {"os": "unknown", "architecture": "unknown"}}
    entries = [attestation, arm.entry(platform=True), amd.entry(platform=True)]
    layout = str(write_layout(tmp_path / "l", arm, amd, entries=entries))
    assert read(layout, "linux/arm64").image.platform == Platform("linux", "arm64")
    assert read(layout, "linux/arm64/v8").image.digest == digest(arm.manifest)
    assert read(layout, "linux/amd64").image.digest == digest(amd.manifest)
    with pytest.raises(SourceError, match="not there for linux/s390x; it is for linux/amd64, linux/arm64") as caught:
        read(layout, "linux/s390x")
    assert "--platform linux/amd64" in caught.value.remedy


def test_an_image_of_one_platform_is_taken_unless_another_one_is_asked_for(tmp_path: Path) -> None:
    image = Built(BASE, architecture="s390x")
    attestation = {**image.entry(), "annotations": {"vnd.docker.reference.type": "attestation-manifest"}}
    layout = str(write_layout(tmp_path / "l", image, entries=[attestation, image.entry(platform=True)][1:]))
    assert read(layout).image.platform.architecture == "s390x"
    with pytest.raises(SourceError, match="not there for linux/amd64; it is for linux/s390x"):
        read(layout, "linux/amd64")


def test_indexes_nested_in_indexes_are_followed(tmp_path: Path) -> None:
    image = Built(BASE)
    inner = json.dumps({"schemaVersion": 2, "manifests": [image.entry(platform=True)]}).encode()
    media_type = "application/vnd.oci.image.index.v1+json"
    entry = {"mediaType": media_type, "digest": digest(inner), "size": len(inner)}
    layout = write_layout(tmp_path / "l", image, entries=[entry])
    (layout / "blobs" / digest(inner).replace(":", "/")).write_bytes(inner)
    assert read(str(layout)).image.digest == digest(image.manifest)


def test_a_manifest_that_is_not_what_its_digest_says_is_an_error(tmp_path: Path) -> None:
    image = Built(BASE)
    layout = write_layout(tmp_path / "l", image)
    blob = layout / "blobs" / digest(image.config).replace(":", "/")
    blob.write_bytes(blob.read_bytes().replace(b"amd64", b"arm64"))
    with pytest.raises(SourceError, match="are those of"):
        read(str(layout))


def test_a_missing_manifest_is_an_error_that_names_it(tmp_path: Path) -> None:
    image = Built(BASE)
    layout = write_layout(tmp_path / "l", image)
    (layout / "blobs" / digest(image.manifest).replace(":", "/")).unlink()
    with pytest.raises(SourceError, match="has no blob sha256:"):
        read(str(layout))


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"schemaVersion": 1, "fsLayers": []}, "schema 1"),
        ({"schemaVersion": 2}, "neither a manifest nor an index"),
        ({"schemaVersion": 2, "config": {}, "layers": []}, "bad digest"),
        ({"schemaVersion": 2, "config": {"digest": "sha256:" + "0" * 64}, "layers": []}, "has no size"),
        (
            {
                "schemaVersion": 2,
                "config": {
                    "mediaType": "application/vnd.cncf.helm.config.v1+json",
                    "digest": "sha256:" + "0" * 64,
                    "size": 2,
                },
                "layers": [],
            },
            "no image but an artifact of type application/vnd.cncf.helm",
        ),
    ],
)
def test_manifests_that_cannot_be_read_say_why(tmp_path: Path, document: dict[str, object], reason: str) -> None:
    data = json.dumps(document).encode()
    layout = write_layout(tmp_path / "l", entries=[{"digest": digest(data), "size": len(data)}])
    (layout / "blobs" / "sha256").mkdir(parents=True)
    (layout / "blobs" / digest(data).replace(":", "/")).write_bytes(data)
    with pytest.raises(SourceError, match=reason):
        read(str(layout))


def test_files_that_are_no_images_say_so(tmp_path: Path) -> None:
    text = tmp_path / "a.tar"
    text.write_bytes(b"just some text\n" * 100)
    with pytest.raises(SourceError, match="no tar archive"):
        read(str(text))
    rootfs = write_archive(tmp_path / "b.tar", {"etc/passwd": b"root"})
    with pytest.raises(SourceError, match=r"is no image.*rootfs:PATH"):
        read(str(rootfs))
    packed = tmp_path / "c.tar.xz"
    packed.write_bytes(b"\xfd7zXZ\0rest")
    with pytest.raises(SourceError, match="compressed with xz, which is not read"):
        read(str(packed))
    with pytest.raises(UsageError, match="does not exist"):
        read(str(tmp_path / "nothing.tar"))


def test_a_root_file_system_is_read_from_a_directory_and_from_an_archive(tmp_path: Path) -> None:
    contents = {"etc/os-release": DEBIAN, "var/lib/dpkg/status": dpkg(("libc6", "2.36-9"))}
    for path, data in contents.items():
        (tmp_path / "root" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / path).write_bytes(data)
    (tmp_path / "root" / "usr").symlink_to("/usr")
    for target in (tmp_path / "root", write_archive(tmp_path / "root.tar.gz", contents)):
        found = read(f"rootfs:{target}")
        assert (found.kind, purls(found), found.unscanned) == ("rootfs", LIBC, ())
        assert found.contents[0] is not None
        assert found.contents[0].texts["etc/os-release"] == DEBIAN


def test_layers_that_a_docker_archive_holds_compressed_are_read(tmp_path: Path) -> None:
    """As go-containerregistry writes them: the configuration is called by its digest, layers end in .tar.gz."""
    image = Built(BASE)
    listed = [{"Config": digest(image.config), "RepoTags": ["a:1"], "Layers": ["0a.tar.gz"]}]
    contents = {
        digest(image.config): image.config,
        "0a.tar.gz": image.packed[0],
        "manifest.json": json.dumps(listed).encode(),
    }
    found = read(str(write_archive(tmp_path / "a.tar", contents)))
    assert (purls(found), found.unscanned) == (LIBC, ())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Layers": []}, "lists 0 layers, and the image's configuration 1"),
        ({"Layers": ["gone.tar"]}, "has no gone.tar, which is a layer of the image"),
        ({"Config": "gone.json"}, "has no gone.json"),
        ({"Config": "../../etc/passwd"}, "has no ../../etc/passwd"),
    ],
)
def test_a_docker_archive_that_is_not_whole_says_what_is_missing(
    tmp_path: Path, change: dict[str, object], reason: str
) -> None:
    contents, _ = docker_files(a__1=Built(BASE))
    listed = json.loads(contents["manifest.json"])
    contents["manifest.json"] = json.dumps([{**listed[0], **change}]).encode()
    with pytest.raises(SourceError, match=re.escape(reason)):
        read(str(write_archive(tmp_path / "a.tar", contents)))


def test_links_in_an_archive_stay_in_it_and_end(tmp_path: Path) -> None:
    contents, _ = docker_files(a__1=Built(BASE))
    listed = json.loads(contents["manifest.json"])
    (layer_path,) = listed[0]["Layers"]
    del contents[layer_path]
    for target in ("../../../../etc/hostname", "/etc/hostname", "layer.tar"):
        with pytest.raises(SourceError, match="which is a layer of the image"):
            read(str(write_archive(tmp_path / "a.tar", contents, {layer_path: target})))


def test_an_archive_with_a_member_that_leads_out_of_it_is_none(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.tar", {"../manifest.json": b"[]"})
    with pytest.raises(SourceError, match="a member leads out of it"):
        read(str(path))


def test_a_blob_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    image = Built(BASE)
    layout = write_layout(tmp_path / "l", image)
    blob = layout / "blobs" / digest(image.packed[0]).replace(":", "/")
    blob.unlink()
    os.mkfifo(blob)
    (problem,) = read(str(layout)).unscanned
    assert "has no blob" in problem.reason


def test_a_root_file_system_is_walked_without_following_links_or_waiting_for_pipes(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    for directory in (root / "var/lib", outside / "dpkg"):
        directory.mkdir(parents=True)
    (outside / "dpkg" / "status").write_bytes(dpkg(("outside", "1")))
    (root / "var/lib/dpkg").symlink_to(outside / "dpkg")
    (root / "etc").symlink_to("/etc")
    os.mkfifo(root / "pipe")
    (root / "tool").write_bytes(b"#!/bin/sh\n")
    (root / "tool").chmod(0o4755)
    found = read(f"rootfs:{root}")
    assert purls(found) == []
    assert found.contents[0] is not None
    assert [(file.path, file.kind) for file in found.contents[0].files] == [("pipe", "fifo"), ("tool", "file")]
    assert found.contents[0].texts == {}


def test_a_large_java_archive_is_read_without_being_held_in_memory(tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as jar:
        jar.writestr("META-INF/maven/org.a/b/pom.properties", "groupId=org.a\nartifactId=b\nversion=1.5\n")
        jar.writestr("data", bytes(IN_MEMORY))
    found = read(str(write_layout(tmp_path / "l", Built(layer(member("app.jar", target.getvalue()))))))
    assert purls(found) == ["pkg:maven/org.a/b@1.5"]
    assert not list((tmp_path / "cache").glob("tmp*"))


def test_a_digest_that_is_a_path_leads_nowhere(tmp_path: Path) -> None:
    for name in ("sha256:../../../secret", "sha256:" + "/" * 64, "../secret:0"):
        layout = write_layout(tmp_path / "l", entries=[{"digest": name, "size": 6}])
        (tmp_path / "secret").write_bytes(b"secret")
        with pytest.raises(SourceError, match="no sha256 or sha512 digest"):
            read(str(layout))


def test_a_folder_that_becomes_a_link_while_it_is_walked_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "root/a").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/id_rsa").write_bytes(b"secret")
    walk = iter(Walk(str(tmp_path / "root")))
    assert next(walk).path == b"a"
    (tmp_path / "root/a").rmdir()
    (tmp_path / "root/a").symlink_to(tmp_path / "outside")
    assert [member.path for member in walk] == []


def test_folders_that_cannot_be_read_or_are_too_deep_are_said(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    descriptor = os.open(tmp_path / "root", os.O_RDONLY)
    for _ in range(MAX_DEPTH + 3):
        os.mkdir("d", dir_fd=descriptor)
        below = os.open("d", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)
    (problem,) = read(f"rootfs:{tmp_path / 'root'}").unscanned
    assert f"it lies {MAX_DEPTH} folders deep" in problem.reason
