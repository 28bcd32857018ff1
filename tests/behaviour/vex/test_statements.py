"""VEX statements: which count, what they are about, and which of several is the latest."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from sample_reports import make_finding
from seawall.facts.vex import apply
from seawall.formats.vex import read_vex
from seawall.model import finding as finding_model
from seawall.model.package import Package
from seawall.model.vex import ParsedVex, VexStatement, VexStatus
from seawall.model.vulnerability import Priority, PriorityClass, Vulnerability
from seawall.reports.vex import statements_of

PURL = "pkg:deb/debian/openssl@3.0.13-1?arch=amd64"


def vulnerability(
    name: str = "CVE-2024-0001", *, purl: str = PURL, aliases: tuple[str, ...] = (), parents: tuple[str, ...] = ()
) -> Vulnerability:
    package = Package(purl=purl, name="openssl", version="3.0.13-1", ecosystem="Debian", parents=parents)
    priority = Priority(PriorityClass.UNRATED, (6, 0.0, 0.0))
    return Vulnerability(id=name, names=(name, *aliases), package=package, fixed="", priority=priority)


def openvex(*statements: dict[str, Any], **more: Any) -> ParsedVex:
    document = {
        "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/1", "author": "Example", "version": 1,
        "timestamp": "2026-01-01T00:00:00Z", "statements": list(statements),
    }  # fmt: skip
    return read_vex("app.vex.json", json.dumps(document | more).encode())


def said(status: str = "not_affected", purl: str = PURL, name: str = "CVE-2024-0001", **more: Any) -> dict[str, Any]:
    if status == "not_affected":
        more.setdefault("justification", "component_not_present")
    return {"vulnerability": {"name": name}, "products": [{"@id": purl}], "status": status} | more


def kept(parsed: ParsedVex, found: Vulnerability, *products: str) -> bool:
    outcome = apply(parsed.statements, [found], products=products)
    assert len(outcome.kept) + len(outcome.dismissed) == 1
    return bool(outcome.kept)


def csaf(tree: dict[str, Any], *vulnerabilities: dict[str, Any]) -> ParsedVex:
    document = {
        "document": {
            "category": "csaf_vex", "csaf_version": "2.0", "publisher": {"name": "Example"},
            "tracking": {"current_release_date": "2026-01-01T00:00:00Z"},
        },
        "product_tree": tree,
        "vulnerabilities": list(vulnerabilities),
    }  # fmt: skip
    return read_vex("app.csaf.json", json.dumps(document).encode())


def product(name: str, purl: str) -> dict[str, Any]:
    return {"name": name, "product_id": name, "product_identification_helper": {"purl": purl}}


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (said(justification=""), "not_affected without a justification"),
        (said(justification="", impact_statement="  "), "not_affected without a justification"),
        (said(justification="because"), "the justification 'because' is not one of VEX"),
        (said(status="harmless"), "the status 'harmless' is not one of VEX"),
        (said(name=""), "names no vulnerability"),
        (said(purl="https://example.org/app"), "names no product by a purl"),
        (said(products=[]), "names no product by a purl"),
        (said(timestamp="yesterday"), "it has no time"),
        (said(timestamp="2026-01-01T00:00:00"), "its time has no time zone"),
        (said(products=[{"@id": PURL, "subcomponents": [{"@id": "urn:x"}]}]), "names no product by a purl"),
    ],
)
def test_an_incomplete_statement_is_refused_with_its_place(statement: dict[str, Any], why: str) -> None:
    parsed = openvex(said(name="CVE-2024-0002"), statement)
    assert [one.vulnerability for one in parsed.statements] == ["CVE-2024-0002"]
    assert [entry.path for entry in parsed.unscanned] == ["app.vex.json"]
    assert parsed.unscanned[0].reason.startswith("statement 2 does not count: ")
    assert why in parsed.unscanned[0].reason
    assert kept(parsed, vulnerability())


def test_a_sentence_that_says_why_is_a_reason_too() -> None:
    assert not kept(openvex(said(justification="", impact_statement="The code is not built.")), vulnerability())


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{", "no VEX document"),
        (b"[]", "no VEX document"),
        (b"{}", "neither OpenVEX"),
        (b'{"@context": "https://example.org"}', "context 'https://example.org', which is not read"),
        (b'{"@context": "https://openvex.dev/ns/v0.0.1", "statements": []}', "which is not read"),
        (b'{"@context": "https://openvex.dev/ns/v0.2.0"}', "without statements"),
        (b'{"document": {"category": "csaf_base", "csaf_version": "2.0"}}', "not csaf_vex 2.0"),
        (b'{"document": []}', "not csaf_vex 2.0"),
    ],
)
def test_what_is_no_vex_document_is_unscanned(data: bytes, why: str) -> None:
    parsed = read_vex("x.json", data)
    assert parsed.statements == ()
    assert why in parsed.unscanned[0].reason


@pytest.mark.parametrize(
    ("purl", "about"),
    [
        (PURL, True),
        ("pkg:deb/debian/openssl@3.0.13-1", True),
        ("pkg:deb/debian/openssl", True),
        ("pkg:DEB/Debian/openssl?arch=amd64", True),
        ("pkg:deb/debian/openssl@3.0.12-1", False),
        ("pkg:deb/debian/openssl?arch=arm64", False),
        ("pkg:deb/debian/openssl?distro=debian-12", False),
        ("pkg:deb/ubuntu/openssl", False),
        ("pkg:deb/debian/openssl-libs", False),
    ],
)
def test_what_a_purl_leaves_out_means_any_and_what_it_says_must_hold(purl: str, about: bool) -> None:
    assert kept(openvex(said(purl=purl)), vulnerability()) is not about


@pytest.mark.parametrize("name", ["CVE-2024-0001", "GHSA-AAAA-bbbb-cccc", "cve-2024-0001"])
def test_a_statement_is_about_a_flaw_by_any_of_its_names(name: str) -> None:
    found = vulnerability(aliases=("GHSA-aaaa-bbbb-cccc", "DEBIAN-CVE-2024-0001"))
    assert not kept(openvex(said(name=name)), found)
    assert not kept(openvex(said(name="OURS-1") | {"vulnerability": {"name": "OURS-1", "aliases": [name]}}), found)
    assert kept(openvex(said(name="CVE-2024-00011")), found)


def test_the_latest_statement_counts_whatever_the_order_of_files() -> None:
    old, new = (
        said(timestamp="2026-01-02T00:00:00+09:00"),
        said("affected", timestamp="2026-01-01T23:00:00Z", action_statement="x"),
    )
    for order in ([old, new], [new, old]):
        outcome = apply(openvex(*order).statements, [vulnerability()])
        assert [judged.statement.status for judged in outcome.kept if judged.statement] == [VexStatus.AFFECTED]
    assert not kept(openvex(new | {"timestamp": "2026-01-01T00:00:00Z"}, old), vulnerability())


def test_a_statement_without_a_time_has_that_of_its_document() -> None:
    [statement] = openvex(said(), timestamp="2026-03-04T05:06:07.123456789+02:00").statements
    assert statement.timestamp == datetime(2026, 3, 4, 3, 6, 7, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "purl", "dismissed"),
    [
        ("not_affected", "pkg:deb/debian/openssl", True),
        ("fixed", PURL, True),
        ("fixed", "pkg:deb/debian/openssl", False),  # no flaw is fixed in all versions
        ("affected", PURL, False),
        ("under_investigation", PURL, False),
    ],
)
def test_only_what_is_settled_goes_away(status: str, purl: str, dismissed: bool) -> None:
    outcome = apply(openvex(said(status, purl)).statements, [vulnerability()])
    [judged] = outcome.dismissed if dismissed else outcome.kept
    assert judged.statement is not None
    assert judged.statement.status == status


def test_a_statement_about_a_part_counts_inside_that_product_alone() -> None:
    image = "pkg:oci/app@sha256%3Aaa?repository_url=registry.example.org/app"
    parsed = openvex(said(products=[{"@id": "pkg:oci/app", "subcomponents": [{"@id": "pkg:deb/debian/openssl"}]}]))
    assert kept(parsed, vulnerability())
    assert kept(parsed, vulnerability(), "pkg:oci/other@sha256%3Aaa")
    assert not kept(parsed, vulnerability(), image)
    assert not kept(parsed, vulnerability(parents=("pkg:oci/app@1",)))
    assert kept(parsed, vulnerability(purl="pkg:deb/debian/zlib@1"), image)


def test_a_statement_about_a_whole_product_counts_for_all_that_is_in_it() -> None:
    assert not kept(openvex(said(purl="pkg:oci/app")), vulnerability(), "pkg:oci/app@sha256%3Aaa")
    assert kept(openvex(said(purl="pkg:oci/app")), vulnerability())


def test_a_statement_that_is_about_nothing_here_is_told() -> None:
    parsed = openvex(said(), said(name="CVE-2020-1"), said(purl="pkg:deb/debian/zlib"))
    outcome = apply(parsed.statements, [vulnerability()])
    assert [statement.place for statement in outcome.unused] == [
        "app.vex.json: statement 2",
        "app.vex.json: statement 3",
    ]
    assert (len(outcome.kept), len(outcome.dismissed)) == (0, 1)


def test_csaf_gives_reasons_to_products_and_to_groups_of_them() -> None:
    tree = {
        "branches": [{"category": "vendor", "name": "v", "branches": [
            {"category": "product_version", "name": "1", "product": product("A", "pkg:npm/a@1")},
        ]}],
        "full_product_names": [product("B", "pkg:npm/b@1"), product("C", "pkg:npm/c@1"), {"name": "D", "product_id": "D"}],
        "product_groups": [{"group_id": "G", "product_ids": ["B"]}],
    }  # fmt: skip
    parsed = csaf(tree, {
        "cve": "CVE-2024-0001",
        "ids": [{"system_name": "GitHub", "text": "GHSA-aaaa-bbbb-cccc"}],
        "product_status": {"known_not_affected": ["A", "B", "C", "D"]},
        "flags": [{"label": "vulnerable_code_not_present", "product_ids": ["A"]}],
        "threats": [{"category": "impact", "details": "Not built.", "group_ids": ["G"]},
                    {"category": "exploit_status", "details": "None.", "product_ids": ["C"]}],
    })  # fmt: skip
    by_purl = {one.products[0].purl: one for one in parsed.statements}
    assert set(by_purl) == {"pkg:npm/a@1", "pkg:npm/b@1"}
    assert by_purl["pkg:npm/a@1"].justification == "vulnerable_code_not_present"
    assert by_purl["pkg:npm/b@1"].impact == "Not built."
    assert by_purl["pkg:npm/a@1"].names == ("CVE-2024-0001", "GHSA-aaaa-bbbb-cccc")
    assert sorted(entry.reason for entry in parsed.unscanned) == [
        "CVE-2024-0001, known_not_affected does not count: not_affected without a justification",
        "CVE-2024-0001, known_not_affected: the product 'D' is not named by a purl",
    ]


def test_a_part_of_a_csaf_product_is_not_the_part_elsewhere() -> None:
    relationship = {
        "category": "default_component_of", "full_product_name": {"name": "x", "product_id": "APP:LIB"},
        "product_reference": "LIB", "relates_to_product_reference": "APP",
    }  # fmt: skip
    flaw = {
        "cve": "CVE-2024-0001",
        "product_status": {"known_not_affected": ["APP:LIB"]},
        "flags": [{"label": "component_not_present"}],
    }
    library = product("LIB", "pkg:npm/lib@1")
    found = vulnerability(purl="pkg:npm/lib@1")
    inside = csaf(
        {"full_product_names": [product("APP", "pkg:oci/app"), library], "relationships": [relationship]}, flaw
    )
    assert kept(inside, found)
    assert not kept(inside, found, "pkg:oci/app@1")
    nameless = csaf(
        {"full_product_names": [{"name": "APP", "product_id": "APP"}, library], "relationships": [relationship]}, flaw
    )
    assert nameless.statements == ()
    rpm = product("LIB", "pkg:rpm/redhat/lib@1-2.el9")
    distribution = csaf(
        {"full_product_names": [{"name": "APP", "product_id": "APP"}, rpm], "relationships": [relationship]}, flaw
    )
    assert not kept(distribution, vulnerability(purl="pkg:rpm/redhat/lib@1-2.el9?arch=x86_64"))


def test_branches_that_nest_too_deep_end_the_search_and_not_the_program() -> None:
    branch: dict[str, Any] = {"product": product("A", "pkg:npm/a@1")}
    for _ in range(100):
        branch = {"branches": [branch]}
    parsed = csaf({"branches": [branch]}, {"cve": "CVE-2024-0001", "product_status": {"fixed": ["A"]}})
    assert "is not in the product tree" in parsed.unscanned[0].reason


def test_findings_become_statements_that_claim_no_more_than_a_scan_knows() -> None:
    package = finding_model.Package(
        purl=PURL,
        name="openssl",
        version="3.0.13-1",
        fixed_version="3.0.14-1",
        direct=None,
        image_layer=None,
        path="var/lib/dpkg/status",
    )
    flaw = finding_model.Vulnerability(
        id="CVE-2024-0001", aliases=["CVE-2024-0001", "GHSA-a"], cvss=9.8, epss=None, kev=False
    )
    accepted = finding_model.Suppressed(by="config", reason="Not reachable; accepted until spring.")
    about = make_finding(package=package, vulnerability=flaw)
    now = datetime(2026, 11, 25, tzinfo=UTC)
    statements = statements_of([about, about, make_finding()], at=now, author="me")
    assert [(one.names, one.status) for one in statements] == [
        (("CVE-2024-0001", "GHSA-a"), VexStatus.UNDER_INVESTIGATION)
    ]
    [one] = statements_of(
        [make_finding(package=package, vulnerability=flaw, suppressed=accepted)],
        at=now,
        author="me",
        product_of=lambda _: "pkg:oci/app",
    )
    assert (one.status, one.action) == (VexStatus.AFFECTED, "Not reachable; accepted until spring.")
    assert (one.products[0].purl, one.products[0].subcomponents) == ("pkg:oci/app", (PURL,))
    assert isinstance(one, VexStatement)
    told = finding_model.Suppressed(by="vex", reason="app.vex.json: statement 1")
    assert (
        statements_of([make_finding(package=package, vulnerability=flaw, suppressed=told)], at=now, author="me") == ()
    )
    old = finding_model.Suppressed(by="baseline", reason="in the baseline")
    [one] = statements_of([make_finding(package=package, vulnerability=flaw, suppressed=old)], at=now, author="me")
    assert one.status is VexStatus.UNDER_INVESTIGATION


def test_a_package_is_named_so_that_other_tools_find_it_too() -> None:
    """Trivy calls the release debian-12.5 where Seawall and Syft say debian-12: a statement that names it is found by few."""
    package = finding_model.Package(
        purl="pkg:deb/debian/openssl@3.0.13-1?arch=amd64&distro=debian-12",
        name="openssl",
        version="3.0.13-1",
        fixed_version=None,
        direct=None,
        image_layer=None,
        path="var/lib/dpkg/status",
    )
    flaw = finding_model.Vulnerability(id="CVE-2024-0001", aliases=[], cvss=None, epss=None, kev=False)
    about = make_finding(package=package, vulnerability=flaw)
    [one] = statements_of([about], at=datetime(2026, 11, 25, tzinfo=UTC), author="me")
    assert [product.purl for product in one.products] == [PURL]


def test_an_image_is_its_digest_whatever_it_is_called() -> None:
    parsed = openvex(said(products=[{"@id": "pkg:oci/app@sha256%3Aaa?repository_url=registry.example.org/app"}]))
    assert not kept(parsed, vulnerability(), "pkg:oci/image.tar@sha256%3Aaa")
    assert kept(parsed, vulnerability(), "pkg:oci/app@sha256%3Abb?repository_url=registry.example.org/app")
