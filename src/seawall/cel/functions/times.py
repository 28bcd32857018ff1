"""Durations and timestamps, with Go's text forms and nanoseconds."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from seawall.cel.arithmetic import TIMESTAMP_MAX, TIMESTAMP_MIN
from seawall.cel.errors import CelError
from seawall.cel.functions.core import text_of
from seawall.cel.operators import no_overload
from seawall.cel.values import INT_MAX, INT_MIN, Duration, Timestamp

_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_PART = re.compile(r"([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)")
_RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))\Z", re.ASCII)
_INTEGER = re.compile(r"[+-]?[0-9]{1,9}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_duration(text: str) -> int | None:
    """The nanoseconds of a Go duration such as `1h2m3.5s`; None for a text that is none."""
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    if rest == "0":
        return 0
    if not rest:
        return None
    at = nanos = 0
    while at < len(rest):
        part = _PART.match(rest, at)
        if part is None or not (part[1] or part[2]):
            return None
        unit = _UNITS[part[3]]
        nanos += int(part[1] or 0) * unit
        if part[2]:
            nanos += int(part[2]) * unit // 10 ** len(part[2])
        at = part.end()
    nanos *= sign
    return nanos if INT_MIN <= nanos <= INT_MAX else None


def parse_timestamp(text: str) -> tuple[int, int] | None:
    """The nanoseconds since 1970 and the zone's offset in seconds of an RFC 3339 text; None for a text that is none."""
    found = _RFC3339.match(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(found[group]) for group in range(1, 7))
    offset = 0
    if found[8]:
        if int(found[9]) > 24 or int(found[10]) > 60:
            return None
        offset = (int(found[9]) * 60 + int(found[10])) * 60 * (-1 if found[8] == "-" else 1)
    try:
        moment = datetime(year or 4, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    seconds = (moment - _EPOCH) // timedelta(seconds=1) - offset
    if year == 0:
        seconds = TIMESTAMP_MIN // 10**9 - 1
    return seconds * 10**9 + int((found[7] or "0")[:9].ljust(9, "0")), offset


def to_duration_value(value: Any) -> Duration:
    """`duration(x)`."""
    if isinstance(value, Duration):
        return value
    if type(value) is int:
        raise CelError("type conversion error from 'int' to 'google.protobuf.Duration'")
    text = text_of(value)
    nanos = parse_duration(text)
    if nanos is None:
        raise CelError("type conversion error from 'string' to 'google.protobuf.Duration'")
    return Duration(nanos)


def to_timestamp_value(value: Any) -> Timestamp:
    """`timestamp(x)`: RFC 3339, or the seconds since 1970."""
    if isinstance(value, Timestamp):
        return value
    nanos, offset = 0, 0
    if type(value) is int:
        nanos = value * 10**9
    else:
        parsed = parse_timestamp(text_of(value))
        if parsed is None:
            raise CelError("type conversion error from 'string' to 'google.protobuf.Timestamp'")
        nanos, offset = parsed
    if not TIMESTAMP_MIN <= nanos <= TIMESTAMP_MAX:
        raise CelError("timestamp overflow")
    return Timestamp(nanos, offset)


def show_duration(value: Duration) -> str:
    """`string(duration)`: seconds, such as `5400s` or `0.5s`."""
    seconds = value.nanos / 10**9
    text = f"{seconds:.9f}".rstrip("0").rstrip(".") if abs(seconds) < 10**6 else _shortest(seconds)
    return f"{'0' if text == '-0' else text}s"


def _shortest(seconds: float) -> str:
    text = repr(seconds)
    return text.removesuffix(".0") if "e" not in text else f"{seconds:f}".rstrip("0").rstrip(".")


def show_timestamp(value: Timestamp) -> str:
    """`string(timestamp)`: RFC 3339 in its own zone with as many digits of a second as are needed."""
    seconds, nanos = divmod(value.nanos, 10**9)
    try:
        moment = _EPOCH + timedelta(seconds=seconds + value.offset)
    except OverflowError:
        raise CelError("timestamp overflow") from None
    fraction = f".{nanos:09d}".rstrip("0") if nanos else ""
    hours, minutes = divmod(abs(value.offset) // 60, 60)
    zone = f"{'-' if value.offset < 0 else '+'}{hours:02d}:{minutes:02d}" if value.offset else "Z"
    return f"{moment.year:04d}-{moment:%m-%dT%H:%M:%S}{fraction}{zone}"


def _shift(text: str) -> timedelta | tzinfo:
    """A time zone by name, or the shift that `+hh:mm` means."""
    from zoneinfo import ZoneInfo

    hours, colon, minutes = text.partition(":")
    if colon:
        east = _go_int(hours) * 60
        return timedelta(minutes=east - _go_int(minutes) if text.startswith("-") else east + _go_int(minutes))
    try:
        return UTC if text in ("", "UTC") else ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        raise CelError(f"unknown time zone {text}") from None


def _go_int(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise CelError(f'strconv.Atoi: parsing "{text}": invalid syntax')
    return int(text)


def _moment(value: Any, zone: Any) -> datetime:
    if not isinstance(value, Timestamp):
        raise no_overload(value, zone)
    moment = _EPOCH + timedelta(microseconds=value.nanos // 1000)
    try:
        if zone is None:
            return moment
        shift = _shift(text_of(zone))
        return moment + shift if isinstance(shift, timedelta) else moment.astimezone(shift)
    except OverflowError:
        raise CelError("timestamp overflow") from None


def getFullYear(value: Any, zone: Any = None) -> int:  # noqa: N802 (the names of CEL)
    return _moment(value, zone).year


def getMonth(value: Any, zone: Any = None) -> int:  # noqa: N802
    return _moment(value, zone).month - 1


def getDayOfYear(value: Any, zone: Any = None) -> int:  # noqa: N802
    return _moment(value, zone).timetuple().tm_yday - 1


def getDayOfMonth(value: Any, zone: Any = None) -> int:  # noqa: N802
    return _moment(value, zone).day - 1


def getDate(value: Any, zone: Any = None) -> int:  # noqa: N802
    return _moment(value, zone).day


def getDayOfWeek(value: Any, zone: Any = None) -> int:  # noqa: N802
    return _moment(value, zone).isoweekday() % 7


def _span(value: Any, unit: int) -> int:
    return (
        int(value.nanos / unit)
        if abs(value.nanos) < 1 << 52
        else (abs(value.nanos) // unit) * (-1 if value.nanos < 0 else 1)
    )


def getHours(value: Any, zone: Any = None) -> int:  # noqa: N802
    if isinstance(value, Duration) and zone is None:
        return _span(value, 3600 * 10**9)
    return _moment(value, zone).hour


def getMinutes(value: Any, zone: Any = None) -> int:  # noqa: N802
    if isinstance(value, Duration) and zone is None:
        return _span(value, 60 * 10**9)
    return _moment(value, zone).minute


def getSeconds(value: Any, zone: Any = None) -> int:  # noqa: N802
    if isinstance(value, Duration) and zone is None:
        return _span(value, 10**9)
    return _moment(value, zone).second


def getMilliseconds(value: Any, zone: Any = None) -> int:  # noqa: N802
    if isinstance(value, Duration) and zone is None:
        return _span(value, 10**6)
    return _moment(value, zone).microsecond // 1000
