"""Programs that render: found on PATH only, run bare, and bounded in time and output."""

import os
import sys
from pathlib import Path

import pytest

from seawall.model.errors import SourceError
from seawall.model.resource import Unscanned
from seawall.sources import manifests, programs
from seawall.sources.programs import find_program, run_program


def test_a_program_in_the_scanned_directory_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "helm").write_text("#!/bin/sh\n")
    (tmp_path / "helm").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    for path in (".", "", ":", ".:relative", "/nowhere:"):
        monkeypatch.setenv("PATH", path)
        assert find_program("helm") is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_program("helm") == str(tmp_path / "helm")


def test_a_program_sees_a_bare_environment_and_no_way_to_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELM_PLUGINS", "/home/me/plugins")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    output = run_program([sys.executable, "-c", "import os; print(*sorted(os.environ.items()), sep='\\n')"])
    seen = output.out.decode()
    assert "secret" not in seen
    assert "/home/me" not in seen
    assert "('HTTPS_PROXY', 'http://127.0.0.1:9')" in seen
    assert "('PATH', '')" in seen


def test_a_program_that_does_not_end_is_stopped() -> None:
    with pytest.raises(SourceError, match=r"did not end within 0\.3 s"):
        run_program([sys.executable, "-c", "import time; time.sleep(60)"], seconds=0.3)


def test_a_program_that_closes_its_output_and_stays_is_stopped() -> None:
    script = "import os, time; os.close(1); os.close(2); time.sleep(60)"
    with pytest.raises(SourceError, match="did not end within 1 s"):
        run_program([sys.executable, "-c", script], seconds=1)


def test_a_program_that_says_too_much_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "MAX_OUTPUT_BYTES", 1 << 20)
    script = "import sys\nwhile True: sys.stdout.write('x' * 65536)"
    with pytest.raises(SourceError, match="wrote more than 1 MB"):
        run_program([sys.executable, "-c", script])


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("Chart.yaml", "apiVersion: v2\nname: x\nversion: 1.0.0\n", "helm is not on PATH; install helm 3"),
        ("kustomization.yaml", "resources: []\n", "neither kustomize nor kubectl is on PATH; install one"),
    ],
)
def test_without_its_renderer_a_chart_or_kustomization_is_unscanned_and_never_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, text: str, reason: str
) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/a.yaml").write_text("apiVersion: v1\nkind: {{ .Values.kind }}\n")
    (tmp_path / file).write_text(text)
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.chdir(tmp_path)
    found = [entry for entry in manifests.read(".") if isinstance(entry, Unscanned)]
    assert any(reason in entry.reason for entry in found), found
