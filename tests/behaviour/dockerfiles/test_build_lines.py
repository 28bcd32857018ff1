"""A package of an image is told by the line of the Dockerfile that brought it, where both are scanned."""

from pathlib import Path

import pytest

from sample_images import DEBIAN, Built, dpkg, files, layer, member, write_layout
from sample_vulnerabilities import build_database, record
from seawall.facts.build_lines import find_build_lines
from seawall.formats.dockerfile import parse
from seawall.stages import deploy
from seawall.stages.deploy import DeployScan
from seawall.stages.rule_sets import RuleChoice

DOCKERFILE = """\
ARG RELEASE=12
FROM debian:${RELEASE}
RUN apt-get update \\
    && apt-get install -y --no-install-recommends curl \\
    # the lists stay out
    && rm -rf /var/lib/apt/lists/*
COPY app ${NOTHING:-/app}
USER 1000
"""
HISTORY = [
    {"created_by": "/bin/sh -c #(nop) ADD file:0123 in / "},
    {
        "created_by": "RUN |1 RELEASE=12 /bin/sh -c apt-get update     && apt-get install -y --no-install-recommends curl"
        "     && rm -rf /var/lib/apt/lists/* # buildkit"
    },
    {"created_by": "COPY app /app # buildkit"},
]
RUN = "RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*"


@pytest.mark.parametrize("only", ["vulnerability-*", "*"])
def test_the_line_stands_in_the_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, only: str) -> None:
    flaw = record("DEBIAN-CVE-2023-38545", "Debian:12", "curl", "7.88.1-10+deb12u4")
    monkeypatch.setenv("SEAWALL_DATABASE", str(build_database(tmp_path / "advisories.db", flaw)))
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "Dockerfile").write_text(DOCKERFILE)
    (repository / "Dockerfile.other").write_text("FROM debian:12\nRUN make\nUSER 1000\n")
    base = layer(member("etc/os-release", DEBIAN), member("var/lib/dpkg/status", dpkg(("base-files", "12.4"))))
    installed = files(var__lib__dpkg__status=dpkg(("base-files", "12.4"), ("curl", "7.88.1-10+deb12u3")))
    image = write_layout(tmp_path / "image", Built(base, installed, files(app=b"x"), history=HISTORY))
    options = DeployScan(targets=(str(repository), str(image)), choice=RuleChoice(only=(only,)))
    found = [f for f in deploy.scan(options).report.findings if f.rule.startswith("vulnerability-")]
    assert [finding.package.build_line for finding in found] == [f"{repository}/Dockerfile:3"]
    assert "/Dockerfile:3)" in found[0].message


def lines(instructions: list[str], **texts: str) -> dict[str, str]:
    return dict(find_build_lines([parse(path, text.encode()) for path, text in texts.items()], instructions))


def test_the_dockerfile_that_matches_most_steps_is_taken() -> None:
    assert lines([RUN, "COPY app /app"], a=DOCKERFILE, b="FROM x\nCOPY app /app\n") == {
        RUN: "a:3",
        "COPY app /app": "a:7",
    }


def test_where_two_match_as_well_neither_is_guessed() -> None:
    assert lines([RUN], a=DOCKERFILE, b=DOCKERFILE) == {}


def test_a_step_that_stands_twice_is_not_told() -> None:
    assert lines(["RUN make", "RUN a"], a="FROM x\nRUN make\nRUN a\nRUN make\n") == {"RUN a": "a:3"}


def test_stages_that_do_not_end_up_in_the_image_do_not_count() -> None:
    assert lines(["RUN make"], a="FROM x AS build\nRUN make\nFROM y\n") == {}


def test_an_image_without_a_dockerfile_has_no_lines() -> None:
    assert lines(["RUN make"]) == {}
    assert lines([], a=DOCKERFILE) == {}
