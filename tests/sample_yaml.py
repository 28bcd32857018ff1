"""YAML texts for the laws of its readers: what is shipped, mixtures of lines, and structures that mostly fit."""

from pathlib import Path

from hypothesis import strategies as st

ROOT = Path(__file__).parents[1]
MANIFESTS = sorted([*(ROOT / "src/seawall/rules").rglob("*.yaml"), *(ROOT / "examples").rglob("*.yaml")])


_keys = st.sampled_from(["a", "b", "name", "c.d/e", '"q"', "'s'", "yes", "1", "null", "<<", "a b", "", "é", "-x", "?"])
_scalars = st.sampled_from(
    ["x", "1", "1.0", "0o7", "yes", "~", "null", '""', "''", '"a b"', "'it''s'", '"\\n"', '"open', "'open", "close'", "-", "--",
     "-1", "- x", "a: b", "a:", "a:b", "a #c", "a#c", "#c", "# c", "{}", "[]", "[a, b]", "{a: 1}", "{a: ~}", "{a: 1, a: 2}", "[a",
     "b]", "[*x]", "&x y", "*x", "!!str 1", "!t x", "|", ">", "|-", ">+", "| # c", "|2", "%", "@", "`", "x  ", "x\t", ":", ": x",
     "[sh, -c, 'a b', \"c\"]", "{a: b, \"c\": 'd', e: 1}", "[a, ]", "[--x=y, -1, $(Z), 1_0]", '"\\"x\\\\\\t\\n"', '"\\u00e9"',
     "? x", "...", "---", "é", "\u2028", "\x07", "\ufeff", ".5", "1e3", ".inf", "0x1F", "1_0", "<<", "=", "2020-01-01", "[]: x"]
)  # fmt: skip
_bodies = st.one_of(
    st.builds("{}: {}".format, _keys, _scalars),
    st.builds("{}:".format, _keys),
    st.builds("- {}: {}".format, _keys, _scalars),
    st.builds("- {}:".format, _keys),
    st.builds("-   {}: {}".format, _keys, _scalars),
    st.builds("- {}".format, _scalars),
    st.builds("- - {}".format, _scalars),
    _scalars,
    st.sampled_from(["", "-", "#", "# c", "...", "%YAML 1.1", "\t", "text"]),
)
LINES = st.builds(lambda width, body: " " * width + body, st.integers(0, 6), _bodies)
LINE_ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n", "", "\r"])


_pieces = st.sampled_from(
    ["a", "b c", "-x", "1", "~", "'q r'", '"q, r"', "''", '"', "'", "\\", "\\n", "\\ ", '\\"', "# c", "", ",", ", ", "a: b", "a:",
     '"k": v', '"k":"v"',
     "[", "]", "{", "}", "a #c", "é", "a:b", "$(X)", "--y=z", "  more", "/bin/sh", "yes", "null: 1", "'it''s'", "- a", "\t"]
)  # fmt: skip


@st.composite
def spread_values(draw: st.DrawFn) -> str:
    """A value in quotes, in brackets, folded or plain that goes on on further lines, in a list or in a map."""
    opening, closing = draw(st.sampled_from(['""', "''", "[]", "{}", "  ", ">\n", "|\n"]))
    count = draw(st.integers(1, 4))
    lines = []
    for _ in range(count):
        joint = draw(st.sampled_from(["", " ", ", ", ","]))
        pieces = joint.join(draw(st.lists(_pieces, max_size=3)))
        lines.append(" " * draw(st.integers(0, 5)) + pieces + draw(st.sampled_from(["", "", ",", " ", "  # c"])))
    header = draw(st.sampled_from(["", "-", "+"])) if opening in ">|" else ""
    start = draw(st.sampled_from(["a: ", "- ", "- a: ", "  - b:\n      - "]))
    end = draw(st.sampled_from(["\n", "\nb: 1\n", "\n- c\n", " # d\n", "\n\n\n", "\n  \nb:\n"]))
    begin = "\n" if opening in ">|" else ""
    return start + opening.strip() + header + begin + "\n".join(lines) + closing.strip(" ") + end


_plain_values = st.sampled_from(["x", "1", "no", '"q"', "'s'", "{}", "[a]", "", "|", ">-", "null", "a #c", "-1"])


@st.composite
def structures(draw: st.DrawFn) -> str:
    """Lines whose indentation mostly fits: the way to deep structures."""
    lines: list[str] = []
    columns = [0]
    for _ in range(draw(st.integers(1, 14))):
        column = draw(st.sampled_from([*columns, columns[-1] + 2, columns[-1] + draw(st.integers(0, 3))]))
        columns = [known for known in columns if known < column] + [column]
        dash = draw(st.sampled_from(["", "", "- ", "-  "]))
        key = draw(st.sampled_from(["a", "b", "c", "d", "e", "f"]))
        form = draw(st.sampled_from(["{}: {}", "{}: {}", "{}:", "{1}"]))
        lines.append(" " * column + dash + form.format(key, draw(_plain_values)))
        if dash:
            columns.append(column + len(dash))
    return "\n".join(lines) + "\n"
