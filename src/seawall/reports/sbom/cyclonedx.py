"""An inventory as CycloneDX 1.6 JSON (ECMA-424), valid against its official schema.

The target is ``metadata.component``; each package is a component with its purl, and where it is named stands in its evidence.
``dependencies`` says who requires whom, from the target on. Where something could not be read, ``compositions`` says that the
inventory is incomplete.
"""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec

from seawall.formats.sbom import names
from seawall.formats.sbom.licences import is_expression, is_licence_id
from seawall.model.inventory import Inventory
from seawall.model.package import Distro, Package
from seawall.reports.sbom.document import (
    Entry,
    clean,
    digest_of,
    direct_refs,
    entries,
    is_image,
    properties,
    timestamp,
)

TARGET = "target"
SYSTEM = "operating-system"
_SCHEMA = "http://cyclonedx.org/schema/bom-1.6.schema.json"
_NO_NUMBER = "urn:uuid:00000000-0000-0000-0000-000000000000"
_GROUPED = frozenset(("composer", "github", "golang", "maven", "npm"))
"""purl types whose packages have a group in front of their name."""


def render(inventory: Inventory, *, version: str, created: str) -> bytes:
    """Return the document; see `seawall.reports.sbom.render`."""
    found = entries(inventory)
    metadata: dict[str, Any] = {"timestamp": timestamp(created)} if timestamp(created) else {}
    metadata["tools"] = {"components": [{"type": "application", "name": "seawall", "version": version}]}
    metadata["component"] = _target(inventory)
    document: dict[str, Any] = {
        "$schema": _SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": _NO_NUMBER,
        "version": 1,
        "metadata": metadata,
        "components": [*_system(inventory.distro), *map(_component, found)],
        "dependencies": [
            {"ref": TARGET, "dependsOn": direct_refs(found)},
            *({"ref": entry.ref, "dependsOn": entry.requires} for entry in found if entry.requires),
        ],
    }
    if inventory.unscanned:
        document["compositions"] = [{"aggregate": "incomplete", "assemblies": [TARGET]}]
    body = msgspec.json.format(msgspec.json.encode(document), indent=2)
    number = uuid5(NAMESPACE_URL, f"https://seawall.dev/sbom/cyclonedx/{digest_of((body,))}")
    return body.replace(_NO_NUMBER.encode(), number.urn.encode(), 1) + b"\n"


def _target(inventory: Inventory) -> dict[str, Any]:
    subject = inventory.subject
    component: dict[str, Any] = {
        "bom-ref": TARGET,
        "type": "container" if is_image(subject) else "application",
        "name": clean(subject.name),
    }
    if subject.digest:
        component["version"] = subject.digest
    component["properties"] = [{"name": names.KIND, "value": subject.kind}]
    return component


def _system(distro: Distro | None) -> list[dict[str, Any]]:
    if distro is None:
        return []
    component = {"bom-ref": SYSTEM, "type": "operating-system", "name": clean(distro.id)}
    if distro.version:
        component["version"] = clean(distro.version)
    if distro.name:
        component["description"] = clean(distro.name)
    return [component]


def _component(entry: Entry) -> dict[str, Any]:
    package = entry.package
    component: dict[str, Any] = {"bom-ref": entry.ref, "type": "library"}
    group, name = split_name(package)
    if group:
        component["group"] = clean(group)
    component["name"] = clean(name)
    if package.version:
        component["version"] = clean(package.version)
    if package.scope == "optional":
        component["scope"] = "optional"
    elif package.scope == "dev":
        component["scope"] = "excluded"  # 1.6: not part of what runs, such as a tool for tests
    if package.licences:
        component["licenses"] = _licences(package.licences)
    component["purl"] = package.purl
    if more := properties(package):
        component["properties"] = [{"name": name, "value": value} for name, value in more]
    if entry.file:
        occurrence: dict[str, Any] = {"location": entry.file}
        if package.line:
            occurrence["line"] = package.line
        component["evidence"] = {"occurrences": [occurrence]}
    return component


def split_name(package: Package) -> tuple[str, str]:
    """Return the group and the name of a package: ``@angular`` and ``core``, ``org.slf4j`` and ``slf4j-api``."""
    kind = package.purl[4:].partition("/")[0]
    if kind not in _GROUPED:
        return "", package.name
    group, _, name = package.name.rpartition(":" if kind == "maven" else "/")
    return (group, name) if group and name else ("", package.name)


def _licences(stated: tuple[str, ...]) -> list[dict[str, Any]]:
    if len(stated) == 1 and not is_licence_id(stated[0]) and is_expression(stated[0]):
        return [{"expression": stated[0]}]  # the schema takes one expression, or any number of licences
    return [{"license": {"id" if is_licence_id(text) else "name": clean(text)}} for text in stated]
