"""Layers that are damaged, hostile or not there: each is said with its number and digest, and the others are read.

LESSONS: trivy#2017, grype#1509, stereoscope#233, syft#3800 (memory that grows with the image).
"""

import gzip
import json
import struct
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from seawall.formats.compression import CompressionError, Limits, decompressed
from seawall.formats.image_reference import parse_image_reference
from seawall.model.image_contents import ReadImage
from seawall.sources.images.layer_cache import LayerCache
from seawall.sources.images.local import open_layout
from seawall.sources.images.read import read_image
from seawall.sources.registry.image import open_registry_image
from seawall.sources.registry.settings import RegistrySettings
from tests.sample_images import Built, digest, dpkg, layer, member, split, write_layout
from tests.simulators.registry import serve

GOOD = layer(member("var/lib/dpkg/status", dpkg(("libc6", "2.36-9"))))
OTHER = layer(member("opt/a", b"content" * 1000))


def read(image: Built, tmp_path: Path, limits: Limits | None = None, *, verify_diff_ids: bool = False) -> ReadImage:
    with open_layout(str(write_layout(tmp_path / "layout", image)), name="app") as store:
        cache = LayerCache(tmp_path / "layers")
        return read_image(store, cache=cache, limits=limits, verify_diff_ids=verify_diff_ids)


def replaced(image: Built, number: int, data: bytes) -> Built:
    """Return `image` with another blob in the place of a layer's, under that blob's own digest."""
    old = image.packed[number]
    image.manifest = image.manifest.replace(digest(old).encode(), digest(data).encode()).replace(
        f'"size": {len(old)}'.encode(), f'"size": {len(data)}'.encode()
    )
    image.blobs[digest(data)] = data
    image.blobs[digest(image.manifest)] = image.manifest
    image.descriptor = {**image.descriptor, "digest": digest(image.manifest), "size": len(image.manifest)}
    return image


def damaged(data: bytes) -> bytes:
    changed = bytearray(data)
    changed[len(data) // 2] ^= 0xFF
    return bytes(changed)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda packed: packed[: len(packed) // 2], "cut off"),
        (damaged, "damaged"),
        (lambda packed: packed[:-8] + b"\0\0\0\0" + packed[-4:], "damaged"),
        (lambda packed: packed + b"garbage behind the end", "damaged"),
        (lambda _: gzip.compress(b"no archive at all" * 100), "checksum"),
        (lambda _: gzip.compress(GOOD), "are those of"),
        (lambda _: b"\xfd7zXZ\0" + bytes(100), "compressed with xz, which is not read"),
        (lambda _: b"BZh9" + bytes(100), "compressed with bzip2, which is not read"),
        (lambda _: zstandard.compress(OTHER)[:-20], "cut off"),
        (lambda _: zstandard.compress(OTHER)[:-1], "cut off"),
        (lambda _: zstandard.compress(OTHER) + zstandard.compress(OTHER)[:9], "cut off"),
        (lambda _: damaged(zstandard.compress(OTHER)), "damaged|are those of"),
        (lambda _: b"", "are those of"),
    ],
)
def test_a_bad_layer_is_said_and_the_others_are_read(
    tmp_path: Path, change: Callable[[bytes], bytes], reason: str
) -> None:
    image = Built(GOOD, OTHER)
    changed = change(image.packed[1])
    found = read(replaced(image, 1, changed), tmp_path, verify_diff_ids="are those of" in reason)
    (problem,) = found.unscanned
    assert problem.path == "app"
    assert problem.reason.startswith(f"layer 2 of 2 ({digest(changed)}): ")
    assert any(part in problem.reason for part in reason.split("|")), problem.reason
    assert found.contents[0] is not None
    assert found.contents[1] is None
    assert threading.active_count() == 1


