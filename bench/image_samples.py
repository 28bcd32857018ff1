"""What `bench/images.py` measures on: images made of another one, and an advisory database about an image's own packages."""

import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seawall.model.advisory import Advisory

ELF = b"\x7fELF\2\1\1" + bytes(9) + b"\2\0\x3e\0" + bytes(44)
"""The head of a program that needs nothing: all of its bytes are searched."""


class _Zeros(io.RawIOBase):
    """A file of `size` bytes that begins with `head`."""

    def __init__(self, head: bytes, size: int) -> None:
        self._head, self._left = head, size

    def read(self, size: int = -1, /) -> bytes:
        size = min(size, self._left)
        piece = (self._head + bytes(size))[:size]
        self._head = self._head[size:]
        self._left -= size
        return piece


def layer_of_files(count: int, size: int, *, program: bool = False) -> tuple[int, int, bytes]:
    """Return what a layer is to hold, for `copy_with_layer`: `count` files of `size` bytes."""
    return count, size, ELF if program else b""


def copy_with_layer(layout: str, target: str, layer: tuple[int, int, bytes]) -> str:
    """Write to `target` the layout's image with another layer on top, and return `target`."""
    shutil.rmtree(target, ignore_errors=True)
    blobs = Path(target, "blobs", "sha256")
    blobs.mkdir(parents=True)
    for path in Path(layout, "blobs", "sha256").iterdir():
        os.link(path, blobs / path.name) if os.stat(path).st_dev == os.stat(blobs).st_dev else shutil.copy(path, blobs)
    index = json.loads(Path(layout, "index.json").read_bytes())
    manifest = json.loads((blobs / index["manifests"][0]["digest"][7:]).read_bytes())
    config = json.loads((blobs / manifest["config"]["digest"][7:]).read_bytes())
    count, size, head = layer
    plain = hashlib.sha256()
    path = blobs / "new"
    with (
        gzip.open(path, "wb", compresslevel=1) as packed,
        tarfile.open(fileobj=_Hashing(packed, plain), mode="w|") as archive,  # type: ignore[call-overload]
    ):
        for number in range(count):
            member = tarfile.TarInfo(f"srv/{number // 100}/file-{number}")
            member.size, member.mode = size, 0o755
            archive.addfile(member, _Zeros(head, size))
    config["rootfs"]["diff_ids"].append(f"sha256:{plain.hexdigest()}")
    config.setdefault("history", []).append({"created_by": "COPY . /srv"})
    media_type = manifest["layers"][0].get("mediaType", "application/vnd.oci.image.layer.v1.tar+gzip")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    manifest["layers"].append({"mediaType": media_type, "digest": f"sha256:{digest}", "size": path.stat().st_size})
    path.rename(blobs / digest)
    manifest["config"] |= _put(blobs, config)
    index["manifests"] = [index["manifests"][0] | _put(blobs, manifest)]
    Path(target, "index.json").write_text(json.dumps(index))
    Path(target, "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return target


class _Hashing:
    def __init__(self, target: gzip.GzipFile, hasher: "hashlib._Hash") -> None:
        self._target, self._hasher = target, hasher

    def write(self, data: bytes) -> int:
        self._hasher.update(data)
        return self._target.write(data)


def _put(blobs: Path, document: object) -> dict[str, object]:
    data = json.dumps(document).encode()
    digest = hashlib.sha256(data).hexdigest()
    (blobs / digest).write_bytes(data)
    return {"digest": f"sha256:{digest}", "size": len(data)}


def make_database(layout: str, path: Path, records: int) -> None:
    """Write a database of `records` advisories of Debian 12: 16 for each source package of the image, the rest for others.

    One in 24 of the former is not fixed in what is installed.
    """
    from seawall.sources.advisory_database_build import DatabaseBuild
    from seawall.stages.packages import collect_packages

    inventory = collect_packages(f"oci:{layout}")
    names = sorted({package.source_name or package.name for package in inventory.packages})
    with DatabaseBuild(path) as build:
        build.add(_advisories(names, records))


def _advisories(names: list[str], records: int) -> "Iterator[Advisory]":
    from seawall.formats.advisories.osv import read_osv

    for number in range(records):
        around, at = divmod(number, len(names))
        name = names[at] if around < 16 else f"{names[at]}-{around}"
        event = {"fixed": "0.1"} if number % 24 else {"fixed": "999:1"}
        record = {
            "schema_version": "1.7.0",
            "id": f"DEBIAN-CVE-2025-{number:05}",
            "details": "An out-of-bounds read in the parser of a header lets a remote attacker crash the program. " * 3,
            "upstream": [f"CVE-2025-{number:05}"],
            "modified": "2025-07-18T17:02:45Z",
            "published": "2025-07-13T22:15:00Z",
            "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:N/A:H"}],
            "affected": [
                {
                    "package": {"ecosystem": "Debian:12", "name": name},
                    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, event]}],
                }
            ],
        }
        yield from read_osv("record.json", json.dumps(record).encode()).advisories
