"""A registry on loopback that misbehaves on request: it breaks off, redirects, limits, lies, and lets tokens expire.

What a real registry does is asked of real ones (``tests/testbed/test_registries.py``); this one does what they do on a bad day.
It speaks as much of the distribution specification as Seawall asks for, pushes too, and remembers every request.
"""

import base64
import hashlib
import json
import re
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


@dataclass
class Reply:
    """An answer. `cut` sends that many bytes of the body and breaks off, `drip` one byte at a time, `hang` nothing at all."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = -1
    drip: bool = False
    hang: bool = False


@dataclass
class Request:
    """What was asked: method, path, query, headers (names in lower case) and body."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


Fault = Callable[[Request], Reply | None]


@dataclass
class Registry:
    """The registry's content and its faults.

    `tokens` are the bearer tokens that it takes, none for a registry without; `users` those of ``/token`` and, where `basic`, of
    the registry itself. `faults` are tried before: each gets the request and returns a reply, or None to let it pass.
    """

    host: str = ""
    manifests: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    users: dict[str, str] = field(default_factory=dict)
    basic: bool = False
    referrers: bool = True
    faults: list[Fault] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def add_blob(self, data: bytes) -> str:
        """Keep `data` and return its digest."""
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self.blobs[digest] = data
        return digest

    def add_image(self, repository: str, tag: str, *layers: bytes) -> str:
        """Keep an image of `layers`, tagged, and return its digest."""
        configuration = json.dumps({"os": "linux", "architecture": "amd64"}).encode()
        document = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"digest": self.add_blob(configuration), "size": len(configuration), "mediaType": "c"},
            "layers": [{"digest": self.add_blob(layer), "size": len(layer), "mediaType": "l"} for layer in layers],
        }
        return self.add_manifest(repository, tag, MANIFEST, json.dumps(document).encode())

    def add_manifest(self, repository: str, tag: str, media_type: str, data: bytes) -> str:
        """Keep a manifest under its digest and `tag`, and return the digest."""
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        for name in (tag, digest):
            self.manifests[f"{repository}/{name}"] = (media_type, data)
        return digest

    def asked(self, method: str, part: str) -> list[Request]:
        """Return the requests of `method` whose path has `part`."""
        return [request for request in self.requests if request.method == method and part in request.path]

    def reply(self, request: Request) -> Reply:
        """Answer as a registry does."""
        self.requests.append(request)
        for fault in self.faults:
            if (reply := fault(request)) is not None:
                return reply
        if request.path == "/token":
            return self._give_token(request)
        authorization = request.headers.get("authorization", "")
        if self.tokens and authorization.removeprefix("Bearer ") not in self.tokens:
            challenge = f'Bearer realm="http://{self.host}/token",service="simulator",scope="repository:a:pull"'
            return Reply(401, _errors("UNAUTHORIZED"), {"WWW-Authenticate": challenge})
        if self.basic and not self._knows(authorization):
            return Reply(401, _errors("UNAUTHORIZED"), {"WWW-Authenticate": 'Basic realm="here"'})
        found = re.match(r"/v2/(.+)/(manifests|blobs|tags|referrers)/(.*)", request.path)
        if found is None:
            return Reply(404, _errors("NAME_UNKNOWN"))
        repository, kind, name = found.groups()
        return getattr(self, f"_{kind}")(request, repository, name)  # type: ignore[no-any-return]

    def _knows(self, authorization: str) -> bool:
        pair = base64.b64decode(authorization.removeprefix("Basic ") or b"").decode().partition(":")
        return bool(pair[0]) and self.users.get(pair[0]) == pair[2]

    def _give_token(self, request: Request) -> Reply:
        form = parse_qs(request.body.decode())
        if self.users and not self._knows(request.headers.get("authorization", "")) and "refresh_token" not in form:
            return Reply(401, _errors("UNAUTHORIZED"))
        return Reply(200, json.dumps({"token": self.tokens[-1]}).encode())

    def _manifests(self, request: Request, repository: str, name: str) -> Reply:
        if request.method == "PUT":
            digest = self.add_manifest(repository, name, request.headers["content-type"], request.body)
            subject = json.loads(request.body).get("subject") if self.referrers else None
            headers = {"OCI-Subject": subject["digest"]} if subject else {}
            return Reply(201, b"", {"Docker-Content-Digest": digest, **headers})
        if f"{repository}/{name}" not in self.manifests:
            return Reply(404, _errors("MANIFEST_UNKNOWN"))
        media_type, data = self.manifests[f"{repository}/{name}"]
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        return Reply(200, data, {"Content-Type": media_type, "Docker-Content-Digest": digest})

    def _blobs(self, request: Request, repository: str, name: str) -> Reply:
        if name.startswith("uploads/"):
            return self._upload(request, repository, name.removeprefix("uploads/"))
        if name not in self.blobs:
            return Reply(404, _errors("BLOB_UNKNOWN"))
        data = self.blobs[name]
        start = int(request.headers.get("range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        if not start:
            return Reply(200, data)
        return Reply(206, data[start:], {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"})

    def _upload(self, request: Request, repository: str, session: str) -> Reply:
        if request.method == "POST":
            session = str(len(self.uploads))
            self.uploads[session] = b""
            return Reply(202, b"", {"Location": f"/v2/{repository}/blobs/uploads/{session}?state=a"})
        received = self.uploads[session]
        where = {
            "Location": f"/v2/{repository}/blobs/uploads/{session}?state=b",
            "Range": f"0-{max(len(received) - 1, 0)}",
        }
        if request.method == "GET":
            return Reply(204, b"", where)
        if request.method == "PATCH":
            if int(request.headers["content-range"].partition("-")[0]) != len(received):
                return Reply(416, b"", where)
            self.uploads[session] += request.body
            return Reply(202, b"", {**where, "Range": f"0-{len(self.uploads[session]) - 1}"})
        data = received + request.body
        if f"sha256:{hashlib.sha256(data).hexdigest()}" != request.query["digest"][0]:
            return Reply(400, _errors("DIGEST_INVALID"))
        return Reply(201, b"", {"Location": f"/v2/{repository}/blobs/{self.add_blob(data)}"})

    def _tags(self, _request: Request, repository: str, _name: str) -> Reply:
        names = [key.removeprefix(f"{repository}/") for key in self.manifests if key.startswith(f"{repository}/")]
        tags = [name for name in names if not name.startswith("sha256:")]
        return Reply(200, json.dumps({"name": repository, "tags": tags}).encode()) if tags else Reply(404)

    def _referrers(self, request: Request, repository: str, digest: str) -> Reply:
        if not self.referrers:
            return Reply(404)
        found: dict[str, Any] = {}
        for key, (media_type, data) in self.manifests.items():
            document = json.loads(data)
            if key.startswith(f"{repository}/sha256:") and (document.get("subject") or {}).get("digest") == digest:
                name = key.removeprefix(f"{repository}/")
                kind = document.get("artifactType", "")
                found[name] = {"mediaType": media_type, "digest": name, "size": len(data), "artifactType": kind}
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": list(found.values())}
        return Reply(200, json.dumps(index).encode(), {"Content-Type": INDEX})


def once(reply: Reply, *, part: str, method: str = "GET", after: int = 0) -> Fault:
    """Return a fault that gives `reply` to one request whose path has `part`, after `after` others like it."""
    seen = 0

    def fault(request: Request) -> Reply | None:
        nonlocal seen
        matches = request.method == method and part in request.path
        seen += matches
        return reply if matches and seen == after + 1 else None

    return fault


def always(reply: Reply, *, part: str) -> Fault:
    """Return a fault that gives `reply` to every request whose path has `part`."""
    return lambda request: reply if part in request.path else None


def _errors(code: str) -> bytes:
    return json.dumps({"errors": [{"code": code, "message": f"the simulator says {code}"}]}).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    registry: Registry

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length") or 0))
        reply = self.registry.reply(Request(self.command, parts.path, parse_qs(parts.query), headers, body))
        if reply.hang:
            self.registry.closing.wait(20)
            self.close_connection = True
            return
        self.send_response(reply.status)
        if reply.status != 204:
            reply.headers.setdefault("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if reply.drip:
            for byte in reply.body:
                if self.registry.closing.wait(0.02):
                    break
                self.wfile.write(bytes([byte]))
        else:
            self.wfile.write(reply.body[: reply.cut] if reply.cut >= 0 else reply.body)
        if reply.cut >= 0 or reply.drip:
            self.close_connection = True

    do_POST = do_PUT = do_PATCH = do_HEAD = do_GET  # noqa: N815 - the names are http.server's

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
def serve(context: ssl.SSLContext | None = None) -> Iterator[Registry]:
    """Yield a registry that listens on a random loopback port, with TLS where there is a `context`."""
    registry = Registry()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"registry": registry}))
    if context is not None:
        # Not at accept, which would block the server for a client that never shakes hands.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    registry.host = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield registry
    finally:
        registry.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