def test_a_blob_that_is_not_what_its_digest_says_is_said(tmp_path: Path) -> None:
    image = Built(GOOD, OTHER)
    image.blobs[digest(image.packed[1])] = image.packed[1][:-1] + bytes([image.packed[1][-1] ^ 1])
    (problem,) = read(image, tmp_path).unscanned
    assert digest(image.packed[1]) in problem.reason


def test_a_missing_blob_is_said(tmp_path: Path) -> None:
    image = Built(GOOD, OTHER)
    del image.blobs[digest(image.packed[1])]
    (problem,) = read(image, tmp_path).unscanned
    assert "has no blob" in problem.reason


FOREIGN = [
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    "application/vnd.oci.image.layer.v1.tar+gzip",  # only its `urls` tell
]


def foreign(image: Built, media_type: str, url: str) -> Built:
    """Return `image`, whose second layer is foreign."""
    document = json.loads(image.manifest)
    document["layers"][1] |= {"mediaType": media_type, "urls": [url]}
    image.manifest = json.dumps(document).encode()
    image.blobs[digest(image.manifest)] = image.manifest
    image.descriptor = {**image.descriptor, "digest": digest(image.manifest), "size": len(image.manifest)}
    return image


@pytest.mark.parametrize("media_type", FOREIGN)
def test_a_foreign_layer_that_is_not_there_is_not_fetched_and_said(tmp_path: Path, media_type: str) -> None:
    image = foreign(Built(GOOD, OTHER), media_type, "https://user:word@example.org:444/layer?token=secret")
    del image.blobs[digest(image.packed[1])]
    found = read(image, tmp_path)
    (problem,) = found.unscanned
    assert problem.reason == (
        f"layer 2 of 2 ({digest(image.packed[1])}): it is a foreign layer, which is kept elsewhere (at example.org, its manifest"
        f" says) and not fetched from there: has no blob {digest(image.packed[1])}; push the image with its foreign layers, or"
        " scan what docker save writes"
    )
    assert found.contents[0] is not None


@pytest.mark.parametrize("media_type", FOREIGN)
def test_a_foreign_layer_that_is_there_is_read_as_any_other(tmp_path: Path, media_type: str) -> None:
    found = read(foreign(Built(GOOD, OTHER), media_type, "https://example.org/layer"), tmp_path)
    assert found.unscanned == ()
    assert found.contents[1] is not None
    assert found.contents[1].content == 7000


def test_a_registry_is_asked_for_a_foreign_layer_and_its_address_is_not(tmp_path: Path) -> None:
    """What a manifest names as an address may be of the network that the scan runs in (CVE-2020-15157)."""
    with serve() as registry, serve() as elsewhere:
        image = foreign(Built(GOOD, OTHER), FOREIGN[0], f"http://{elsewhere.host}/v2/x/blobs/{digest(OTHER)}")
        absent = image.blobs.pop(digest(image.packed[1]))
        for data in image.blobs.values():
            registry.add_blob(data)
        registry.add_manifest("app", "1", json.loads(image.manifest)["mediaType"], image.manifest)
        reference = parse_image_reference(f"{registry.host}/app:1")
        with open_registry_image(reference, RegistrySettings()) as store:
            (problem,) = read_image(store, cache=LayerCache(tmp_path / "layers")).unscanned
        assert "layer 2 of 2" in problem.reason
        assert "not fetched from there" in problem.reason
        assert registry.asked("GET", f"/blobs/{digest(image.packed[1])}")
        registry.add_blob(absent)
        with open_registry_image(reference, RegistrySettings()) as store:
            assert read_image(store, cache=LayerCache(tmp_path / "layers")).unscanned == ()
        assert elsewhere.asked("GET", "/") == []


def test_an_encrypted_layer_is_said(tmp_path: Path) -> None:
    image = Built(GOOD)
    document = json.loads(image.manifest)
    document["layers"][0]["mediaType"] += "+encrypted"
    image.manifest = json.dumps(document).encode()
    image.blobs[digest(image.manifest)] = image.manifest
    image.descriptor = {**image.descriptor, "digest": digest(image.manifest), "size": len(image.manifest)}
    (problem,) = read(image, tmp_path).unscanned
    assert "it is encrypted" in problem.reason


