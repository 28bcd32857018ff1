"""Laws of VEX documents that are written: what is read back dismisses exactly what people said is not affected."""

from datetime import UTC, datetime
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from sample_reports import make_finding
from seawall.facts.vex import apply
from seawall.formats.vex import read_vex
from seawall.model import finding as finding_model
from seawall.model.finding import Finding, Suppressed
from seawall.model.package import Package
from seawall.model.vex import Justification
from seawall.model.vulnerability import Priority, PriorityClass, Vulnerability
from seawall.reports.vex import FORMS, Issue, render, statements_of

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
FLAWS = ("CVE-2024-0001", "CVE-2024-0002", "GHSA-aaaa-bbbb-cccc", "CVE-7")
PURLS = ("pkg:deb/debian/openssl@3.0.13-1?arch=amd64&distro=debian-12", "pkg:npm/%40a/b@2.0.0", "pkg:pypi/pyyaml@5.3")
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(
    lambda text: bool(text.strip())
)
SUPPRESSED = st.none() | st.builds(
    Suppressed,
    by=st.sampled_from(["config", "comment", "annotation", "baseline"]),
    reason=WORDS,
    justification=st.sampled_from(["", "", *Justification]),
)


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    purl, name = draw(st.sampled_from(PURLS)), draw(st.sampled_from(FLAWS))
    return make_finding(
        package=finding_model.Package(
            purl=purl, name="x", version="1", fixed_version=None, direct=None, image_layer=None, path="lock"
        ),
        vulnerability=finding_model.Vulnerability(id=name, aliases=[f"X-{name}"], cvss=None, epss=None, kev=False),
        suppressed=draw(SUPPRESSED),
    )


def key(found: Finding) -> tuple[str, str]:
    assert isinstance(found.package, finding_model.Package)
    assert isinstance(found.vulnerability, finding_model.Vulnerability)
    return found.vulnerability.id, found.package.purl


def is_judged(found: Finding) -> bool:
    said = found.suppressed
    return said is not None and said.by != "baseline" and bool(said.justification)


@given(
    st.lists(findings(), min_size=1, max_size=12),
    st.sampled_from(FORMS),
    st.sampled_from(["", "pkg:oci/shop@sha256%3Aaa"]),
    WORDS,
    st.randoms(use_true_random=False),
)
def test_what_is_written_reads_back_as_what_people_said(
    found: list[Finding], form: str, product: str, author: str, shuffle: Random
) -> None:
    issue = Issue(at=NOW, author=author, namespace="https://example.com")
    written = render(form, statements_of(found, at=NOW, author=author, product_of=lambda _: product), issue)
    parsed = read_vex("x.json", written)
    assert parsed.unscanned == ()
    keys = sorted({key(one) for one in found})
    vulnerabilities = [
        Vulnerability(
            id=flaw,
            names=(flaw,),
            package=Package(purl=purl, name="x", version="1", ecosystem="npm"),
            fixed="",
            priority=Priority(PriorityClass.UNRATED, (6, 0.0, 0.0)),
        )
        for flaw, purl in keys
    ]
    outcome = apply(parsed.statements, vulnerabilities, products=[product] if product else [])
    assert outcome.unused == ()
    assert all(judged.statement is not None for judged in (*outcome.kept, *outcome.dismissed))
    dismissed = {(judged.vulnerability.id, judged.vulnerability.package.purl) for judged in outcome.dismissed}
    assert dismissed == {one for one in keys if all(is_judged(other) for other in found if key(other) == one)}

    shuffle.shuffle(found)
    assert render(form, statements_of(found, at=NOW, author=author, product_of=lambda _: product), issue) == written
    if product:  # the statements are about that product: in another one they say nothing
        assert apply(parsed.statements, vulnerabilities, products=["pkg:oci/shop@sha256%3Abb"]).dismissed == ()
