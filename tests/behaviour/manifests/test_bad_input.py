"""Input that nobody can read is said to be unread, with its file and line; what stands beside it is read."""

import json
import os
from pathlib import Path

import pytest

from seawall.apps.cli import main
from seawall.formats import kubernetes_yaml
from seawall.formats.kubernetes_yaml import MAX_PROBLEMS

_LEVELS = 10_000
_BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
_MERGE_BOMB = "a: &a {k: 1}\n" + "".join(
    f"{name}: &{name} {{<<: [{', '.join([f'*{before}'] * 20)}], {name}: 1}}\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
_STAIRCASE = b"".join(b" " * level + b"a:\n" for level in range(1000))
_OPEN_BRACKET = "while parsing a flow sequence, did not find expected ',' or ']'; it begins on line 2"
_OPEN_QUOTE = "while scanning a quoted scalar, found unexpected end of stream; it begins on line 2"
_SEPARATOR = "invalid YAML document separator: only a comment may follow '---' on its line"
_TEMPLATE = "a template ('{{'), not YAML: render it first, or scan the chart that it belongs to"
BAD: dict[str, tuple[bytes, int, str]] = {
    "an alias bomb": (_BOMB.encode(), 4, "document contains excessive aliasing"),
    "a bomb of merge keys": (_MERGE_BOMB.encode(), 4, "document contains excessive aliasing"),
    "a NUL byte": (b"a: b\nc: d\0e\n", 2, "control characters are not allowed (character U+0000)"),
    "a control character": (b"a: b\nc: \x07\n", 2, "control characters are not allowed (character U+0007)"),
    "text in no encoding": (b"a: b\nc: \xff\n", 2, "not UTF-8: save the file as UTF-8"),
    "half a character at the end": ("a: é".encode()[:-1], 1, "not UTF-8: save the file as UTF-8"),
    "UTF-16": ("a: b\n".encode("utf-16"), 1, "UTF-16, not UTF-8: save the file as UTF-8"),
    "a key that stands twice": (b"a: 1\nb: 2\na: 3\n", 3, "key 'a' is set twice in the same map, on lines 1 and 3: remove one"),
    "two spellings of one key": (b"a: 1\n'a': 2\n", 2, "key 'a' is set twice in the same map, on lines 1 and 2: remove one"),
    "true twice": (b"yes: 1\non: 2\n", 2, "key 'true' is set twice in the same map, on lines 1 and 2: remove one"),
    "a key that stands twice in JSON": (
        b'{"a": 1,\n "b": {"c": 1,\n "c": 2}}',
        3,
        "key 'c' is set twice in the same map, on lines 2 and 3: remove one",
    ),
    "an indentation of tabs": (b"a:\n\tb: 1\n", 2, "a tab, where YAML takes only spaces: indent with spaces"),
    "an end in brackets": (b"a:\n  b: [1,\n2\n", 3, _OPEN_BRACKET),
    "an end in quotes": (b'x: 1\na: "b\nc\n', 3, _OPEN_QUOTE),
    "an end in JSON": (b'{"apiVersion": [1,', 1, "while parsing a flow node, did not find expected node content"),
    "10,000 brackets": (b"a: " + b"[" * _LEVELS, 1, "nested deeper than 250 levels"),
    "10,000 brackets that close": (b"a: " + b"[" * _LEVELS + b"]" * _LEVELS, 1, "nested deeper than 250 levels"),
    "10,000 objects in JSON": (b'{"a":' * _LEVELS + b"1" + b"}" * _LEVELS, 1, "nested deeper than 250 levels"),
    "300 objects in JSON": (b'{"a":' * 300 + b"1" + b"}" * 300, 1, "nested deeper than 250 levels"),
    "10,000 dashes": (b"- " * _LEVELS + b"a", 1, "nested deeper than 250 levels"),
    "a staircase of 1,000 keys": (_STAIRCASE, 251, "nested deeper than 250 levels"),
    "text behind a separator": (b"--- a: 1\nb: 2\n", 1, _SEPARATOR),
    "an unknown directive": (b"%FOO\na: 1\n", 1, "while scanning a directive, found unknown directive name"),
    "an alias inside its anchor": (b"x: 1\na: &a [*a]\n", 2, "anchor 'a' value contains itself"),
    "an alias without an anchor": (b"x: 1\na: *b\n", 2, "unknown anchor 'b' referenced"),
    "a list as a key": (b"[a]: b\n", 1, "a map key must be a string, not a collection"),
    "null as a key": (b"a: 1\n~: b\n", 2, "a map key must not be null"),
    "not a number": (b"a: 1\nb: .nan\n", 2, "infinities and NaN have no form in JSON"),
    "an infinity": (b"a: [1, -.inf]\n", 1, "infinities and NaN have no form in JSON"),
    "a number that is none": (b"a: !!int b\n", 1, "cannot decode !!str 'b' as a !!int"),
    "a merge with no map": (b"a:\n  <<: 1\n", 2, "map merge requires map or sequence of maps as the value"),
    "a template": (b"{{- if .Values.on }}\na: 1\n{{- end }}\n", 1, _TEMPLATE),
}  # fmt: skip


def essence(reason: str) -> str:
    """Return the part of `reason` that names no lines."""
    return reason.split(", on lines")[0].split("; it begins")[0]


@pytest.mark.parametrize("what", BAD)
def test_input_that_cannot_be_read_is_named_with_its_line(what: str) -> None:
    data, line, reason = BAD[what]
    parsed = kubernetes_yaml.parse("deploy.yaml", data)
    assert parsed.documents == []
    assert [(entry.path, entry.reason) for entry in parsed.unscanned] == [(f"deploy.yaml:{line}", reason)]


@pytest.mark.parametrize("what", [what for what in BAD if not BAD[what][0].startswith((b"{", b"\xff"))])
def test_the_documents_beside_it_are_read(what: str) -> None:
    data, line, reason = BAD[what]
    around = b"first: 1\n---\n" + data + b"\n---\nlast: 1\n"
    parsed = kubernetes_yaml.parse("deploy.yaml", around)
    assert [document.value for document in parsed.documents if document.value != {"b": 2}] == [
        {"first": 1},
        {"last": 1},
    ]
    first, *_ = parsed.unscanned
    assert essence(first.reason) == essence(reason)
    # A text that ends in brackets or quotes is broken where the document ends, which is a line later here.
    assert int(first.path.removeprefix("deploy.yaml:")) - line in ((2, 3) if "begins" in reason else (2,))


@pytest.mark.parametrize(
    ("data", "values"),
    [
        (b"\xef\xbb\xbfa: 1\n", [{"a": 1}]),
        (b"a: 1\r\n---\r\nb: 2\r\n", [{"a": 1}, {"b": 2}]),
        (b"---\n---\n# c\n---\na: 1\n--- # c\nb: 2\n---", [{"a": 1}, {"b": 2}]),
        (b"a: 1\n...\n", [{"a": 1}]),
        (b"", []),
        (b"\n# only a comment\n", []),
        (b"1: a\nyes: b\n1.5: c\n", [{"1": "a", "true": "b", "1.5": "c"}]),
        (b"a: " + b"x" * 3_000_000, [{"a": "x" * 3_000_000}]),
        (b'a: "' + b"x" * 3_000_000 + b'"', [{"a": "x" * 3_000_000}]),
        (b"a: |\n" + b"  x\n" * 300_000, [{"a": "x\n" * 300_000}]),
    ],
    ids=["BOM", "CRLF", "separators", "end mark", "nothing", "comment", "keys", "long", "long in quotes", "long block"],
)
def test_what_only_looks_odd_is_read(data: bytes, values: list[object]) -> None:
    parsed = kubernetes_yaml.parse("deploy.yaml", data)
    assert parsed.unscanned == []
    assert [document.value for document in parsed.documents] == values


@pytest.mark.parametrize("text", ["\ufeffa: x\nb: é1\n", "\ufeffa: &k x\r\nb: é1\r\n", "\ufeff{a: x,\nb: é1}"])
def test_a_byte_order_mark_moves_no_place(text: str) -> None:
    (document,) = kubernetes_yaml.parse("deploy.yaml", text.encode()).documents
    first, second = document.locate(("a",)), document.locate(("b",))
    assert (first.evidence, first.location.line, first.snippet[0]) == ("x", 1, text[1])
    assert first.location.column == text.index("a")
    assert (second.evidence, second.location.line, second.location.column) == ("é1", 2, 1)


def test_the_memory_that_a_document_may_take_is_bounded() -> None:
    parsed = kubernetes_yaml.parse("deploy.yaml", b"a: [" + b"b," * 1_000_000 + b"]")
    (entry,) = parsed.unscanned
    assert entry.reason == "more than 500,000 keys and values in one document: split it"


def test_a_file_of_problems_does_not_flood_the_report() -> None:
    parsed = kubernetes_yaml.parse("deploy.yaml", b"--- x\na: 1\n" * 100_000)
    assert len(parsed.unscanned) == MAX_PROBLEMS + 1
    assert parsed.unscanned[-1].reason == "100 problems: the rest of the file is not read"


def test_a_scan_goes_on_beside_bad_files_and_ends_with_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = {}
    for number, (data, line, reason) in enumerate(BAD.values()):
        # A file without this word is not taken for a manifest. In front of JSON it would be YAML.
        behind = data.startswith((b"{", b"\xff"))
        word = b"" if b"apiVersion" in data else b"# apiVersion\n"
        text = data + b"\n" + word if behind else word + data
        (tmp_path / f"bad-{number:02}.yaml").write_bytes(text.rstrip() if behind and not word else text)
        expected[f"bad-{number:02}.yaml:{line if behind else line + 1}"] = essence(reason)
    (tmp_path / "good.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: good\n")
    with (tmp_path / "huge.yaml").open("wb") as huge:
        os.truncate(huge.fileno(), 100 * 1024 * 1024)  # a hole: it takes no room on the disk
    assert main.main(("scan", str(tmp_path), "--format", "json")) == 2
    report = json.loads(capsys.readouterr().out)
    assert report["summary"]["resources"] == 1
    unscanned = {Path(entry["path"]).name: entry["reason"] for entry in report["unscanned"]}
    assert unscanned.pop("huge.yaml").startswith("too large (100 MiB; at most 16 MiB are read)")
    assert {name: essence(reason) for name, reason in unscanned.items()} == expected
