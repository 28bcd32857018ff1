"""Laws of reading ``seawall.yaml`` and baselines: whatever stands in them is read or refused with a sentence, never a crash."""

import contextlib
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from seawall.formats import configuration
from seawall.formats.configuration_schema import json_schema
from seawall.model.errors import UsageError
from seawall.policy import baseline

HEAD = {"apiVersion": "seawall.dev/v1", "kind": "Configuration"}
KEYS = sorted({key for part in json.loads(json_schema())["$defs"].values() for key in part.get("properties", ())})
TOP = sorted(json.loads(json_schema())["properties"].keys() - HEAD.keys())
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.sampled_from(["high", "*", "2026-12-31", "deploy"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.sampled_from(KEYS), st.text(max_size=5)), inner, max_size=4),
    ),
    max_leaves=12,
)


def read(value: Any) -> None:
    with contextlib.suppress(UsageError):
        configuration.parse("seawall.yaml", json.dumps(value).encode())


@given(st.dictionaries(st.sampled_from(TOP), VALUES, max_size=4))
def test_any_value_of_a_known_key_is_read_or_refused(value: dict[str, Any]) -> None:
    read(HEAD | value)


@given(VALUES)
def test_any_document_is_read_or_refused(value: Any) -> None:
    read(value)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    head = b"apiVersion: seawall.dev/v1\nkind: Configuration\n"
    for text in (data, head + data):
        with contextlib.suppress(UsageError):
            configuration.parse("seawall.yaml", text)
    with contextlib.suppress(UsageError):
        baseline.read("base.json", data)
