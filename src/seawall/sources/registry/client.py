"""A client of one repository of one registry: credentials, retries and redirects over `transport`.

Specification: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md. Why not a client library:
docs/adr/0023-registry-client.md.
"""

import os
import time
from collections.abc import Mapping
from typing import NoReturn
from urllib.parse import urljoin

import msgspec

from seawall.formats.image_reference import DOCKER_HUB
from seawall.model.errors import SourceError
from seawall.sources.registry.credentials import Credential, find_credential
from seawall.sources.registry.settings import RegistrySettings, is_loopback
from seawall.sources.registry.tokens import MAX_ANSWER, Challenge, parse_challenge, parse_token, token_request
from seawall.sources.registry.transport import CALL_SECONDS, BrokenError, Origin, Reply, Transport, origin_of

MAX_ATTEMPTS = 5
MAX_WAIT_SECONDS = 30.0  # a longer Retry-After means hours: Docker Hub's limits are those of six
MAX_REDIRECTS = 5
BROKEN = 0
UPLOAD_SECONDS = 120.0  # for one part of at most 8 MB
_MAX_ERROR_BODY = 64 << 10
_HUB_HOST = "registry-1.docker.io"  # docker.io itself serves web pages


class Answer(msgspec.Struct, frozen=True):
    """A whole answer: `headers` have lower case names. `status` is `BROKEN` where the connection broke off before one came."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class RegistryError(SourceError):
    """The registry answered with an error. `status` is that of HTTP, `code` the registry's own (``MANIFEST_UNKNOWN``)."""

    def __init__(self, message: str, *, status: int, code: str, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.status = status
        self.code = code


class _Problem(msgspec.Struct):
    code: str = ""
    message: str = ""


class _Problems(msgspec.Struct):
    errors: list[_Problem] = []


class Repository:
    """One repository: `host` as in a reference (``docker.io``), and the calls that the registry's API has below it."""

    def __init__(self, host: str, name: str, settings: RegistrySettings, *, actions: str = "pull") -> None:
        self.host = host
        self.name = name
        self._settings = settings
        self._transport = Transport(settings)
        self._scope = f"repository:{name}:{actions}"
        self._authorization = ""
        self._origin: Origin | None = None
        self._credential: Credential | None = None
        self._credential_known = False

    def close(self) -> None:
        """Close the connections. Calling it twice does no harm."""
        self._transport.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        accepted: frozenset[int] = frozenset(),
        most: int = 4 << 20,
    ) -> Answer:
        """Return the whole answer to a call of `path` (below the repository, or a URL that the registry gave).

        Dropped connections, 429 and 5xx are tried again, unless they are `accepted` (`BROKEN` for the first). Raises
        `RegistryError` for a status that is neither 2xx nor `accepted`, `SourceError` for a registry that cannot be
        reached or trusted, that breaks off each time, or that answers with more than `most` bytes.
        """
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                reply = self.open(method, path, headers=headers, body=body, accepted=accepted)
            except BrokenError:  # a caller that accepts this will not have the call repeated
                return Answer(BROKEN, {}, b"")
            with reply:
                try:
                    data = b"" if method == "HEAD" else reply.body(most, time.monotonic() + CALL_SECONDS)
                except BrokenError as error:
                    if attempt == MAX_ATTEMPTS:
                        raise self._broken(str(error)) from None
                    _wait(attempt)
                    continue
            if data is None:
                raise SourceError(
                    f"the registry {self.host} answered with more than {most >> 20} MB where a document was expected",
                    remedy="check that this is a registry, and an image",
                )
            return Answer(reply.status, {name.lower(): value for name, value in reply.headers.items()}, data)
        raise self._broken("it did not answer")

    def open(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        accepted: frozenset[int] = frozenset(),
    ) -> Reply:
        """Return the answer to a call, whose body is to be read. Raises as `call` does, and `BrokenError` where accepted."""
        url = self._url(path)
        refreshed = False
        attempt = 0
        while True:
            attempt += 1
            try:
                reply = self._follow(method, url, headers or {}, body)
            except BrokenError as error:
                if BROKEN in accepted:
                    raise
                if attempt >= MAX_ATTEMPTS:
                    raise self._broken(str(error)) from None
                _wait(attempt)
                continue
            if 200 <= reply.status < 300 or reply.status in accepted:
                return reply
            with reply:
                data = self._error_body(reply)
                if reply.status == 401 and not refreshed and self._authenticate(reply):
                    refreshed = True
                    attempt -= 1
                    continue
                if (reply.status == 429 or reply.status >= 500) and attempt < MAX_ATTEMPTS:
                    wait = _retry_after(reply.headers.get("Retry-After"), attempt)
                    if wait <= MAX_WAIT_SECONDS:
                        time.sleep(wait)
                        continue
                self._refuse(reply, data)

    def _url(self, path: str) -> str:
        if self._origin is None:
            self._origin = self._transport.origin(_HUB_HOST if self.host == DOCKER_HUB else self.host)
        base = f"{self._origin.scheme}://{self._origin.shown}/v2/{self.name}/"
        return urljoin(base, path)

    def _follow(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        """Send, and go where a GET is redirected to. Credentials are for the registry's own origin alone."""
        for _ in range(MAX_REDIRECTS + 1):
            sent = {"User-Agent": "seawall", "Accept-Encoding": "identity", **headers}
            try:
                origin = origin_of(url)
            except ValueError:
                raise SourceError(
                    f"the registry {self.host} sends us to what is no address", remedy="check the registry"
                ) from None
            if origin == self._origin and self._authorization:
                sent["Authorization"] = self._authorization
            if origin != self._origin:
                self._check_detour(origin)
            seconds = CALL_SECONDS if body is None else UPLOAD_SECONDS
            reply = self._transport.send(method, url, sent, body, seconds)
            location = reply.headers.get("Location")
            if reply.status not in (301, 302, 303, 307, 308) or not location or method not in ("GET", "HEAD"):
                return reply
            reply.close()
            url = urljoin(url, location)
        raise SourceError(
            f"the registry {self.host} redirects more than {MAX_REDIRECTS} times", remedy="check the registry"
        )

    def _check_detour(self, origin: Origin) -> None:
        if origin.scheme == "https" or is_loopback(origin.host) or self._settings.is_insecure(origin.shown):
            return
        raise SourceError(
            f"the registry {self.host} sends us to {origin.shown} without TLS",
            remedy=f"if that is meant: --insecure-registry {origin.shown}",
        )

    def _authenticate(self, reply: Reply) -> bool:
        """Answer the challenge of a 401. Returns False where nothing new can be said. Raises `SourceError`."""
        challenge = parse_challenge(reply.headers.get("WWW-Authenticate") or "")
        if challenge is None:
            return False
        credential = self._find_credential()
        if challenge.scheme == "basic":
            if credential is None or not credential.username or self._authorization == credential.basic:
                return False
            self._authorization = credential.basic
            return True
        if credential is not None and credential.registry_token:
            authorization = f"Bearer {credential.registry_token}"
            if self._authorization == authorization:
                return False
            self._authorization = authorization
            return True
        self._authorization = f"Bearer {self._fetch_token(challenge, credential)}"
        return True

    def _fetch_token(self, challenge: Challenge, credential: Credential | None) -> str:
        request = token_request(challenge, self._scope, credential)
        try:
            service = origin_of(request.url)
        except ValueError:
            raise SourceError(
                f"the registry {self.host} names a token service that has no address", remedy="check the registry"
            ) from None
        self._check_detour(service)
        headers = {"User-Agent": "seawall", "Accept": "application/json", "Accept-Encoding": "identity"}
        if request.authorization:
            headers["Authorization"] = request.authorization
        method = "GET" if request.form is None else "POST"
        if request.form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                with self._transport.send(method, request.url, headers, request.form, CALL_SECONDS) as reply:
                    body = reply.body(MAX_ANSWER, time.monotonic() + CALL_SECONDS)
            except BrokenError as error:
                if attempt == MAX_ATTEMPTS:
                    raise SourceError(
                        f"the token service {service.shown} of {self.host} failed: {error}", remedy="try again"
                    ) from None
                _wait(attempt)
                continue
            if (reply.status == 429 or reply.status >= 500) and attempt < MAX_ATTEMPTS:
                wait = _retry_after(reply.headers.get("Retry-After"), attempt)
                if wait <= MAX_WAIT_SECONDS:
                    time.sleep(wait)
                    continue
            break
        if reply.status in (400, 401, 403):
            raise self._unauthorised(f"the token service {service.shown} answered {reply.status}", reply.status)
        token = parse_token(body or b"") if 200 <= reply.status < 300 else ""
        if not token:
            raise SourceError(
                f"the token service {service.shown} of {self.host} answered {reply.status} without a token",
                remedy="try again, or check the registry",
            )
        return token

    def _find_credential(self) -> Credential | None:
        if not self._credential_known:
            self._credential = find_credential(self.host, self.name, os.environ)
            self._credential_known = True
        return self._credential

    def _error_body(self, reply: Reply) -> bytes:
        try:
            return reply.body(_MAX_ERROR_BODY, time.monotonic() + CALL_SECONDS) or b""
        except BrokenError:
            return b""

    def _refuse(self, reply: Reply, data: bytes) -> NoReturn:
        code, message = _problem(data)
        if reply.status in (401, 403):
            raise self._unauthorised(message or f"it answered {reply.status}", reply.status)
        if reply.status == 429:
            wait = reply.headers.get("Retry-After")
            raise RegistryError(
                f"the registry {self.host} limits how often it is asked, and the limit is reached"
                + (f"; it says to wait {wait[:40]} s" if wait else ""),
                status=429,
                code=code,
                remedy="sign in, wait, or use a mirror with --registry-mirror",
            )
        said = ": ".join(part for part in (code, message) if part)
        raise RegistryError(
            f"the registry {self.host} answered {reply.status} for {self.name}" + (f": {said}" if said else ""),
            status=reply.status,
            code=code,
            remedy="check the name" if reply.status == 404 else "try again, or check the registry",
        )

    def _unauthorised(self, said: str, status: int) -> RegistryError:
        credential = self._credential
        if credential is None:
            problem = f"the registry {self.host} wants credentials for {self.name}, and none were found ({said})"
            remedy = f"check that the repository exists, or `docker login {self.host}`"
        else:
            problem = (
                f"the registry {self.host} refuses {self.name} with the credentials of {credential.source} ({said})"
            )
            remedy = "sign in again, or ask for the right to this repository"
        return RegistryError(problem, status=status, code="UNAUTHORIZED", remedy=remedy)

    def _broken(self, problem: str) -> SourceError:
        return SourceError(
            f"the registry {self.host} failed {MAX_ATTEMPTS} times: {problem}",
            remedy="try again, or check the way to the registry",
        )


def _wait(attempt: int) -> None:
    time.sleep(_backoff(attempt))


def _backoff(attempt: int) -> float:
    return float(min(0.2 * 2**attempt, 10.0))


def _retry_after(header: str | None, attempt: int) -> float:
    try:
        return max(0.0, float(header or ""))
    except ValueError:
        return _backoff(attempt)


def _problem(body: bytes) -> tuple[str, str]:
    """Return the first error's code and message, each on one short line."""
    try:
        problems = msgspec.json.decode(body, type=_Problems).errors
    except (msgspec.DecodeError, msgspec.ValidationError):
        return "", ""
    if not problems:
        return "", ""
    return " ".join(problems[0].code.split())[:100], " ".join(problems[0].message.split())[:300]
