"""What the catalogue says of a fact over the whole scan is what the fact holds."""

from pathlib import Path

import pytest

from seawall.facts.catalogue import FACT_KINDS, derive
from seawall.facts.pods import Scan
from seawall.formats import kubernetes_yaml
from seawall.model.field_path import value_at
from seawall.model.resource import Resource
from seawall.sources import rule_folders

SET_FACTS = sorted(name for name, kind in FACT_KINDS.items() if kind.scope == "set")


def example_resources() -> list[Resource]:
    """The resources of every example of the cluster layer's rules: a scan with something for each fact."""
    found: list[Resource] = []
    for path in sorted((Path(rule_folders.SHIPPED) / "cluster").glob("*/*.yaml")):
        if path.name != "rule.yaml":
            for document in kubernetes_yaml.parse(path.name, path.read_bytes()).documents:
                found += kubernetes_yaml.resources(document)
    return found


RESOURCES = example_resources()


@pytest.mark.parametrize("name", SET_FACTS)
def test_a_fact_has_the_fields_that_the_catalogue_lists(name: str) -> None:
    facts = list(derive([name], RESOURCES))
    assert facts
    assert {tuple(sorted(fact.value)) for fact in facts} == {tuple(sorted(FACT_KINDS[name].fields))}


@pytest.mark.parametrize("name", SET_FACTS)
def test_a_fact_is_the_same_whatever_sequence_it_is_derived_from(name: str) -> None:
    function = FACT_KINDS[name].load()
    from_list = [(fact.resource, fact.value.keys()) for fact in function(RESOURCES)]
    assert from_list == [(fact.resource, fact.value.keys()) for fact in function(Scan(RESOURCES))]


@pytest.mark.parametrize("name", SET_FACTS)
def test_the_places_that_a_fact_points_to_are_fields_of_the_resource(name: str) -> None:
    for fact in derive([name], RESOURCES):
        for field, root in fact.roots.items():
            for place in root if isinstance(root, list) else [root]:
                # The last steps may be absent (a missing replicas); where the parent is absent too, the path is wrong.
                assert value_at(fact.resource.object, place[:-1]) is not None, (field, place)
