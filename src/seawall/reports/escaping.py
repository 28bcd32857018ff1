"""Make text from a scanned file safe to show.

A manifest is written by someone that the reader may not trust. Terminal escape sequences, bidirectional overrides and
line breaks in a name must not move the cursor, recolour the screen, hide text or forge a line of the report.
"""

import re

# DEL and the C1 control characters are legal in JSON text but a terminal may obey them; JSON can spell them harmlessly.
_JSON_CONTROLS = re.compile(rb"\x7f|\xc2[\x80-\x9f]")

_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e"}


def make_visible(text: str) -> str:
    """Return `text` on one line with every character that is not printable written as an escape (``\\e``, ``\\u202e``).

    Besides control characters these are the invisible ones: bidirectional marks, zero-width characters, line separators,
    lone surrogates (bytes of a file name that are not UTF-8) and unassigned code points.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escape(character) for character in text)


def split_lines(snippet: str) -> list[str]:
    """Return the lines of a snippet, not yet safe to show, with each tab as one space, so that columns still count."""
    return snippet.replace("\t", " ").removesuffix("\n").split("\n") if snippet else []


def escape_json_controls(encoded: bytes) -> bytes:
    """Return the same JSON value without a byte that a terminal obeys."""
    # The cheap test first: most reports have neither byte, and these searches run at memory speed.
    if b"\x7f" in encoded or b"\xc2" in encoded:
        return _JSON_CONTROLS.sub(lambda match: b"\\u%04x" % ord(match[0].decode()), encoded)
    return encoded


def shorten(text: str, limit: int) -> str:
    """Return `text` with its middle left out where it has more than `limit` characters."""
    if len(text) <= limit:
        return text
    head = (limit - 1) // 2
    return f"{text[:head]}…{text[len(text) - (limit - 1 - head) :]}"


def _escape(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    if 0xDC80 <= code <= 0xDCFF:  # a byte that Python's file system decoding could not read
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
