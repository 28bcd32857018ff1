"""Baselines: findings that were there before. Only what is new fails.

A baseline is a small JSON file with one line a finding, sorted, so that it can be read, reviewed and merged:

    {"schema":"seawall.dev/baseline/v1","findings":[
    {"id":"5f1c…","rule":"privileged-container","resource":"Deployment shop/api","path":"deploy/api.yaml","field":"spec.…"}
    ]}

`id` alone decides; the rest is for the reader. Each entry stands for one finding: of three equal ones in a file of which two are
in the baseline, the third is new. When a file is gone, its entries stand for the same findings in another file, since a
file that was renamed brings nothing new.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec

from seawall.model.errors import UsageError
from seawall.model.finding import Finding, Suppressed
from seawall.model.resource import ResourceRef
from seawall.policy.findings import WHAT_DIGITS

SCHEMA = "seawall.dev/baseline/v1"
BY = "baseline"


class BaselineEntry(msgspec.Struct, frozen=True, kw_only=True, order=True, forbid_unknown_fields=True):
    """One finding that was there before."""

    path: str = ""
    rule: str
    resource: str = ""
    field: str = ""
    id: str


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    schema: Literal["seawall.dev/baseline/v1"]
    findings: list[BaselineEntry]


class Compared(msgspec.Struct, frozen=True):
    """The outcome: findings in their order, known ones marked; and the entries that stand for nothing any more."""

    findings: list[Finding]
    gone: list[BaselineEntry]


def entries_of(findings: Iterable[Finding], relative: Callable[[str], str]) -> list[BaselineEntry]:
    """Return an entry for each of `findings`, sorted. `relative` gives the path below the root for a shown one."""
    return sorted(
        BaselineEntry(
            path=relative(finding.location.path),
            rule=finding.rule,
            resource=_describe(finding.resource),
            field=finding.field,
            id=finding.id,
        )
        for finding in findings
    )


def _describe(ref: ResourceRef) -> str:
    name = f"{ref.namespace}/{ref.name}" if ref.namespace and ref.name else ref.name
    return f"{ref.kind} {name}".strip()


def write(entries: Iterable[BaselineEntry]) -> bytes:
    """Return the file that holds `entries`: the same bytes for the same findings, on any day and machine."""
    order = ("id", "rule", "resource", "path", "field")
    lines = [msgspec.json.encode({name: getattr(entry, name) for name in order}) for entry in sorted(entries)]
    body = b",\n".join(lines)
    head = f'{{"schema":"{SCHEMA}","findings":['.encode()
    return b"".join((head, b"\n" if lines else b"", body, b"\n" if lines else b"", b"]}\n"))


def read(name: str, data: bytes) -> list[BaselineEntry]:
    """Return the entries of a baseline file. Raises `UsageError` where it is none."""
    try:
        return msgspec.json.decode(data, type=_File).findings
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{name} is no baseline: {error}", remedy="`seawall baseline write` makes one") from None


def compare(
    findings: Sequence[Finding], before: Iterable[BaselineEntry], *, exists: Callable[[str], bool], since: str
) -> Compared:
    """Return `findings` with those that are in `before` marked as suppressed by the baseline.

    `exists` tells whether the file of an entry is still there; `since` names what `before` was. Findings that a person
    suppressed keep that reason, and use up their entry.
    """
    left = {entry.id: entry for entry in before}
    known: set[int] = set()
    for index, finding in enumerate(findings):
        if left.pop(finding.id, None) is not None:
            known.add(index)
    moved: dict[str, list[str]] = {}
    for name, entry in left.items():
        if entry.path and not exists(entry.path):
            moved.setdefault(name[:WHAT_DIGITS], []).append(name)
    for index, finding in enumerate(findings):
        names = moved.get(finding.id[:WHAT_DIGITS])
        if names and index not in known:
            known.add(index)
            del left[names.pop(0)]
    mark = Suppressed(by=BY, reason=f"already present in {since}")
    result = [
        msgspec.structs.replace(finding, suppressed=mark) if index in known and finding.suppressed is None else finding
        for index, finding in enumerate(findings)
    ]
    return Compared(result, sorted(left.values()))
