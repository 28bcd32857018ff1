"""Advisory files in YAML, as plain values in which every scalar is a string (``0.10`` is a version, not a tenth).

Aliases are refused: no advisory has one, and a page of them can stand for terabytes.
"""

from typing import Any, Final

import yaml

MAX_DEPTH: Final = 50
"""Deepest nesting that is read; advisories nest 8 deep."""

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})


class YamlRefused(ValueError):  # noqa: N818 - a refusal
    """The text is no YAML, or YAML that an advisory has no use for; the message says which and where."""


def read_strings(data: bytes) -> Any:
    """Return the first document: mappings, lists, strings and None. Raises `YamlRefused`."""
    holder: list[Any] = []
    stack: list[Any] = [holder]
    keys: list[list[str]] = [[]]  # for each open mapping the key that waits for its value
    try:
        for event in yaml.parse(data, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.ScalarEvent):
                null = event.implicit[0] and event.value in _NULLS
                _put(stack[-1], keys[-1], None if null else event.value)
            elif isinstance(event, yaml.CollectionStartEvent):
                opened: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
                _put(stack[-1], keys[-1], opened)
                stack.append(opened)
                keys.append([])
                if len(stack) > MAX_DEPTH:
                    raise YamlRefused(f"{_place(event)}nested more than {MAX_DEPTH} deep")
            elif isinstance(event, yaml.CollectionEndEvent):
                stack.pop()
                keys.pop()
            elif isinstance(event, yaml.AliasEvent):
                raise YamlRefused(f"{_place(event)}an alias, which no advisory has")
            elif isinstance(event, yaml.DocumentEndEvent):
                break
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise YamlRefused(" ".join(str(error).split())) from None
    return holder[0] if holder else None


def _place(event: yaml.Event) -> str:
    return f"line {event.start_mark.line + 1}: " if event.start_mark else ""


def _put(into: Any, key: list[str], value: Any) -> None:
    if isinstance(into, list):
        into.append(value)
    elif key:
        into[key.pop()] = value
    elif isinstance(value, dict | list):
        raise YamlRefused("a key that is a collection")
    else:
        key.append(value or "")
