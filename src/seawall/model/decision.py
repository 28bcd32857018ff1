"""Decisions: what a gate answers."""

import msgspec

from seawall.model.taxonomy import Severity


class Decision(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer of one gate over one report.

    `exit_status` is that of the command line: 0 nothing at or above the threshold, 1 findings at or above it, 2 an input
    that should have been scanned and was not. `reasons` are whole sentences, the decisive one first. `warnings` do not
    change the answer, but the reader must see them. `fail_on` is the severity from which findings fail the gate; None fails
    for none.
    """

    allowed: bool
    exit_status: int
    reasons: list[str]
    warnings: list[str] = []
    fail_on: Severity | None = None
