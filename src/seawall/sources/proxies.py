"""Connections through a proxy, as client-go makes them: ``proxy-url`` of the kubeconfig, else the environment's proxy.

HTTP proxies (CONNECT, RFC 9110 section 9.3.6) and SOCKS5 (RFC 1928, RFC 1929) are spoken. The environment is read as Go reads it
(``golang.org/x/net/http/httpproxy``): loopback never goes through a proxy, and ``NO_PROXY`` takes hosts, domains, addresses and
networks. A proxy's password is never part of a message.
"""

import base64
import ipaddress
import socket
import struct
import time
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

import msgspec

SCHEMES = ("http", "socks5", "socks5h")
_DEFAULT_PORTS = {"http": 80, "socks5": 1080, "socks5h": 1080}
_MAX_ANSWER = 16 << 10


class ProxyError(Exception):
    """The proxy cannot be used or refused; the text says why and names its host."""


class Proxy(msgspec.Struct, frozen=True):
    """A proxy's address and the credentials for it, which may be empty."""

    scheme: str
    host: str
    port: int
    username: str
    password: str

    @property
    def shown(self) -> str:
        """The address without credentials."""
        return f"{self.scheme}://{self.host}:{self.port}"


def parse_proxy(url: str) -> Proxy:
    """Return the proxy that `url` names; without a scheme it is an HTTP proxy. Raises `ProxyError`."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port
    except ValueError:
        raise ProxyError("the proxy's address is no URL") from None
    if parts.scheme not in SCHEMES:
        raise ProxyError(f"a proxy of the kind {parts.scheme}:// is not supported, only {', '.join(SCHEMES)}")
    if not parts.hostname:
        raise ProxyError("the proxy's address names no host")
    return Proxy(
        parts.scheme,
        parts.hostname,
        port or _DEFAULT_PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


def proxy_of_environment(server: str, environment: Mapping[str, str]) -> str:
    """Return the URL of the proxy that the environment asks for on the way to the URL `server`; empty for none."""
    parts = urlsplit(server)
    names = ("HTTPS_PROXY", "https_proxy") if parts.scheme == "https" else ("HTTP_PROXY", "http_proxy")
    url = next((environment[name] for name in names if environment.get(name)), "")
    if not url or not parts.hostname:
        return ""
    excluded = environment.get("NO_PROXY") or environment.get("no_proxy") or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return "" if _is_excluded(parts.hostname.lower(), port, excluded) else url


def _is_excluded(host: str, port: int, excluded: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        address = None
    if host == "localhost" or (address is not None and address.is_loopback):
        return True
    for entry in (part.strip().lower() for part in excluded.split(",")):
        if entry == "*":
            return True
        name, colon, wanted = entry.rpartition(":")
        if colon and wanted.isdigit() and "]" not in wanted and name.count(":") == 0:
            if int(wanted) != port:
                continue
            entry = name
        if address is not None:
            try:
                if address in ipaddress.ip_network(entry.strip("[]"), strict=False):
                    return True
            except ValueError:
                continue
        elif entry.startswith((".", "*.")):
            if host.endswith(entry.removeprefix("*")):
                return True
        elif entry and (host == entry or host.endswith(f".{entry}")):
            return True
    return False


def connect(host: str, port: int, proxy: Proxy | None, seconds: float) -> socket.socket:
    """Return a connection to `host`, through `proxy` where there is one.

    Raises `OSError` when there is none within `seconds` a step, and `ProxyError` when the proxy refuses.
    """
    if proxy is None:
        return socket.create_connection((host, port), seconds)
    try:
        connection = socket.create_connection((proxy.host, proxy.port), seconds)
    except OSError as error:
        raise ProxyError(f"the proxy {proxy.shown} cannot be reached: {error.strerror or error}") from None
    try:
        connection.settimeout(seconds)
        deadline = time.monotonic() + 2 * seconds
        if proxy.scheme == "http":
            _ask_http(connection, proxy, host, port, deadline)
        else:
            _ask_socks(connection, proxy, host, port)
    except TimeoutError:
        connection.close()
        raise ProxyError(f"the proxy {proxy.shown} did not answer within {seconds:g} s") from None
    except OSError as error:
        connection.close()
        raise ProxyError(f"the proxy {proxy.shown} broke off: {error.strerror or error}") from None
    except BaseException:
        connection.close()
        raise
    return connection


def _ask_http(connection: socket.socket, proxy: Proxy, host: str, port: int, deadline: float) -> None:
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.username:
        pair = f"{proxy.username}:{proxy.password}".encode()
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(pair).decode()}")
    connection.sendall("".join(f"{line}\r\n" for line in [*lines, ""]).encode())
    answer = b""
    # One byte after the other: what follows the headers belongs to the tunnel.
    while not answer.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte or len(answer) > _MAX_ANSWER or time.monotonic() > deadline:
            raise ProxyError(f"the proxy {proxy.shown} gave no answer to CONNECT")
        answer += byte
    status = answer.partition(b"\r\n")[0].decode("latin-1")
    if status.split(" ")[1:2] != ["200"]:
        raise ProxyError(f"the proxy {proxy.shown} refused the connection: {status[:200]}")


def _ask_socks(connection: socket.socket, proxy: Proxy, host: str, port: int) -> None:
    methods = b"\x00\x02" if proxy.username else b"\x00"
    connection.sendall(b"\x05" + bytes([len(methods)]) + methods)
    version, method = _receive(connection, 2, proxy)
    if version != 5 or method not in methods:
        raise ProxyError(f"the proxy {proxy.shown} takes none of our ways to sign in")
    if method == 2:
        username, password = proxy.username.encode()[:255], proxy.password.encode()[:255]
        connection.sendall(b"\x01" + bytes([len(username)]) + username + bytes([len(password)]) + password)
        if _receive(connection, 2, proxy)[1] != 0:
            raise ProxyError(f"the proxy {proxy.shown} refused our credentials")
    # The proxy resolves the name, as with socks5h: where it is needed, our own resolver does not know the cluster.
    name = host.encode("idna") if not host.isascii() else host.encode()
    connection.sendall(b"\x05\x01\x00\x03" + bytes([len(name)]) + name + struct.pack(">H", port))
    _, reply, _, kind = _receive(connection, 4, proxy)
    if reply != 0:
        raise ProxyError(f"the proxy {proxy.shown} refused the connection (SOCKS reply {reply})")
    length = {1: 4, 4: 16}.get(kind) or _receive(connection, 1, proxy)[0]
    _receive(connection, length + 2, proxy)


def _receive(connection: socket.socket, size: int, proxy: Proxy) -> bytes:
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise ProxyError(f"the proxy {proxy.shown} broke off the SOCKS handshake")
        data += part
    return data
