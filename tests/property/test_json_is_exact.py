"""The laws of JSON: read as JSON or as the YAML that it also is, it has the same values at the same places."""

import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sample_readings import compare_places, read_exactly, same
from seawall.formats import kubernetes_yaml
from seawall.formats.kubernetes_json import DuplicateJsonKeyError, read_flow
from seawall.formats.kubernetes_yaml_nodes import YamlError

_strings = st.one_of(
    st.sampled_from(
        ["", "a", "null", "1", "yes", "~", "<<", " a ", "a: b", "# c", "é", "日本", "😀", "{", "]", "- x", "'"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters='"\\', exclude_categories=["Cc", "Cs"]), max_size=6),
)
_numbers = st.one_of(
    st.integers(-(2**70), 2**70), st.sampled_from([0, -1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64 - 1, 2**64]),
    st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([1.0, -0.0, 1e3, 1e22, 1e-7, 0.1]),
)  # fmt: skip
_values = st.recursive(
    st.one_of(_strings, _numbers, st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_strings, inner, max_size=4)),
    max_leaves=12,
)
_objects = st.dictionaries(_strings, _values, max_size=4)
_forms = st.sampled_from([(None, (", ", ": ")), (None, (",", ":")), (2, (",", ": ")), (0, (" ,", ":  "))])


def write(value: Any, form: tuple[int | None, tuple[str, str]]) -> str:
    return json.dumps(value, indent=form[0], separators=form[1], ensure_ascii=False)


@settings(max_examples=150, deadline=None)
@given(st.one_of(_objects, st.lists(_values, max_size=4)), _forms)
@example({"a": 1.0, "b": {"a": [1, {"c": "é"}, [], {}]}}, (None, (",", ":")))
@example([{"\u2028": None}], (None, (",", ":")))
def test_what_is_json_and_yaml_has_one_value_and_one_place(
    value: Any, form: tuple[int | None, tuple[str, str]]
) -> None:
    text = write(value, form)
    exact = read_exactly(text)
    try:
        fast = read_flow(text)
    except YamlError:
        pass
    else:
        assert same(fast, exact), (text, fast, exact)
    parsed = kubernetes_yaml.parse("a.json", text.encode())
    if isinstance(exact, YamlError) and not text.startswith("{"):
        # kubectl takes only what starts with a brace for JSON; this is YAML to it, where a key cannot have a line break (U+2028).
        assert [entry.path for entry in parsed.unscanned] == ["a.json:1"]
        return
    (document,) = parsed.documents
    assert isinstance(exact, YamlError) or same(document.value, exact), (text, document.value, exact)
    if not isinstance(exact, YamlError):
        compare_places(text.encode())


@settings(max_examples=80, deadline=None)
@given(st.lists(_objects, min_size=1, max_size=4), _forms, st.sampled_from(["", "\n", " ", "\r\n"]))
def test_a_stream_of_json_objects_is_read_to_its_end(
    values: list[Any], form: tuple[int | None, tuple[str, str]], gap: str
) -> None:
    text = gap + gap.join(write(value, form) for value in values) + gap
    parsed = kubernetes_yaml.parse("a.json", text.encode())
    assert parsed.unscanned == []
    assert len(parsed.documents) == len(values)
    for document, value in zip(parsed.documents, values, strict=True):
        assert list(document.value) == list(value)
        for key in value:
            place = document.locate((key,))
            assert place.snippet.removesuffix("…") in text
            line = text.replace("\r\n", "\n").split("\n")[place.location.line - 1]
            assert line[place.location.column - 1 :].startswith(json.dumps(key, ensure_ascii=False))


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from('{}[]",:a1 \n\t\\-.eEu0null'), max_size=20))
@example('{"a":1,"a":2}')
@example('{"a\\u0062":1,"ab":2}')
@example('["\\ud800"]')
def test_what_is_no_json_is_never_read_as_a_flow(text: str) -> None:
    try:
        fast = read_flow(text)
    except (YamlError, DuplicateJsonKeyError):
        return
    assert same(fast, read_exactly(text)), (text, fast)
