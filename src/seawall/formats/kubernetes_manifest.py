"""Objects -> YAML that people read and Kubernetes takes: keys in their order, short lists on one line, long texts as blocks."""

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

_SHORT = 40
"""A text up to here is better read in quotes than as a block."""


def write(objects: Iterable[Mapping[str, Any]]) -> str:
    """Return `objects` as one YAML stream, a document each. The same objects give the same text."""
    return "---\n".join(
        yaml.dump(dict(one), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1_000_000) for one in objects
    )


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        # Items of a list stand two columns inside their key, as most charts write them.
        super().increase_indent(flow, False)


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    # An expression full of quotes would have each of them doubled; a block leaves it as it is.
    analysis = dumper.analyze_scalar(text)
    needs_quotes = not analysis.allow_block_plain and analysis.allow_block
    block = "\n" in text or (needs_quotes and len(text) > _SHORT)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if block else None)


def _represent_list(dumper: _Dumper, items: list[Any]) -> yaml.SequenceNode:
    on_one_line = all(isinstance(item, str | int | bool) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=on_one_line)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(list, _represent_list)
