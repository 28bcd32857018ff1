"""In which files credentials are looked for: encodings, archives, Secrets, long lines, long files, and what is passed over."""

import base64
import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from seawall.formats.credentials import texts
from seawall.formats.credentials.samples import expand
from seawall.model.finding import Finding, Report
from seawall.sources import credential_files
from seawall.stages import deploy
from seawall.stages.deploy import DeployScan
from seawall.stages.rule_sets import RuleChoice

KEY = expand("AKIA<16 A-Z2-7>", "texts")
LINE = f'aws_key = "{KEY}"\n'


def scan(target: Path) -> Report:
    return deploy.scan(DeployScan(targets=(str(target),), choice=RuleChoice(only=("credential-*",)))).report


def found_in(tmp_path: Path, name: str, data: bytes) -> list[Finding]:
    (tmp_path / name).write_bytes(data)
    report = scan(tmp_path)
    assert report.unscanned == []
    return report.findings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_a_text_is_read_in_its_encoding_and_the_place_is_of_the_text(tmp_path: Path, encoding: str) -> None:
    (finding,) = found_in(tmp_path, "a.ps1", f"# übung\r\n{LINE}".encode(encoding))
    assert (finding.location.line, finding.location.column, finding.location.end_column) == (2, 12, 32)


def test_a_binary_file_is_passed_over(tmp_path: Path) -> None:
    assert found_in(tmp_path, "a.bin", b"\x7fELF\0\0" + LINE.encode()) == []


def test_a_line_of_megabytes_is_searched_to_its_end(tmp_path: Path) -> None:
    (finding,) = found_in(tmp_path, "app.min.js", b"x=1;" * 700_000 + LINE.encode())
    assert finding.location.column == 4 * 700_000 + 12
    assert len(finding.snippet) < 250


def test_a_long_file_is_read_in_pieces_and_each_credential_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credential_files, "PIECE", 256 << 10)
    lines = [f"{number} " + "x" * 90 + "\n" for number in range(12_000)]
    wanted = list(range(5, 12_000, 700))
    for number in wanted:
        lines[number] = LINE
    findings = found_in(tmp_path, "a.log", "".join(lines).encode())
    assert [finding.location.line - 1 for finding in findings] == wanted


def test_a_notebook_is_searched_as_it_stands(tmp_path: Path) -> None:
    notebook = '{"cells": [{"source": ["import os\\n", "os.environ[\\"AWS\\"] = \\"' + KEY + '\\"\\n"]}]}'
    (finding,) = found_in(tmp_path, "a.ipynb", notebook.encode())
    assert finding.rule == "credential-cloud"


def archive(kind: str) -> bytes:
    target = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("conf/settings.py", f"# one\n{LINE}")
            file.writestr("logo.png", b"\x89PNG\0\0" + LINE.encode())
    elif kind == "gz":
        target.write(gzip.compress(f"# one\n{LINE}".encode()))
    else:
        with tarfile.open(fileobj=target, mode="w:gz" if kind == "tar.gz" else "w") as file:
            data = f"# one\n{LINE}".encode()
            member = tarfile.TarInfo("conf/settings.py")
            member.size = len(data)
            file.addfile(member, io.BytesIO(data))
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "kind", "inner"),
    [
        ("a.zip", "zip", "conf/settings.py"),
        ("a.jar", "zip", "conf/settings.py"),
        ("a.whl", "zip", "conf/settings.py"),
        ("a.tar", "tar", "conf/settings.py"),
        ("a.tar.gz", "tar.gz", "conf/settings.py"),
        ("a.tgz", "tar.gz", "conf/settings.py"),
        ("settings.py.gz", "gz", "settings.py"),
    ],
)
def test_an_archive_is_opened_one_level_deep(tmp_path: Path, name: str, kind: str, inner: str) -> None:
    (finding,) = found_in(tmp_path, name, archive(kind))
    assert finding.location.path == f"{tmp_path}/{name}!{inner}"
    assert (finding.location.line, finding.location.column) == (2, 12)


def test_what_is_behind_the_break_of_an_archive_is_no_text(tmp_path: Path) -> None:
    assert len(found_in(tmp_path, "a.tar", archive("tar")[:2000] + b"\xff" * 600)) == 1
    assert found_in(tmp_path, "b.zip", b"PK\3\4 no archive at all")[1:] == []


def test_an_archive_that_is_too_large_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MAX_INFLATED", 100_000)
    bomb = io.BytesIO()
    with tarfile.open(fileobj=bomb, mode="w:gz") as file:
        member = tarfile.TarInfo("zeros")
        member.size = 50_000_000
        file.addfile(member, io.BytesIO(b"0" * member.size))
    (tmp_path / "a.tgz").write_bytes(bomb.getvalue())
    (tmp_path / "b.zip").write_bytes(archive("zip"))
    monkeypatch.setattr(texts, "MAX_MEMBER", 10)
    reasons = [entry.reason for entry in scan(tmp_path).unscanned]
    assert "holds more than 0 MiB" in reasons[0]
    assert "holds more than is left of the limit" in reasons[1]


SECRET = """apiVersion: v1
kind: Secret
metadata: {{name: shop}}
data:
  aws: {key}
  app.conf: {conf}
  name: c2hvcA==
"""


def test_the_values_of_a_secret_are_decoded(tmp_path: Path) -> None:
    conf = base64.b64encode(f"port = 1\n{LINE}".encode()).decode()
    manifest = SECRET.format(key=base64.b64encode(KEY.encode()).decode(), conf=conf)
    findings = found_in(tmp_path, "secret.yaml", manifest.encode())
    assert [(finding.rule, finding.location.line) for finding in findings] == [
        ("credential-cloud", 5),
        ("credential-cloud", 6),
    ]
    assert findings[0].message.startswith("AWS access key id in aws, encoded (AKIA...")
    assert found_in(tmp_path, "secret.yaml", manifest.replace("kind: Secret", "kind: ConfigMap").encode()) == []


def test_where_only_credentials_are_asked_for_no_manifest_is_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from seawall.formats import kubernetes_yaml

    def refuse(*_: object) -> None:
        raise AssertionError("a manifest was parsed")

    monkeypatch.setattr(kubernetes_yaml, "parse", refuse)
    (finding,) = found_in(tmp_path, "pod.yaml", f"apiVersion: v1\nkind: Pod\nmetadata: {{name: [\n{LINE}".encode())
    assert finding.rule == "credential-cloud"


def test_a_file_that_is_full_of_credentials_is_told_up_to_a_limit(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("".join(expand("AKIA<16 A-Z2-7>\n", number) for number in range(1200)))
    report = scan(tmp_path)
    assert len(report.findings) == 1000
    assert "more than 1,000 texts in it look like credentials" in report.unscanned[0].reason


def test_a_repository_in_a_directory_called_tests_is_no_test(tmp_path: Path) -> None:
    shop = tmp_path / "tests" / "shop"
    (shop / "tests").mkdir(parents=True)
    (shop / "tests" / "a.env").write_text(LINE)
    (shop / "b.env").write_text(LINE)
    assert [finding.rule for finding in scan(shop).findings] == ["credential-cloud", "credential-for-tests"]
