"""What may be told of a credential: its place, its shape, a few of its characters at most. The value stays behind.

for leak in find_leaks(scanner, "shop/settings.py", data): ...
"""

import re
from collections.abc import Iterator

from seawall.formats.credentials.scan import Match, Scanner
from seawall.formats.credentials.texts import secret_values
from seawall.model.credential import Leak
from seawall.model.digests import blake2b

MAX_LEAKS = 1000
"""Of one file: more are a list of test vectors, or made to fill a report."""

_SHOWN_BEFORE = 80
_SHOWN_LINE = 200

_TEST_PATH = (
    r"(?i)(?:^|/)(?:tests?|testing|testdata|test-data|test_data|fixtures?|__fixtures__|__tests__|__mocks__|mocks?|spec|specs|e2e|testlib"
    r"|examples?|samples?|demos?|testutils?|test-utils|snapshots?|__snapshots__|cassettes|benchmarks?)(?:/|$)"
    r"|(?:^|/)(?:test_[^/]*|conftest\.py|[^/]*(?:_test\.\w+|_tests\.\w+|[._-]spec\.\w+|\.test\.\w+|Tests?\.(?:java|kt|cs|scala|php)))$"
)
"""Where what looks like a credential is made up for a test or an example more often than not."""


def is_for_tests(path: str) -> bool:
    """Tell by its path whether a file belongs to tests or examples."""
    return re.search(_TEST_PATH, path) is not None


def find_leaks(
    scanner: Scanner, path: str, data: bytes, inner: str = "", *, until: int = 1 << 62, below: int = 0
) -> Iterator[tuple[Leak, bytes]]:
    """Yield the credentials in the text `data`, in order of place, each with the value that nobody is to see.

    `path` is the file's, `inner` that of the member of an archive. `below` is the length of what leads to the scanned
    directory: a repository that lies in somebody's directory ``tests`` is no test. After `MAX_LEAKS`, and of what begins at
    `until` or behind, nothing is told.
    """
    what = inner or path
    matches = scanner.scan(what, data)
    places = _Places(data, matches, is_for_tests(path[below:]) or is_for_tests(inner))
    for count, match in enumerate(matches):
        if match.start >= until or count == MAX_LEAKS:
            return
        yield places.leak(match, path, inner), data[match.start : match.end]
    for value in secret_values(data):
        if value.start >= until:
            return
        for match in scanner.scan(what if "\n" in value.data.decode() else value.key, value.data):
            if match.detector.group == "assigned" and b"\n" not in value.data.strip():
                continue
            leak = places.encoded(match, value.data, value.key, value.start, value.end, path, inner)
            yield leak, value.data[match.start : match.end]


def redact(match: Match, data: bytes) -> str:
    """Return what a report shows of the value: the first four and the last two characters of a long random one.

    Of a value that people think up nothing is shown, nor of one that is short, nor of a key's text.
    """
    value = data[match.start : match.end].decode("utf-8", "replace")
    detector = match.detector
    if value.startswith("-----BEGIN"):
        return f"{value.partition(chr(10))[0].partition(chr(92))[0][:60]} ..."
    if detector.human or len(value) < 20:
        return "***"
    return f"{value[:4]}...{value[-2:]}"


def identify(match: Match, data: bytes) -> str:
    """Return a digest by which the value is known again.

    Of a random value it has 48 bits. Of one that people think up, and of a short one, it has 16: among the guesses that
    somebody may try, thousands have the same.
    """
    value = data[match.start : match.end]
    size = 2 if match.detector.human or len(value) < 20 else 6
    return blake2b(value, digest_size=size, person=b"seawall leak").hexdigest()


class _Places:
    """Lines and columns of one text, asked for in ascending order."""

    def __init__(self, data: bytes, matches: list[Match], for_tests: bool) -> None:
        self._for_tests = for_tests
        self._data = data
        self._spans = [(match.start, match.end) for match in matches]
        self._at = 0
        self._line = 1

    def leak(self, match: Match, path: str, inner: str) -> Leak:
        line, column = self._locate(match.start)
        value = self._data[match.start : match.end]
        last = value.rpartition(b"\n")[2]
        lines = value.count(b"\n")
        width = len(last.decode("utf-8", "replace"))
        return self._leak(
            match,
            self._data,
            path=path,
            inner=inner,
            line=line,
            column=column,
            end_line=line + lines,
            end_column=width + 1 if lines else column + width,
            name=_name_of(self._data[match.name_start : match.start]),
            snippet=self._snippet(match),
        )

    def encoded(self, match: Match, data: bytes, key: str, start: int, end: int, path: str, inner: str) -> Leak:
        self._at, self._line = 0, 1
        line, column = self._locate(start)
        return self._leak(
            match,
            data,
            path=path,
            inner=inner,
            line=line,
            column=column,
            end_line=line,
            end_column=column + (end - start if b"\n" not in self._data[start:end] else 1),
            name=key,
            snippet=f"{key}: ***",
            encoded=True,
        )

    def _leak(self, match: Match, data: bytes, **place: object) -> Leak:
        return Leak(
            detector=match.detector,
            shown=redact(match, data),
            identity=identify(match, data),
            for_tests=self._for_tests,
            **place,  # type: ignore[arg-type]  # the fields that say where
        )

    def _locate(self, offset: int) -> tuple[int, int]:
        data = self._data
        self._line += data.count(b"\n", self._at, offset)
        self._at = offset
        start = data.rfind(b"\n", 0, offset) + 1
        return self._line, len(data[start:offset].decode("utf-8", "replace")) + 1

    def _snippet(self, match: Match) -> str:
        """Return the line up to the value, with what is shown in the value's place; other values of the line are hidden."""
        data = self._data
        line = data.rfind(b"\n", 0, match.start) + 1
        start = max(line, match.start - _SHOWN_BEFORE)
        parts: list[bytes] = []
        for other_start, other_end in self._spans:
            if other_end <= start or other_start >= match.start:
                continue
            parts.append(data[start : max(start, other_start)])
            parts.append(b"***")
            start = other_end
        parts.append(data[start : match.start])
        before = b"".join(parts).decode("utf-8", "replace")
        dots = "..." if line < match.start - _SHOWN_BEFORE else ""
        return f"{dots}{before}{redact(match, data)}"[:_SHOWN_LINE]


def _name_of(text: bytes) -> str:
    found = re.match(rb"[\w.\-]+", text)
    return found[0].decode("ascii", "replace")[:80] if found else ""
