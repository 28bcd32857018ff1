"""Real container engines, each with its own root, state and socket below a folder: containerd, Docker and podman's service.

They are started by the test and ended with it; no engine of the machine is spoken to, and nothing but images is asked of them, so
no network, cgroup or container is set up.
"""

import http.client
import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from seawall.sources.connections import UnixConnection
from tests.testbed.system_programs import provide

_READY_SECONDS = 60.0
_STOP_SECONDS = 30.0
_CALL_SECONDS = 60.0

_CONTAINERD = """\
version = 2
root = {root}
state = {state}
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
address = {socket}
[ttrpc]
address = {ttrpc}
"""


@contextmanager
def engine_folder() -> Iterator[Path]:
    """Lend a folder with a short name: the path of a socket has at most 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="engine-") as folder:
        yield Path(folder)


@contextmanager
def start_containerd(folder: Path) -> Iterator[Path]:
    """Run containerd; yields its socket. Raises `RuntimeError` where it does not come up."""
    address = folder / "containerd.sock"
    places = {"root": folder / "root", "state": folder / "state", "socket": address, "ttrpc": folder / "ttrpc.sock"}
    config = folder / "config.toml"
    config.write_text(_CONTAINERD.format_map({name: json.dumps(str(path)) for name, path in places.items()}))
    with _running([provide("containerd"), "--config", config], folder, address, _accepts):
        yield address


def import_into_containerd(address: Path, archive: Path, namespace: str) -> None:
    """Bring the images of an OCI archive into a namespace; they are not unpacked."""
    _call([provide("ctr"), "--address", address, "--namespace", namespace, "images", "import", "--no-unpack", archive])


@contextmanager
def start_docker(folder: Path) -> Iterator[Path]:
    """Run dockerd, with a containerd of its own and without a network; yields its socket."""
    address = folder / "docker.sock"
    options = {
        "host": f"unix://{address}",
        "data-root": folder / "data",
        "exec-root": folder / "exec",
        "pidfile": folder / "pid",
        "storage-driver": "vfs",
        "bridge": "none",
        "iptables": "false",
        "ip6tables": "false",
        "config-file": folder / "daemon.json",
    }
    (folder / "daemon.json").write_text("{}")
    command = [provide("dockerd"), *(f"--{name}={value}" for name, value in options.items())]
    with _running(command, folder, address, _answers):
        yield address


@contextmanager
def start_podman(folder: Path) -> Iterator[Path]:
    """Run podman's service, which speaks Docker's API; yields its socket."""
    address = folder / "podman.sock"
    storage = {"driver": "vfs", "runroot": folder / "run", "graphroot": folder / "graph"}
    lines = [f"{name} = {json.dumps(str(value))}" for name, value in storage.items()]
    (folder / "storage.conf").write_text("\n".join(["[storage]", *lines]))
    command = [provide("podman"), "--cgroup-manager=cgroupfs", "system", "service", "--time=0", f"unix://{address}"]
    with _running(command, folder, address, _answers, {"CONTAINERS_STORAGE_CONF": str(folder / "storage.conf")}):
        yield address


def load_into_docker(address: Path, archive: Path) -> None:
    """Bring the images of an archive of ``docker save`` into the engine, by Docker's API."""
    status, said = _ask(address, "POST", "/images/load", archive.read_bytes())
    if status != 200 or b"errorDetail" in said:
        raise RuntimeError(f"the engine does not load the image: {status} {said[:500]!r}")


def _ask(address: Path, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    connection = UnixConnection(str(address))
    try:
        connection.connect()
        connection.limit(time.monotonic() + _CALL_SECONDS)
        connection.request(method, path, body, {"Host": "engine", "Content-Type": "application/x-tar"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _accepts(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as attempt:
        attempt.connect(str(address))
    return True


def _answers(address: Path) -> bool:
    """Docker's engine listens before it can be asked for anything."""
    return _ask(address, "GET", "/_ping")[0] == 200


@contextmanager
def _running(
    command: Sequence[str | Path],
    folder: Path,
    address: Path,
    is_ready: Callable[[Path], bool],
    environment: Mapping[str, str] | None = None,
) -> Iterator[None]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ | dict(environment or {})
        )
        try:
            end = time.monotonic() + _READY_SECONDS
            while not _is_up(address, is_ready):
                if time.monotonic() > end or process.poll() is not None:
                    said = (folder / "log").read_text(errors="replace")
                    raise RuntimeError(f"the engine did not come up:\n{said[-2000:]}")
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(_STOP_SECONDS)


def _is_up(address: Path, is_ready: Callable[[Path], bool]) -> bool:
    try:
        return is_ready(address)
    except (OSError, http.client.HTTPException):
        return False


def _call(command: Sequence[str | Path]) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=_CALL_SECONDS)
