"""Downloads that go on where they were cut off, and that are whole or not there.

    found = download("https://…/all.zip", Path("downloads/osv-PyPI"), etag=known, settings=WebSettings())
    found.path    # None where the file is still the one with that ETag

The file grows as ``<target>.part`` beside a note of what it is; a later run goes on with it when the server still has the
same file (``Range`` with ``If-Range``, RFC 9110 sections 13.1.5 and 14), else begins anew. It takes its name only when it has
the length that the server stated and the digest, where it stated one. A finished file that nobody has used yet is asked for
by its ETag.
"""

import base64
import hashlib
import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from seawall.model.errors import SourceError
from seawall.sources.web_connections import Response, WebError, WebSettings, open_url, shown

MAX_BYTES: Final = 8 * 1024**3
"""Largest file that is downloaded; the largest archive of a publisher has under 2 GB."""

MAX_SECONDS: Final = 3 * 3600.0
"""Longest time for one file: enough for 1 GB over a line of 1 Mbit/s."""

MAX_PAUSE: Final = 30.0
"""Longest pause that a server may ask for before another attempt."""

_CHUNK: Final = 1 << 18
Progress = Callable[[int, int], None]
"""Called with the bytes that are there and the bytes that there will be (0: not known)."""


class Missing(SourceError):  # noqa: N818 - an answer, not a mishap
    """The server says that there is no such file."""


class Downloaded(msgspec.Struct, frozen=True):
    """The file at `path`, or None where it is unchanged; and what the server said of it, for the next time."""

    path: Path | None
    etag: str = ""
    last_modified: str = ""


class _Note(msgspec.Struct):
    """What lies beside a file: whose it is and which state of it."""

    url: str
    etag: str = ""
    last_modified: str = ""
    total: int = 0
    digest: str = ""


def download(
    url: str,
    target: Path,
    *,
    etag: str = "",
    last_modified: str = "",
    settings: WebSettings,
    progress: Progress = lambda _there, _total: None,
) -> Downloaded:
    """Bring the file at `url` to `target`. Raises `Missing` (404, 410) and `SourceError`; what was downloaded so far stays."""
    task = _Task(url, target, settings, progress)
    left, there = settings.attempts, task.there
    while True:
        try:
            return task.run(etag, last_modified)
        except WebError as error:
            # What brought bytes was worth it: only attempts that bring nothing are counted.
            left = settings.attempts if task.there > there else left - 1
            there = task.there
            if not error.passing or left <= 0 or time.monotonic() > task.deadline:
                raise SourceError(str(error), remedy="what was downloaded is kept; run the command again") from None
            time.sleep(min(task.pause or settings.backoff * 2 ** (settings.attempts - left), MAX_PAUSE))


