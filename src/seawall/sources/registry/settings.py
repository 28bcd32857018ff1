"""How registries are reached: which may be spoken to without TLS, whose certificates are trusted, which mirrors come first."""

import ipaddress
import ssl
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from seawall.formats.image_reference import DOCKER_HUB, is_host, is_mirror
from seawall.model.errors import SourceError, UsageError

# Where Docker, and podman with the other tools of containers/image, look for certificates of one registry: HOST/*.crt are
# authorities, HOST/*.cert with HOST/*.key identify us. https://docs.docker.com/engine/security/certificates/
CERTIFICATE_FOLDERS = (
    "~/.config/containers/certs.d",
    "~/.docker/certs.d",
    "/etc/containers/certs.d",
    "/etc/docker/certs.d",
)

_HUB_ALIASES = frozenset({"index.docker.io", "registry-1.docker.io"})
"""Other names of Docker Hub that people write mirrors for (trivy-operator#2671)."""


class RegistrySettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the user chose.

    `insecure` names hosts (``host`` or ``host:port``) that may be spoken to over plain HTTP, or over TLS with a certificate that
    nobody checks. `certificate_authority` is a PEM file that is trusted for every registry, besides the system's authorities.
    `mirrors` names for a host the hosts that are asked before it.
    """

    insecure: frozenset[str] = frozenset()
    certificate_authority: str = ""
    mirrors: Mapping[str, tuple[str, ...]] = {}
    certificate_folders: tuple[str, ...] = CERTIFICATE_FOLDERS

    def is_insecure(self, host: str) -> bool:
        """Whether the user allowed to speak to `host` without a checked certificate."""
        return host in self.insecure or split_host(host)[0] in self.insecure

    def context(self, host: str) -> ssl.SSLContext:
        """Return how TLS with `host` is done. Raises `SourceError` for a certificate that cannot be read."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.is_insecure(host):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        else:
            context.load_default_certs()  # honours SSL_CERT_FILE and SSL_CERT_DIR
            if self.certificate_authority:
                _trust(context, Path(self.certificate_authority))
        for name in self.certificate_folders:
            folder = Path(name).expanduser() / host
            if not folder.is_dir():
                continue
            for file in sorted(folder.iterdir()):
                if file.suffix == ".crt":
                    _trust(context, file)
                elif file.suffix == ".cert":
                    _identify(context, file, file.with_suffix(".key"))
        return context


def choose_settings(
    *, insecure: Iterable[str] = (), certificate_authority: str = "", mirrors: Iterable[str] = ()
) -> RegistrySettings:
    """Return the settings of command line options; a mirror is ``[HOST=]MIRROR``, HOST by default ``docker.io``.

    MIRROR is a host, and behind it what stands before a repository's name there. Raises `UsageError`.
    """
    chosen: dict[str, tuple[str, ...]] = {}
    for word in mirrors:
        before, equals, after = word.partition("=")
        host, mirror = (before, after) if equals else (DOCKER_HUB, before)
        if not is_mirror(mirror) or not is_host(host):
            raise UsageError(
                f"{word[:200]!r} is no mirror", remedy="write it like mirror.example or quay.io=mirror.example/quay"
            )
        host = DOCKER_HUB if host in _HUB_ALIASES else host
        chosen[host] = (*chosen.get(host, ()), mirror)
    return RegistrySettings(insecure=frozenset(insecure), certificate_authority=certificate_authority, mirrors=chosen)


def split_host(host: str) -> tuple[str, int | None]:
    """Return name and port of ``name``, ``name:port`` or ``[address]:port``. The port is None where none is written."""
    name, colon, port = host.rpartition(":")
    if colon and port.isdigit() and (name.startswith("[") or ":" not in name):
        return name.strip("[]"), int(port)
    return host.strip("[]"), None


def is_loopback(host: str) -> bool:
    """Whether `host` (with or without port) is this machine, by its name or address; no name is looked up."""
    name = split_host(host)[0]
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _trust(context: ssl.SSLContext, file: Path) -> None:
    try:
        context.load_verify_locations(cafile=file)
    except OSError as error:
        reason = "it is not PEM" if isinstance(error, ssl.SSLError) else error.strerror
        problem = f"the certificate authority cannot be read: {reason}"
        raise SourceError(problem, place=str(file), remedy="give a PEM file of certificates") from None


def _identify(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    def refuse_to_ask() -> str:
        raise ValueError("encrypted")

    try:
        context.load_cert_chain(certificate, key, password=refuse_to_ask)
    except (OSError, ValueError):
        raise SourceError(
            f"the client certificate and its key {key.name} cannot be used",
            place=str(certificate),
            remedy="give both as PEM that fit together, without a passphrase",
        ) from None
