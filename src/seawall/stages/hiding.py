"""Texts that no report may show, taken out of findings of whatever rule: the values of credentials that lie open in a file.

A finding about a container shows the lines of the container, and one of them may hold a password.
"""

import re
from collections.abc import Collection, Mapping, Sequence

import msgspec

from seawall.model.finding import Finding
from seawall.model.resource import Unscanned

HIDDEN = "***"

_LEAST_LINE = 12
"""Of a value of several lines (a key) each line is hidden that is as long: a shorter one is no part worth having."""


def hide(
    findings: Sequence[Finding], unscanned: Sequence[Unscanned], hidden: Mapping[str, Collection[str]]
) -> tuple[list[Finding], list[Unscanned]]:
    """Return both with the `hidden` texts of their file replaced, wherever a report shows text of it."""
    patterns = {path: _pattern(texts) for path, texts in hidden.items() if texts}
    return [_hide(finding, patterns) for finding in findings], [
        msgspec.structs.replace(entry, reason=pattern.sub(HIDDEN, entry.reason))
        if (pattern := patterns.get(re.sub(r":\d+\Z", "", entry.path))) is not None
        else entry
        for entry in unscanned
    ]


def _hide(finding: Finding, patterns: Mapping[str, "re.Pattern[str]"]) -> Finding:
    pattern = patterns.get(finding.location.path)
    if (
        pattern is None
        or pattern.search(f"{finding.snippet}\0{finding.evidence}\0{finding.message}\0{finding.field}") is None
    ):
        return finding
    return msgspec.structs.replace(
        finding,
        snippet=pattern.sub(HIDDEN, finding.snippet),
        evidence=None if finding.evidence is None else pattern.sub(HIDDEN, finding.evidence),
        message=pattern.sub(HIDDEN, finding.message),
        field=pattern.sub(HIDDEN, finding.field),
    )


def _pattern(texts: Collection[str]) -> "re.Pattern[str]":
    pieces = {
        piece
        for text in texts
        for piece in (text, *(line.strip() for line in text.splitlines() if "\n" in text))
        if piece == text or len(piece) >= _LEAST_LINE
    }
    return re.compile("|".join(re.escape(piece) for piece in sorted(pieces, key=len, reverse=True)))
