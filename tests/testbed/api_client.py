"""A small client for the testbed's API server, on the standard library alone.

It judges Seawall, so it shares no code with Seawall's own cluster source.
"""

import http.client
import json
import re
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

# A warning header is `299 - "text"`; the text is a quoted string with backslash escapes (RFC 7234, 5.5).
_WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')
_SECONDS = 30.0

Object = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer: HTTP status, decoded JSON body (None when it is not JSON), the raw text and the warnings in order."""

    status: int
    body: Any
    text: str
    warnings: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The message of a Kubernetes Status, or the text."""
        return str(self.body["message"]) if isinstance(self.body, dict) and "message" in self.body else self.text


class ApiError(Exception):
    """The API server answered with an error status; `response` has it all."""

    def __init__(self, request: str, response: Response) -> None:
        super().__init__(f"{request}: {response.status}: {response.message}")
        self.response = response


@dataclass(frozen=True, slots=True)
class _Resource:
    plural: str
    namespaced: bool


class ApiClient:
    """Talks to one API server as one user, with a connection a thread. Every call has a deadline."""

    def __init__(self, url: str, context: ssl.SSLContext, *, headers: Mapping[str, str] | None = None) -> None:
        parts = urlsplit(url)
        self._host, self._port = str(parts.hostname), int(parts.port or 443)
        self._context = context
        self._headers = dict(headers or {})
        self._local = threading.local()
        self._connections: list[http.client.HTTPSConnection] = []
        self._resources: dict[str, dict[str, _Resource]] = {}

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        content_type: str = "application/json",
        seconds: float = _SECONDS,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Send one request and return the answer whatever its status. A `bytes` body is sent as it is, others as JSON."""
        target = f"{path}?{urlencode(query)}" if query else path
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        headers = {"Accept": "application/json", **self._headers, **(headers or {})}
        if data is not None:
            headers["Content-Type"] = content_type
        try:
            return self._send(method, target, data, headers, seconds)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
            # The server closed an idle connection between two requests.
            self.close()
            return self._send(method, target, data, headers, seconds)

    def request(self, method: str, path: str, body: object = None, **options: Any) -> Response:
        """Like `call`, but raise `ApiError` for a status of 400 and above."""
        response = self.call(method, path, body, **options)
        if response.status >= 400:
            raise ApiError(f"{method} {path}", response)
        return response

    def get(self, path: str, **query: str) -> Any:
        """Return the decoded body at `path`."""
        return self.request("GET", path, query=query).body

    def create(self, value: Object, *, dry_run: bool = False) -> Response:
        """POST `value` to its collection and return the answer whatever its status; `dry_run` stores nothing."""
        metadata = value.get("metadata") or {}
        path = self.collection(value["apiVersion"], value["kind"], metadata.get("namespace") or "default")
        return self.call("POST", path, value, query={"dryRun": "All"} if dry_run else None)

    def apply(self, value: Object) -> Object:
        """Create or change `value` by server-side apply, and return the stored object. Raises `ApiError`."""
        response = self.request(
            "PATCH",
            self.path(value),
            value,
            query={"fieldManager": "seawall-testbed", "force": "true"},
            content_type="application/apply-patch+yaml",
        )
        stored: Object = response.body
        return stored

    def delete(self, value: Object) -> None:
        """Delete `value`; one that is not there is no error."""
        response = self.call("DELETE", self.path(value))
        if response.status >= 400 and response.status != 404:
            raise ApiError(f"DELETE {self.path(value)}", response)

    def path(self, value: Object) -> str:
        """Return the path of the object `value`."""
        metadata = value["metadata"]
        collection = self.collection(value["apiVersion"], value["kind"], metadata.get("namespace") or "default")
        return f"{collection}/{metadata['name']}"

    def collection(self, api_version: str, kind: str, namespace: str) -> str:
        """Return the path of the collection of `kind`; `namespace` counts only for namespaced kinds. Raises `KeyError`
        for a kind that the server does not know."""
        resource = self.resource(api_version, kind)
        scope = f"namespaces/{namespace}/" if resource.namespaced else ""
        return f"{_group_path(api_version)}/{scope}{resource.plural}"

    def knows(self, api_version: str, kind: str) -> bool:
        """Say whether the server serves `kind` in `api_version`."""
        return kind in self._discover(api_version)

    def is_namespaced(self, api_version: str, kind: str) -> bool:
        """Say whether objects of `kind` live in a namespace. Raises `KeyError` for an unknown kind."""
        return self.resource(api_version, kind).namespaced

    def resource(self, api_version: str, kind: str) -> _Resource:
        """Return plural name and scope of `kind`. Raises `KeyError` for a kind that the server does not know."""
        return self._discover(api_version)[kind]

    def forget_discovery(self) -> None:
        """Ask again which kinds there are; call it after installing a CustomResourceDefinition."""
        self._resources.clear()

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def close_all(self) -> None:
        """Close the connections of all threads, which must have ended their calls."""
        while self._connections:
            self._connections.pop().close()

    def _discover(self, api_version: str) -> dict[str, _Resource]:
        known = self._resources.get(api_version)
        if known is None:
            response = self.call("GET", _group_path(api_version))
            if response.status not in (200, 404):
                raise ApiError(f"discovery of {api_version}", response)
            entries = response.body["resources"] if response.status == 200 else []
            known = {e["kind"]: _Resource(e["name"], e["namespaced"]) for e in entries if "/" not in e["name"]}
            self._resources[api_version] = known
        return known

    def _send(self, method: str, target: str, data: bytes | None, headers: dict[str, str], seconds: float) -> Response:
        connection: http.client.HTTPSConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = http.client.HTTPSConnection(self._host, self._port, timeout=seconds, context=self._context)
            self._local.connection = connection
            self._connections.append(connection)
        try:
            if connection.sock is not None:
                connection.sock.settimeout(seconds)
            connection.request(method, target, body=data, headers=headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        except BaseException:
            self.close()
            raise
        is_json = answer.headers.get_content_type() == "application/json"
        return Response(
            status=answer.status,
            body=json.loads(text) if is_json and text else None,
            text=text,
            warnings=tuple(
                re.sub(r"\\(.)", r"\1", match)
                for header in answer.headers.get_all("Warning") or []
                # http.client reads headers as latin-1; Kubernetes writes UTF-8.
                for match in _WARNING.findall(header.encode("latin-1").decode())
            ),
            headers=dict(answer.headers),
        )


def _group_path(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
