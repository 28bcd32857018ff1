"""A Kubernetes API server on loopback that misbehaves on request: pages that expire, answers that hang, tokens that rotate.

What a real server does is asked of a real server (``tests/testbed``); this one does what a real one does only on a bad day. It
speaks HTTP/1.1, serves lists in pages with ``limit`` and ``continue``, and remembers every request.
"""

import json
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Reply = tuple[int, dict[str, str], Any]
"""Status, extra headers, and a body: JSON, or `bytes` as they are, or None to answer nothing at all."""

PODS = "/api/v1/pods"


@dataclass
class Request:
    """What was asked: method, path, query and headers (names in lower case)."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass
class KubernetesApi:
    """The server's content and its faults.

    `lists` are items by path. `faults` are tried before: each gets the request and returns a reply, or None to let it pass.
    """

    url: str = ""
    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    faults: list[Callable[[Request], Reply | None]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    closing: threading.Event = field(default_factory=threading.Event)

    def reply(self, request: Request) -> Reply:
        """Answer as a server does that serves the kinds of `lists`."""
        self.requests.append(request)
        for fault in self.faults:
            if (reply := fault(request)) is not None:
                return reply
        if request.path in ("/api", "/apis"):
            return 200, {}, _discovery(self.lists, core=request.path == "/api")
        if request.path not in self.lists:
            return status(404, "NotFound", "the server could not find the requested resource")
        items = self.lists[request.path]
        start, limit = int(request.query.get("continue") or 0), int(request.query.get("limit") or len(items) or 1)
        following = str(start + limit) if start + limit < len(items) else ""
        return 200, {}, {"kind": "List", "metadata": {"continue": following}, "items": items[start : start + limit]}


def status(code: int, reason: str, message: str, **metadata: str) -> Reply:
    """Return a Status object as a reply."""
    return code, {}, {"kind": "Status", "metadata": metadata, "reason": reason, "message": message, "code": code}


def once(reply: Reply, *, path: str = PODS, after: int = 0) -> Callable[[Request], Reply | None]:
    """Return a fault that gives `reply` to one request for `path`, after `after` others for it."""
    seen = 0

    def fault(request: Request) -> Reply | None:
        nonlocal seen
        seen += request.path == path
        return reply if request.path == path and seen == after + 1 else None

    return fault


def _discovery(lists: dict[str, list[dict[str, Any]]], *, core: bool) -> dict[str, Any]:
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for path in lists:
        parts = path.strip("/").split("/")
        if (parts[0] == "api") is core:
            group, version, plural = ("", *parts[1:]) if core else parts[1:]
            kind = "".join(word.capitalize() for word in plural.removesuffix("s").split("-"))
            entry = {"resource": plural, "responseKind": {"kind": kind}, "scope": "Namespaced", "verbs": ["list"]}
            groups.setdefault((group, version), []).append(entry)
    items = [
        {"metadata": {"name": group}, "versions": [{"version": version, "resources": resources}]}
        for (group, version), resources in groups.items()
    ]
    return {"kind": "APIGroupDiscoveryList", "items": items}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    api: KubernetesApi

    def setup(self) -> None:
        super().setup()
        self.api.connections += 1

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        code, extra, body = self.api.reply(Request(self.command, parts.path, dict(parse_qsl(parts.query)), headers))
        if body is None:
            self.api.closing.wait(20)
            self.close_connection = True
            return
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(code)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **extra}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the names are http.server's

    def log_message(self, *_arguments: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self) -> None:
        # As HTTPServer does it, but for a reverse look-up of the loopback address, which may take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]

    def handle_error(self, *_arguments: object) -> None:
        pass  # a client that gives up is what is tested


@contextmanager
def serve(context: ssl.SSLContext | None = None) -> Iterator[KubernetesApi]:
    """Yield a server that listens on a random loopback port, with TLS where there is a `context`."""
    api = KubernetesApi()
    handler = type("Handler", (_Handler,), {"api": api})
    server = _Server(("127.0.0.1", 0), handler)
    if context is not None:
        # Not at accept, which would block the server for a client that never shakes hands.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    api.url = f"{'https' if context else 'http'}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield api
    finally:
        api.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def trickle() -> Iterator[str]:
    """Yield the URL of a server whose answer to the first connection comes one byte at a time, without an end."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def run() -> None:
            connection, _ = listening.accept()
            with connection, suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
                while not ended.wait(0.05):
                    connection.sendall(b" ")

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            ended.set()
            thread.join()
