"""Credentials in one text: the shapes that fit, checked, each place once.

    scanner = Scanner(detectors, database)
    for match in scanner.scan("settings.py", data): ...

What `scan` gives has the value's place, and so the value: `formats.credentials.leaks` makes of it what may leave this package.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from seawall.formats.credentials.prefilter import Prefilter, pattern_of
from seawall.model.credential import Detector
from seawall.model.taxonomy import Confidence

_BEFORE = 420
"""Bytes in front of a place in which its match may begin: longer than any name with its value's first characters."""

_FAR_BEFORE = 1600
_NEAR = 2000
"""Bytes around a match in which its context must stand."""

_QUOTES = b"\"'`"
_NAME = re.compile(rb"[:/]?[\w.\-]{0,40}\Z")
_EXPRESSION = re.compile(rb"[,;()<>{}]|=(?!=*\Z)")

_CODE_ENDINGS = frozenset(
    (
        "c",
        "cc",
        "cpp",
        "cs",
        "cxx",
        "dart",
        "ex",
        "exs",
        "go",
        "gradle",
        "groovy",
        "h",
        "hpp",
        "hs",
        "java",
        "js",
        "jsx",
        "kt",
        "kts",
        "lua",
        "m",
        "mjs",
        "cjs",
        "mm",
        "php",
        "pl",
        "pm",
        "proto",
        "py",
        "pyi",
        "r",
        "rb",
        "rs",
        "scala",
        "sol",
        "swift",
        "tf",
        "tfvars",
        "hcl",
        "ts",
        "tsx",
        "vb",
        "vue",
        "zig",
        "json",
        "ipynb",
    )
)
"""Endings of files in which a text that stands in no quotes is an expression."""

_NO_ASSIGNMENTS = frozenset(
    (
        "lock",
        "sum",
        "svg",
        "map",
        "po",
        "pot",
        "mod",
        "patch",
        "woff",
        "css",
        "snap",
    )
)
_LOCK_FILES = frozenset(
    (
        "package-lock.json",
        "npm-shrinkwrap.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "poetry.lock",
        "uv.lock",
        "pdm.lock",
        "Pipfile.lock",
        "Cargo.lock",
        "go.sum",
        "composer.lock",
        "packages.lock.json",
        "gradle.lockfile",
        "Gemfile.lock",
        "deno.lock",
        "bun.lock",
        "flake.lock",
        ".terraform.lock.hcl",
    )
)
"""Files of checksums, pictures and generated text: what is assigned there to something named key or token is no credential."""


class Match(NamedTuple):
    """A credential: `detector`, and from where to where the value and the name before it stand in the text."""

    detector: Detector
    start: int
    end: int
    name_start: int
    match_start: int


class Scanner:
    """All detectors, ready to run on texts. Raises `ValueError` where the database is not theirs."""

    def __init__(self, detectors: Sequence[Detector], database: bytes) -> None:
        self.detectors = detectors
        self._prefilter = Prefilter(detectors, database)

    def scan(self, path: str, data: bytes) -> list[Match]:
        """Return the credentials in `data`, in order of place, no two of which overlap. `path` says what the text is."""
        candidates = self._prefilter.candidates(data)
        if not candidates:
            return []
        name = path.rpartition("/")[2]
        ending = name.rpartition(".")[2].lower()
        matches: list[Match] = []
        position = 0
        while position < len(candidates):
            index = candidates[position][0]
            after = position
            while after < len(candidates) and candidates[after][0] == index:
                after += 1
            detector = self.detectors[index]
            if _applies(detector, name, ending):
                ends = [end for _, end in candidates[position:after]]
                matches += _check(detector, data, ends, is_code=ending in _CODE_ENDINGS)
            position = after
        return _without_overlaps(matches)


def _applies(detector: Detector, name: str, ending: str) -> bool:
    if detector.files and not any(name.endswith(end) for end in detector.files):
        return False
    return detector.confidence is Confidence.HIGH or (ending not in _NO_ASSIGNMENTS and name not in _LOCK_FILES)


def _check(detector: Detector, data: bytes, ends: Sequence[int], *, is_code: bool) -> Iterator[Match]:
    """Yield the matches of `detector` at the places `ends` that are credentials."""
    from seawall.formats.credentials.values import (
        is_credential,
    )  # its expressions take 10 ms, and most texts hold no candidate

    search = pattern_of(detector).search
    before = _BEFORE if detector.reach <= 1000 else _FAR_BEFORE
    done = 0
    for end in ends:
        if end <= done:
            continue
        start = max(done, end - before)
        found = search(data, start, end + detector.reach)
        while found is not None and found.end() < end:
            found = search(data, found.start() + 1, end + detector.reach)
        if found is None or found.start() > end:
            continue
        group = found.lastindex or 0
        value_start, value_end = found.span(group)
        done = max(value_end, end)
        stem = _NAME.search(data, max(0, found.start() - 40), found.start())
        name_start = stem.start() if stem and detector.names else found.start()
        name = data[name_start:value_start] if detector.names or detector.human else b""
        # In quotes by itself, or with its name: "TOKEN=value" in a list of lines.
        quoted = value_start > 0 and data[value_start - 1] in _QUOTES
        if data[value_end : value_end + 1] in (b'"', b"'", b"\\"):
            quoted = quoted or not _EXPRESSION.search(data[value_start:value_end])
        if detector.context and not re.search(
            detector.context.encode(), data[max(0, value_start - _NEAR) : value_end + _NEAR]
        ):
            continue
        if is_credential(detector, data[value_start:value_end], name, quoted=quoted, is_code=is_code):
            yield Match(detector, value_start, value_end, name_start, found.start())


def _without_overlaps(matches: list[Match]) -> list[Match]:
    """Of matches that overlap keep the one that says most: a certain shape, then a provider's, then the longest."""
    matches.sort(key=_rank)
    kept: list[Match] = []
    for match in matches:
        if all(match.end <= other.start or match.start >= other.end for other in kept):
            kept.append(match)
    kept.sort(key=lambda match: (match.start, match.end))
    return kept


def _rank(match: Match) -> tuple[object, ...]:
    detector = match.detector
    return (
        detector.group == "assigned",
        detector.confidence is not Confidence.HIGH,
        detector.human,
        -(match.end - match.start),
        not detector.checksum.startswith("jwt-"),
        detector.id,
        match.start,
    )
