"""Scans of Dockerfiles: places, what is hidden, what is told, and what one may say against it."""

import json
from pathlib import Path

import pytest

from seawall.apps.cli import main


def scan(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict]:
    status = main.main(["scan", "--no-vulnerabilities", "--format", "json", *arguments])
    return status, json.loads(capsys.readouterr().out)


def rules(report: dict) -> list[tuple[str, int, int]]:
    return [
        (f["rule"], f["location"]["line"], f["location"]["column"]) for f in report["findings"] if not f["suppressed"]
    ]


def test_a_finding_stands_where_the_command_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Dockerfile").write_text(
        "FROM debian:13-slim\nRUN set -o pipefail \\\n && true \\\n && curl https://example.com/i | sh\nUSER 1000\n"
    )
    status, report = scan(capsys, str(tmp_path))
    assert status == 1
    assert rules(report) == [("dockerfile-download-piped-to-shell", 4, 5)]
    (finding,) = report["findings"]
    assert finding["evidence"] == "curl https://example.com/i"
    assert finding["resource"]["kind"] == "Dockerfile"
    assert report["summary"]["resources"] == 1


def test_a_dockerfile_can_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "Dockerfile.web"
    file.write_text("FROM debian:13-slim\nUSER root\n")
    assert [rule for rule, _, _ in rules(scan(capsys, str(file))[1])] == ["dockerfile-user-root"]


@pytest.mark.parametrize("form", ["table", "json", "sarif", "junit", "markdown", "html", "github"])
def test_no_report_shows_a_credential(tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    (tmp_path / "Dockerfile").write_text(
        "FROM debian:13-slim\nENV DB_PASSWORD=hunter2hunter2\nENV API_TOKEN swordfish99 and more\nARG ACCESS_KEY='opensesame1'\n"
        "RUN mysql --password=letmein123 && curl -u me:trustno1x https://example.com\nRUN git clone https://u:dragon123@example.com/a.git\n"
        "LABEL app.secret=monkey123\nUSER 1000\n"
    )
    main.main(
        ["scan", "--no-vulnerabilities", "--format", form, *(["--details"] if form == "table" else []), str(tmp_path)]
    )
    text = capsys.readouterr().out
    assert "dockerfile-credential-in-env" in text or "DB_PASSWORD" in text
    for secret in ("hunter2", "swordfish99", "opensesame1", "letmein123", "dragon123", "monkey123", "trustno1x"):
        assert secret not in text


def test_an_ignore_file_keeps_the_context_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text("FROM debian:13-slim\nCOPY . /app\nUSER 1000\n")
    assert [rule for rule, _, _ in rules(scan(capsys, str(tmp_path))[1])] == ["dockerfile-context-copied-whole"]
    (tmp_path / "app" / ".dockerignore").write_text(".git\n")
    assert rules(scan(capsys, str(tmp_path))[1]) == []


def test_a_comment_accepts_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Dockerfile").write_text(
        'FROM debian:13-slim\n# seawall:ignore dockerfile-user-root reason="an init container that sets modes"\nUSER root\n'
    )
    status, report = scan(capsys, str(tmp_path))
    assert status == 0
    assert rules(report) == []
    assert report["summary"]["suppressed"] == 1


def test_what_cannot_be_read_fails_the_gate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian:13-slim\nUSERR 1000\nUSER 1\n")
    status, report = scan(capsys, str(tmp_path))
    assert status == 2
    assert report["unscanned"] == [
        {
            "path": f"{tmp_path}/Dockerfile:2",
            "reason": "'USERR' is no instruction of a Dockerfile; the rest of the file is read",
        }
    ]


def test_a_template_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Dockerfile").write_text("{{ if .A }}\nFROM a\n{{ end }}\n{{ x }}\n")
    status, report = scan(capsys, str(tmp_path))
    assert status == 2
    assert [entry["reason"][:10] for entry in report["unscanned"]] == ["a template"]


def test_a_file_named_after_dockerfiles_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nUSER 1000\n")
    (tmp_path / "Dockerfile.tmLanguage").write_text("<plist/>\n")
    assert scan(capsys, str(tmp_path))[0] == 0


def test_a_release_that_nobody_knows_is_unknown_and_no_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Dockerfile").write_text("FROM fedora:7\nUSER 1000\n")
    status, report = scan(capsys, str(tmp_path))
    assert status == 2
    assert "dockerfile-base-ended" in report["unscanned"][0]["reason"]
