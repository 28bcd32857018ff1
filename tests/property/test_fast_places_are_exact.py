"""The law of the fast places: for every field that is there, and for some that are not, the very place of the exact reader."""

from hypothesis import example, given, settings

from sample_readings import compare_places
from sample_yaml import MANIFESTS, spread_values, structures


def test_fields_of_every_shipped_manifest_stand_where_the_exact_reader_says() -> None:
    assert sum(compare_places(path.read_bytes()) for path in MANIFESTS) > 500


@settings(max_examples=200, deadline=None)
@given(structures())
@example("a: 1\n\"b\": 2\n'c':\n  - \"a\": [1, {b: 2, é: x}]\n    b: {}\n    'c': x # y\n")
@example("a: |\n  x\n  # y\n\n# z\nb: >-\n  x\n\n   # y\nc:\n- - # x\n-\n- a: # b\n\n    c: d\n- []\n- {a: b}\n")
@example('a: "é" # ü\nb:   \'it\'\'s\'   # x\nc: "\\""\nd: "x # y"  # z\ne: x#y #z\n')
def test_fields_of_any_structure_stand_where_the_exact_reader_says(text: str) -> None:
    compare_places(text.encode())


@settings(max_examples=200, deadline=None)
@given(spread_values())
@example("a: [sh, -c, $(X), \"y\",\n  # z\n  --b=c]\nd: [\n  e, 'f'\n]\n")
def test_fields_of_values_on_several_lines_stand_where_the_exact_reader_says(text: str) -> None:
    compare_places(text.encode())
