"""Several JSON objects in one file: kubectl reads them all, so none may be lost."""

import pytest

from seawall.formats import kubernetes_yaml


def read(text: str) -> tuple[list[object], list[str]]:
    parsed = kubernetes_yaml.parse("-", text.encode())
    return [document.value for document in parsed.documents], [entry.path for entry in parsed.unscanned]


@pytest.mark.parametrize(
    ("text", "values", "unscanned"),
    [
        ('{"a": 1}{"b": 2}', [{"a": 1}, {"b": 2}], []),
        ('\n {"a": "\u00fc}{"}\n{"b": "\u20ac"}\n\n{"c": 3}\n', [{"a": "\u00fc}{"}, {"b": "\u20ac"}, {"c": 3}], []),
        ('{"a": 1}\n---\n{"b": 2}\n{"c": 3}\n', [{"a": 1}, {"b": 2}], []),
        ('{"a": 1}\n---\n{"b": 2}\n', [{"a": 1}, {"b": 2}], []),
        ('{"a": 1}{"b": 2}\n{"c": ', [{"a": 1}, {"b": 2}], ["-:2"]),
        ('{"a": "}{"}', [{"a": "}{"}], []),
        ("{a: 1}\n", [{"a": 1}], []),
        ('{"a": 1,}', [{"a": 1}], []),
    ],
)
def test_every_object_of_a_stream_is_read(text: str, values: list[object], unscanned: list[str]) -> None:
    assert read(text) == (values, unscanned)


def test_places_in_a_stream_count_from_the_start_of_the_file() -> None:
    parsed = kubernetes_yaml.parse("-", '{"a": "\u00fc"}\n{"b":\n "x"}'.encode())
    place = parsed.documents[1].locate(("b",))
    assert (place.location.line, place.location.column, place.evidence) == (2, 2, '"x"')
