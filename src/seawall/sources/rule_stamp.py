"""Has anything changed in the rules that come with Seawall? Asked at every start, before a rule is read."""

import os
from typing import Final

import seawall
from seawall.model.taxonomy import Layer

SHIPPED: Final = os.path.join(os.path.dirname(seawall.__file__), "rules")
"""The directory of the rules that come with Seawall."""


def stamp(root: str) -> str:
    """Return text that changes whenever a file of the rule folders below `root` is added, removed or written.

    Sizes and modification times stand for the contents of a ``rule.yaml``, as they do for Python's own compiled files, and a
    folder's modification time for the names in it.
    """
    lines: list[str] = []
    for layer in sorted(Layer):
        base = f"{root}/{layer.value}"
        try:
            names = sorted(os.listdir(base))
        except OSError:
            continue
        for name in names:
            folder = f"{base}/{name}"
            try:
                rule = os.stat(f"{folder}/rule.yaml")
                lines.append(f"{folder} {os.stat(folder).st_mtime_ns} {rule.st_size} {rule.st_mtime_ns}")
            except OSError:  # no rule yet: `rule_folders.read` says so
                lines.append(folder)
    return "\n".join(lines)
