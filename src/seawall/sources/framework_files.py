"""Framework files on disk: the shipped ones."""

from collections.abc import Iterator
from pathlib import Path

import seawall
from seawall.sources.rule_folders import read_file

SHIPPED = Path(seawall.__file__).parent / "frameworks"
"""Where the frameworks that come with Seawall are."""


def read() -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of each shipped framework file, sorted. Raises `RuleError` where one cannot be read."""
    for path in sorted(SHIPPED.glob("*.yaml")):
        yield path.name, read_file(path)
