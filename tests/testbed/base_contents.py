"""What a root file system has of what `detectors/bases.yaml` says of its base: read as Seawall reads images."""

import subprocess
from pathlib import Path

import msgspec

from seawall.facts.base_advice import GLIBC
from seawall.facts.image_tree import read_tree
from seawall.model.base_image import BaseImage
from seawall.sources.manifests import ReadOptions
from seawall.stages.images import read_inventory

_FOLDERS = frozenset(("lib", "lib64", "usr/lib", "usr/lib64", "lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"))


class Contents(msgspec.Struct, frozen=True):
    """The sonames that its loader finds, its packages, its size, its shell, and the newest symbols that its libraries define."""

    libraries: tuple[str, ...]
    packages: tuple[str, ...]
    size_mb: int
    shell: bool
    glibc: str
    glibcxx: str
    libc: str


def contents(base: BaseImage, root: Path) -> Contents:
    """Return what is in `root`. Unpacked packages leave no list of themselves, so those of distroless images are `base`'s."""
    inventory = read_inventory(f"rootfs:{root}", ReadOptions())
    tree = read_tree(inventory)
    assert tree is not None
    sonames = {
        program.soname
        for program in inventory.programs
        if program.soname and program.path.rpartition("/")[0] in _FOLDERS
    }
    taken = subprocess.run(
        [
            "du",
            "--summarize",
            "--block-size=1MB",
            "--apparent-size",
            "--exclude=var/cache",
            "--exclude=var/lib/apt/lists",
            root,
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return Contents(
        libraries=tuple(sorted(name for name in sonames if name not in GLIBC and not name.startswith("libc.musl-"))),
        packages=tuple(sorted(tree.relations)) or base.packages,
        size_mb=int(taken.stdout.split()[0]),
        shell=tree.real("bin/sh") is not None,
        glibc=_newest(root, "libc.so.6", "GLIBC_"),
        glibcxx=_newest(root, "libstdc++.so.6", "GLIBCXX_"),
        libc="musl" if any(root.glob("lib/ld-musl-*")) else "glibc" if "libc.so.6" in sonames else "none",
    )


def _newest(root: Path, library: str, family: str) -> str:
    """Return the newest symbol version of `family` that the library defines, or nothing where it is not there."""
    found = next((path for path in root.rglob(library) if path.is_file()), None)
    if found is None:
        return ""
    names = found.read_bytes().split(b"\0")
    versions = [name.removeprefix(family.encode()) for name in names if name.startswith(family.encode())]
    numbers = [tuple(map(int, one.split(b"."))) for one in versions if one.replace(b".", b"").isdigit()]
    return ".".join(map(str, max(numbers)))
