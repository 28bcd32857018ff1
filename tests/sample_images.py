"""Builds images for tests: layers by `tarfile`, and what holds them, as Docker and the OCI specification write it."""

import gzip
import hashlib
import io
import json
import os
import tarfile
from pathlib import Path
from typing import Any

import zstandard

MAINTAINER = "Debian Python Team <team+python@tracker.debian.org>"
DPKG_STATUS = (
    "Package: {name}\nMaintainer: {maintainer}\nStatus: install ok installed\n"
    "Architecture: amd64\nVersion: {version}\n\n"
)
DEBIAN = b'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'


def dpkg(*packages: tuple[str, str], maintainer: str = MAINTAINER) -> bytes:
    """Return a dpkg status file of `packages`, name and version."""
    return "".join(
        DPKG_STATUS.format(name=name, version=version, maintainer=maintainer) for name, version in packages
    ).encode()


def member(path: str, data: bytes = b"", **fields: Any) -> tuple[tarfile.TarInfo, bytes]:
    """Return a member of a layer; `fields` are those of `tarfile.TarInfo`."""
    info = tarfile.TarInfo(path)
    info.size = len(data)
    info.mode = 0o644
    for name, value in fields.items():
        setattr(info, name, value)
    return info, data


def folder(path: str, mode: int = 0o755) -> tuple[tarfile.TarInfo, bytes]:
    return member(path, type=tarfile.DIRTYPE, mode=mode)


def symlink(path: str, target: str) -> tuple[tarfile.TarInfo, bytes]:
    return member(path, type=tarfile.SYMTYPE, linkname=target)


def hard_link(path: str, target: str) -> tuple[tarfile.TarInfo, bytes]:
    return member(path, type=tarfile.LNKTYPE, linkname=target)


def layer(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """Return the uncompressed tar of a layer."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=form) as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return target.getvalue()


def files(**named: bytes) -> bytes:
    """Return a layer of files; ``__`` in a name is a slash, ``_`` stays."""
    return layer(*(member(name.replace("__", "/"), data) for name, data in named.items()))


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def packed(data: bytes, compression: str) -> bytes:
    if compression == "gzip":
        return gzip.compress(data, 6, mtime=0)
    return zstandard.compress(data) if compression == "zstd" else data


class Built:
    """An image of `layers` (uncompressed tars): its blobs by digest, and the descriptor of its manifest."""

    def __init__(
        self,
        *layers: bytes,
        compression: str = "gzip",
        config: dict[str, Any] | None = None,
        history: list[dict[str, Any]] | None = None,
        architecture: str = "amd64",
        docker: bool = False,
        annotations: dict[str, str] | None = None,
        created: str = "2026-01-02T03:04:05Z",
    ) -> None:
        self.layers = layers
        self.blobs: dict[str, bytes] = {}
        self.packed = [packed(data, compression) for data in layers]
        family = "application/vnd.docker" if docker else "application/vnd.oci"
        self.config = json.dumps(
            {
                "architecture": architecture,
                "os": "linux",
                "created": created,
                "config": config or {},
                "rootfs": {"type": "layers", "diff_ids": [digest(data) for data in layers]},
                "history": history
                if history is not None
                else [{"created_by": f"step {n}"} for n in range(len(layers))],
            }
        ).encode()
        layer_type = f"{family}.image.rootfs.diff.tar.gzip" if docker else f"{family}.image.layer.v1.tar+{compression}"
        self.manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": f"{family}.distribution.manifest.v2+json"
                if docker
                else f"{family}.image.manifest.v1+json",
                "config": self._add(self.config, f"{family}.image.config.v1+json"),
                "layers": [self._add(data, layer_type) for data in self.packed],
                **({"annotations": annotations} if annotations else {}),
            }
        ).encode()
        self.platform = {"os": "linux", "architecture": architecture}
        self.descriptor = self._add(self.manifest, json.loads(self.manifest)["mediaType"])

    def _add(self, data: bytes, media_type: str) -> dict[str, Any]:
        self.blobs[digest(data)] = data
        return {"mediaType": media_type, "digest": digest(data), "size": len(data)}

    def entry(self, name: str = "", *, platform: bool = False) -> dict[str, Any]:
        """Return the entry of an index for the image."""
        entry = dict(self.descriptor)
        if name:
            entry["annotations"] = {"org.opencontainers.image.ref.name": name}
        if platform:
            entry["platform"] = self.platform
        return entry


def layout_files(*images: Built, entries: list[dict[str, Any]] | None = None) -> dict[str, bytes]:
    """Return the files of an OCI layout by path."""
    index = {"schemaVersion": 2, "manifests": entries if entries is not None else [image.entry() for image in images]}
    found = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}', "index.json": json.dumps(index).encode()}
    for image in images:
        for name, data in image.blobs.items():
            found["blobs/" + name.replace(":", "/")] = data
    return found


def write_layout(directory: Path, *images: Built, entries: list[dict[str, Any]] | None = None) -> Path:
    """Write an OCI layout into `directory`."""
    for path, data in layout_files(*images, entries=entries).items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_bytes(data)
    return directory


def write_archive(path: Path, contents: dict[str, bytes], links: dict[str, str] | None = None) -> Path:
    """Write a tar archive, compressed as the name says."""
    members = [member(name, data) for name, data in contents.items()]
    members += [symlink(name, target) for name, target in (links or {}).items()]
    data = layer(*members)
    kind = {".gz": "gzip", ".zst": "zstd"}.get(path.suffix, "none")
    path.write_bytes(packed(data, kind))
    return path


def docker_files(**images: Built) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the files and links of a ``docker save`` before version 25; a layer that was written before is a link to it."""
    contents: dict[str, bytes] = {}
    links: dict[str, str] = {}
    listed, written = [], dict[str, str]()
    for tag, image in images.items():
        name = digest(image.config).partition(":")[2]
        paths = []
        for number, data in enumerate(image.layers):
            own = hashlib.sha256(f"{name}{number}".encode()).hexdigest()
            paths.append(f"{own}/layer.tar")
            if digest(data) in written:
                links[f"{own}/layer.tar"] = f"../{written[digest(data)]}/layer.tar"
            else:
                written[digest(data)] = own
                contents[f"{own}/layer.tar"] = data
        contents[f"{name}.json"] = image.config
        listed.append({"Config": f"{name}.json", "RepoTags": [tag.replace("__", ":")], "Layers": paths})
    contents["manifest.json"] = json.dumps(listed).encode()
    return contents, links


def split(data: bytes, size: int) -> list[bytes]:
    """Return `data` in chunks of `size`."""
    return [data[at : at + size] for at in range(0, len(data), size)] or [b""]


def sparse_file(path: Path, pieces: dict[int, bytes], size: int) -> None:
    """Write a file with holes."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    for offset, data in pieces.items():
        os.pwrite(descriptor, data, offset)
    os.ftruncate(descriptor, size)
    os.close(descriptor)
