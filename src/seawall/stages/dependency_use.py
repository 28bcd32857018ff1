"""The dependencies that the projects of a directory declare, and whether they use them: facts for rules."""

from collections.abc import Callable, Iterable

from seawall.facts.dependency_use import derive_dependency_uses
from seawall.model.dependency_use import DependencyUse
from seawall.model.fact import Fact
from seawall.model.resource import Unscanned
from seawall.sources.files import Found, walk
from seawall.sources.projects import find_uses


def examine(
    directories: Iterable[str],
    *,
    respect_ignores: bool = True,
    progress: Callable[[str, int], None] = lambda _what, _count: None,
) -> tuple[list[Fact], list[Unscanned]]:
    """Return the facts about the projects below `directories`, and what could not be told.

    Every file is looked through. That one cannot be walked to is told by the walk for manifests, which came before.
    """
    uses: list[DependencyUse] = []
    unscanned: list[Unscanned] = []
    for directory in directories:
        progress("looking for what uses dependencies", len(uses))
        entries = walk(directory, respect_ignores=respect_ignores, wanted=_any_file)
        for use in find_uses([entry for entry in entries if isinstance(entry, Found)]):
            if isinstance(use, Unscanned):
                unscanned.append(use)
            else:
                uses.append(use)
    return list(derive_dependency_uses(uses)), unscanned


def _any_file(_directory: str, _name: str) -> bool:
    return True
