"""Which credentials belong to a registry: Docker's ``config.json``, podman's ``auth.json``, and credential helpers.

Files, the first that knows the registry decides:

1. ``$REGISTRY_AUTH_FILE`` (podman, skopeo, buildah);
2. ``$DOCKER_CONFIG/config.json``, else ``~/.docker/config.json``;
3. ``$XDG_RUNTIME_DIR/containers/auth.json``, then ``$XDG_CONFIG_HOME/containers/auth.json`` (``~/.config``).

Within a file: ``credHelpers`` for the host, then ``credsStore``, then ``auths``, whose keys may narrow a host to a part of its
repositories. Formats: docs.docker.com/reference/cli/docker/login and containers-auth.json(5); helpers speak the protocol of
github.com/docker/docker-credential-helpers. What a helper prints is a secret and never part of a message.
"""

import base64
import binascii
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from seawall.formats.image_reference import DOCKER_HUB
from seawall.model.errors import SourceError
from seawall.sources.programs import find_program, run_program

HELPER_SECONDS = 30.0  # helpers of clouds ask a token service; a keychain may have to be unlocked
_MAX_HELPER_BYTES = 1 << 20
_MAX_FILE_BYTES = 4 << 20
_HUB_KEY = "https://index.docker.io/v1/"
_HUB_NAMES = ("docker.io", "index.docker.io", "registry-1.docker.io")
_HELPER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
_NOT_FOUND = b"credentials not found"


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """A user and password, an identity token (OAuth2 refresh token), or a token that the registry takes as it is.

    `source` says where it is from, for messages. Its representation keeps the secrets to itself.
    """

    source: str
    username: str = ""
    password: str = ""
    identity_token: str = ""
    registry_token: str = ""

    def __repr__(self) -> str:
        return f"Credential({self.source!r})"

    @property
    def basic(self) -> str:
        """The value of an ``Authorization: Basic`` header."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()


class _Helped(msgspec.Struct):
    username: str = msgspec.field(name="Username", default="")
    secret: str = msgspec.field(name="Secret", default="")


def find_credential(host: str, repository: str, environment: Mapping[str, str]) -> Credential | None:
    """Return the credential for `repository` at `host` (``docker.io`` for Docker Hub), or None where no file has one.

    Raises `SourceError` for a file that cannot be read as what it should be, and for a helper that fails.
    """
    for file in credential_files(environment):
        settings = _read(file)
        if settings is not None:
            found = _find(file, settings, host, repository, environment)
            if found is not None:
                return found
    return None


def credential_files(environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield the files in the order in which they are asked, whether they exist or not."""
    home = Path(environment.get("HOME") or os.path.expanduser("~"))
    if chosen := environment.get("REGISTRY_AUTH_FILE"):
        yield Path(chosen)
    yield Path(environment.get("DOCKER_CONFIG") or home / ".docker") / "config.json"
    if runtime := environment.get("XDG_RUNTIME_DIR"):
        yield Path(runtime) / "containers" / "auth.json"
    yield Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "containers" / "auth.json"


def _read(file: Path) -> dict[str, Any] | None:
    try:
        with file.open("rb") as stream:
            data = stream.read(_MAX_FILE_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _error(file, f"the registry credentials cannot be read: {error.strerror}") from None
    if len(data) > _MAX_FILE_BYTES:
        raise _error(file, f"the registry credentials are larger than {_MAX_FILE_BYTES >> 20} MB")
    try:
        settings = msgspec.json.decode(data) if data.strip() else {}
    except msgspec.DecodeError:
        settings = None
    if not isinstance(settings, dict):
        raise _error(file, "the registry credentials are no JSON object")
    return settings


def _find(
    file: Path, settings: dict[str, Any], host: str, repository: str, environment: Mapping[str, str]
) -> Credential | None:
    helpers = _mapping(settings, "credHelpers")
    names = _HUB_NAMES if host == DOCKER_HUB else (host,)
    for name in (*names, _HUB_KEY) if host == DOCKER_HUB else names:
        if isinstance(helpers.get(name), str):
            return _ask_helper(file, helpers[name], host, environment)
    store = settings.get("credsStore")
    if isinstance(store, str) and store:
        found = _ask_helper(file, store, host, environment)
        if found is not None:
            return found
    entries = {_normalised(key): entry for key, entry in _mapping(settings, "auths").items() if isinstance(entry, dict)}
    # From registry/team/app over registry/team to the registry.
    parts = repository.split("/")
    for length in range(len(parts), -1, -1):
        for name in names:
            entry = entries.get("/".join([name, *parts[:length]]))
            credential = _credential(file, entry) if entry else None
            if credential is not None:
                return credential
    return None


def _normalised(key: str) -> str:
    name = key.removeprefix("https://").removeprefix("http://").rstrip("/")
    host, _, path = name.partition("/")
    return host if path in ("v1", "v2") else name


def _credential(file: Path, entry: dict[str, Any]) -> Credential | None:
    def text(name: str) -> str:
        value = entry.get(name)
        return value if isinstance(value, str) else ""

    username, password = text("username"), text("password")
    if encoded := text("auth"):
        try:
            username, colon, password = base64.b64decode(encoded).decode().partition(":")
        except (binascii.Error, ValueError):
            colon = ""
        if not colon:
            raise _error(file, "an `auth` of the registry credentials is not base64 of user:password")
        password = password.rstrip("\0")
    if not (username or text("identitytoken") or text("registrytoken")):
        return None  # `docker login` with a store leaves empty entries
    return Credential(
        source=str(file),
        username=username,
        password=password,
        identity_token=text("identitytoken"),
        registry_token=text("registrytoken"),
    )


def _ask_helper(file: Path, name: str, host: str, environment: Mapping[str, str]) -> Credential | None:
    program = f"docker-credential-{name}"
    path = find_program(program) if _HELPER_NAME.match(name) else None
    if path is None:
        raise _error(
            file, f"the credential helper {program[:100]!r} is not on PATH", "install it, or sign in without it"
        )
    key = _HUB_KEY if host == DOCKER_HUB else host
    try:
        output = run_program(
            [path, "get"], HELPER_SECONDS, environment=environment, data=key.encode(), most=_MAX_HELPER_BYTES
        )
    except SourceError:
        problem = f"{program} did not answer within {HELPER_SECONDS:g} s, said too much or cannot be run"
        raise _error(file, problem, f"run `echo {host} | {program} get` by hand") from None
    if output.status != 0:
        if _NOT_FOUND in output.out[:1000].lower():
            return None
        # Neither what it printed nor its errors are shown: either may hold the secret.
        problem = f"{program} ended with status {output.status} when asked for {host}"
        raise _error(file, problem, f"run `echo {host} | {program} get` by hand")
    try:
        answer = msgspec.json.decode(output.out, type=_Helped)
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise _error(file, f"{program} printed no credential", "check the helper") from None
    source = f"{program} ({file})"
    if answer.username == "<token>":  # how the protocol marks an identity token
        return Credential(source=source, identity_token=answer.secret)
    return Credential(source=source, username=answer.username, password=answer.secret) if answer.username else None


def _mapping(settings: dict[str, Any], name: str) -> dict[str, Any]:
    value = settings.get(name)
    return value if isinstance(value, dict) else {}


def _error(file: Path, problem: str, remedy: str = "mend the file, or sign in again") -> SourceError:
    return SourceError(problem, place=str(file), remedy=remedy)
