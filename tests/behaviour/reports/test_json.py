"""The JSON report: the contract that other tools read."""

import json as standard_json
from importlib.resources import files

import jsonschema
import pytest

from sample_reports import make_finding, make_report
from seawall.model.finding import Package, Vulnerability
from seawall.model.resource import Location
from seawall.reports import json

SCHEMA = standard_json.loads((files("seawall") / "reports/schema/report-v1.schema.json").read_text("utf-8"))


def _validate(report: object) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    validator.check_schema(SCHEMA)
    validator.validate(report)


def test_a_report_is_valid_against_the_schema_that_is_shipped() -> None:
    report = standard_json.loads(json.render(make_report()))
    _validate(report)
    assert report["schema"] == "seawall.dev/report/v1"
    assert [finding["suppressed"] for finding in report["findings"]].count(None) == 7


def test_a_finding_about_a_package_is_valid_and_one_without_has_no_such_key() -> None:
    package = Package(
        purl="pkg:deb/debian/openssl@3.0.1",
        name="openssl",
        version="3.0.1",
        fixed_version=None,
        direct=None,
        image_layer="sha256:ab",
        path="var/lib/dpkg/status",
    )
    vulnerability = Vulnerability(id="CVE-2024-1", aliases=[], cvss=9.8, epss=None, kev=True)
    report = standard_json.loads(
        json.render(make_report(findings=[make_finding(package=package, vulnerability=vulnerability), make_finding()]))
    )
    _validate(report)
    assert report["findings"][0]["package"]["fixedVersion"] is None
    assert "package" not in report["findings"][1]


def test_the_schema_refuses_a_finding_without_its_place() -> None:
    report = standard_json.loads(json.render(make_report()))
    del report["findings"][0]["location"]["line"]
    with pytest.raises(jsonschema.ValidationError, match="'line' is a required property"):
        _validate(report)


def test_controls_that_a_terminal_obeys_are_escaped_and_read_back_the_same() -> None:
    evidence = "a\x7fb\x9b2Jc\x1bd © é"
    encoded = json.render(make_report(findings=[make_finding(evidence=evidence)]))
    assert not {0x1B, 0x7F} & set(encoded)
    assert b"\xc2\x9b" not in encoded
    assert standard_json.loads(encoded)["findings"][0]["evidence"] == evidence


def test_a_file_name_that_is_not_utf8_does_not_break_the_report() -> None:
    location = Location("bad-\udcff.yaml", 1, 1, 1, 2)
    report = standard_json.loads(json.render(make_report(findings=[make_finding(location=location)])))
    assert report["findings"][0]["location"]["path"] == "bad-\\xff.yaml"


def test_a_large_report_is_written_in_pieces_that_make_one_value() -> None:
    report = make_report(findings=[make_finding(message=f"finding {number}") for number in range(4001)])
    pieces = list(json.stream(report))
    assert len(pieces) > 3
    assert b"".join(pieces) == json.render(report)
    assert [f["message"] for f in standard_json.loads(b"".join(pieces))["findings"]] == [
        f"finding {number}" for number in range(4001)
    ]
