"""VEX documents that are written are valid by the official schemas and read back as the same statements; real ones are read."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from seawall.formats.vex import read_vex
from seawall.model.vex import Justification, VexProduct, VexStatement, VexStatus
from seawall.reports.vex import FORMS, Issue, render

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
ISSUE = Issue(at=NOW, author="Example", namespace="https://example.com")
OPENSSL = VexProduct("pkg:deb/debian/openssl@3.0.13-1?arch=amd64")
IN_APP = VexProduct("pkg:oci/app@sha256:aa", ("pkg:npm/left-pad@1.0.0", "pkg:npm/%40a/b@2"))


def loaded(name: str) -> Any:
    return json.loads((HERE / name).read_bytes())


def validator(form: str) -> jsonschema.Draft202012Validator:
    schema = loaded({"openvex": "openvex_json_schema.json", "csaf": "csaf_json_schema.json"}[form])
    cvss = [(f"https://www.first.org/cvss/{name}", Resource.from_contents(loaded(name))) for name in
            ("cvss-v2.0.json", "cvss-v3.0.json", "cvss-v3.1.json")]  # fmt: skip
    return jsonschema.Draft202012Validator(
        schema, registry=Registry().with_resources(cvss), format_checker=jsonschema.FormatChecker()
    )


def made(status: VexStatus, *products: VexProduct, name: str = "CVE-2024-0001", **more: Any) -> VexStatement:
    return VexStatement(vulnerability=name, status=status, products=products, timestamp=NOW, author="Example", **more)


STATEMENTS = (
    made(VexStatus.NOT_AFFECTED, OPENSSL, justification=Justification.VULNERABLE_CODE_NOT_PRESENT, impact="Not built."),
    made(
        VexStatus.NOT_AFFECTED,
        IN_APP,
        name="GHSA-aaaa-bbbb-cccc",
        impact="Only tests use it.",
        aliases=("CVE-2024-0002",),
    ),
    made(VexStatus.FIXED, IN_APP, OPENSSL, name="CVE-2024-0003"),
    made(VexStatus.AFFECTED, OPENSSL, name="CVE-2024-0004", action="Update."),
    made(VexStatus.AFFECTED, IN_APP, name="CVE-2024-0004"),
    made(VexStatus.UNDER_INVESTIGATION, OPENSSL, name="CVE-2024-0005", aliases=("GHSA-dddd-eeee-ffff",)),
)


@pytest.mark.parametrize("form", FORMS)
def test_what_is_written_is_valid_and_the_same_on_every_run(form: str) -> None:
    written = render(form, STATEMENTS, ISSUE)
    assert list(validator(form).iter_errors(json.loads(written))) == []
    assert render(form, STATEMENTS, ISSUE) == written


@pytest.mark.parametrize("form", FORMS)
def test_what_is_written_reads_back_as_what_was_said(form: str) -> None:
    parsed = read_vex("x.json", render(form, STATEMENTS, ISSUE))
    assert parsed.unscanned == ()

    def said(statements: Any) -> set[tuple[Any, ...]]:
        return {
            (frozenset(one.names), one.status, product.purl, part, one.justification, one.timestamp, one.author)
            for one in statements
            for product in one.products
            for part in product.subcomponents or ("",)
        }

    assert said(parsed.statements) == said(STATEMENTS)


@pytest.mark.parametrize(("name", "form"), [("sample.openvex.json", "openvex"), ("trivy.openvex.json", "openvex")])
def test_real_documents_are_read_whole(name: str, form: str) -> None:
    parsed = read_vex(name, (HERE / name).read_bytes())
    assert parsed.unscanned == ()
    assert len(parsed.statements) == len(loaded(name)["statements"])


def test_a_real_statement_keeps_what_it_says() -> None:
    [first, _] = read_vex("trivy.openvex.json", (HERE / "trivy.openvex.json").read_bytes()).statements
    assert first.names == ("GO-2024-2575", "CVE-2024-26147", "GHSA-r53h-jv2g-vpx6")
    assert (first.status, first.justification) == (
        VexStatus.NOT_AFFECTED,
        Justification.VULNERABLE_CODE_NOT_IN_EXECUTE_PATH,
    )
    assert first.products == (VexProduct("pkg:golang/github.com/aquasecurity/trivy", ("pkg:golang/helm.sh/helm/v3",)),)
    assert first.timestamp == datetime(2024, 7, 9, 7, 38, 0, 115697, tzinfo=UTC)
    assert first.place == "trivy.openvex.json: statement 1"


def test_a_real_csaf_document_is_read_and_what_its_tree_does_not_name_is_told() -> None:
    """Its first product has a purl without a name, and its affected one a product that is not in the tree."""
    parsed = read_vex("sample.csaf.json", (HERE / "sample.csaf.json").read_bytes())
    assert parsed.statements == ()
    reasons = [entry.reason for entry in parsed.unscanned]
    assert "CVE-2009-4487, known_not_affected: the product 'CSAFPID-0001' is not named by a purl" in reasons
    assert "CVE-2009-4487, known_affected: the product 'ABC:CSAFPID-0002' is not in the product tree" in reasons


def test_nothing_to_say_is_no_document() -> None:
    with pytest.raises(ValueError, match="needs a statement"):
        render("openvex", (), ISSUE)
