"""The law of the fast places: for every field that is there, and for some that are not, the very place of the exact reader."""

from collections.abc import Iterator
from typing import Any

from hypothesis import example, given, settings

from sample_yaml import MANIFESTS, structures
from seawall.formats.kubernetes_yaml_documents import read_documents
from seawall.formats.kubernetes_yaml_places import Places
from seawall.formats.kubernetes_yaml_text import SourceText
from seawall.model.field_path import FieldPath
from seawall.model.resource import Unscanned


def fields_of(value: Any, prefix: FieldPath = ()) -> Iterator[FieldPath]:
    """Yield the paths of all fields below `value`, its own, and of absent neighbours."""
    yield prefix
    yield (*prefix, "absent")
    yield (*prefix, 99)
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        yield from fields_of(inner, (*prefix, step))


def compare_places(data: bytes) -> int:
    """Compare the places of all fields of all documents; return how many documents are plain."""
    plain = 0
    for outcome in read_documents(SourceText("f.yaml", data)):
        if isinstance(outcome, Unscanned):
            continue
        value, _, fast = outcome
        if not fast.is_plain:
            continue
        plain += 1
        exact = Places(SourceText("f.yaml", data), fast.start, fast.end, value, plain=False)
        for field in fields_of(value):
            assert fast.locate(field) == exact.locate(field), (field, data)
    return plain


def test_fields_of_every_shipped_manifest_stand_where_the_exact_reader_says() -> None:
    assert sum(compare_places(path.read_bytes()) for path in MANIFESTS) > 500


@settings(max_examples=200, deadline=None)
@given(structures())
@example("a: 1\n\"b\": 2\n'c':\n  - \"a\": [1, {b: 2, é: x}]\n    b: {}\n    'c': x # y\n")
@example("a: |\n  x\n  # y\n\n# z\nb: >-\n  x\n\n   # y\nc:\n- - # x\n-\n- a: # b\n\n    c: d\n- []\n- {a: b}\n")
@example('a: "é" # ü\nb:   \'it\'\'s\'   # x\nc: "\\""\nd: "x # y"  # z\ne: x#y #z\n')
def test_fields_of_any_structure_stand_where_the_exact_reader_says(text: str) -> None:
    compare_places(text.encode())
