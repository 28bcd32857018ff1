"""What Seawall writes is valid against the official schemas of CycloneDX 1.6 and SPDX 2.3."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from referencing import Registry, Resource

from sample_inventories import image_inventory
from seawall.model.inventory import Inventory, Subject
from seawall.reports.sbom import render
from seawall.stages.packages import collect_packages

SCHEMAS = Path(__file__).parent / "schemas"
LOCKS = Path(__file__).parents[2] / "behaviour/inventory/files/locks"
TOP = {"cyclonedx": "bom-1.6.schema.json", "spdx": "spdx-2.3.schema.json"}


@cache
def validator(name: str) -> Validator:
    loaded = {path.name: json.loads(path.read_text()) for path in SCHEMAS.glob("*.json")}
    resources = [(schema["$id"], Resource.from_contents(schema)) for schema in loaded.values()]
    # The copies refer to each other by the names that the library gave them.
    resources += [
        (f"http://cyclonedx.org/schema/{file.replace('.schema', '.SNAPSHOT.schema')}", Resource.from_contents(schema))
        for file, schema in loaded.items()
    ]
    schema = loaded[TOP[name]]
    kind = validator_for(schema)
    return kind(schema, registry=Registry().with_resources(resources), format_checker=kind.FORMAT_CHECKER)


def problems(name: str, document: Any) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in validator(name).iter_errors(document)]


def inventories() -> dict[str, Inventory]:
    return {
        "an image": image_inventory(),
        "nothing": Inventory(subject=Subject(name="empty", kind="directory")),
        "every lock file": collect_packages(str(LOCKS)),
    }


@pytest.mark.parametrize("name", ["cyclonedx", "spdx"])
@pytest.mark.parametrize("what", ["an image", "nothing", "every lock file"])
def test_a_document_is_valid_against_the_official_schema(name: str, what: str) -> None:
    assert problems(name, json.loads(render(name, inventories()[what], version="0.1.0"))) == []


@pytest.mark.parametrize("name", ["cyclonedx", "spdx"])
def test_the_schemas_refuse_what_is_wrong(name: str) -> None:
    document = json.loads(render(name, image_inventory(), version="0.1.0"))
    document["components" if name == "cyclonedx" else "packages"][0]["undefined"] = 1
    assert problems(name, document) != []
