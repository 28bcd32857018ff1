"""Examples of rules that are files of other kinds: ``bad.tf``, ``good.dockerfile``, or the files of a described repository.

They are read by the same collectors as a scan's (`stages.repository`), so an example shows what a rule says of the real
thing. Credentials stand in them as samples (``npm_<36 A-Za-z0-9>``, `formats.credentials.samples`), of which values are made
first: no file of this repository then has the shape of a credential that somebody must look into.
"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from seawall.formats.credentials.samples import expand
from seawall.model.errors import RuleError
from seawall.model.fact import Fact
from seawall.model.resource import Resource
from seawall.sources import manifests
from seawall.sources.files import Found
from seawall.sources.manifests import ReadOptions
from seawall.stages import repository


def read_file(path: Path, kinds: frozenset[str]) -> list[Fact]:
    """Return the facts of `kinds` in the example file at `path`. Raises `RuleError` where no part of Seawall reads it."""
    name = str(path)
    collectors = _collectors(kinds)
    if not any(collector.wanted(*repository.split(name)) for collector in collectors):
        raise RuleError("no facts that this rule looks at are read from a file of this name", place=name)
    text = path.read_bytes()
    expanded = expand(text.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    if expanded == text:
        return _examine(collectors, [Found(name, str(path.resolve()), name)], kinds, [], name)
    with TemporaryDirectory(prefix="seawall-") as scratch:
        made = Path(scratch, path.name)
        made.write_bytes(expanded)
        return _examine(collectors, [Found(str(made), str(made), name)], kinds, [], name)


def read_repository(files: Mapping[str, str], kinds: frozenset[str], place: str) -> list[Fact]:
    """Return the facts of `kinds` in `files`, texts by their path in a repository, manifests included.

    Raises `RuleError` where one cannot be read.
    """
    collectors = _collectors(kinds)
    tree = repository.tree_files(collectors)
    if tree is None:
        return []
    with TemporaryDirectory(prefix="seawall-") as scratch:
        for path, text in files.items():
            file = Path(scratch, path)
            if ".." in file.parts or Path(path).is_absolute():
                raise RuleError(f"{path!r} leads out of the repository", place=place)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(expand(text), "utf-8")
        read = list(manifests.read(scratch, ReadOptions(tree=tree)))
        resources = [entry for entry in read if isinstance(entry, Resource)]
        return _examine(collectors, tree.found, kinds, resources, place)


def _collectors(kinds: frozenset[str]) -> tuple[repository.Collector, ...]:
    return tuple(one for one in repository.COLLECTORS if not one.kinds.isdisjoint(kinds))


def _examine(
    collectors: tuple[repository.Collector, ...],
    files: list[Found],
    kinds: frozenset[str],
    resources: list[Resource],
    place: str,
) -> list[Fact]:
    found = repository.examine(collectors, files, repository.Request(kinds=kinds, resources=resources))
    if found.unscanned:
        raise RuleError(f"{found.unscanned[0].path}: {found.unscanned[0].reason}", place=place)
    return [fact for fact in found.facts if fact.kind in kinds]
