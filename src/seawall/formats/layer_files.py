"""The words of an archive's member in those of a layer: paths, kinds, capabilities, and what deletes what is below.

Image layers: https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md
"""

import struct
from collections.abc import Iterable, Mapping

from seawall.formats import tar_members

WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"
_REVISION_2, _EFFECTIVE = 0x02000000, 0x00000001
_AUFS = ".wh..wh."
"""Bookkeeping of a file system that Docker once used; it deletes nothing."""

KINDS: Mapping[bytes, str] = {
    tar_members.FILE: "file",
    tar_members.HARD_LINK: "hardlink",
    tar_members.SYMLINK: "symlink",
    tar_members.CHARACTER_DEVICE: "character device",
    tar_members.BLOCK_DEVICE: "block device",
    tar_members.DIRECTORY: "directory",
    tar_members.FIFO: "fifo",
}

CAPABILITIES = (
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
)
"""Their names without ``cap_``, in the order of their bits (linux/capability.h)."""


def clean(path: bytes) -> bytes | None:
    """Return `path` below the image's root: no ``./``, no slash at its ends. None where it would lead out of the image.

    Runtimes take a leading slash off. A ``..`` is refused even where it would stay inside: no builder writes one.
    """
    if path.startswith(b"./"):
        path = path[2:]
    if path.endswith(b"/"):
        path = path[:-1]
    if b"." in path[:2] or b"/." in path or b"//" in path or path[:1] == b"/":
        parts = [part for part in path.split(b"/") if part and part != b"."]
        return None if b".." in parts else b"/".join(parts)
    return path


def decode(path: bytes) -> str:
    """Return `path` as text; bytes that are no UTF-8 become U+FFFD."""
    return path.decode("utf-8", "replace")


def whiteout_of(folder: str, name: str) -> str | None:
    """Return the path that the marker `name`, which begins with `WHITEOUT`, deletes; None for other bookkeeping."""
    if name.startswith(_AUFS):
        return None
    return f"{folder}/{name[4:]}" if folder else name[4:]


def capabilities(value: bytes) -> tuple[str, ...]:
    """Return the names of a file's capabilities from ``security.capability`` (capabilities(7), ``struct vfs_cap_data``)."""
    if len(value) < 12:
        return ()
    (permitted,) = struct.unpack_from("<I", value, 4)
    if len(value) >= 20:
        permitted |= struct.unpack_from("<I", value, 12)[0] << 32
    return tuple(f"cap_{name}" for bit, name in enumerate(CAPABILITIES) if permitted >> bit & 1)


def capability_attribute(names: Iterable[str]) -> bytes:
    """Return the ``security.capability`` that grants `names` (``cap_net_raw``). Raises `ValueError` for one that there is not."""
    permitted = sum(1 << CAPABILITIES.index(name.removeprefix("cap_")) for name in names)
    low, high = permitted & 0xFFFFFFFF, permitted >> 32
    return struct.pack("<5I", _REVISION_2 | _EFFECTIVE, low, 0, high, 0)
