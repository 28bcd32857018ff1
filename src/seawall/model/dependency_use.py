"""Declared dependencies, and whether the project that declares them uses them."""

from enum import StrEnum

import msgspec


class Use(StrEnum):
    """How a project uses a dependency.

    `NAMED`: not imported, but its name stands in a configuration, a script or a text. `IMPLIED`: another dependency loads it by
    itself. `UNKNOWN`: what it is imported as is not known, and there are imports that belong to nobody.
    """

    IMPORTED = "imported"
    NAMED = "named"
    IMPLIED = "implied"
    UNKNOWN = "unknown"
    NONE = "none"


class Declared(msgspec.Struct, frozen=True, order=True):
    """One run-time dependency as a project's own manifest declares it. `ecosystem` is OSV's: ``PyPI`` or ``npm``."""

    path: str
    line: int
    ecosystem: str
    name: str


class DependencyUse(msgspec.Struct, frozen=True, order=True):
    """What became of a declared dependency. `where` is a file that names it, for `Use.NAMED`, or the package that loads it."""

    declared: Declared
    use: Use
    where: str = ""
