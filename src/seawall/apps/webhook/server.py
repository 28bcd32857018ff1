"""A small HTTPS server for one route: ``POST /validate`` (and ``/``), with ``/healthz`` and ``/readyz``.

On the standard library alone: the door of a cluster is no place for a dependency that one route does not need (ADR 0010). What
it takes care of: TLS 1.2 and above with the handshake outside the accepting thread, certificates read again when they change on
disk, a bound on connections, on bodies and on the time for everything, HTTP/1.1 keep-alive, and a stop that lets running
requests end.
"""

import http.server
import json
import os
import socket
import socketserver
import ssl
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final

import msgspec

Answer = Callable[[bytes], bytes]
"""From the body of a request to that of its answer. A `ValueError` is a bad request, with its text."""

Log = Callable[[str], None]

MAX_BODY_BYTES: Final = 8 * 1024 * 1024
"""An object has at most 1.5 MB in etcd and 3 MB as a request; a review of an update holds two, as JSON."""

MAX_CONNECTIONS: Final = 256
"""Each is a thread. An API server keeps a handful of connections to a webhook."""

HANDSHAKE_SECONDS: Final = 5.0
REQUEST_SECONDS: Final = 30.0
"""From the first byte of a request to the last of its body; the API server itself waits at most 30 s for an answer."""

IDLE_SECONDS: Final = 120.0
"""An API server closes an idle connection after 90 s; we wait longer, so that we never close one that it is about to use."""

STOP_SECONDS: Final = 20.0
"""For requests that are running when the server is stopped; kubelet kills after 30 s."""

_CERTIFICATE_SECONDS: Final = 1.0


class TlsFiles(msgspec.Struct, frozen=True):
    """PEM files: the certificate with its chain, and its private key."""

    certificate: str
    key: str


class _Certificates:
    """The TLS context, made anew when a file changes; a pair that cannot be used leaves the old one in place."""

    def __init__(self, files: TlsFiles, log: Log) -> None:
        self._files = files
        self._log = log
        self._lock = threading.Lock()
        self._stamp = self._read_stamp()
        self._context = self._load()
        self._next_look = 0.0

    def current(self) -> ssl.SSLContext:
        """Return the context for a new connection."""
        now = time.monotonic()
        with self._lock:
            if now >= self._next_look:
                self._next_look = now + _CERTIFICATE_SECONDS
                self._refresh()
            return self._context

    def _refresh(self) -> None:
        try:
            stamp = self._read_stamp()
            if stamp == self._stamp:
                return
            self._context = self._load()
            self._stamp = stamp
            self._log("the certificate was read again")
        except (OSError, ssl.SSLError) as error:
            self._log(f"the changed certificate cannot be used, the old one stays: {error}")

    def _read_stamp(self) -> tuple[tuple[int, int, int], ...]:
        # Of what the links lead to: a mounted Secret is changed by turning a link.
        found = (os.stat(path) for path in (self._files.certificate, self._files.key))
        return tuple((status.st_ino, status.st_mtime_ns, status.st_size) for status in found)

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        context.load_cert_chain(self._files.certificate, self._files.key)
        return context


class WebhookServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """The server. `serve` blocks until `stop` is called from another thread or a signal handler's."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], tls: TlsFiles, answer: Answer, log: Log) -> None:
        """Bind `address`. Raises `OSError` for an address or file that cannot be used, `ssl.SSLError` for a bad certificate."""
        self.answer = answer
        self.log = log
        self.is_ready = threading.Event()
        self._certificates = _Certificates(tls, log)
        self._slots = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._lock = threading.Lock()
        self._idle: set[socket.socket] = set()
        self._deadlines: dict[socket.socket, float] = {}
        self._busy = 0
        self._calm = threading.Condition(self._lock)
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Handler)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self.server_address[1])

    def serve(self) -> None:
        """Answer until stopped, then wait for the requests that are running."""
        self.is_ready.set()
        self.serve_forever(poll_interval=0.2)
        self.server_close()
        with self._lock:
            for connection in self._idle:
                _close(connection)
            self._calm.wait_for(lambda: self._busy == 0, timeout=STOP_SECONDS)

    def stop(self) -> None:
        """End `serve`: not ready from now on, no new connections, running requests are answered."""
        self.is_ready.clear()
        threading.Thread(target=self.shutdown, daemon=True).start()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give a connection its thread, or close it where there are too many."""
        if not self._slots.acquire(blocking=False):
            self.log(f"more than {MAX_CONNECTIONS} connections: one from {client_address[0]} was closed")
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Shake hands and serve one connection."""
        try:
            request.settimeout(HANDSHAKE_SECONDS)
            secured = self._certificates.current().wrap_socket(request, server_side=True, do_handshake_on_connect=False)
            try:
                secured.do_handshake()
                super().process_request_thread(secured, client_address)
            finally:
                _close(secured)
        except OSError:  # a port scan, a client that does not trust us, a connection that went away
            _close(request)
        finally:
            self._slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what went wrong with a connection, without a page of traceback."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            self.log(f"a connection from {client_address[0]} ended in {type(error).__name__}: {error}")

    def service_actions(self) -> None:
        """Close the connections whose request does not come in time; a byte a second does not keep a thread."""
        now = time.monotonic()
        with self._lock:
            late = [connection for connection, deadline in self._deadlines.items() if deadline < now]
            for connection in late:
                del self._deadlines[connection]
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def mark_idle(self, connection: socket.socket) -> None:
        """Note that a connection waits for a request: it may be closed when the server stops."""
        with self._lock:
            self._idle.add(connection)

    def mark_busy(self, connection: socket.socket) -> None:
        """Note that a request has begun: all of it must come in time, and its answer is waited for."""
        with self._lock:
            self._idle.discard(connection)
            self._deadlines[connection] = time.monotonic() + REQUEST_SECONDS
            self._busy += 1

    def mark_read(self, connection: socket.socket) -> None:
        """Note that the whole request is here."""
        with self._lock:
            self._deadlines.pop(connection, None)

    def mark_done(self, connection: socket.socket) -> None:
        """Note that a request was answered."""
        with self._lock:
            self._deadlines.pop(connection, None)
            self._busy -= 1
            self._calm.notify_all()

    def forget(self, connection: socket.socket) -> None:
        """Note that a connection has ended."""
        with self._lock:
            self._idle.discard(connection)


class _Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: WebhookServer
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024

    def handle_one_request(self) -> None:
        """Wait for a request and answer it."""
        self.server.mark_idle(self.connection)
        try:
            if not self.rfile.peek(1):  # type: ignore[attr-defined]
                raise ConnectionError
        except OSError:  # gone, idle for too long, or closed because the server stops
            self.close_connection = True
            return
        self.server.mark_busy(self.connection)
        try:
            super().handle_one_request()
        except OSError:
            self.close_connection = True
        finally:
            self.server.mark_done(self.connection)
        if not self.server.is_ready.is_set():
            self.close_connection = True

    def finish(self) -> None:
        """End the connection."""
        self.server.forget(self.connection)
        super().finish()

    def do_GET(self) -> None:
        """Say how the server is."""
        if self.path == "/healthz":
            self._send(HTTPStatus.OK, b"ok")
        elif self.path == "/readyz":
            ready = self.server.is_ready.is_set()
            self._send(HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE, b"ok" if ready else b"stopping")
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "there are /validate, /healthz and /readyz")

    def do_POST(self) -> None:
        """Answer a review."""
        # The API server adds ?timeout=10s.
        if self.path.partition("?")[0] not in ("/validate", "/"):
            self._refuse(HTTPStatus.NOT_FOUND, "reviews go to /validate")
            return
        if self.headers.get_content_type() != "application/json":
            self._refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "an AdmissionReview is application/json")
            return
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or "Transfer-Encoding" in self.headers:
            self._refuse(HTTPStatus.LENGTH_REQUIRED, "say how long the body is")
            return
        if int(length) > MAX_BODY_BYTES:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a review has at most {MAX_BODY_BYTES} bytes")
            return
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return
        self.server.mark_read(self.connection)
        try:
            answer = self.server.answer(body)
        except ValueError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, str(error))
            return
        self._send(HTTPStatus.OK, answer, "application/json")

    def _refuse(self, status: HTTPStatus, reason: str) -> None:
        # What is left of the body is not read, so the connection cannot be used again.
        self.close_connection = True
        self._send(status, json.dumps({"error": reason}).encode(), "application/json")

    def _send(self, status: HTTPStatus, body: bytes, kind: str = "text/plain; charset=utf-8") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection or not self.server.is_ready.is_set():
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        """Name the product, not its version or Python's."""
        return "seawall"

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the name of the standard library
        """Say nothing of requests that were answered."""


def _close(connection: Any) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
