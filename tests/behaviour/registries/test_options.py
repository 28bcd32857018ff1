"""How registries are reached is said on the command line, the same for every command, and reaches the client."""

from pathlib import Path

import pytest

from sample_images import Built, dpkg, files
from seawall.apps.cli.main import main
from seawall.model.errors import UsageError
from seawall.sources.registry.settings import choose_settings
from tests.simulators.registry import serve


def test_mirrors_are_docker_hubs_unless_a_host_is_named() -> None:
    settings = choose_settings(mirrors=["a.example", "quay.io=b.example:5000/quay", "c.example"])
    assert settings.mirrors == {"docker.io": ("a.example", "c.example"), "quay.io": ("b.example:5000/quay",)}


@pytest.mark.parametrize("word", ["", "=a.example", "a.example=", "https://a.example", "a/b=c.example", "a b"])
def test_what_is_no_mirror_is_wrong_usage(word: str) -> None:
    with pytest.raises(UsageError, match="is no mirror"):
        choose_settings(mirrors=[word])


def test_leave_for_a_host_is_leave_for_its_ports() -> None:
    settings = choose_settings(insecure=["a.example", "b.example:5000"])
    hosts = ("a.example", "a.example:80", "b.example:5000", "b.example", "c.example")
    assert [settings.is_insecure(host) for host in hosts] == [True, True, True, False, False]


@pytest.mark.parametrize("command", ["scan", "sbom"])
def test_an_image_comes_from_the_mirror(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("HOME", "DOCKER_CONFIG", "XDG_CONFIG_HOME", "SEAWALL_CACHE_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    release = {"etc__os-release": b'ID=debian\nVERSION_ID="12"\n'}
    image = Built(files(var__lib__dpkg__status=dpkg(("zlib1g", "1.2.13-1")), **release))
    with serve() as mirror:
        mirror.blobs.update(image.blobs)
        entry = image.entry()
        mirror.add_manifest("hub/team/app", "1", entry["mediaType"], image.blobs[entry["digest"]])
        words = [command, "team/app:1", "--registry-mirror", f"{mirror.host}/hub"]
        assert main(words + (["--no-vulnerabilities"] if command == "scan" else [])) in (0, 1)
    assert "team/app" in capsys.readouterr().out


def test_a_mirror_that_is_none_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sbom", "team/app:1", "--registry-mirror", "https://a.example"]) == 2
    assert "is no mirror" in capsys.readouterr().err
