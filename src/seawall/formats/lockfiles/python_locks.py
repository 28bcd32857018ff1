"""What the lockfiles of Python's tools have in common: a list of packages by name, each with the names that it requires.

One name may stand there several times (a version for each platform or Python); what requires the name requires each of them.
"""

from collections import defaultdict
from collections.abc import Iterable

from seawall.formats.lockfiles.python_names import comparable
from seawall.formats.package_list import PackageList


class Names:
    """The packages of one lockfile by comparable name."""

    def __init__(self, packages: PackageList) -> None:
        self._packages = packages
        self._numbers: dict[str, list[int]] = defaultdict(list)
        self._wants: list[tuple[int, list[str]]] = []

    def add(self, name: str, version: str, requires: Iterable[str], *, line: int, scope: str = "") -> int:
        """Add a package that requires the packages of the names `requires`."""
        number = self._packages.add("pypi", name, version, line=line, scope=scope)
        if number >= 0:
            self._numbers[comparable(name)].append(number)
            self._wants.append((number, list(requires)))
        return number

    def numbers(self, name: str) -> list[int]:
        """Return the packages of that name."""
        return self._numbers.get(comparable(name), [])

    def root(self, names: Iterable[str]) -> None:
        """Say that what the file belongs to requires `names` directly."""
        self._packages.rooted = True
        for name in names:
            for number in self.numbers(name):
                self._packages.root(number)

    def link(self) -> None:
        """Say what requires what, when all packages are there."""
        for parent, names in self._wants:
            for name in names:
                for child in self.numbers(name):
                    self._packages.require(parent, child)
