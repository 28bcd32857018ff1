"""One exchange of HTTP with one host: deadlines, TLS, proxies, and the choice between TLS and plain HTTP.

No retries, redirects or credentials here: that is `seawall.sources.registry.client`.
"""

import http.client
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import msgspec

from seawall.model.errors import SourceError
from seawall.sources.connections import CONNECT_SECONDS, Connection
from seawall.sources.proxies import ProxyError, parse_proxy, proxy_of_environment
from seawall.sources.registry.settings import RegistrySettings, is_loopback, split_host

CALL_SECONDS = 30.0
# A transfer goes on as long as it brings this much in this time: 2 KB/s is less than a modem's.
STALL_SECONDS = 30.0
STALL_BYTES = 64 << 10
CHUNK = 1 << 18
_NOT_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG")


class BrokenError(Exception):
    """The connection broke off, or brought too little for too long. The text says which; trying again may help."""


class Origin(msgspec.Struct, frozen=True):
    """Who answers: credentials are good for one origin only."""

    scheme: str
    host: str
    port: int

    @property
    def shown(self) -> str:
        """``host`` or ``host:port``, where the port is not that of the scheme."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"


def origin_of(url: str) -> Origin:
    """Return the origin of `url`. Raises `ValueError` for what is no http or https URL."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("no http or https URL")
    return Origin(parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))


class Reply:
    """An answer whose body has not been read yet. `close` it; reading it to its end keeps the connection for the next call."""

    def __init__(
        self, response: http.client.HTTPResponse, connection: Connection, keep: Callable[[Connection], None]
    ) -> None:
        self.status = response.status
        self.headers = response.headers
        self._response = response
        self._connection = connection
        self._keep = keep
        self._open = True

    def body(self, most: int, deadline: float) -> bytes | None:
        """Return the body, or None where it is longer than `most`. Raises `BrokenError`."""
        parts: list[bytes] = []
        size = 0
        for part in self._parts(lambda _size: deadline):
            size += len(part)
            if size > most:
                self.close()
                return None
            parts.append(part)
        return b"".join(parts)

    def chunks(self) -> Iterator[bytes]:
        """Yield the body for as long as it comes at a pace. Raises `BrokenError` when it stalls or breaks off."""
        window_ends, window_starts_at = time.monotonic() + STALL_SECONDS, 0

        def deadline(size: int) -> float:
            nonlocal window_ends, window_starts_at
            if size - window_starts_at >= STALL_BYTES:
                window_ends, window_starts_at = time.monotonic() + STALL_SECONDS, size
            return window_ends

        yield from self._parts(deadline)

    def close(self) -> None:
        """Let go of the connection, unless the body was read to its end."""
        if self._open:
            self._open = False
            self._response.close()
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _parts(self, deadline: Callable[[int], float]) -> Iterator[bytes]:
        size = 0
        while True:
            try:
                self._connection.limit(deadline(size))
                part = self._response.read1(CHUNK)
            except (TimeoutError, http.client.HTTPException, OSError, ValueError) as error:
                self.close()
                raise BrokenError(_broken(error)) from None
            if not part:
                break
            size += len(part)
            yield part
        if self._response.length:
            self.close()
            raise BrokenError(f"the connection broke off {self._response.length:,} bytes before the end")
        self._open = False
        self._response.close()
        if self._response.will_close:
            self._connection.close()
        else:
            self._keep(self._connection)


