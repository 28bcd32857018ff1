"""Where the objects of a JSON stream (``{…}{…}``, as ``kubectl get -o json`` in a loop prints it) begin and end.

kubectl reads text that starts with ``{`` as JSON, one object after the other. From the first one that is no JSON on it takes the
text for YAML, unless it has read two: then the text is a broken stream (``k8s.io/apimachinery/pkg/util/yaml``,
``YAMLOrJSONDecoder``).
"""

import json
import re
from typing import NamedTuple

_NEXT = re.compile(r"\}\s*\{")
_INK = re.compile(r"\S")


class JsonStream(NamedTuple):
    """The objects as spans of bytes; where the text that is none of them starts; whether that is a broken object."""

    spans: list[tuple[int, int]]
    rest: int
    broken: bool


NO_STREAM = JsonStream([], 0, False)


def find_objects(data: bytes) -> JsonStream:
    """Return the objects of `data`, none for text that is YAML or a single object: one reader reads both."""
    if data[:64].lstrip()[:1] != b"{" or b"{" not in data[1:]:
        return NO_STREAM
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return NO_STREAM  # the reader of single documents says where
    if _NEXT.search(text) is None:
        return NO_STREAM
    decoder = json.JSONDecoder(strict=False)
    spans: list[tuple[int, int]] = []
    position = _skip_space(text, 0)
    while position < len(text):
        try:
            _, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            break
        spans.append((position, end))
        position = _skip_space(text, end)
    if len(spans) < 2 and position == len(text):
        return NO_STREAM
    if not text.isascii():
        spans, position = _to_bytes(text, spans, position)
    return JsonStream(spans, position, len(spans) > 1 and position < len(data))


def _skip_space(text: str, position: int) -> int:
    ink = _INK.search(text, position)
    return ink.start() if ink else len(text)


def _to_bytes(text: str, spans: list[tuple[int, int]], rest: int) -> tuple[list[tuple[int, int]], int]:
    """Return the spans and the rest, which count characters, in bytes."""
    found: list[tuple[int, int]] = []
    characters = size = 0
    for start, end in [*spans, (rest, rest)]:
        first = size + len(text[characters:start].encode())
        characters, size = end, first + len(text[start:end].encode())
        found.append((first, size))
    return found[:-1], found[-1][0]