class _Task:
    def __init__(self, url: str, target: Path, settings: WebSettings, progress: Progress) -> None:
        self._url, self._target, self._settings, self._progress = url, target, settings, progress
        self._part = target.with_name(f"{target.name}.part")
        self._beside = target.with_name(f"{target.name}.note")
        self.deadline = time.monotonic() + MAX_SECONDS
        self.pause = 0.0
        with self._disk():
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def there(self) -> int:
        """How many bytes of the file are there."""
        return self._part.stat().st_size if self._part.exists() else 0

    def run(self, etag: str, last_modified: str) -> Downloaded:
        """One attempt. Raises `WebError`, `Missing` and `SourceError`."""
        note, headers = self._note(), {}
        finished = self._target if note is not None and self._target.exists() else None
        if finished is not None and note is not None:
            headers = _conditions(note.etag, note.last_modified)
        elif note is not None and self.there and (validator := _strong(note)):
            headers = {"Range": f"bytes={self.there}-", "If-Range": validator}
        if not headers:
            self._forget()
            finished = None
            headers = _conditions(etag, last_modified)
        with open_url(self._url, headers, self._settings) as response:
            self.pause = _retry_after(response)
            if response.status == 304:
                if finished is not None and note is not None:
                    return Downloaded(finished, note.etag, note.last_modified)
                return Downloaded(None, etag, last_modified)
            self._refuse(response)
            note = self._begin(response, note)
            self._receive(response, note)
        return self._finish(note)

    def _note(self) -> _Note | None:
        """Return what is known of the file that is there, or None where there is none or it is another's."""
        try:
            note = msgspec.json.decode(self._beside.read_bytes(), type=_Note)
        except (OSError, msgspec.MsgspecError):
            return None
        return note if note.url == self._url else None

    def _forget(self) -> None:
        with self._disk():
            for path in (self._part, self._target, self._beside):
                path.unlink(missing_ok=True)

    @contextmanager
    def _disk(self) -> Iterator[None]:
        """Tell what goes wrong on this side from what goes wrong on the other."""
        try:
            yield
        except OSError as error:
            raise SourceError(f"cannot be written: {error.strerror}", place=str(self._target)) from error

    def _refuse(self, response: Response) -> None:
        status, place = response.status, shown(self._url)
        if status in (404, 410):
            raise Missing(f"{place}: there is no such file")
        if status == 416:
            self._forget()  # the server has less than we do: begin anew
            raise WebError(f"{place} has another file by now", passing=True)
        if status not in (200, 206):
            reason = f"{place} answers {status} {response.reason}"
            raise WebError(reason, passing=status in (408, 425, 429) or status >= 500)
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise WebError(f"{place} sends an encoding that was not asked for")

    def _begin(self, response: Response, note: _Note | None) -> _Note:
        """Return the note of the file that is coming, and forget what is there unless the answer goes on with it."""
        if response.status == 206:
            start, total = _content_range(response)
            if note is None or start != self.there or total != note.total:
                self._forget()
                raise WebError(f"{shown(self._url)} sends another part than it was asked for", passing=True)
            return note
        self._forget()
        length = response.headers.get("Content-Length", "")
        headers = response.headers
        fresh = _Note(
            self._url, headers.get("ETag", ""), headers.get("Last-Modified", ""), int(length) if length.isdigit() else 0,
            _digest(headers),
        )  # fmt: skip
        if fresh.total > MAX_BYTES:
            raise SourceError(f"{shown(self._url)} is larger than the {MAX_BYTES >> 30} GB that are downloaded")
        with self._disk():
            self._beside.write_bytes(msgspec.json.encode(fresh))
        return fresh

    def _receive(self, response: Response, note: _Note) -> None:
        there = self.there
        with self._disk():
            file = self._part.open("ab", buffering=0)
        with file:
            while chunk := response.read1(_CHUNK):
                with self._disk():
                    file.write(chunk)
                there += len(chunk)
                self._progress(there, note.total)
                if there > (note.total or MAX_BYTES):
                    break
                if time.monotonic() > self.deadline:
                    raise WebError(f"{shown(self._url)} takes longer than {MAX_SECONDS:g} s")
        if note.total and there > note.total:
            self._forget()
            raise WebError(f"{shown(self._url)} sends more than the {note.total} bytes that it announced", passing=True)
        if note.total and there < note.total:
            raise WebError(f"{shown(self._url)} broke off after {there} of {note.total} bytes", passing=True)
        if there > MAX_BYTES:
            self._forget()
            raise SourceError(f"{shown(self._url)} is larger than the {MAX_BYTES >> 30} GB that are downloaded")

    def _finish(self, note: _Note) -> Downloaded:
        if note.digest:
            algorithm, _, expected = note.digest.partition(":")
            with self._part.open("rb") as file:
                found = hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()
            if found != expected:
                self._forget()
                raise WebError(
                    f"{shown(self._url)} sent a file that has not the {algorithm} digest that it stated", passing=True
                )
        with self._disk():
            self._part.replace(self._target)
        return Downloaded(self._target, note.etag, note.last_modified)


def _conditions(etag: str, last_modified: str) -> dict[str, str]:
    if etag:
        return {"If-None-Match": etag}
    return {"If-Modified-Since": last_modified} if last_modified else {}


def _strong(note: _Note) -> str:
    """Return what `If-Range` may be: a strong ETag, else the date. A file of unknown length is not gone on with."""
    if not note.total:
        return ""
    return note.etag if note.etag and not note.etag.startswith("W/") else note.last_modified


def _content_range(response: Response) -> tuple[int, int]:
    """Return the first byte and the length of the whole of ``Content-Range: bytes 100-199/200``; (-1, -1) where it says
    neither.
    """
    unit, _, rest = response.headers.get("Content-Range", "").partition(" ")
    span, _, total = rest.partition("/")
    start = span.partition("-")[0]
    return (int(start), int(total)) if unit == "bytes" and start.isdigit() and total.isdigit() else (-1, -1)


def _retry_after(response: Response) -> float:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else 0.0


def _digest(headers: http.client.HTTPMessage) -> str:
    """Return ``algorithm:hex`` of the digest that the publisher states, or an empty text.

    ``Repr-Digest`` and ``Content-Digest`` (RFC 9530), and ``x-goog-hash`` of Google's storage, which OSV's archives come from.
    """
    for name in ("Repr-Digest", "Content-Digest"):
        for part in ",".join(headers.get_all(name, [])).split(","):
            algorithm, _, value = part.strip().partition("=:")
            if algorithm == "sha-256" and value.endswith(":"):
                return _hex("sha256", value[:-1])
    for part in ",".join(headers.get_all("x-goog-hash", [])).split(","):
        algorithm, _, value = part.strip().partition("=")
        if algorithm == "md5":
            return _hex("md5", value)
    return ""


def _hex(algorithm: str, value: str) -> str:
    try:
        return f"{algorithm}:{base64.b64decode(value, validate=True).hex()}"
    except ValueError:
        return ""
