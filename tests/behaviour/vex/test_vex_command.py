"""`seawall vex`: a document of what a scan found and of what people said, which `--vex` reads back with the same outcome."""

import json
from pathlib import Path
from typing import Any

import pytest

from sample_images import Built, files, layout_files, write_archive
from sample_repository import configure
from sample_vulnerabilities import build_database
from seawall.apps.cli.main import main

SHOP = "pkg:github/example/shop@1.0"
JUDGED = """\
suppressions:
  - rule: vulnerability-*
    vulnerability: CVE-2020-1747
    reason: Only our own files are loaded.
    justification: vulnerable_code_cannot_be_controlled_by_adversary
"""
METADATA_IN_LIB = "usr__lib__python3__site-packages"
ACCEPTED = """\
  - rule: vulnerability-*
    package: jinja2
    reason: Accepted until spring.
"""


@pytest.fixture(autouse=True)
def _database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAWALL_DATABASE", str(build_database(tmp_path / "advisories.db")))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1769860800")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "requirements.txt").write_text("pyyaml==5.3\njinja2==2.11.2\n")
    return root


def vex(*arguments: str, author: str = "Shop") -> int:
    return main(["vex", *arguments, "--author", author])


def document(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_bytes())
    return loaded


def statuses(path: Path) -> dict[str, str]:
    return {one["vulnerability"]["name"]: one["status"] for one in document(path)["statements"]}


def suppressed(capfdbinary: pytest.CaptureFixture[bytes], *arguments: str) -> dict[str, str]:
    """Return who suppressed which vulnerability, in a scan."""
    capfdbinary.readouterr()
    main(["scan", *arguments, "--only", "vulnerability-*", "--format", "json"])
    report = json.loads(capfdbinary.readouterr().out)
    return {one["vulnerability"]["id"]: (one["suppressed"] or {}).get("by", "") for one in report["findings"]}


