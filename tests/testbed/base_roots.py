"""Root file systems of the small bases in `detectors/bases.yaml`, put together from the real parts that they are made of.

- Alpine: its published mini root file system, kept in ``tests/testbed/files``.
- Debian's slim images: ``mmdebstrap --variant=minbase``, which has their packages; the images only leave out documentation.
- Distroless images: Debian's packages, unpacked and not configured, which is how they are built.

Debian's parts come through apt, as the machine has it set up, and are kept beside the other programs of the testbed.
"""

import fcntl
import os
import shutil
import subprocess
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

from seawall.model.base_image import BaseImage

_ALPINE = Path(__file__).parent / "files"
_SECONDS = 600


def root_of(base: BaseImage) -> Path:
    """Return the directory into which the root file system of `base` was unpacked, once. Who writes there cleans up."""
    return unpacked(archive_of(base))


def unpacked(archive: Path) -> Path:
    """Return the directory into which `archive` was unpacked, once."""

    def build(target: Path) -> None:
        target.mkdir()
        unpack(archive, target)

    return kept(archive.name.removesuffix(".gz").removesuffix(".tar"), build, ending=".root")


def unpack(archive: Path, folder: Path, *options: str) -> None:
    """Unpack `archive` into `folder`, but for devices."""
    command = ["tar", "--extract", "--file", archive, "--directory", folder, "--anchored", "--exclude=./dev/*"]
    subprocess.run([*command, *options], check=True, timeout=120)


def archive_of(base: BaseImage) -> Path:
    """Return the archive of the root file system of `base`."""
    if base.distro.startswith("alpine:"):
        (found,) = _ALPINE.glob(f"alpine-minirootfs-{base.distro.removeprefix('alpine:')}.*-x86_64.tar.gz")
        return found
    if base.name.startswith("debian:"):
        return debian_root(*base.adds)
    name = "-".join(("unpacked", base.name.rpartition("/")[2], *sorted(base.packages)))
    return kept(name, lambda target: _unpack(base.packages, target))


def debian_root(*packages: str) -> Path:
    """Return the archive of a Debian 12 minbase with `packages` installed, without what is only recommended."""
    named = sorted(packages)

    def build(target: Path) -> None:
        # As debootstrap does it: /usr is merged from the beginning, and the package that merges it later is not there.
        merged = [
            "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
            f"--include={','.join(['usr-is-merged', *named])}",
        ]
        command = ["mmdebstrap", "--variant=minbase", "--quiet", *merged, "bookworm", str(target)]
        subprocess.run(command, check=True, timeout=_SECONDS, capture_output=True)

    return kept("-".join(("minbase", *named)), build)


def _unpack(packages: tuple[str, ...], target: Path) -> None:
    folder = target.with_name(f"{target.name}.d")
    downloads, root = folder / "downloads", folder / "root"
    downloads.mkdir(parents=True)
    root.mkdir()
    command = ["apt-get", "download", "-qq", *packages]
    if subprocess.run(command, cwd=downloads, check=False, timeout=_SECONDS, capture_output=True).returncode:
        subprocess.run(["apt-get", "update", "-qq"], check=True, timeout=_SECONDS, capture_output=True)  # a new machine
        subprocess.run(command, cwd=downloads, check=True, timeout=_SECONDS, capture_output=True)
    for package in sorted(downloads.iterdir()):
        subprocess.run(["dpkg-deb", "--extract", package, root], check=True, timeout=60)
    for interpreter in root.glob("usr/bin/python3.*"):  # the alias that the image adds (python_aliases)
        interpreter.with_name("python3").symlink_to(interpreter.name)
    with tarfile.open(target, "w") as archive:
        archive.add(root, ".")
    shutil.rmtree(folder)


def kept(name: str, build: Callable[[Path], None], *, ending: str = ".tar") -> Path:
    """Return the archive called `name`, which `build` writes where there is none yet."""
    cache = Path(os.environ.get("SEAWALL_TESTBED_CACHE") or Path.home() / ".cache/seawall/testbed") / "roots"
    cache.mkdir(parents=True, exist_ok=True)
    short = name if len(name) < 100 else f"{name[:60]}-{zlib.crc32(name.encode()):x}"
    target = cache / f"{short}{ending}"
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            growing = target.with_name(f"{short}.new{ending}")
            _remove(growing)
            build(growing)
            growing.rename(target)
    return target


def _remove(path: Path) -> None:
    """Remove what a run that was ended has left."""
    for left in (path, path.with_name(f"{path.name}.d")):
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink(missing_ok=True)
