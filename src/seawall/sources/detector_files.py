"""The detectors that come with Seawall, as files: what other projects' names mean."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import seawall
from seawall.formats.detector_lists import read_list

SHIPPED = Path(seawall.__file__).parent / "detectors"
"""Where they are."""


@cache
def python_modules() -> Mapping[str, tuple[str, ...]]:
    """What distributions are imported as, by their normalised name, where that is not their own name."""
    return _read("python-modules.txt")


@cache
def implied_dependencies() -> Mapping[str, tuple[str, ...]]:
    """What loads a package by itself, by ``pypi NAME`` or ``npm NAME``."""
    return _read("implied-dependencies.txt")


def _read(name: str) -> Mapping[str, tuple[str, ...]]:
    path = SHIPPED / name
    return read_list(str(path), path.read_text("utf-8"))
