"""A read-only client of one Kubernetes API server: GET, deadlines, retries and pages. Nothing else.

Why not a client library: see docs/adr/0005-cluster-client.md. Every call has a deadline from the first packet to the last
byte, so an unreachable server fails in seconds (checkov#3494 hangs).
"""

import base64
import http.client
import os
import socket
import ssl
import tempfile
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from seawall.model.errors import SourceError
from seawall.sources.connections import CONNECT_SECONDS, Connection
from seawall.sources.credential_plugins import run_plugin
from seawall.sources.kubeconfig import ClusterAccess
from seawall.sources.proxies import ProxyError

CALL_SECONDS = 30.0
MAX_ATTEMPTS = 5
MAX_WAIT_SECONDS = 10.0  # a longer Retry-After means that the server does not want to be read now
PAGE_LIMIT = 500  # what kubectl asks for
# A page of 500 objects is 2 to 10 MB; objects are at most 1.5 MB each. Past this the page is asked for again, smaller.
MAX_BODY_BYTES = 64 << 20
_CHUNK = 1 << 18


class ApiError(Exception):
    """The server answered with a status other than 2xx. `reason` and `message` are those of its Status object."""

    def __init__(self, code: int, reason: str, message: str, continuation: str = "") -> None:
        super().__init__(f"{code} {reason}: {message}")
        self.code = code
        self.reason = reason
        self.message = message
        self.continuation = continuation


class _BodyTooLargeError(Exception):
    pass


