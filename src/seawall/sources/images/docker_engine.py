"""Images that a Docker engine has, or podman's service, which speaks the same: asked over its unix socket.

    with open_docker_image("alpine:3.20") as store: ...

Engine API, version of the engine's choice: ``GET /images/{name}/json`` tells whether it is there, ``GET /images/{name}/get`` is
what ``docker save`` writes. Nothing but these two is asked, and nothing is pulled. Whoever may use that socket has the powers of
root on the machine, so it is asked only where the user says ``docker:``.
https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Image/operation/ImageGet
"""

import http.client
import os
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from urllib.parse import quote

import msgspec

from seawall.formats.compression import Limits
from seawall.model.errors import SourceError
from seawall.sources import code_cache
from seawall.sources.connections import UnixConnection
from seawall.sources.images.local import LocalStore, open_archive

CALL_SECONDS = 30.0
# The engine writes the whole archive to its disk before it sends the first byte, at some hundred MB a second.
FIRST_BYTE_SECONDS = 300.0
STALL_SECONDS = 60.0
MAX_ARCHIVE_BYTES = 32 << 30
_CHUNK = 1 << 20
_MAX_ANSWER = 4 << 20


class _Message(msgspec.Struct):
    message: str = ""


def docker_socket(environment: Mapping[str, str]) -> str:
    """Return the socket's path: that of ``DOCKER_HOST``, else the first that exists of Docker's and podman's.

    Raises `SourceError` where there is none, or ``DOCKER_HOST`` names no unix socket.
    """
    chosen = environment.get("DOCKER_HOST", "")
    if chosen:
        if not chosen.startswith("unix://"):
            raise SourceError(
                f"DOCKER_HOST is {chosen.partition('://')[0][:20]}://…, and only unix:// is spoken",
                remedy="run Seawall where the engine is, or scan the output of docker save",
            )
        return chosen.removeprefix("unix://")
    runtime = environment.get("XDG_RUNTIME_DIR", "")
    own = [f"{runtime}/docker.sock", f"{runtime}/podman/podman.sock"] if runtime else []
    for path in ("/var/run/docker.sock", *own, "/run/podman/podman.sock"):
        if _is_socket(path):
            return path
    raise SourceError(
        "there is no Docker engine here: no socket at /var/run/docker.sock",
        remedy="set DOCKER_HOST=unix://…, or name the image without docker: to ask its registry",
    )


def open_docker_image(name: str, *, shown: str = "", limits: Limits | None = None) -> LocalStore:
    """Open the image that the engine knows as `name`, by way of a temporary file in the cache directory.

    Raises `SourceError` where there is no engine, where it has no such image, and where the archive is no image.
    """
    path = docker_socket(os.environ)
    with _temporary() as file:
        size = 0
        for chunk in _save(path, name):
            size += len(chunk)
            if size > MAX_ARCHIVE_BYTES:
                raise SourceError(f"{name} is larger than {MAX_ARCHIVE_BYTES >> 30} GB", remedy="scan a smaller image")
            try:
                file.write(chunk)
            except OSError as error:
                raise SourceError(
                    f"no room for {name}: {error.strerror}", remedy="set SEAWALL_CACHE_DIR to where there is some"
                ) from None
        file.flush()
        # The store keeps the file open, and needs its name no longer.
        return open_archive(file.name, name=shown or f"docker:{name}", kind="image", limits=limits)


def _temporary() -> "tempfile._TemporaryFileWrapper[bytes]":
    directory = code_cache.directory()
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return tempfile.NamedTemporaryFile(prefix="docker-", dir=directory)
    except OSError:
        return tempfile.NamedTemporaryFile(prefix="seawall-")


def _save(path: str, name: str) -> Iterator[bytes]:
    """Yield what ``docker save`` writes."""
    target = f"/images/{quote(name, safe='/:@')}"
    connection = UnixConnection(path)
    try:
        with _ask(connection, f"{target}/json", CALL_SECONDS) as response:
            data = response.read(_MAX_ANSWER)
            if response.status == 404:
                raise SourceError(
                    f"the Docker engine at {path} has no image {name}",
                    remedy=f"`docker pull {name}`, or leave out docker: to ask its registry",
                )
            _check(response, data, path)
        # A connection of its own: the engine may close the first, and there is no pool to speak of.
        connection.close()
        with _ask(connection, f"{target}/get", FIRST_BYTE_SECONDS) as response:
            if response.status != 200:
                _check(response, response.read(_MAX_ANSWER), path)
            while True:
                connection.limit(time.monotonic() + STALL_SECONDS)
                chunk = response.read1(_CHUNK)
                if not chunk:
                    break
                yield chunk
            if response.length:
                raise http.client.IncompleteRead(b"", response.length)
    except TimeoutError:
        raise SourceError(
            f"the Docker engine at {path} did not answer in time", remedy="check that it is well"
        ) from None
    except (OSError, http.client.HTTPException) as error:
        reason = (error.strerror if isinstance(error, OSError) else str(error)) or type(error).__name__
        raise SourceError(
            f"the Docker engine at {path} cannot be asked: {reason}",
            remedy="check that it runs, and that you may use its socket",
        ) from None
    finally:
        connection.close()


def _ask(connection: UnixConnection, target: str, seconds: float) -> http.client.HTTPResponse:
    connection.connect()
    connection.limit(time.monotonic() + seconds)
    connection.putrequest("GET", target, skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", "docker")
    connection.putheader("User-Agent", "seawall")
    connection.endheaders()
    return connection.getresponse()


def _check(response: http.client.HTTPResponse, data: bytes, path: str) -> None:
    if response.status == 200:
        return
    try:
        said = msgspec.json.decode(data, type=_Message).message
    except (msgspec.DecodeError, msgspec.ValidationError):
        said = ""
    raise SourceError(
        f"the Docker engine at {path} answered {response.status}: {' '.join(said.split())[:300] or response.reason}",
        remedy="check that it is well",
    )


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(os.stat(path).st_mode)
    except OSError:
        return False
