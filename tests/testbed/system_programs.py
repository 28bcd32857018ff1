"""Programs that come from the system: engines, a compiler, the judges `readelf` and `dpkg`. Installed where root can.

    path = provide("containerd")

Where a program is missing and cannot be installed, a test that needs it fails in CI (``CI=true``), where the set-up is ours, and
is left out elsewhere with the reason (`needs`): a contributor without root cannot do anything about it.

Run ``python -m tests.testbed.system_programs`` to install what is missing; `make testbed` does.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

PACKAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "containerd": ("containerd",),
    "ctr": ("containerd",),
    "dockerd": ("docker.io",),
    "dpkg": ("dpkg",),
    "g++": ("g++",),
    "gcc": ("gcc", "libc6-dev"),
    "mmdebstrap": ("mmdebstrap",),
    "npm": ("npm",),
    "podman": ("podman",),
    "readelf": ("binutils",),
}
"""Debian's and Ubuntu's packages of each program."""

_INSTALL_SECONDS = 15 * 60
_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
"""Daemons are where not everybody looks."""


class MissingError(Exception):
    """A program is not there and cannot be installed; the text says what to do."""


def find(name: str) -> Path | None:
    """Return where the program is, or None."""
    found = shutil.which(name, path=_PATH)
    return Path(found) if found else None


def provide(name: str) -> Path:
    """Return where the program is, installed now where it was missing. Raises `MissingError`."""
    found = find(name)
    if found is None:
        _install(name)
        found = find(name)
    if found is None:
        raise MissingError(f"{name} is not on PATH, and its package did not bring it")
    return found


def needs(*names: str, root: bool = False) -> pytest.MarkDecorator:
    """Return the mark of a test that needs programs of the system, or root: left out where they are missing, except in CI."""
    missing = [name for name in names if find(name) is None]
    missing += ["root"] if root and os.geteuid() != 0 else []
    reason = f"{' and '.join(missing)} missing; `make testbed` as root installs programs"
    return pytest.mark.skipif(bool(missing) and not _in_ci(), reason=reason)


def require(*names: str) -> None:
    """Provide the programs, as root. In CI a failure is one of the test; elsewhere it is left out."""
    try:
        if os.geteuid() != 0:
            raise MissingError("engines are run as root")
        for name in names:
            provide(name)
    except MissingError as error:
        if _in_ci():
            pytest.fail(str(error))
        pytest.skip(str(error))


def _in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true")


def _install(name: str) -> None:
    packages = PACKAGES[name]
    wanted = f"apt-get install {' '.join(packages)}"
    if os.geteuid() != 0 or find("apt-get") is None:
        raise MissingError(f"{name} is missing: {wanted} (as root)")
    with _locked():
        if find(name) is not None:
            return
        _run("apt-get", "update")
        _run("apt-get", "install", "--yes", "--no-install-recommends", *packages)


def _run(*command: str) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_INSTALL_SECONDS,
        text=True,
    )
    if done.returncode:
        raise MissingError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}")


@contextmanager
def _locked() -> Iterator[None]:
    """Let one process install at a time."""
    with open(os.path.join(tempfile.gettempdir(), "seawall-testbed-install.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Install what is missing, and say what cannot be: in CI that is an error."""
    status = 0
    for name in PACKAGES:
        try:
            print(f"{name}\t{provide(name)}", flush=True)
        except MissingError as error:
            print(error, file=sys.stderr)
            status = 1 if _in_ci() else status
    return status


if __name__ == "__main__":
    sys.exit(main())
