"""Data for drawn expressions: real Kubernetes objects, and small JSON values of every kind."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_PARCEL = Path(__file__).parent.parent / "examples" / "parcel"
SMALL: list[Any] = [
    *(None, 1, 0, -5, 2.5, "a", "web", True, "", [], {}),
    *([1, 2], ["a", "b"], [1, "a", None], [True, False], [[1], [2]], [1, 2.5], [None]),
    *({"a": 1}, {"a": 2}, {"a": {"b": [1, "x"]}}, {"a": "1.5Gi"}, [{"a": 1}, {"a": 2}], ["10.0.0.1", "x"]),
]


@cache
def objects() -> tuple[dict[str, Any], ...]:
    """The manifests of the Parcel example, as the API server's JSON reader would give them."""
    return tuple(
        json.loads(json.dumps(document, default=str))
        for path in sorted(_PARCEL.glob("*/deploy/*.yaml"))
        for document in yaml.safe_load_all(path.read_bytes())
        if isinstance(document, dict)
    )
