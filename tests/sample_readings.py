"""What the exact YAML reader says, and comparisons that hold the fast ones to it."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

from seawall.formats.kubernetes_yaml_documents import read_documents
from seawall.formats.kubernetes_yaml_fast import Nothing, read_plain
from seawall.formats.kubernetes_yaml_fast_places import PlainFinder
from seawall.formats.kubernetes_yaml_lines import DeclinedError
from seawall.formats.kubernetes_yaml_nodes import YamlError, compose, construct
from seawall.formats.kubernetes_yaml_places import Form, Places
from seawall.formats.kubernetes_yaml_text import SourceText
from seawall.model.field_path import FieldPath
from seawall.model.resource import Unscanned


def same(left: Any, right: Any) -> bool:
    """Equal in value, type and order of keys."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def read_exactly(text: str) -> Any:
    try:
        root = compose(text)
        return Nothing if root is None else construct(root)
    except YamlError as error:
        return error


def agree(text: str) -> bool:
    """Hold the fast reader's answer to the exact one's; return whether there was one."""
    try:
        fast, nulls, _ = read_plain(text)
    except DeclinedError:
        return False
    exact = read_exactly(text)
    assert fast is exact or same(fast, exact), (text, fast, exact)
    assert nulls or not holds_null(fast), (text, fast)
    return True


def holds_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(inner is None or holds_null(inner) for inner in value.values())
    return isinstance(value, list) and any(map(holds_null, value))


def fields_of(value: Any, prefix: FieldPath = ()) -> Iterator[FieldPath]:
    """Yield the paths of all fields below `value`, its own, and of absent neighbours."""
    yield prefix
    yield (*prefix, "absent")
    yield (*prefix, 99)
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        yield from fields_of(inner, (*prefix, step))


def compare_places(data: bytes) -> int:
    """Compare the places of all fields of all documents; return how many documents are plain.

    Of plain documents both ways are held to the exact one: what is read off the lines, and what is found as bytes.
    """
    plain = 0
    for outcome in read_documents(SourceText("f.yaml", data)):
        if isinstance(outcome, Unscanned):
            continue
        value, _, fast = outcome
        if fast.form is Form.ANY:
            continue
        plain += 1
        exact = Places(SourceText("f.yaml", data), fast.start, fast.end, value, Form.ANY)
        expected = {field: exact.locate(field) for field in fields_of(value)}
        for field, place in expected.items():
            assert fast.locate(field) == place, (field, data)
        with patch.object(PlainFinder, "find_in_lines", return_value=None):
            for field, place in expected.items():
                assert fast.locate(field) == place, (field, data)
    return plain
