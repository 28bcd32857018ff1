"""Images in the examples of rules: described in a document, written as the archives that images are made of, and read as such.

apiVersion: seawall.dev/example/v1
kind: Image
metadata: {name: "registry.example/shop/api:1.0"}
created: "2025-12-01T00:00:00Z"             # examples are judged on 1 January 2026
config: {User: "1000", ExposedPorts: {"80/tcp": {}}}    # as the OCI image specification has it
annotations: {}
layers:                                     # the lowest first; `empty: true` for a step that makes none
  - instruction: ADD rootfs.tar /
    files:
      etc/passwd: "root:x:0:0::/root:/bin/sh"          # a file of mode 0644, or more of it:
      usr/bin/sudo: {mode: "4755", text: "#!/bin/sh"}
      bin/sh: {link: busybox}
      tmp: {directory: true, mode: "1777"}
      dev/kmsg: {device: character}
      usr/bin/ping: {mode: "0755", capabilities: [cap_net_raw]}
  - instruction: RUN rm /usr/bin/sudo
    deletes: [usr/bin/sudo]
"""

import hashlib
import io
import tarfile
from collections.abc import Mapping
from typing import Literal

import msgspec

from seawall.facts.images import ImageInventory, assemble
from seawall.formats.image_layers import LayerReader
from seawall.formats.layer_files import capability_attribute
from seawall.formats.oci import Manifest, build_image
from seawall.formats.tar_members import TarReader
from seawall.model.image import Descriptor
from seawall.model.image_contents import LayerContents, ReadImage
from seawall.sources.images.spool import mapped


class ExampleFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of a layer. `link` is where a symbolic link leads; `size` fills a file up with zeros.

    `device` makes it one: ``character`` or ``block``. `capabilities` are those that it grants, by their names (``cap_net_raw``).
    """

    text: str = ""
    mode: str = ""
    link: str = ""
    directory: bool = False
    uid: int = 0
    gid: int = 0
    size: int = 0
    device: Literal["", "character", "block"] = ""
    capabilities: list[str] = []


class ExampleLayer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step of the build, and what it adds and deletes."""

    instruction: str
    created: str = ""
    empty: bool = False
    files: dict[str, str | ExampleFile] = {}
    deletes: list[str] = []


def read_example_image(
    name: str,
    layers: list[ExampleLayer],
    *,
    config: Mapping[str, object],
    created: str = "",
    annotations: Mapping[str, str] | None = None,
) -> ImageInventory:
    """Return the image of the description, put together as a scan puts one together."""
    archives = [_archive(layer) for layer in layers if not layer.empty]
    diff_ids = [_digest(archive) for archive in archives]
    document = {
        "os": "linux",
        "architecture": "amd64",
        "created": created,
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": [
            {"created_by": layer.instruction, "created": layer.created or created, "empty_layer": layer.empty}
            for layer in layers
        ],
    }
    encoded = msgspec.json.encode(document)
    blobs = tuple(
        Descriptor(digest=digest, size=len(data), media_type="application/vnd.oci.image.layer.v1.tar")
        for digest, data in zip(diff_ids, archives, strict=True)
    )
    manifest = Manifest(Descriptor(digest=_digest(encoded), size=len(encoded)), blobs, dict(annotations or {}))
    image = build_image(name, _digest(msgspec.json.encode(manifest)), manifest, encoded)
    image = msgspec.structs.replace(image, names=(name,))
    contents = tuple(_read(digest, data) for digest, data in zip(diff_ids, archives, strict=True))
    return assemble(ReadImage(image=image, kind="image", contents=contents))


def _read(digest: str, archive: bytes) -> LayerContents:
    reader = LayerReader(digest, mapped)
    contents = reader.read(TarReader([archive]))
    return reader.complete(contents, TarReader([archive])) if reader.linked else contents


def _archive(layer: ExampleLayer) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, described in layer.files.items():
            file = ExampleFile(text=described) if isinstance(described, str) else described
            data = file.text.encode().ljust(file.size, b"\0")
            member = tarfile.TarInfo(path)
            member.uid, member.gid = file.uid, file.gid
            if file.directory:
                member.type, data = tarfile.DIRTYPE, b""
            elif file.device:
                member.type = tarfile.CHRTYPE if file.device == "character" else tarfile.BLKTYPE
                member.devmajor, member.devminor, data = 1, 1, b""
            elif file.link:
                member.type, member.linkname, data = tarfile.SYMTYPE, file.link, b""
            member.mode = int(file.mode, 8) if file.mode else 0o755 if file.directory else 0o777 if file.link else 0o644
            member.size = len(data)
            if file.capabilities:
                # Bytes, which the library takes as text.
                attribute = capability_attribute(file.capabilities).decode("utf-8", "surrogateescape")
                member.pax_headers = {"SCHILY.xattr.security.capability": attribute}
            archive.addfile(member, io.BytesIO(data))
        for path in layer.deletes:
            folder, slash, deleted = path.rpartition("/")
            archive.addfile(tarfile.TarInfo(f"{folder}{slash}.wh.{deleted}"))
    return out.getvalue()


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
