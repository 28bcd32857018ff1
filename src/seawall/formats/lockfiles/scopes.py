"""What a package is needed for, when the lockfile says it only of what is required directly."""

from collections.abc import Iterable, Mapping

ORDER = ("", "optional", "dev")
"""From what weighs most: a package that the application needs is the application's, whatever else needs it too."""


def spread(graph: Mapping[int, Iterable[int]], roots: Iterable[tuple[str, Iterable[int]]]) -> dict[int, str]:
    """Return the scope of every package that `roots` (scope, packages) reach in `graph` (package to what it requires)."""
    scopes: dict[int, str] = {}
    for scope, numbers in sorted(roots, key=lambda root: ORDER.index(root[0])):
        pending = list(numbers)
        while pending:
            number = pending.pop()
            if number not in scopes:
                scopes[number] = scope
                pending.extend(graph.get(number, ()))
    return scopes
