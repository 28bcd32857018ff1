"""Which declared dependencies does a project not use? (fact ``DependencyUse``)

A dependency that nothing needs is attack surface and work for nothing: its flaws must be patched, its releases trusted.
"""

from collections.abc import Iterable, Iterator, Mapping, Set

from seawall.facts.inventory import API_VERSION, PackageOrigin
from seawall.formats.purl import build
from seawall.model.dependency_use import Declared, DependencyUse, Use
from seawall.model.fact import Fact
from seawall.model.finding import Package
from seawall.model.resource import Resource, ResourceRef

KIND = "DependencyUse"


def decide(
    declared: Iterable[Declared],
    *,
    imported: Set[str],
    named: Mapping[str, str],
    loaded: Mapping[str, str],
    known: Set[str] | None = None,
    unowned: Iterable[str] = (),
) -> Iterator[DependencyUse]:
    """Yield how each of one project's dependencies is used.

    `imported` and the keys of `named` (with the file that names it) and `loaded` (with the package that loads it by itself) are
    names as declared. `known` are those of which it is known what they are imported as (None: all); where there are `unowned`
    imports, one of which it is not known may be what is imported.
    """
    unowned = tuple(unowned)
    for entry in declared:
        name = entry.name
        if name in imported:
            yield DependencyUse(entry, Use.IMPORTED)
        elif name in named:
            yield DependencyUse(entry, Use.NAMED, named[name])
        elif name in loaded:
            yield DependencyUse(entry, Use.IMPLIED, loaded[name])
        elif unowned and known is not None and name not in known:
            yield DependencyUse(entry, Use.UNKNOWN, unowned[0])
        else:
            yield DependencyUse(entry, Use.NONE)


def derive_dependency_uses(uses: Iterable[DependencyUse]) -> Iterator[Fact]:
    """Yield a fact for each declared dependency, in order of place."""
    for use in sorted(uses):
        declared = use.declared
        value = {
            "name": declared.name,
            "ecosystem": declared.ecosystem,
            "path": declared.path,
            "line": declared.line,
            "use": use.use.value,
            "where": use.where,
        }
        ref = ResourceRef(API_VERSION, KIND, "", f"{declared.ecosystem}/{declared.name}")
        resource = Resource(ref, value, PackageOrigin(declared.path, declared.line))
        yield Fact(KIND, resource, value, {}, package=_package(declared))


def _package(declared: Declared) -> Package:
    namespace, _, name = declared.name.rpartition("/")
    purl = build("npm" if declared.ecosystem == "npm" else "pypi", namespace, name)
    return Package(
        purl=purl,
        name=declared.name,
        version="",
        fixed_version=None,
        direct=True,
        image_layer=None,
        path=declared.path,
    )
