"""Splits a file into documents as kubectl does, and reads each one.

kubectl takes a file that starts with ``{`` for JSON, one object after the other, and everything else for YAML, in which a line
that starts with ``---`` ends a document. Source: ``k8s.io/apimachinery/pkg/util/yaml/decoder.go`` and kubectl's file visitor.
"""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from seawall.formats.kubernetes_yaml_fast import Marks, Nothing, read_plain
from seawall.formats.kubernetes_yaml_lines import DeclinedError
from seawall.formats.kubernetes_yaml_nodes import DuplicateKeyError, YamlError, compose, construct
from seawall.formats.kubernetes_yaml_places import Form, Places
from seawall.formats.kubernetes_yaml_text import BYTE_ORDER_MARK, SourceText
from seawall.model.resource import Unscanned

if TYPE_CHECKING:
    from seawall.formats.kubernetes_json import DuplicateJsonKeyError

_GUESSED = 4096  # bytes in which kubectl looks for the brace that makes a file JSON

Outcome: TypeAlias = "tuple[Any, bool, Places] | Unscanned"
"""Of a document: its value, whether there may be nulls in its maps, and its places."""


def read_documents(source: SourceText) -> Iterator[Outcome]:
    """Yield the documents of `source` in their order, and an `Unscanned` for each that cannot be read."""
    data = source.data
    start, problem = 0, b""
    if data[:_GUESSED].lstrip()[:1] == b"{":
        start = yield from _read_json(source)
    separator = start if data.startswith(b"---", start) else data.find(b"\n---", start) + 1 or -1
    while separator >= 0:
        yield from _read_chunk(source, start, separator, problem)
        line_end = data.find(b"\n", separator)
        start = len(data) if line_end < 0 else line_end + 1
        rest = data[separator + 3 : start].strip()
        problem = b"" if rest.startswith(b"#") else rest
        separator = data.find(b"\n---", start - 1) + 1 or -1
    yield from _read_chunk(source, start, len(data), problem)


def _read_json(source: SourceText) -> Generator[Outcome, None, int]:
    """Yield the objects of a stream of JSON, and return where the text begins that is to be read as YAML.

    From the first one that is no JSON on kubectl takes the text for YAML, unless it has read two: then the stream is broken.
    """
    from seawall.formats.kubernetes_json import DuplicateJsonKeyError, end_of_value, read_value, skip_space

    data = source.data
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return 0  # who reads it as YAML says where
    offset = _Offsets(text)
    count, end = 0, 0
    start = skip_space(text, 0)
    while start < len(text):
        first = offset.of(start)
        try:
            value, end = read_value(text, start)
        except DuplicateJsonKeyError as error:
            end = end_of_value(text, start)
            yield _refuse_duplicate(source, first, offset.of(end), error)
        except YamlError as error:
            if count > 1:
                line = source.line_at(min(offset.of(error.offset), len(data)))
                yield Unscanned(f"{source.path}:{line}", f"{error.problem}, in a stream of JSON objects")
                return len(data)
            newline = text.find("\n", end, start)
            return 0 if count == 0 else offset.of(start if newline < 0 else newline + 1)
        else:
            if value is not None:
                last = offset.of(end)
                yield value, b"null" in data[first:last], Places(source, first, last, value, Form.JSON)
        count += 1
        start = skip_space(text, end)
    return len(data)


class _Offsets:
    """Translates characters of a text into bytes, for places that only grow."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ascii = text.isascii()
        self._characters = self._bytes = 0

    def of(self, characters: int) -> int:
        if self._ascii:
            return characters
        self._bytes += len(self._text[self._characters : characters].encode())
        self._characters = characters
        return self._bytes


def _read_chunk(source: SourceText, start: int, end: int, problem: bytes) -> Iterator[Outcome]:
    if problem:
        yield Unscanned(
            f"{source.path}:{source.line_at(start - 1)}",
            "invalid YAML document separator: only a comment may follow '---' on its line",
        )
        return
    if source.data.startswith(BYTE_ORDER_MARK, start):
        start += len(BYTE_ORDER_MARK)
    chunk = source.data[start:end]
    if not chunk.strip():
        return
    try:
        value, nulls, form, marks = _read_text(chunk.decode("utf-8"))
    except UnicodeDecodeError as error:
        yield Unscanned(f"{source.path}:{source.line_at(start + error.start)}", _not_utf8(source.data))
    except YamlError as error:
        yield _refuse(source, start, end, chunk, error)
    else:
        if value is not None and value is not Nothing:
            if form is Form.PLAIN and not source.starts_line(start):
                form = Form.ANY  # behind JSON on the same line: a plain document's columns count from where it starts
            yield value, nulls, Places(source, start, end, value, form, marks)


def _read_text(text: str) -> tuple[Any, bool, Form, Marks]:
    """Return the value of a document, whether there may be nulls in it, how it was read, and where a plain one's entries stand.

    Raises `YamlError`.
    """
    # kubectl reads line by line and ends each one so, the last one too. Lines stay the same, characters do not.
    text = text.replace("\r\n", "\n") if text.endswith("\n") else text.replace("\r\n", "\n") + "\n"
    try:
        value, nulls, marks = read_plain(text)
        return value, nulls, Form.PLAIN, marks
    except DeclinedError:
        pass
    if text.lstrip()[:1] in ("{", "["):
        from seawall.formats.kubernetes_json import DuplicateJsonKeyError, read_flow

        try:
            return read_flow(text), True, Form.JSON, []
        except (YamlError, DuplicateJsonKeyError):
            pass
    root = compose(text)
    return None if root is None else construct(root), True, Form.ANY, []


def _refuse_duplicate(source: SourceText, start: int, end: int, error: "DuplicateJsonKeyError") -> Unscanned:
    chunk = source.data[start:end]
    try:
        root = compose(chunk.decode("utf-8"))
        if root is not None:
            construct(root)
    except DuplicateKeyError as duplicate:
        return _refuse(source, start, end, chunk, duplicate)
    except YamlError:
        pass
    reason = f"key {error.key!r} is set twice in the same map of this object: remove one"
    return Unscanned(f"{source.path}:{source.line_at(start)}", reason)


def _refuse(source: SourceText, start: int, end: int, chunk: bytes, error: YamlError) -> Unscanned:
    first = source.line_at(start)
    text = chunk.decode("utf-8", "replace").replace("\r\n", "\n")
    line = min(first + text.count("\n", 0, error.offset), source.line_at(max(end - 1, start)))
    reason = error.problem
    if isinstance(error, DuplicateKeyError):
        other = first + text.count("\n", 0, error.first)
        reason = f"{reason}, on lines {other} and {line}: remove one"
    elif text[error.offset : error.offset + 1] == "\t":
        reason = "a tab, where YAML takes only spaces: indent with spaces"
    elif b"{{" in chunk:
        reason = "a template ('{{'), not YAML: render it first, or scan the chart that it belongs to"
    elif (began := first + text.count("\n", 0, error.began)) < line:
        reason = f"{reason}; it begins on line {began}"
    return Unscanned(f"{source.path}:{line}", reason)


def _not_utf8(data: bytes) -> str:
    kind = "UTF-16, not UTF-8" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "not UTF-8"
    return f"{kind}: save the file as UTF-8"
