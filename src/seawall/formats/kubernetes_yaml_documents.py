"""Splits a file into documents as kubectl does, and reads each one.

kubectl takes a file that starts with ``{`` for JSON, one object after the other, and everything else for YAML, in which a line
that starts with ``---`` ends a document. Source: ``k8s.io/apimachinery/pkg/util/yaml/decoder.go`` and kubectl's file visitor.
"""

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from seawall.formats.kubernetes_yaml_nodes import DuplicateKeyError, YamlError, compose, construct
from seawall.formats.kubernetes_yaml_places import Places
from seawall.formats.kubernetes_yaml_text import SourceText
from seawall.model.resource import Unscanned

Outcome: TypeAlias = "tuple[Any, Places] | Unscanned"

_SEPARATOR = re.compile(rb"^---([^\n]*)(?:\n|\Z)", re.MULTILINE)
_BLANK = re.compile(rb"(?:[ \t\r\n]*(?:#[^\n]*)?(?:\n|\Z))*\Z")


def read_documents(source: SourceText) -> Iterator[Outcome]:
    """Yield the documents of `source` in their order, and an `Unscanned` for each that cannot be read."""
    data = source.data
    start, problem = 0, b""
    for match in _SEPARATOR.finditer(data):
        yield from _read_chunk(source, start, match.start(), problem)
        start = match.end()
        rest = match[1].strip()
        problem = b"" if rest.startswith(b"#") else rest
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
        root = compose(chunk.decode("utf-8"))
        if root is None:
            return
        value = construct(root)
    except UnicodeDecodeError as error:
        yield Unscanned(f"{source.path}:{source.line_at(start + error.start)}", "not UTF-8: save the file as UTF-8")
    except YamlError as error:
        yield _refuse(source, start, end, chunk, error)
    else:
        if value is not None:
            yield value, Places(source, start, end, root=root)


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
