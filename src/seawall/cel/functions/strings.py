"""The strings library, version 2 of cel-go's `ext.Strings`. Positions count code points."""

from typing import Any

from seawall.cel.errors import CelError
from seawall.cel.functions.core import text_of
from seawall.cel.operators import SIZE_LIMIT, no_overload, over_limit, show

_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
_ESCAPES = {7: "\\a", 8: "\\b", 12: "\\f", 10: "\\n", 13: "\\r", 9: "\\t", 11: "\\v", 92: "\\\\", 34: '\\"'}
# Go's unicode.IsSpace; Python's own notion of white space has four control characters more.
_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


def _whole(value: Any, *others: Any) -> int:
    if type(value) is int:
        return value
    raise no_overload(value, *others)


def char_at(text: Any, place: Any) -> str:
    subject, at = text_of(text, place), _whole(place)
    if not 0 <= at <= len(subject):
        raise CelError(f"index out of range: {at}")
    return subject[at : at + 1]


def index_of(text: Any, part: Any, start: Any = None) -> int:
    """`indexOf`, on strings and (Kubernetes' lists library) on lists."""
    if isinstance(text, list) and start is None:
        from seawall.cel.functions.lists import first_index

        return first_index(text, part)
    subject, wanted, at = text_of(text, part, start), text_of(part, start), 0 if start is None else _whole(start)
    if not wanted:
        return at
    if at < 0:
        raise CelError(f"index out of range: {at}")
    return subject.find(wanted, at)


def last_index_of(text: Any, part: Any, start: Any = None) -> int:
    """`lastIndexOf`, on strings and on lists."""
    if isinstance(text, list) and start is None:
        from seawall.cel.functions.lists import last_index

        return last_index(text, part)
    subject, wanted = text_of(text, part, start), text_of(part, start)
    if start is None:
        return len(subject) if not wanted else subject.rfind(wanted)
    at = _whole(start)
    if not wanted:
        return at
    if at < 0:
        raise CelError(f"index out of range: {at}")
    return -1 if at >= len(subject) else subject.rfind(wanted, 0, at + len(wanted))


def join(parts: Any, separator: Any = "") -> str:
    if not isinstance(parts, list) or (parts and not isinstance(parts[0], str)):
        raise no_overload(parts, separator, *(parts[:1] if isinstance(parts, list) else ()))
    glue = text_of(separator)
    for part in parts:
        if not isinstance(part, str):
            text_of(part) if part.__class__.__name__ == "Unknown" else None
            raise CelError(f"join: invalid input: {show(part)}")
    if sum(map(len, parts)) + len(glue) * len(parts) > SIZE_LIMIT:
        raise over_limit()
    return glue.join(parts)


def lower_ascii(text: Any) -> str:
    return text_of(text).translate(_LOWER)


def upper_ascii(text: Any) -> str:
    return text_of(text).translate(_UPPER)


def replace(text: Any, old: Any, new: Any, count: Any = -1) -> str:
    subject, before, after = text_of(text, old, new, count), text_of(old, new, count), text_of(new, count)
    limit = _whole(count)
    if len(after) > len(before) and len(after) * (subject.count(before) + 1) + len(subject) > SIZE_LIMIT:
        raise over_limit()
    return subject.replace(before, after, limit if limit >= 0 else -1)


def split(text: Any, separator: Any, count: Any = -1) -> list[str]:
    subject, glue, limit = text_of(text, separator, count), text_of(separator, count), _whole(count)
    if limit == 0:
        return []
    if not glue:
        pieces = list(subject)
        if 0 < limit < len(pieces):
            pieces[limit - 1 :] = ["".join(pieces[limit - 1 :])]
        return pieces
    return subject.split(glue, limit - 1 if limit > 0 else -1)


def substring(text: Any, start: Any, end: Any = None) -> str:
    subject, first = text_of(text, start, end), _whole(start, end)
    last = len(subject) if end is None else _whole(end)
    if end is not None and first > last:
        raise CelError(f"invalid substring range. start: {first}, end: {last}")
    for place in (first, last):
        if not 0 <= place <= len(subject):
            raise CelError(f"index out of range: {place}")
    return subject[first:last]


def trim(text: Any) -> str:
    return text_of(text).strip(_SPACE)


def quote(text: Any) -> str:
    """`strings.quote(text)`."""
    return '"' + text_of(text).translate(_ESCAPES) + '"'
