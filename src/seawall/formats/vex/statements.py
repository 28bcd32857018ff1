"""What both forms of VEX ask of a statement before it may count."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from seawall.formats.purl import PurlError, normalise
from seawall.formats.untyped import text
from seawall.model.vex import Justification, VexProduct, VexStatement, VexStatus


class RefusedError(ValueError):
    """The statement does not count; the text says why."""


def statement(
    *,
    names: Iterable[str],
    status: str,
    products: Iterable[VexProduct],
    timestamp: Any,
    justification: str = "",
    impact: str = "",
    action: str = "",
    author: str = "",
    place: str,
) -> VexStatement:
    """Return the statement. Raises `RefusedError` where it is incomplete."""
    named = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
    if not named:
        raise RefusedError("it names no vulnerability")
    if status not in list(VexStatus):
        raise RefusedError(f"the status {status[:60]!r} is not one of VEX")
    if justification and justification not in list(Justification):
        raise RefusedError(f"the justification {justification[:60]!r} is not one of VEX")
    if status == VexStatus.NOT_AFFECTED and not justification and not impact.strip():
        raise RefusedError("not_affected without a justification")
    found = tuple(products)
    if not found:
        raise RefusedError("it names no product by a purl")
    return VexStatement(
        vulnerability=named[0],
        aliases=named[1:],
        status=VexStatus(status),
        products=found,
        timestamp=time_of(timestamp),
        justification=Justification(justification) if justification else None,
        impact=impact,
        action=action,
        author=author,
        place=place,
    )


def time_of(value: Any) -> datetime:
    """Return the moment of an RFC 3339 text. Raises `RefusedError` where it is none or has no time zone."""
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise RefusedError("it has no time") from None
    if moment.tzinfo is None:
        raise RefusedError("its time has no time zone")
    return moment.astimezone(UTC)


def purl_of(*candidates: Any) -> str:
    """Return the first candidate that is a purl, in its canonical form; empty where none is."""
    for candidate in candidates:
        found = text(candidate)
        if found.startswith("pkg:"):
            try:
                return normalise(found)
            except PurlError:
                continue
    return ""
