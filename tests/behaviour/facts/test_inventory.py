"""Packages as facts: the same one named twice is one, and every one says what brings it in."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.facts.catalogue import FACT_KINDS
from seawall.facts.inventory import MAX_CHAIN, chains, derive_packages, merge
from seawall.formats.lockfiles import cargo
from seawall.model.package import Package


def package(name: str, *parents: str, direct: bool | None = None, path: str = "uv.lock", **fields: object) -> Package:
    values = {"version": "1", "ecosystem": "PyPI", **fields}
    return msgspec.convert(
        {
            "purl": f"pkg:pypi/{name}@1",
            "name": name,
            "parents": [f"pkg:pypi/{parent}@1" for parent in parents],
            "direct": direct,
            "path": path,
            **values,
        },
        Package,
    )


def names(purls: tuple[str, ...]) -> list[str]:
    return [purl.removeprefix("pkg:pypi/").removesuffix("@1") for purl in purls]


def test_the_same_package_of_the_same_file_is_one_where_it_first_stands() -> None:
    first = package("a", "x", direct=False, scope="dev", line=3, licences=["MIT"])
    second = package("a", "y", direct=True, line=9, licences=["MIT", "BSD"])
    other = package("a", path="poetry.lock")
    (one, two) = merge([first, second, other])
    assert (one.direct, one.scope, one.line, one.licences) == (True, "", 3, ("MIT", "BSD"))
    assert names(one.parents) == ["x", "y"]
    assert two == other


def test_the_same_package_in_two_image_layers_stays_two() -> None:
    layers = [package("a", imageLayer="sha256:1"), package("a", imageLayer="sha256:2")]
    assert merge(layers) == layers


PACKAGES = st.builds(
    package,
    st.sampled_from("abc"),
    direct=st.sampled_from([None, True, False]),
    scope=st.sampled_from(["", "dev", "optional"]),
    line=st.integers(0, 3),
    path=st.sampled_from(["x", "y"]),
)


@given(st.lists(PACKAGES, max_size=12))
def test_merging_twice_changes_nothing_and_loses_no_package(packages: list[Package]) -> None:
    merged = merge(packages)
    assert merge(merged) == merged
    assert {(p.purl, p.path) for p in merged} == {(p.purl, p.path) for p in packages}
    assert len(merged) == len({(p.purl, p.path) for p in packages})


def test_a_chain_is_the_shortest_way_from_what_is_required_directly() -> None:
    packages = [
        package("app", direct=True),
        package("long", "app", direct=False),
        package("longer", "long", direct=False),
        package("leaf", "longer", "short", direct=False),
        package("short", direct=True),
    ]
    told = chains(packages)
    assert {name: names(told[f"pkg:pypi/{name}@1"]) for name in ("leaf", "longer", "app")} == {
        "leaf": ["short", "leaf"],
        "longer": ["app", "long", "longer"],
        "app": ["app"],
    }


def test_circles_and_missing_parents_end() -> None:
    told = chains([package("a", "b", direct=False), package("b", "a", "gone", direct=False)])
    assert [names(chain) for chain in told.values()] == [["a"], ["b"]]


def test_a_chain_without_end_is_cut_at_its_far_side() -> None:
    long = [package("p0"), *(package(f"p{number}", f"p{number - 1}") for number in range(1, 5000))]
    told = names(chains(long)["pkg:pypi/p4999@1"])
    assert (len(told), told[0], told[-1]) == (MAX_CHAIN, f"p{5000 - MAX_CHAIN}", "p4999")


def test_a_package_becomes_a_fact_with_every_field_that_the_catalogue_promises() -> None:
    lock = (
        b'[[package]]\nname = "own"\nversion = "0"\ndependencies = ["a"]\n\n'
        b'[[package]]\nname = "a"\nversion = "1"\nsource = "s"\n'
        b'dependencies = ["b"]\n\n[[package]]\nname = "b"\nversion = "2"\nsource = "s"\n'
    )
    facts = list(derive_packages(cargo.parse("Cargo.lock", lock).packages))
    for fact in facts:
        assert set(fact.value) == set(FACT_KINDS["Package"].fields)
    direct, transitive = facts
    assert (direct.value["required"], transitive.value["required"]) == ("directly", "indirectly")
    assert transitive.value["chain"] == ["pkg:cargo/a@1", "pkg:cargo/b@2"]
    place = transitive.resource.locate(("version",))
    assert (place.location.path, place.location.line) == ("Cargo.lock", 12)


@pytest.mark.parametrize(("direct", "word"), [(None, "unknown"), (True, "directly"), (False, "indirectly")])
def test_what_a_file_does_not_say_stays_unknown(direct: bool | None, word: str) -> None:
    (fact,) = derive_packages([package("a", direct=direct)])
    assert fact.value["required"] == word


def test_packages_sort_whatever_their_files_say() -> None:
    packages = [package("a", direct=True, line=2), package("a", line=1), package("a", "b", direct=False, line=1)]
    assert [(p.line, p.direct) for p in sorted(packages)] == [(1, None), (1, False), (2, True)]
