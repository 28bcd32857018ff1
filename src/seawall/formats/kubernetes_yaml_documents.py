"""Splits a file into documents as kubectl does, and reads each one.

kubectl takes a file that starts with ``{`` for JSON, one object after the other, and everything else for YAML, in which a line
that starts with ``---`` ends a document. Source: ``k8s.io/apimachinery/pkg/util/yaml/decoder.go`` and kubectl's file visitor.
"""

from collections.abc import Iterator
from typing import Any, TypeAlias

from seawall.formats.kubernetes_json_stream import find_objects
from seawall.formats.kubernetes_yaml_fast import Nothing, read_plain
from seawall.formats.kubernetes_yaml_lines import DeclinedError
from seawall.formats.kubernetes_yaml_nodes import DuplicateKeyError, YamlError, compose, construct
from seawall.formats.kubernetes_yaml_places import Places
from seawall.formats.kubernetes_yaml_text import SourceText
from seawall.model.resource import Unscanned

Outcome: TypeAlias = "tuple[Any, bool, Places] | Unscanned"
"""Of a document: its value, whether there may be nulls in its maps, and its places."""


def read_documents(source: SourceText) -> Iterator[Outcome]:
    """Yield the documents of `source` in their order, and an `Unscanned` for each that cannot be read."""
    data = source.data
    stream = find_objects(data)
    for first, last in stream.spans:
        yield from _read_chunk(source, first, last, b"")
    start, problem = stream.rest, b""
    if stream.broken:
        yield Unscanned(f"{source.path}:{source.line_at(start)}", "not JSON, in a stream of JSON objects: mend it")
        return
    separator = start if data.startswith(b"---", start) else data.find(b"\n---", start) + 1 or -1
    while separator >= 0:
        yield from _read_chunk(source, start, separator, problem)
        line_end = data.find(b"\n", separator)
        start = len(data) if line_end < 0 else line_end + 1
        rest = data[separator + 3 : start].strip()
        problem = b"" if rest.startswith(b"#") else rest
        separator = data.find(b"\n---", start - 1) + 1 or -1
    yield from _read_chunk(source, start, len(data), problem)


def _read_chunk(source: SourceText, start: int, end: int, problem: bytes) -> Iterator[Outcome]:
    if problem:
        yield Unscanned(
            f"{source.path}:{source.line_at(start - 1)}",
            "invalid YAML document separator: only a comment may follow '---' on its line",
        )
        return
    chunk = source.data[start:end]
    if not chunk.strip():
        return
    try:
        text = chunk.decode("utf-8")
        try:
            value, nulls = read_plain(text)
            plain = True
        except DeclinedError:
            root = compose(text)
            value, nulls = (None if root is None else construct(root)), True
            plain = False
    except UnicodeDecodeError as error:
        yield Unscanned(f"{source.path}:{source.line_at(start + error.start)}", "not UTF-8: save the file as UTF-8")
    except YamlError as error:
        yield _refuse(source, start, end, chunk, error)
    else:
        if value is not None and value is not Nothing:
            yield value, nulls, Places(source, start, end, value, plain=plain)


def _refuse(source: SourceText, start: int, end: int, chunk: bytes, error: YamlError) -> Unscanned:
    text = chunk.decode("utf-8", "replace")
    line = source.line_at(min(start + len(text[: error.offset].encode()), max(end - 1, start)))
    reason = error.problem
    if isinstance(error, DuplicateKeyError):
        first = source.line_at(start + len(text[: error.first].encode()))
        reason = f"{reason}, on lines {first} and {line}: remove one"
    elif b"{{" in chunk:
        reason = "a template ('{{'), not YAML: render it first, or scan the chart that it belongs to"
    return Unscanned(f"{source.path}:{line}", reason)
