"""Baseline files in a scan: read, applied, and written anew."""

import os
from collections.abc import Callable, Collection, Sequence

from seawall.model.errors import UsageError
from seawall.model.finding import Finding
from seawall.model.resource import Unscanned
from seawall.model.rule import Rule
from seawall.policy import baseline
from seawall.policy.baseline import BaselineEntry
from seawall.sources.scan_root import ScanRoot

DEFAULT_NAME = "seawall-baseline.json"

MAX_BASELINE_BYTES = 64 * 1024 * 1024
"""Some 250,000 findings: no review of such a file means anything, and it is still read in a second."""


def read_baseline(path: str) -> list[BaselineEntry]:
    """Return the entries of the baseline file at `path`. Raises `UsageError` where there is none."""
    try:
        with open(path, "rb") as stream:
            data = stream.read(MAX_BASELINE_BYTES + 1)
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise UsageError(
            f"the baseline {path} cannot be read: {why}", remedy="`seawall baseline write` makes one"
        ) from None
    if len(data) > MAX_BASELINE_BYTES:
        raise UsageError(f"the baseline {path} is larger than {MAX_BASELINE_BYTES >> 20} MiB")
    return baseline.read(path, data)


def apply_baseline(
    path: str,
    findings: Sequence[Finding],
    root: ScanRoot,
    ran: Sequence[Rule],
    missed: Sequence[Unscanned],
    protected: Collection[str] = (),
) -> tuple[list[Finding], list[BaselineEntry]]:
    """Return `findings` with those of the baseline at `path` marked, and the entries that can be taken out of it.

    Where something was missed, no entry can be: what it stands for may be in it. Entries of `protected` rules, which must not be
    suppressed, have no effect.
    """
    before = [entry for entry in read_baseline(path) if entry.rule not in protected]
    compared = baseline.compare(findings, before, exists=_file_test(root), since=os.path.basename(path) or path)
    ids = {rule.id for rule in ran}
    gone = [entry for entry in compared.gone if not missed and entry.rule in ids and root.is_scanned(entry.path)]
    return compared.findings, gone


def _file_test(root: ScanRoot) -> Callable[[str], bool]:
    known: dict[str, bool] = {}

    def exists(path: str) -> bool:
        if path not in known:
            known[path] = root.exists(path)
        return known[path]

    return exists


def write_baseline(findings: Sequence[Finding], root: ScanRoot, protected: Collection[str] = ()) -> tuple[bytes, int]:
    """Return the baseline file of the findings that count, those of `protected` rules left out, and how many there are."""
    counting = (item for item in findings if item.suppressed is None and item.rule not in protected)
    entries = baseline.entries_of(counting, root.path)
    return baseline.write(entries), len(entries)
