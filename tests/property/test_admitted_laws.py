"""Laws of `seawall.formats.admitted`: what it makes of an object it makes of its own result, and nothing surprises it."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import seawall
from seawall.formats import kubernetes_yaml
from seawall.formats.admitted import WrongShapeError, admitted
from seawall.formats.kubernetes_quantities import canonical_quantity
from seawall.formats.kubernetes_types import KINDS, Kind, fields_of, type_of

RULES = Path(seawall.__file__).parent / "rules"
NAMES = [
    (line.split(":")[0], word.partition("=")[0])
    for line in KINDS.strip().replace("\n ", " ").splitlines()
    for word in line.split()[1:]
]

# As in the API server: the labels that a Job's template gets are its own labels on the second way through, and the empty list
# of policies that an autoscaler may write down is an absent one when it is read again.
CHANGED_TWICE = {"Job", "HorizontalPodAutoscaler"}

plain = st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text("ab1Mi.-/", max_size=6)
keys = st.text("ab", max_size=2)
wild = st.recursive(plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3))


def _values(kind: Kind, depth: int) -> st.SearchStrategy[Any]:
    """Values that are mostly of `kind`."""
    kind = kind.pointed
    if depth <= 0:
        return plain
    if kind.form == "struct":
        fields = fields_of(kind.name)
        if not fields:
            return st.just({})
        return st.lists(st.sampled_from(sorted(fields)), max_size=4, unique=True).flatmap(
            lambda names: st.fixed_dictionaries({name: _values(fields[name].kind, depth - 1) for name in names})
        )
    if kind.form == "list" and kind.inner is not None:
        return st.lists(_values(kind.inner, depth - 1), max_size=2)
    if kind.form == "map" and kind.inner is not None:
        return st.dictionaries(st.text("ab", max_size=2), _values(kind.inner, depth - 1), max_size=2)
    return {"bool": st.booleans(), "int": st.integers(0, 9), "string": st.text("abv1", max_size=4)}.get(
        kind.name, plain
    )


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_an_object_is_admitted_for_good_or_refused(data: st.DataObject) -> None:
    api_version, kind = data.draw(st.sampled_from(NAMES))
    name = type_of(api_version, kind)
    assert name is not None
    content = data.draw(
        _values(Kind("struct", name), 6) | st.dictionaries(st.sampled_from(["metadata", "spec", "data"]), wild)
    )
    value = {**content, "apiVersion": api_version, "kind": kind}
    try:
        shown = admitted(value)
    except WrongShapeError:
        return
    if kind not in CHANGED_TWICE:
        assert admitted(shown) == shown


@pytest.mark.parametrize("name", ["good", "bad"])
def test_every_example_is_admitted_for_good(name: str) -> None:
    count = 0
    for path in sorted(RULES.rglob(f"{name}*.yaml")):
        for document in kubernetes_yaml.parse(path.name, path.read_bytes()).documents:
            for resource in kubernetes_yaml.resources(document):
                try:
                    shown = admitted(resource.object)
                except WrongShapeError:
                    continue
                if resource.ref.kind not in CHANGED_TWICE:
                    assert admitted(shown) == shown, (path, resource.ref)
                    count += 1
    assert count > 300


@given(st.from_regex(r"[+-]?[0-9]{1,6}(\.[0-9]{0,4})?([KMGT]i|[numkMGT]|e[0-9])?", fullmatch=True))
def test_a_canonical_quantity_is_its_own(text: str) -> None:
    once = canonical_quantity(text)
    assert canonical_quantity(once) == once
