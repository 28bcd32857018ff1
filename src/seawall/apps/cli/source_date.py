"""The time that builds which can be repeated give to all that they make (https://reproducible-builds.org/specs/source-date-epoch/)."""

import os
from datetime import UTC, datetime

from seawall.model.errors import UsageError


def source_date() -> datetime | None:
    """Return the time of SOURCE_DATE_EPOCH, None where that is not set. Raises `UsageError` where it is no number of seconds."""
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not text:
        return None
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            f"SOURCE_DATE_EPOCH is {text!r}", remedy="give the seconds since 1970, or leave it out"
        ) from None
