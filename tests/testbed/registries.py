"""Real registries on loopback: Distribution with and without a password, and the one of ``crane registry serve``."""

import base64
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER, PASSWORD = "me", "sesame"
# What `htpasswd -B` makes of it: Distribution takes bcrypt only.
_HASHED = "$2y$05$9g8gMWiTjyPkB6oYU9bWLOi6vLyOd9jOxtd2OFI.laZouX9za0bgq"
_READY_SECONDS = 20.0
_STOP_SECONDS = 10.0


@contextmanager
def start(kind: str, program: Path, folder: Path) -> Iterator[str]:
    """Run `program`, a registry of `kind` (``crane``, ``distribution``, ``distribution with password``); yields ``host:port``.

    Its data is below `folder`. Raises `RuntimeError` where it does not come up.
    """
    port = _free_port()
    if kind == "crane":
        arguments = ["registry", "serve", "--address", f"127.0.0.1:{port}", "--disk", str(folder / "data")]
        (folder / "data").mkdir()
    else:
        arguments = ["serve", str(_configuration(folder, port, with_password=kind != "distribution"))]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            _wait_for(port, process, folder / "log")
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(_STOP_SECONDS)


def docker_config(host: str, password: str = PASSWORD) -> str:
    """Return the text of a ``config.json`` that signs in at `host`."""
    pair = base64.b64encode(f"{USER}:{password}".encode()).decode()
    return json.dumps({"auths": {host: {"auth": pair}}})


def _configuration(folder: Path, port: int, *, with_password: bool) -> Path:
    configuration: dict[str, object] = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
        "http": {"addr": f"127.0.0.1:{port}"},
    }
    if with_password:
        (folder / "htpasswd").write_text(f"{USER}:{_HASHED}\n")
        configuration["auth"] = {"htpasswd": {"realm": "here", "path": str(folder / "htpasswd")}}
    file = folder / "configuration.yml"
    file.write_text(json.dumps(configuration))
    return file


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the registry did not come up:\n{log.read_text()[-2000:]}")
