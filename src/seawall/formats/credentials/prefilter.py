"""Where in a file may a credential be? One pass over the bytes for all shapes at once, by Hyperscan (Vectorscan).

    database = compile_database(detectors)          # 0.7 s; keep it
    prefilter = Prefilter(detectors, database)
    prefilter.candidates(data)                      # [(index of a detector, where its trigger ends), ...]

Where there is no Hyperscan for the machine, `candidates` asks for the keywords of each detector instead and answers with the
places of whole matches: the same findings, at a multiple of the cost (ADR 0033).
"""

import contextlib
import re
from collections.abc import Sequence
from functools import cache

from seawall.model.credential import Detector

MAX_CANDIDATES = 200_000
"""In one text. A file that is made of prefixes of tokens must not fill the memory with places."""


@cache
def is_fast() -> bool:
    """Say whether Hyperscan is there."""
    try:
        import hyperscan  # noqa: F401  # half a millisecond, and only for who looks for credentials
    except ImportError:
        return False
    return True


def version() -> str:
    """Return what a database depends on besides the shapes: the library's version."""
    if not is_fast():
        return "none"
    import hyperscan

    return hyperscan.Database.__module__ + str(getattr(hyperscan, "__version__", ""))


def compile_database(detectors: Sequence[Detector]) -> bytes:
    """Return the automaton for `detectors`, as bytes for `Prefilter`; they fit this machine's CPU and this library."""
    if not is_fast():
        return b""
    import hyperscan

    from seawall.formats.credentials.expressions import trigger  # only where nothing is kept

    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[trigger(detector).encode() for detector in detectors],
        ids=list(range(len(detectors))),
        flags=0,
    )
    return hyperscan.dumpb(database)


class Prefilter:
    """All triggers of `detectors`, ready to run.

    Raises `ValueError` where `database` is none of this library and CPU: Hyperscan checks version, platform and checksum.
    """

    def __init__(self, detectors: Sequence[Detector], database: bytes) -> None:
        self._detectors = detectors
        self._database = None
        if is_fast():
            import hyperscan

            try:
                self._database = hyperscan.loadb(database, hyperscan.HS_MODE_BLOCK)
                self._database.scratch = hyperscan.Scratch(self._database)
            except hyperscan.error as error:
                raise ValueError(f"no database of this machine: {error}") from None

    def candidates(self, data: bytes) -> list[tuple[int, int]]:
        """Return detectors and places in `data`, sorted: every match of a detector holds or ends at one of its places."""
        if self._database is None:
            return self._plain(data)
        found: list[tuple[int, int]] = []

        def add(index: int, _start: int, end: int, _flags: int, _context: object) -> bool | None:
            found.append((index, end))
            return len(found) >= MAX_CANDIDATES or None

        import hyperscan

        with contextlib.suppress(hyperscan.ScanTerminated):
            self._database.scan(data, match_event_handler=add)
        found.sort()
        return found

    def _plain(self, data: bytes) -> list[tuple[int, int]]:
        lower = data.lower()
        found: list[tuple[int, int]] = []
        for index, detector in enumerate(self._detectors):
            if any(keyword.encode() in lower for keyword in detector.keywords):
                found += [(index, match.end()) for match in pattern_of(detector).finditer(data)]
        return found


@cache
def pattern_of(detector: Detector) -> re.Pattern[bytes]:
    """Return the compiled expression of `detector`."""
    from seawall.formats.credentials.expressions import expression  # most texts hold no candidate

    return re.compile(expression(detector).encode())