class Transport:
    """Connections to any number of hosts, one kept alive for each."""

    def __init__(self, settings: RegistrySettings) -> None:
        self._settings = settings
        self._idle: dict[Origin, Connection] = {}

    def close(self) -> None:
        """Close every connection. Calling it twice does no harm."""
        while self._idle:
            self._idle.popitem()[1].close()

    def origin(self, host: str) -> Origin:
        """Return how `host` is spoken to. Connects where that has to be tried: plain HTTP is for loopback and what is insecure.

        Raises `SourceError` when it cannot be reached or trusted.
        """
        name, port = split_host(host)
        secure = Origin("https", name, port or 443)
        if not (is_loopback(host) or self._settings.is_insecure(host)) or secure in self._idle:
            return secure
        plain = Origin("http", name, port or 80)
        if plain in self._idle:
            return plain
        connection = self._connection(secure)
        try:
            connection.connect()
        except ssl.SSLCertVerificationError as error:
            raise self._problem(secure, error) from None
        except (ssl.SSLError, ConnectionError, TimeoutError):
            connection.close()  # it may speak plain HTTP; if it does not, that call says so
            return plain
        except (OSError, ProxyError) as error:
            raise self._problem(secure, error) from None
        self._idle[secure] = connection
        return secure

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float) -> Reply:
        """Return the answer to one request, of whatever status; its headers came within `seconds`.

        Raises `BrokenError` when the connection broke off, `SourceError` when there is none to be had.
        """
        origin = origin_of(url)
        while True:
            kept = self._idle.pop(origin, None)
            connection = kept or self._connected(origin)
            try:
                connection.limit(time.monotonic() + seconds)
                self._ask(connection, method, url, headers, body)
                response = connection.getresponse()
            except (http.client.HTTPException, OSError) as error:
                connection.close()
                # A kept-alive connection that the server closed meanwhile says nothing about the server.
                if kept is None or isinstance(error, TimeoutError):
                    raise BrokenError(_broken(error)) from None
                continue
            return Reply(response, connection, lambda connection: self._keep(origin, connection))

    def _ask(
        self, connection: Connection, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> None:
        parts = urlsplit(url)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            if body is not None or method in ("POST", "PUT", "PATCH"):
                connection.putheader("Content-Length", str(len(body or b"")))
        except (ValueError, http.client.InvalidURL):  # never with the value, which may be a secret
            connection.close()
            raise SourceError(
                f"the registry {parts.hostname} cannot be asked: a header or address would hold a line break",
                remedy="check the credentials, and that this is a registry",
            ) from None
        connection.endheaders(body or None)

    def _keep(self, origin: Origin, connection: Connection) -> None:
        previous = self._idle.pop(origin, None)
        if previous is not None:
            previous.close()
        self._idle[origin] = connection

    def _connected(self, origin: Origin) -> Connection:
        connection = self._connection(origin)
        try:
            connection.connect()
        except (OSError, ProxyError) as error:
            connection.close()
            raise self._problem(origin, error) from None
        return connection

    def _connection(self, origin: Origin) -> Connection:
        context = self._settings.context(origin.shown) if origin.scheme == "https" else None
        try:
            url = proxy_of_environment(f"{origin.scheme}://{origin.shown}", os.environ)
            proxy = parse_proxy(url) if url else None
        except ProxyError as error:
            raise self._problem(origin, error) from None
        return Connection(origin.host, origin.port, proxy, context, origin.host)

    def _problem(self, origin: Origin, error: OSError | ProxyError) -> SourceError:
        remedy = "check its name, and that it can be reached from here"
        if isinstance(error, ProxyError):
            problem, remedy = f"cannot be reached: {error}", "check HTTPS_PROXY and NO_PROXY"
        elif isinstance(error, ssl.SSLCertVerificationError):
            problem = f"shows a certificate that is not trusted: {error.verify_message}"
            remedy = (
                "give its authority with --registry-ca FILE or SSL_CERT_FILE, or put it into"
                f" /etc/docker/certs.d/{origin.shown}/ca.crt"
            )
        elif isinstance(error, ssl.SSLError):
            problem = f"refused the TLS handshake: {error.reason or error}"
            if error.reason in _NOT_TLS:
                problem = "does not speak TLS"
                remedy = f"if it is meant to be without TLS: --insecure-registry {origin.shown}"
        elif isinstance(error, socket.gaierror):
            problem = "cannot be reached: its name does not resolve"
        elif isinstance(error, TimeoutError):
            problem = f"cannot be reached: no answer within {CONNECT_SECONDS:g} s"
        else:
            problem = f"cannot be reached: {error.strerror or error}"
        return SourceError(f"the registry {origin.shown} {problem}", remedy=remedy)


def _broken(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    return f"the connection broke off: {str(error) or type(error).__name__}"
