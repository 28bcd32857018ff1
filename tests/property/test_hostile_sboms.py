"""An SBOM is a stranger's file: whatever stands in it, reading it gives packages and reasons, and never an exception."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from seawall.formats import sbom
from seawall.model.package import ParsedPackages

CYCLONEDX = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "metadata": {"component": {"bom-ref": "root", "type": "application", "name": "shop"}},
    "components": [
        {
            "bom-ref": "yaml",
            "type": "library",
            "name": "pyyaml",
            "version": "5.3",
            "purl": "pkg:pypi/pyyaml@5.3",
            "licenses": [{"license": {"id": "MIT"}}, {"expression": "MIT"}],
            "properties": [{"name": "syft:location:0:path", "value": "/requirements.txt"}],
            "components": [{"name": "inner", "type": "library", "purl": "pkg:npm/%40shop/inner@1"}],
        },
        {"type": "operating-system", "name": "debian", "version": "12"},
    ],
    "dependencies": [{"ref": "root", "dependsOn": ["yaml"]}, {"ref": "yaml", "dependsOn": []}],
}
SPDX = {
    "SPDXID": "SPDXRef-DOCUMENT",
    "spdxVersion": "SPDX-2.3",
    "name": "shop",
    "packages": [
        {
            "SPDXID": "SPDXRef-yaml",
            "name": "pyyaml",
            "versionInfo": "5.3",
            "licenseDeclared": "MIT",
            "externalRefs": [
                {
                    "referenceCategory": "PACKAGE-MANAGER",
                    "referenceType": "purl",
                    "referenceLocator": "pkg:pypi/pyyaml@5.3",
                }
            ],
        }
    ],
    "relationships": [
        {
            "spdxElementId": "SPDXRef-DOCUMENT",
            "relationshipType": "DESCRIBES",
            "relatedSpdxElement": "SPDXRef-yaml",
        }
    ],
    "files": [{"SPDXID": "SPDXRef-file", "fileName": "./requirements.txt"}],
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found += paths(inner, (*path, key))
    return found


def changed(value: Any, path: tuple[Any, ...], to: Any) -> Any:
    if not path:
        return to
    copy = value.copy()
    copy[path[0]] = changed(value[path[0]], path[1:], to)
    return copy


@given(st.sampled_from([(document, path) for document in (CYCLONEDX, SPDX) for path in paths(document)]), ANYTHING)
def test_any_value_anywhere(place: tuple[dict[str, Any], tuple[Any, ...]], value: Any) -> None:
    document, path = place
    assert isinstance(sbom.parse("sbom.json", json.dumps(changed(document, path, value)).encode()), ParsedPackages)


@given(st.sampled_from([CYCLONEDX, SPDX]), st.data())
def test_any_bytes_anywhere(document: dict[str, Any], data: st.DataObject) -> None:
    text = bytearray(json.dumps(document).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    assert isinstance(sbom.parse("sbom.json", bytes(text)), ParsedPackages)
