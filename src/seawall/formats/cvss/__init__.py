"""CVSS: the scores of vectors of version 2, 3.0, 3.1 and 4.0 (FIRST's specifications, https://www.first.org/cvss/).

    read_vector("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")    # Cvss(version="3.1", score=9.8, …)

The score of versions 2 and 3 is the base score: what else a vector may state (temporal, environmental) is checked and does
not count, since advisories speak to everybody and not to one site. Version 4 has one score, over all that the vector states.
A text that is no vector, that repeats a metric, lacks a mandatory one or has an unknown one is a `CvssError`; it never
becomes a number.

Why this is no library: docs/adr/0020-priority-of-vulnerabilities.md. The judge: ``tests/conformance/cvss``.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import Final

from seawall.formats.cvss.metrics import CvssError, read_metrics
from seawall.model.vulnerability import Cvss

__all__ = ["CvssError", "best_vector", "read_vector"]

MAX_LENGTH: Final = 512
"""Longest vector that is read; one of version 4 with every metric has some 200 characters."""

_MODULES: Final = {"3.0": "version3", "3.1": "version3", "4.0": "version4"}
_NEWEST_FIRST: Final = ("4.0", "3.1", "3.0", "2.0")


def read_vector(vector: str) -> Cvss:
    """Return the vector with its version and score. Raises `CvssError`."""
    text = vector.strip()
    if len(text) > MAX_LENGTH:
        raise CvssError(f"a vector of {len(text)} characters; at most {MAX_LENGTH} are read")
    version, body = "2.0", text
    if text.startswith("CVSS:"):
        prefix, _, body = text.partition("/")
        version = prefix.removeprefix("CVSS:")
    elif text.startswith("(") and text.endswith(")"):
        body = text[1:-1]  # how version 2 is written in prose
    if version != "2.0" and version not in _MODULES:
        raise CvssError(f"CVSS {version[:20]!r} is not a known version")
    module = import_module(f"{__name__}.{_MODULES.get(version, 'version2')}")
    tenths: int = module.score(read_metrics(body, module.METRICS, module.MANDATORY))
    return Cvss(version=version, score=tenths / 10, vector=text)


def best_vector(vectors: Iterable[str]) -> Cvss | None:
    """Return the one vector of several that stands for a flaw, or None where none of them can be read.

    Of the newest version that is there (4.0, 3.1, 3.0, 2), since a later version corrects what the former got wrong; of
    several of that version the highest score, since nobody is wronged by looking earlier.
    """
    read = []
    for vector in vectors:
        try:
            read.append(read_vector(vector))
        except CvssError:
            continue
    return min(read, key=lambda found: (_NEWEST_FIRST.index(found.version), -found.score, found.vector), default=None)