class ApiServer:
    """A connection to the server that `access` names; made on the first call, kept alive, closed by `close`."""

    def __init__(self, access: ClusterAccess, *, call_seconds: float = CALL_SECONDS) -> None:
        self._access = access
        self._call_seconds = call_seconds
        parts = urlsplit(access.server)
        self._tls = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._tls else 80)
        self._base = parts.path.rstrip("/")
        self._token = access.token
        self._certificate = (access.client_certificate, access.client_key)
        self._authenticated = False
        self._connection: Connection | None = None

    def close(self) -> None:
        """Close the connection. Calling it twice does no harm."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def get(self, path: str, parameters: Mapping[str, str] | None = None, accept: str = "application/json") -> Any:
        """Return the decoded JSON of `path`.

        Raises `ApiError` for an answer that is an error, `SourceError` when the server cannot be reached or trusted.
        """
        body = self._get_bytes(f"{self._base}{path}{'?' + urlencode(parameters) if parameters else ''}", accept)
        try:
            return msgspec.json.decode(body)
        except msgspec.DecodeError as error:
            raise self._error(f"answered {path} with something that is not JSON: {error}") from None

    def list_items(self, path: str, accept: str = "application/json") -> Iterator[dict[str, Any]]:
        """Yield the items of the list at `path`, page by page; each object once.

        A continue token that expired (410) goes on with the one that the server hands out, or starts again.
        """
        limit, continuation = PAGE_LIMIT, ""
        seen: set[str] = set()
        restarts = 0
        while True:
            parameters = {"limit": str(limit)} | ({"continue": continuation} if continuation else {})
            try:
                page = self.get(path, parameters, accept)
            except _BodyTooLargeError:
                if limit == 1:
                    raise self._error(f"one object of {path} is larger than {MAX_BODY_BYTES >> 20} MB") from None
                limit = max(1, limit // 8)
                continue
            except ApiError as error:
                if error.code != 410 or restarts == 3:
                    raise
                restarts += 1
                continuation = error.continuation
                continue
            items = page.get("items") or []
            page_continuation = (page.get("metadata") or {}).get("continue") or ""
            del page
            for item in items:
                identity = (item.get("metadata") or {}).get("uid") or ""
                if identity in seen:
                    continue
                if identity:
                    seen.add(identity)
                yield item
            del items
            if not page_continuation:
                return
            continuation = page_continuation

    def _get_bytes(self, target: str, accept: str) -> bytes:
        refreshed = False
        for attempt in range(1, MAX_ATTEMPTS + 1):
            last = attempt == MAX_ATTEMPTS
            self._authenticate()
            deadline = time.monotonic() + self._call_seconds
            reused = self._connection is not None
            try:
                status, headers, body = self._exchange(target, accept, deadline)
            except TimeoutError:
                self.close()
                raise self._error(f"did not answer within {self._call_seconds:g} s") from None
            except (http.client.HTTPException, ConnectionError, ssl.SSLEOFError) as error:
                self.close()
                # A kept-alive connection that the server closed meanwhile says nothing about the server.
                if reused and not last:
                    continue
                raise self._error(f"broke off the connection: {str(error) or type(error).__name__}") from None
            if 200 <= status < 300:
                return body
            if status == 401 and not refreshed and (self._access.exec or self._access.token_file):
                refreshed, self._authenticated = True, False
                self.close()
                continue
            if (status == 429 or status >= 500) and not last:
                wait = _retry_after(headers.get("Retry-After"), attempt)
                if wait <= MAX_WAIT_SECONDS:
                    time.sleep(wait)
                    continue
            raise _api_error(status, body)
        raise self._error("did not answer")

    def _exchange(self, target: str, accept: str, deadline: float) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = self._connected()
        headers = {"Accept": accept, "User-Agent": "seawall", "Accept-Encoding": "identity"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        elif self._access.username:
            pair = f"{self._access.username}:{self._access.password}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        connection.putrequest("GET", target, skip_accept_encoding=True)
        try:
            for name, value in (*headers.items(), *self._access.impersonate):
                connection.putheader(name, value)
        except ValueError:  # never with the value, which may be a token
            self.close()
            raise self._error("cannot be asked: the token or a name in the kubeconfig holds a line break") from None
        connection.limit(deadline)
        connection.endheaders()
        response = connection.getresponse()
        chunks: list[bytes] = []
        size = 0
        while True:
            connection.limit(deadline)
            chunk = response.read1(_CHUNK)
            if not chunk:
                break
            size += len(chunk)
            if size > MAX_BODY_BYTES:
                self.close()
                raise _BodyTooLargeError
            chunks.append(chunk)
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
        if response.will_close:
            self.close()
        # Without this the connection takes the response for unfinished, and breaks off at the next request.
        response.close()
        return response.status, response.headers, b"".join(chunks)

    def _connected(self) -> Connection:
        if self._connection is not None:
            return self._connection
        # The context reads certificate files; what is wrong with them is no fault of the connection.
        context = self._context() if self._tls else None
        server_name = self._access.server_name or self._host
        connection = Connection(self._host, self._port, self._access.proxy, context, server_name)
        try:
            connection.connect()
        except ProxyError as error:
            raise self._error(f"cannot be reached: {error}", "check proxy-url and HTTPS_PROXY") from None
        except ssl.SSLCertVerificationError as error:
            raise self._error(
                f"shows a certificate that is not trusted: {error.verify_message}",
                "check certificate-authority(-data) and tls-server-name",
            ) from None
        except ssl.SSLError as error:
            raise self._error(f"refused the TLS handshake: {error.reason or error}") from None
        except socket.gaierror:
            raise self._error("cannot be reached: its name does not resolve") from None
        except TimeoutError:
            raise self._error(f"cannot be reached: no answer within {CONNECT_SECONDS:g} s") from None
        except OSError as error:
            raise self._error(f"cannot be reached: {error.strerror or error}") from None
        self._connection = connection
        return connection

    def _authenticate(self) -> None:
        if self._authenticated:
            return
        if self._access.exec is not None:
            credential = run_plugin(self._access, self._access.exec)
            self._token = credential.token
            if credential.certificate:
                self._certificate = (credential.certificate, credential.key)
        elif self._access.token_file is not None:
            try:
                self._token = self._access.token_file.read_text().strip()
            except (OSError, UnicodeDecodeError):
                raise SourceError(
                    f"the token file {self._access.token_file} cannot be read",
                    place=self._access.place,
                    remedy="check the path and its permissions",
                ) from None
        self._authenticated = True

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self._access.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        elif self._access.certificate_authority:
            try:
                context.load_verify_locations(cadata=self._access.certificate_authority.decode("ascii"))
            except (ssl.SSLError, UnicodeDecodeError, ValueError):
                raise SourceError(
                    "the certificate authority is not PEM", place=self._access.place, remedy="mend the kubeconfig"
                ) from None
        else:
            context.load_default_certs()
        certificate, key = self._certificate
        if certificate:
            _load_client_certificate(context, certificate, key, self._access.place)
        return context

    def _error(self, problem: str, remedy: str = "") -> SourceError:
        return SourceError(
            f"the API server {self._access.server} of context {self._access.context!r} {problem}",
            place=self._access.place,
            remedy=remedy
            or "check that it runs and can be reached from here, or choose another context with --context",
        )


def _load_client_certificate(context: ssl.SSLContext, certificate: bytes, key: bytes, place: str) -> None:
    # The ssl module reads certificate and key from a file only; this one is ours alone (0600) and gone at once.
    descriptor, name = tempfile.mkstemp(prefix="seawall-")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(certificate.rstrip() + b"\n" + key)

        def refuse_to_ask() -> str:
            raise ValueError("encrypted")

        context.load_cert_chain(name, password=refuse_to_ask)
    except ValueError:
        raise SourceError("the client key is encrypted", place=place, remedy="use a key without a passphrase") from None
    except ssl.SSLError:
        raise SourceError(
            "the client certificate and key do not fit together", place=place, remedy="mend the kubeconfig"
        ) from None
    finally:
        os.unlink(name)


def _retry_after(header: str | None, attempt: int) -> float:
    try:
        return max(0.0, float(header or ""))
    except ValueError:
        return float(min(0.2 * 2**attempt, MAX_WAIT_SECONDS))


def _api_error(status: int, body: bytes) -> ApiError:
    try:
        answer = msgspec.json.decode(body)
    except msgspec.DecodeError:
        answer = {}
    if not isinstance(answer, dict):
        answer = {}
    metadata = answer.get("metadata")
    continuation = metadata.get("continue", "") if isinstance(metadata, dict) else ""
    reason = str(answer.get("reason") or http.client.responses.get(status, ""))
    return ApiError(status, reason, str(answer.get("message") or reason), str(continuation or ""))
