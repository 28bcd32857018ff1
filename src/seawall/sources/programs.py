"""Run a renderer (helm, kustomize) on the user's files: no shell, no network, no terminal, bounded time and output.

The programs are the user's own; what they read is not trusted. They get a bare environment whose proxies lead nowhere, an
empty home and no PATH, so that none of them can clone, download, load plugins or start other programs.
"""

import os
import selectors
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence

import msgspec

from seawall.model.errors import SourceError

RENDER_SECONDS = 60.0  # the largest public charts render in under 5 s
# kube-prometheus-stack with its CRDs is 5 MB; past this a template is looping.
MAX_OUTPUT_BYTES = 64 << 20
_MAX_ERRORS_BYTES = 1 << 20
_NOWHERE = "http://127.0.0.1:9"


class Output(msgspec.Struct, frozen=True):
    """How a program ended: exit status, standard output, and standard error as text."""

    status: int
    out: bytes
    errors: str


def find_program(name: str) -> str | None:
    """Return the absolute path of the program `name` on PATH, or None.

    Relative entries of PATH (``.``, an empty one) are not searched: the directory that is scanned may be the current one.
    """
    entries = [entry for entry in os.environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(entry)]
    return shutil.which(name, path=os.pathsep.join(entries)) if entries else None


def run_program(
    arguments: Sequence[str],
    seconds: float = RENDER_SECONDS,
    *,
    environment: Mapping[str, str] | None = None,
    data: bytes = b"",
    most: int | None = None,
    directory: str | None = None,
) -> Output:
    """Run ``arguments[0]`` (an absolute path) to its end, with `data` as its standard input.

    `environment` takes the place of the bare one, `most` that of `MAX_OUTPUT_BYTES`, `directory` that of an empty one to run in.
    Raises `SourceError` when it takes too long or says too much.
    """
    with tempfile.TemporaryDirectory(prefix="seawall-") as home, tempfile.TemporaryFile() as given:
        # A file and no pipe: a program that writes before it has read all cannot wait for us, nor we for it.
        given.write(data)
        given.seek(0)
        environment = environment or {
            "HOME": home,
            "PATH": "",
            "LANG": "C.UTF-8",
            "KUBECONFIG": os.devnull,
            "HELM_PLUGINS": os.path.join(home, "plugins"),
            "HTTP_PROXY": _NOWHERE,
            "HTTPS_PROXY": _NOWHERE,
            "NO_PROXY": "",
        }
        name = os.path.basename(arguments[0])
        try:
            process = subprocess.Popen(
                arguments,
                cwd=directory or home,
                env=environment,
                stdin=given if data else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
            )
        except OSError as error:
            raise SourceError(f"{name} cannot be run: {error.strerror}", remedy="check its installation") from None
        with process:
            try:
                return _collect(process, name, seconds, most or MAX_OUTPUT_BYTES)
            except BaseException:
                process.kill()
                raise


def _collect(process: "subprocess.Popen[bytes]", name: str, seconds: float, most: int) -> Output:
    deadline = time.monotonic() + seconds
    parts: dict[str, list[bytes]] = {"out": [], "errors": []}
    size = 0
    with selectors.DefaultSelector() as selector:
        for key, stream in (("out", process.stdout), ("errors", process.stderr)):
            if stream is not None:
                selector.register(stream, selectors.EVENT_READ, key)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                raise SourceError(
                    f"{name} did not end within {seconds:g} s", remedy="look for an endless template loop"
                )
            for entry, _events in ready:
                chunk = os.read(entry.fd, 1 << 16)
                if not chunk:
                    selector.unregister(entry.fileobj)
                    continue
                size += len(chunk)
                if size > most:
                    raise SourceError(f"{name} wrote more than {most >> 20} MB", remedy="render less at once")
                parts[entry.data].append(chunk)
    try:
        status = process.wait(max(0.1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise SourceError(f"{name} did not end within {seconds:g} s", remedy="run it by hand") from None
    errors = b"".join(parts["errors"])[:_MAX_ERRORS_BYTES].decode("utf-8", "replace")
    return Output(status, b"".join(parts["out"]), errors)
