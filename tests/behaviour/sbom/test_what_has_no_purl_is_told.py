"""What an SBOM names without a package URL is matched with nothing, so it is said: a gate passes nothing unseen."""

import json

import pytest

from seawall.formats.sbom import parse

PACKAGE = {"name": "openssl", "SPDXID": "SPDXRef-Package-openssl", "versionInfo": "3.0.1"}
ZLIB = {"name": "zlib", "SPDXID": "SPDXRef-Package-zlib", "versionInfo": "1.2.11"}


def _spdx(*packages: dict[str, str], relationships: list[dict[str, str]] | None = None) -> bytes:
    return json.dumps(
        {
            "spdxVersion": "SPDX-2.3",
            "SPDXID": "SPDXRef-DOCUMENT",
            "name": "x",
            "packages": packages,
            "relationships": relationships or [],
        }
    ).encode()


def test_packages_of_spdx_without_purl_and_purpose_are_told() -> None:
    found = parse("app.spdx.json", _spdx(PACKAGE, ZLIB))
    assert found.packages == ()
    (told,) = found.unscanned
    assert "2 components have no package URL" in told.reason
    assert "'openssl'" in told.reason


@pytest.mark.parametrize("purpose", ["LIBRARY", "APPLICATION"])
def test_a_stated_purpose_makes_no_difference(purpose: str) -> None:
    found = parse(
        "app.spdx.json",
        _spdx({**PACKAGE, "primaryPackagePurpose": purpose}, {**ZLIB, "primaryPackagePurpose": purpose}),
    )
    assert len(found.unscanned) == 1


def test_what_only_holds_others_needs_no_purl() -> None:
    holder = {"name": "requirements.txt", "SPDXID": "SPDXRef-Holder"}
    inner = {**ZLIB, "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:pypi/zlib@1.2.11"}]}
    relation = {"spdxElementId": "SPDXRef-Holder", "relationshipType": "CONTAINS", "relatedSpdxElement": ZLIB["SPDXID"]}
    found = parse("app.spdx.json", _spdx(holder, inner, relationships=[relation]))
    assert [package.name for package in found.packages] == ["zlib"]
    assert found.unscanned == ()


def test_an_application_of_cyclonedx_without_purl_is_told() -> None:
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "components": [{"type": "application", "name": "nginx", "version": "1.2"}],
    }
    found = parse("app.cdx.json", json.dumps(document).encode())
    assert [entry.path for entry in found.unscanned] != []
