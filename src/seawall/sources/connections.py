"""HTTP connections that keep a deadline to the last byte: through a proxy or not, with TLS or not, or over a unix socket.

The standard library's timeout is one of a single read: a server that sends a byte now and then is waited for without end,
while it sends headers too. Here each read gets what is left until the deadline.
"""

import http.client
import io
import socket
import ssl
import time
from typing import Any

from seawall.sources.proxies import Proxy, connect

CONNECT_SECONDS = 5.0


class Connection(http.client.HTTPConnection):
    """A connection to `host`, with TLS where there is a `context`.

    The certificate is checked against `server_name`, which may be another than the host (kubeconfig's tls-server-name). Raises
    `TimeoutError` from each read past the deadline that `limit` set.
    """

    def __init__(
        self, host: str, port: int, proxy: Proxy | None, context: ssl.SSLContext | None, server_name: str
    ) -> None:
        super().__init__(host, port, timeout=CONNECT_SECONDS)
        self._proxy = proxy
        self._context = context
        self._server_name = server_name
        self._deadline = time.monotonic() + CONNECT_SECONDS
        self.response_class = self._response  # type: ignore[assignment]  # it is called, as a class is

    def connect(self) -> None:
        """Connect, shake hands, and check the certificate."""
        plain = connect(self.host, self.port, self._proxy, CONNECT_SECONDS)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sock = (
                plain if self._context is None else self._context.wrap_socket(plain, server_hostname=self._server_name)
            )
        except BaseException:
            plain.close()
            raise

    def limit(self, deadline: float) -> None:
        """Let reads and writes from now on wait no longer than `deadline` (`time.monotonic`)."""
        self._deadline = deadline
        if self.sock is not None:
            self.sock.settimeout(_remaining(deadline))

    def _response(self, sock: socket.socket, *arguments: Any, **named: Any) -> http.client.HTTPResponse:
        return http.client.HTTPResponse(_DeadlineSocket(sock, self), *arguments, **named)  # type: ignore[arg-type]  # it asks for makefile only


class UnixConnection(Connection):
    """A connection to the server that listens on the unix socket `path`."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", 80, None, None, "")
        self._path = path

    def connect(self) -> None:
        """Connect to the socket."""
        plain = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            plain.settimeout(CONNECT_SECONDS)
            plain.connect(self._path)
        except BaseException:
            plain.close()
            raise
        self.sock = plain


class _DeadlineSocket:
    """What `http.client.HTTPResponse` takes for a socket: something that makes a file."""

    def __init__(self, sock: socket.socket, connection: Connection) -> None:
        self._sock = sock
        self._connection = connection

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_DeadlineReader(self._sock, self._connection))


class _DeadlineReader(io.RawIOBase):
    def __init__(self, sock: socket.socket, connection: Connection) -> None:
        self._sock = sock
        self._connection = connection
        # Holds the socket open while the answer is read, also where the connection has already let go of it.
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(_remaining(self._connection._deadline))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _remaining(deadline: float) -> float:
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise TimeoutError
    return remaining
