"""HTTP requests to publishers: https, or http to this machine; through the environment's proxy; redirects that stay as safe.

    with open_url("https://…/all.zip", {"Range": "bytes=100-"}, settings) as response:
        response.status, response.headers, response.read1(65536)

Every step has a time limit. A redirect from https goes to https only, from loopback to loopback or https; what a URL says of
a user and a password goes to that host alone and is never part of a message.
"""

import base64
import http.client
import ipaddress
import os
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit

import msgspec

from seawall.sources.connections import Connection
from seawall.sources.proxies import ProxyError, parse_proxy, proxy_of_environment

MAX_REDIRECTS: Final = 5


class WebSettings(msgspec.Struct, frozen=True):
    """How publishers are reached. `ca_file` (PEM) is trusted besides the system's authorities.

    `seconds` is how long one step may take after the connection (the answer, or the next bytes); `backoff` is the first pause
    before a new attempt, each further one twice as long.
    """

    ca_file: str = ""
    seconds: float = 30.0
    backoff: float = 0.5
    attempts: int = 5


class WebError(Exception):
    """The server cannot be reached, cannot be trusted, or was left in the middle. `passing`: another attempt may do."""

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


@contextmanager
def open_url(url: str, headers: Mapping[str, str], settings: WebSettings) -> Iterator["Response"]:
    """Send a GET, follow redirects, and hand out the response with any status. Raises `WebError`."""
    origin = urlsplit(url)
    for _ in range(MAX_REDIRECTS + 1):
        _refuse_unsafe(url)
        parts = urlsplit(url)
        send = dict(headers)
        if parts.username and parts.hostname == origin.hostname:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            send["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        with _told(url):
            connection = _connected(url, settings)
        try:
            with _told(url):
                target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
                connection.request(
                    "GET", target, headers={"User-Agent": "seawall", "Accept-Encoding": "identity"} | send
                )
                response = connection.getresponse()
            location = response.headers.get("Location")
            if response.status not in (301, 302, 303, 307, 308) or not location:
                with _told(url):
                    yield Response(response, connection, settings.seconds)
                return
            onward = urljoin(url, location)
        finally:
            connection.close()
        if not _is_as_safe(url, onward):
            raise WebError(f"{shown(url)} sends on to {shown(onward)}, which is not as safe")
        url = onward
    raise WebError(f"{shown(url)} sends on more than {MAX_REDIRECTS} times")


def shown(url: str) -> str:
    """Return the URL without user and password, and without what a server put behind a question mark."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that is no URL"
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"[:300]


def _refuse_unsafe(url: str) -> None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise WebError("the address is no URL") from None
    if (
        not parts.hostname
        or parts.scheme not in ("http", "https")
        or (parts.scheme == "http" and not _is_loopback(url))
    ):
        raise WebError(f"{shown(url)} is not reached: only https, or http to this machine")


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_as_safe(url: str, onward: str) -> bool:
    if urlsplit(onward).scheme == "https":
        return True
    return urlsplit(url).scheme == "http" and _is_loopback(url) and _is_loopback(onward)


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Turn what goes wrong with a connection into a `WebError` that names the place."""
    place = shown(url)
    try:
        yield
    except ProxyError as error:
        raise WebError(f"{place} cannot be reached: {error}", passing=True) from None
    except ssl.SSLCertVerificationError as error:
        raise WebError(f"{place} shows a certificate that is not trusted: {error.verify_message}") from None
    except ssl.SSLError as error:
        raise WebError(f"{place} broke off TLS: {error.reason or error}", passing=True) from None
    except socket.gaierror:
        raise WebError(f"{place} cannot be reached: its name does not resolve") from None
    except TimeoutError:
        raise WebError(f"{place} gave no answer in time", passing=True) from None
    except http.client.HTTPException as error:
        raise WebError(f"{place} broke off: {str(error) or type(error).__name__}", passing=True) from None
    except ConnectionError as error:
        raise WebError(f"{place} broke off: {error.strerror or error}", passing=True) from None
    except OSError as error:  # no route, no network
        raise WebError(f"{place} cannot be reached: {error.strerror or error}", passing=True) from None


class Response:
    """An answer whose every read has the time of one step."""

    def __init__(self, answer: http.client.HTTPResponse, connection: Connection, seconds: float) -> None:
        self._answer, self._connection, self._seconds = answer, connection, seconds
        self.status, self.reason, self.headers = answer.status, answer.reason, answer.headers

    def read1(self, size: int) -> bytes:
        """Return the next bytes, at most `size`; none at the end."""
        self._connection.limit(time.monotonic() + self._seconds)
        return self._answer.read1(size)


def _connected(url: str, settings: WebSettings) -> Connection:
    """Return a connection to the host of a URL, through a proxy where the environment names one."""
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    address = proxy_of_environment(url, os.environ)
    host = parts.hostname or ""
    connection = Connection(
        host,
        parts.port or (443 if tls else 80),
        parse_proxy(address) if address else None,
        _context(settings.ca_file) if tls else None,
        host,
    )
    connection.connect()
    connection.limit(time.monotonic() + settings.seconds)
    return connection


def _context(ca_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context()  # reads SSL_CERT_FILE and SSL_CERT_DIR too
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise WebError(f"the certificate authorities of {ca_file} cannot be read: {error}") from None
    return context
