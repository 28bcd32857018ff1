"""The credentials in the files of a directory: facts for rules. A collector of `stages.repository`."""

import os
from collections.abc import Iterator, Sequence

import msgspec

from seawall.facts.credentials import derive_credentials
from seawall.formats.credentials.leaks import MAX_LEAKS, find_leaks
from seawall.formats.credentials.scan import Scanner
from seawall.formats.suppression_text import MARK
from seawall.model.credential import Leak
from seawall.model.resource import Unscanned
from seawall.sources.credential_detectors import load_scanner
from seawall.sources.credential_files import read_pieces
from seawall.sources.files import Found, SourceFile
from seawall.stages.repository import Collected, Request

_TOLD_EVERY = 256
"""Files between two words of progress."""


def examine(files: Sequence[Found], request: Request) -> Collected:
    """Look for credentials in `files`, and in the history of their repositories where that is asked for."""
    scanner = load_scanner()
    leaks: list[Leak] = []
    unscanned: list[Unscanned] = []
    hidden: dict[str, list[str]] = {}
    known: dict[bytes, list[int]] = {}
    below = 0
    if os.path.isabs(files[0].path):
        below = len(os.path.commonpath([os.path.dirname(found.path) for found in files]))
    for number, found in enumerate(files):
        if not number % _TOLD_EVERY:
            request.progress("looking for credentials", number)
        before = len(leaks)
        for entry in _look_into(scanner, found, request, below):
            if isinstance(entry, Unscanned):
                unscanned.append(entry)
                continue
            leak, value = entry
            hidden.setdefault(found.path, []).append(value.decode("utf-8", "replace"))
            if request.reading.history:
                from seawall.stages.credential_history import key_of

                known.setdefault(key_of(leak, value), []).append(len(leaks))
            leaks.append(leak)
        if len(leaks) - before >= MAX_LEAKS:
            unscanned.append(
                Unscanned(
                    found.path,
                    f"more than {MAX_LEAKS:,} texts in it look like credentials, and the rest is not told: "
                    "if they are test data, add it to .seawallignore",
                )
            )
    if request.reading.history:
        from seawall.stages import credential_history

        unscanned += credential_history.examine(scanner, files, known, leaks, request.progress)
    return Collected(facts=list(derive_credentials(leaks)), unscanned=unscanned, files=tuple(hidden), hidden=hidden)


def _has_comments_of_its_own(path: str, data: bytes) -> bool:
    """Say whether marks in the file are comments: helm reads a chart's templates itself, and a page of text only quotes them."""
    if "/templates/" in f"/{path}":
        return False
    return not path.endswith((".md", ".rst", ".txt")) or b"<!-- " + MARK in data


def _look_into(
    scanner: Scanner, found: Found, request: Request, below: int
) -> Iterator[tuple[Leak, bytes] | Unscanned]:
    for piece in read_pieces(found):
        if isinstance(piece, Unscanned):
            yield piece
            continue
        if MARK in piece.data and not piece.inner and _has_comments_of_its_own(found.path, piece.data):
            request.reading.on_file(SourceFile(found.path, piece.data))
        for leak, value in find_leaks(scanner, found.path, piece.data, piece.inner, until=piece.until, below=below):
            if piece.lines:
                leak = msgspec.structs.replace(leak, line=leak.line + piece.lines, end_line=leak.end_line + piece.lines)
            yield leak, value