def test_only_what_people_gave_a_justification_for_is_not_affected(repository: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.json"
    assert vex(str(repository), "--output", str(output)) == 0
    assert statuses(output) == {"CVE-2020-1747": "under_investigation", "CVE-2020-28493": "under_investigation"}
    configure(repository, JUDGED + ACCEPTED)
    assert vex(str(repository), "--output", str(output)) == 0
    assert statuses(output) == {"CVE-2020-1747": "not_affected", "CVE-2020-28493": "affected"}
    first, second = document(output)["statements"]
    assert first["justification"] == "vulnerable_code_cannot_be_controlled_by_adversary"
    assert first["status_notes"] == "Only our own files are loaded."
    assert second["action_statement"] == "Accepted until spring."
    assert document(output)["timestamp"] == "2026-01-31T12:00:00Z"


@pytest.mark.parametrize("form", ["openvex", "csaf"])
@pytest.mark.parametrize("product", ["", SHOP])
def test_what_is_written_marks_the_same_when_it_is_read(
    repository: Path, tmp_path: Path, form: str, product: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    configure(repository, JUDGED)
    output = tmp_path / "out.json"
    named = ["--product", product] if product else []
    written = [str(repository), "--format", form, "--author-url", "https://shop.example", *named]
    assert vex(*written, "--output", str(output)) == 0
    first = output.read_bytes()
    assert vex(*written, "--output", str(output)) == 0
    assert output.read_bytes() == first
    (repository / "seawall.yaml").unlink()
    reading = [str(repository), "--vex", str(output)]
    assert suppressed(capfdbinary, *reading, *named) == {"CVE-2020-1747": "vex", "CVE-2020-28493": ""}
    if product:  # without it nobody knows that this is that product
        assert suppressed(capfdbinary, *reading) == {"CVE-2020-1747": "", "CVE-2020-28493": ""}


def test_an_image_is_the_product_and_is_known_again_under_another_name(
    repository: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    configure(tmp_path, JUDGED)
    metadata = b"Metadata-Version: 2.1\nName: PyYAML\nVersion: 5.3\n"
    for name, image in (("shop", METADATA_IN_LIB), ("renamed", METADATA_IN_LIB), ("other", "srv")):
        built = Built(files(**{f"{image}__PyYAML-5.3.dist-info__METADATA": metadata}))
        write_archive(tmp_path / f"{name}.tar", layout_files(built))
    output = tmp_path / "out.json"
    config = ["--config", str(tmp_path / "seawall.yaml")]
    assert vex(str(tmp_path / "shop.tar"), *config, "--output", str(output)) == 0
    (product,) = document(output)["statements"][0]["products"]
    assert product["@id"].startswith("pkg:oci/shop.tar@sha256:")
    assert [part["@id"] for part in product["subcomponents"]] == ["pkg:pypi/pyyaml@5.3"]
    (tmp_path / "seawall.yaml").unlink()
    for name, by in (("renamed.tar", "vex"), ("other.tar", "")):
        assert suppressed(capfdbinary, str(tmp_path / name), "--vex", str(output)) == {"CVE-2020-1747": by}


def test_what_somebody_said_before_is_not_said_again(repository: Path, tmp_path: Path) -> None:
    configure(repository, JUDGED)
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    assert vex(str(repository), "--output", str(first)) == 0
    (repository / "seawall.yaml").unlink()
    assert vex(str(repository), "--vex", str(first), "--output", str(second)) == 0
    assert statuses(second) == {"CVE-2020-28493": "under_investigation"}


@pytest.mark.parametrize(
    "change",
    [("2099-12-31", "2020-01-01"), ("suppressions:", "mustNotSuppress: [vulnerability-critical]\nsuppressions:")],
)
def test_a_suppression_that_does_not_hold_says_nothing(
    repository: Path, tmp_path: Path, change: tuple[str, str]
) -> None:
    text = JUDGED + "    expires: 2099-12-31\n"
    configure(repository, text.replace(*change))
    assert vex(str(repository), "--output", str(tmp_path / "out.json")) == 0
    assert set(statuses(tmp_path / "out.json").values()) == {"under_investigation"}


@pytest.mark.parametrize("named", ["", "    vulnerability: CVE-2020-*\n", "    vulnerability: []\n"])
def test_nobody_justifies_flaws_that_nobody_has_looked_at(
    repository: Path, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(repository, JUDGED.replace("    vulnerability: CVE-2020-1747\n", named))
    assert vex(str(repository)) == 2
    assert "a justification is about flaws that somebody looked at" in capsys.readouterr().err


def test_a_justification_that_vex_does_not_know_is_refused(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(repository, JUDGED.replace("vulnerable_code_cannot_be_controlled_by_adversary", "harmless"))
    assert vex(str(repository)) == 2
    assert "one of component_not_present, inline_mitigations_already_exist" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--format", "csaf"], "CSAF names its publisher by a URL"),
        (["--format", "csaf", "--author-url", "shop"], "is no URL"),
        (["--timestamp", "2026-01-31T12:00:00"], "is no time with a time zone"),
        (["--product", "shop"], "is no purl"),
        (["--author", " "], "--author is empty"),
    ],
)
def test_wrong_usage_is_told(
    repository: Path, arguments: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["vex", str(repository), "--author", "Shop", *arguments]) == 2
    assert why in capsys.readouterr().err


def test_no_document_speaks_of_less_than_there_is(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "package-lock.json").write_text("{")
    output = tmp_path / "out.json"
    assert vex(str(repository), "--output", str(output)) == 2
    assert not output.exists()
    assert "no document was written" in capsys.readouterr().err
    assert vex(str(repository), "--output", str(output), "--allow-unscanned") == 0
    assert len(statuses(output)) == 2


def test_where_there_is_nothing_to_say_there_is_no_document(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "requirements.txt").write_text("pyyaml==6.0\n")
    assert vex(str(repository), "--output", str(tmp_path / "out.json")) == 0
    assert not (tmp_path / "out.json").exists()
    assert "no vulnerability was found to speak of" in capsys.readouterr().err