def test_an_empty_layer_is_a_layer(tmp_path: Path) -> None:
    found = read(Built(GOOD, layer(), bytes(1024)), tmp_path)
    assert found.unscanned == ()
    assert [contents is not None and contents.table.count for contents in found.contents] == [1, 0, 0]


def test_a_bomb_is_stopped_by_its_ratio_and_by_its_size(tmp_path: Path) -> None:
    zeros = layer(member("zeros", bytes(20_000_000)))
    for limits, reason in (
        (Limits(free=1_000_000, ratio=100), "more than 100 times its size: a decompression bomb"),
        (Limits(most=5_000_000), "holds more than 5,000,000 bytes"),
    ):
        for compression in ("gzip", "zstd"):
            (problem,) = read(
                Built(zeros, compression=compression), tmp_path / f"{limits.most}{compression}", limits
            ).unscanned
            assert reason in problem.reason
    assert read(Built(zeros), tmp_path / "free").unscanned == ()


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_layers_of_several_members_or_frames_are_read_whole(tmp_path: Path, compression: str) -> None:
    pack = gzip.compress if compression == "gzip" else zstandard.compress
    skippable = struct.pack("<II", 0x184D2A50, 5) + b"notes" if compression == "zstd" else b""
    packed = skippable + pack(GOOD[:700]) + skippable + pack(GOOD[700:])
    assert b"".join(decompressed(split(packed, 100))) == GOOD
    found = read(replaced(Built(GOOD), 0, packed), tmp_path)
    assert found.unscanned == ()


def test_a_window_that_would_fill_the_memory_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    packed = compressor.compress(GOOD) + compressor.flush()
    with pytest.raises(CompressionError, match="too much memory"):
        list(decompressed([packed]))


def test_many_small_members_of_gzip_take_no_long_time() -> None:
    packed = b"".join(gzip.compress(struct.pack("<I", number)) for number in range(20_000))
    assert sum(map(len, decompressed(split(packed, 1 << 20)))) == 80_000


def test_a_layer_without_a_content_type_that_tells_is_told_by_its_first_bytes(tmp_path: Path) -> None:
    image = Built(GOOD, compression="none")
    image.manifest = image.manifest.replace(b"tar+none", b"tar+gzip")
    image.blobs[digest(image.manifest)] = image.manifest
    image.descriptor = {**image.descriptor, "digest": digest(image.manifest), "size": len(image.manifest)}
    assert read(image, tmp_path).unscanned == ()


def test_nothing_is_written_but_to_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = layer(
        member("../../../../../../../tmp/seawall-was-here", b"x"),
        member("/tmp/seawall-was-here", b"x"),
        member("link", type=tarfile.SYMTYPE, linkname="/tmp"),
        member("link/seawall-was-here", b"x"),
    )
    monkeypatch.setenv("SEAWALL_CACHE_DIR", str(tmp_path / "cache"))
    found = read(Built(hostile), tmp_path)
    assert found.contents[0] is not None
    assert [problem.path for problem in found.contents[0].unscanned] == ["../../../../../../../tmp/seawall-was-here"]
    assert not Path("/tmp/seawall-was-here").exists()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["layers", "layout"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (OTHER[:1024], "the archive is cut off inside a file (at byte 1,024)"),
        (OTHER[:700], "the archive is cut off inside a file (at byte 700)"),
        (OTHER[:200], "the archive is cut off inside a header"),
        (b"some text\n" * 100, "no tar archive"),
    ],
)
def test_a_layer_that_was_broken_when_the_image_was_built_is_said(tmp_path: Path, data: bytes, reason: str) -> None:
    (problem,) = read(Built(data), tmp_path).unscanned
    assert reason in problem.reason
