"""Has anything changed in the rules that come with Seawall? Asked at every start, before a rule is read."""

import os
from typing import Final

import seawall
from seawall.model.taxonomy import Layer

SHIPPED: Final = os.path.join(os.path.dirname(seawall.__file__), "rules")
"""The directory of the rules that come with Seawall."""


def stamp(root: str) -> str:
    """Return text that changes whenever a rule below `root` is added, removed or written.

    Sizes and modification times stand for the contents of a ``rule.yaml``, as they do for Python's own compiled files. Examples
    are not asked for: they say nothing to a scan, and `rule_folders.read` looks at them whenever rules are read.
    """
    found: list[str | int] = []
    for layer in sorted(Layer):
        try:
            directory = os.open(os.path.join(root, layer.value), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            found.append(layer.value)
            for name in sorted(os.listdir(directory)):
                found.append(name)
                try:
                    status = os.stat(f"{name}/rule.yaml", dir_fd=directory)
                except OSError:  # no rule yet: `rule_folders.read` says so
                    continue
                found += (status.st_size, status.st_mtime_ns)
        finally:
            os.close(directory)
    return repr((root, found))
