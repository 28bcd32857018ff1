"""The parser takes any bytes: it answers, soon, with documents and problems that all have a place, and never raises."""

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sample_readings import agree, compare_places, fields_of
from sample_yaml import MANIFESTS
from seawall.formats import kubernetes_yaml

TEXTS = [path.read_bytes() for path in MANIFESTS if path.stat().st_size < 4000]
PIECES = [
    piece.encode()
    for piece in (
        *(
            " ",
            "  ",
            "\t",
            "\n",
            "\r\n",
            "\r",
            "- ",
            ": ",
            ":",
            "#",
            " #",
            "&a ",
            "*a",
            "!!str ",
            "|",
            ">-\n",
            "[",
            "]",
            "{",
            "}",
        ),
        *(
            ",",
            "'",
            '"',
            "\\",
            "?",
            "? ",
            "<<: ",
            "---\n",
            "...\n",
            "%",
            "@",
            "\0",
            "\ufeff",
            "\x85",
            "\u2028",
            "~",
            "null",
        ),
        *("{{ x }}", "\x1b", "é", "\U0001f600"),
    )
] + [b"\xff", b"\xc3"]
MILLISECONDS = 2000  # for one small text: hundreds of times what it takes, and far from a hang


def read(data: bytes) -> None:
    parsed = kubernetes_yaml.parse("f.yaml", data)
    lines = data.count(b"\n") + 1
    for entry in parsed.unscanned:
        line = re.fullmatch(r"f\.yaml(?::(\d+))?", entry.path)
        assert line is not None, entry
        assert line[1] is None or 1 <= int(line[1]) <= lines, (entry, data)
        assert entry.reason
    for document in parsed.documents:
        assert 1 <= document.line <= lines
        for field in list(fields_of(document.value))[:40]:
            location = document.locate(field).location
            assert 1 <= location.line <= location.end_line <= lines, (field, data)
            assert location.column >= 1
        kubernetes_yaml.resources(document)


@settings(max_examples=300, deadline=MILLISECONDS)
@given(st.binary(max_size=200))
@example(b"\xef\xbb\xbf{}")
@example(b"- \xef\xbb\xbf")
def test_any_bytes(data: bytes) -> None:
    read(data)


@settings(max_examples=500, deadline=MILLISECONDS)
@given(st.lists(st.sampled_from([*PIECES, b"a", b"b: 1", b"c:"]), max_size=25).map(b"".join))
def test_any_mixture_of_indicators(data: bytes) -> None:
    read(data)
    if b"---" not in data:
        try:
            agree(data.decode() + "\n")
        except UnicodeDecodeError:
            return


@st.composite
def mutated_manifests(draw: st.DrawFn) -> bytes:
    """Return a shipped manifest with a few things cut out, doubled, moved or put in."""
    data = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        change = draw(st.sampled_from(["cut", "double", "insert", "replace", "truncate", "indent"]))
        if change == "cut":
            data = data[:start] + data[end:]
        elif change == "double":
            data = data[:end] + data[start:]
        elif change == "truncate":
            data = data[:start]
        elif change == "indent":
            line = data.rfind(b"\n", 0, start) + 1
            data = data[:line] + b" " * draw(st.integers(1, 4)) + data[line:]
        else:
            data = data[:start] + draw(st.sampled_from(PIECES)) + data[start if change == "insert" else end :]
    return data


@settings(max_examples=600, deadline=MILLISECONDS)
@given(mutated_manifests())
def test_any_damaged_manifest(data: bytes) -> None:
    read(data)
    compare_places(data)
    for chunk in ("\n" + data.decode("utf-8", "replace")).replace("\r\n", "\n").split("\n---"):
        agree(chunk.removeprefix("\n") + "\n")
