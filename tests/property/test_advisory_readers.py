"""Whatever a file of advisories or statements says, its reader says what it could not read and never breaks."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.facts.vex import apply
from seawall.formats.advisories.debian_tracker import read_debian_tracker
from seawall.formats.advisories.exploitation import read_exploited
from seawall.formats.advisories.osv import read_osv
from seawall.formats.advisories.secdb import read_secdb
from seawall.formats.cvss import CvssError, best_vector, read_vector
from seawall.formats.vex import read_vex
from seawall.model.vex import VexStatus

WORDS = (
    "@context", "@id", "affected", "aliases", "author", "branches", "category", "csaf_version", "cve", "database_specific",
    "distroversion", "document", "ecosystem", "ecosystem_specific", "events", "fixed", "fixed_version", "flags",
    "full_product_name", "full_product_names", "id", "ids", "introduced", "justification", "known_not_affected", "label", "name",
    "package", "packages", "pkg", "product", "product_id", "product_identification_helper", "product_ids", "product_reference",
    "product_status", "product_tree", "products", "purl", "ranges", "related", "relates_to_product_reference", "relationships",
    "releases", "secfixes", "severity", "statements", "status", "subcomponents", "text", "timestamp", "tracking", "type",
    "upstream", "urlprefix", "versions", "vulnerabilities", "vulnerability", "withdrawn",
)  # fmt: skip
VALUES = (
    "CVE-2024-0001", "csaf_vex", "2.0", "https://openvex.dev/ns/v0.2.0", "not_affected", "fixed", "pkg:npm/a@1", "pkg:npm/",
    "open", "resolved", "0", "1.0", "npm", "SEMVER", "CVSS_V3", "2026-01-01T00:00:00Z", "v3.20", "component_not_present",
)  # fmt: skip
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(VALUES)
    | st.text(max_size=8)
)
TREES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6),
    max_leaves=30,
)
METRICS = st.sampled_from(
    ["AV:N", "AC:L", "PR:N", "UI:N", "S:U", "C:H", "I:H", "A:H", "Au:N", "AT:N", "VC:H", "E:X", "AV", ":", ""]
)


@given(TREES)
@settings(max_examples=150)
def test_readers_of_advisories_never_break(tree: Any) -> None:
    data = json.dumps(tree).encode()
    for read in (read_osv, read_secdb, read_debian_tracker):
        parsed = read("x.json", data)
        assert all(advisory.id for advisory in parsed.advisories)
        assert all(entry.path == "x.json" and entry.reason for entry in parsed.unscanned)
    found, unscanned = read_exploited("x.json", data)
    assert not (found and unscanned)


@given(TREES)
@settings(max_examples=150)
def test_a_statement_that_is_read_is_whole(tree: Any) -> None:
    frames = [
        tree,
        {"@context": "https://openvex.dev/ns/v0.2.0", "timestamp": "2026-01-01T00:00:00Z", "statements": [tree]},
        {
            "document": {
                "category": "csaf_vex",
                "csaf_version": "2.0",
                "tracking": {"current_release_date": "2026-01-01T00:00:00Z"},
            },
            "product_tree": tree,
            "vulnerabilities": [tree],
        },
    ]
    for frame in frames:
        parsed = read_vex("x.json", json.dumps(frame).encode())
        for statement in parsed.statements:
            assert statement.vulnerability
            assert all(product.purl.startswith("pkg:") for product in statement.products)
            assert statement.products
            if statement.status is VexStatus.NOT_AFFECTED:
                assert statement.justification or statement.impact.strip()
        assert apply(parsed.statements, []).unused == tuple(parsed.statements)


@given(
    st.sampled_from(["", "CVSS:3.1/", "CVSS:3.0/", "CVSS:4.0/", "CVSS:9/"]),
    st.lists(METRICS, max_size=12),
    st.text(max_size=5),
)
def test_a_vector_has_a_score_of_0_to_10_or_is_none(prefix: str, metrics: list[str], rest: str) -> None:
    text = prefix + "/".join(metrics) + rest
    try:
        found = read_vector(text)
    except CvssError:
        assert best_vector([text]) is None
    else:
        assert 0.0 <= found.score <= 10.0
