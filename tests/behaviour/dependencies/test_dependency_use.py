"""What becomes of a declared dependency."""

from seawall.facts.dependency_use import decide, derive_dependency_uses
from seawall.model.dependency_use import Declared, Use


def _declared(*names: str, ecosystem: str = "PyPI") -> list[Declared]:
    return [Declared("requirements.txt", number, ecosystem, name) for number, name in enumerate(names, 1)]


def test_a_dependency_is_unneeded_only_where_nothing_speaks_for_it() -> None:
    uses = decide(
        _declared("requests", "gunicorn", "python-multipart", "FastAPI", "left-pad"),
        imported={"requests", "FastAPI"},
        named={"gunicorn": "Dockerfile"},
        loaded={"python-multipart": "fastapi"},
    )
    assert [(use.declared.name, use.use, use.where) for use in uses] == [
        ("requests", Use.IMPORTED, ""),
        ("gunicorn", Use.NAMED, "Dockerfile"),
        ("python-multipart", Use.IMPLIED, "fastapi"),
        ("FastAPI", Use.IMPORTED, ""),
        ("left-pad", Use.NONE, ""),
    ]


def test_an_import_without_an_owner_may_be_that_of_a_package_whose_modules_are_not_known() -> None:
    declared = _declared("company-tools", "pyyaml")
    (unknown, known) = decide(declared, imported=set(), named={}, loaded={}, known={"pyyaml"}, unowned=["company"])
    assert (unknown.use, unknown.where) == (Use.UNKNOWN, "company")
    assert known.use is Use.NONE
    (surely, _) = decide(declared, imported=set(), named={}, loaded={}, known={"pyyaml"})
    assert surely.use is Use.NONE


def test_facts_point_to_the_line_that_declares() -> None:
    (fact,) = derive_dependency_uses(decide(_declared("x"), imported=set(), named={}, loaded={}))
    assert fact.resource.locate(("name",)).location.line == 1
    assert fact.value["use"] == "none"
