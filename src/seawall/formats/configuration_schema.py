"""The JSON Schema of ``seawall.yaml``, made from the types that read it."""

from typing import Any

import msgspec

from seawall.model.configuration import Configuration

SCHEMA_ID = "https://seawall.dev/schema/configuration-v1.schema.json"


def json_schema() -> bytes:
    """Return the schema, indented, with a newline at its end. It refuses what the reader refuses."""
    made = msgspec.json.schema(Configuration)
    definitions = made["$defs"]
    top = definitions.pop("Configuration")
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **top,
        "title": "Seawall configuration, version 1",
        "description": "What seawall.yaml and the cluster's Configuration object say (docs/configuration.md).",
        "$defs": {name: definitions[name] for name in sorted(definitions)},
    }
    return msgspec.json.format(msgspec.json.encode(_on_one_line(schema)), indent=2) + b"\n"


def _on_one_line(value: Any) -> Any:
    """Return `value` with its descriptions, which come from docstrings, without their line breaks and code marks."""
    if isinstance(value, dict):
        return {
            key: " ".join(item.replace("`", "").split())
            if key == "description" and isinstance(item, str)
            else _on_one_line(item)
            for key, item in value.items()
        }
    return [_on_one_line(item) for item in value] if isinstance(value, list) else value
