"""A publisher of advisories on loopback: files with ETags, ranges, and the ways in which real servers fail."""

import base64
import hashlib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Publisher:
    """`files` are path -> content. What goes wrong is counted down: `cuts` are path -> bytes after which the line goes dead
    once, `stalls` path -> bytes after which nothing more comes, once, until the client goes away.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cuts: dict[str, list[int]] = {}
        self.stalls: dict[str, int] = {}
        self.stalled = threading.Event()
        self.failures: dict[str, list[int]] = {}  # statuses that are answered first
        self.redirects: dict[str, str] = {}
        self.lengths: dict[str, int] = {}  # a Content-Length that is not true
        self.digests: dict[str, str] = {}  # algorithm to state, or a digest that is not true
        self.ranges = True
        self.requests: list[tuple[str, int, dict[str, str]]] = []  # path, status, headers that were sent
        self.sent = 0
        self.address = ""

    def etag(self, path: str) -> str:
        """The ETag of the file at `path`."""
        return f'"{hashlib.sha256(self.files[path]).hexdigest()[:16]}"'

    def statuses(self, path: str) -> list[int]:
        """The statuses that requests for `path` got, in their order."""
        return [status for asked, status, _ in self.requests if asked == path]


@contextmanager
def publisher(context: ssl.SSLContext | None = None) -> Iterator[Publisher]:
    """A publisher that listens until the block ends; with a `context` it speaks TLS."""
    served = Publisher()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            self.close_connection = True
            if failures := served.failures.get(self.path):
                self._answer(failures.pop(0), {"Content-Length": "0", "Retry-After": "0"})
            elif location := served.redirects.get(self.path):
                self._answer(302, {"Location": location, "Content-Length": "0"})
            elif self.path not in served.files:
                self._answer(404, {"Content-Length": "0"})
            elif self.headers.get("If-None-Match") == served.etag(self.path):
                self._answer(304, {"ETag": served.etag(self.path)})
            else:
                self._file()

        def _file(self) -> None:
            content, etag = served.files[self.path], served.etag(self.path)
            start, status = 0, 200
            asked = self.headers.get("Range", "")
            if served.ranges and asked and self.headers.get("If-Range") in (None, etag):
                start, status = int(asked.removeprefix("bytes=").rstrip("-")), 206
            body = content[start:]
            headers = {"ETag": etag, "Content-Length": str(served.lengths.get(self.path, len(body)))}
            if status == 206:
                headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            if (digest := served.digests.get(self.path)) is not None:
                headers["x-goog-hash"] = f"crc32c=AAAAAA==,md5={digest}"
            self._answer(status, headers)
            if cuts := served.cuts.get(self.path):
                body = body[: cuts.pop(0)]
            stall = served.stalls.pop(self.path, None)
            body = body[:stall]
            served.sent += len(body)
            self.wfile.write(body)
            if stall is not None:
                served.stalled.set()
                self.connection.settimeout(30)
                self.connection.recv(1)

        def _answer(self, status: int, headers: dict[str, str]) -> None:
            served.requests.append((self.path, status, dict(self.headers)))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Connection", "close")
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that does not trust us breaks off
    served.address = f"{'https' if context else 'http'}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def md5(content: bytes) -> str:
    """The digest as Google's storage states it."""
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
