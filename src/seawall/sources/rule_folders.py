"""Rule folders on disk: the shipped ones, and a user's own.

A root holds ``<layer>/<rule-id>/rule.yaml``; a path may also name one rule folder, whose parent's name is the layer.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from seawall.model.errors import RuleError, UsageError
from seawall.model.taxonomy import Layer
from seawall.policy.load import RuleFolder
from seawall.sources import rule_stamp

SHIPPED = Path(rule_stamp.SHIPPED)
"""Where the rules that come with Seawall are."""

MAX_RULE_BYTES = 256 * 1024
"""A rule file is a page of text; anything larger is not one."""


def read(root: Path) -> list[RuleFolder]:
    """Return the rule folders below `root`, sorted by layer and id.

    Raises `UsageError` where there is no rule, `RuleError` where a file cannot be read.
    """
    if (root / "rule.yaml").is_file():
        return [_folder(root.parent.resolve().name, root.resolve().name, root)]
    folders = [_folder(layer, name, path) for layer, name, path in _walk(root)]
    if not folders:
        raise UsageError(
            f"{root} holds no rules", remedy="expected <layer>/<rule-id>/rule.yaml below it, or rule.yaml in it"
        )
    return folders


def _walk(root: Path) -> Iterator[tuple[str, str, Path]]:
    for layer in sorted(Layer):
        base = root / layer
        if base.is_dir():
            for name in sorted(entry.name for entry in os.scandir(base) if entry.is_dir()):
                if name != "__pycache__":
                    yield layer, name, base / name


def _folder(layer: str, name: str, path: Path) -> RuleFolder:
    if layer not in set(Layer):
        raise RuleError(
            f"the folder above a rule names its layer; {layer!r} is not one",
            place=str(path),
            remedy="one of: " + ", ".join(Layer),
        )
    names = tuple(sorted(entry.name for entry in os.scandir(path) if entry.is_file()))
    rule = read_file(path / "rule.yaml") if "rule.yaml" in names else None
    return RuleFolder(place=str(path), layer=layer, id=name, rule=rule, names=names)


def read_file(path: Path) -> bytes:
    """Return the bytes of a rule's file. Raises `RuleError` when it cannot be read or is larger than `MAX_RULE_BYTES`."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_RULE_BYTES + 1)
    except OSError as error:
        raise RuleError(f"cannot be read: {error.strerror}", place=str(path)) from error
    if len(data) > MAX_RULE_BYTES:
        raise RuleError(f"is larger than {MAX_RULE_BYTES} bytes", place=str(path))
    return data
