"""How registries are reached is said on the command line, the same for every command, and reaches the client."""

from argparse import Namespace
from pathlib import Path

import pytest

from sample_images import Built, dpkg, files
from seawall.apps.cli.image_options import registry_settings
from seawall.apps.cli.main import main
from seawall.model.errors import UsageError
from seawall.sources.manifests import ReadOptions
from seawall.sources.registry.settings import choose_settings
from seawall.stages import configuration
from tests.simulators.registry import serve


def test_mirrors_are_docker_hubs_unless_a_host_is_named() -> None:
    settings = choose_settings(mirrors=["a.example", "quay.io=b.example:5000/quay", "c.example"])
    assert settings.mirrors == {"docker.io": ("a.example", "c.example"), "quay.io": ("b.example:5000/quay",)}


@pytest.mark.parametrize("word", ["", "=a.example", "a.example=", "https://a.example", "a/b=c.example", "a b"])
def test_what_is_no_mirror_is_wrong_usage(word: str) -> None:
    with pytest.raises(UsageError, match="is no mirror"):
        choose_settings(mirrors=[word])


def test_a_mirror_for_another_name_of_docker_hub_is_one_for_docker_hub() -> None:
    """trivy-operator#2671: a mirror for docker.io did nothing, and one for index.docker.io had to be written."""
    for name in ("docker.io", "index.docker.io", "registry-1.docker.io"):
        assert choose_settings(mirrors=[f"{name}=a.example"]).mirrors == {"docker.io": ("a.example",)}


def test_leave_for_a_host_is_leave_for_its_ports() -> None:
    settings = choose_settings(insecure=["a.example", "b.example:5000"])
    hosts = ("a.example", "a.example:80", "b.example:5000", "b.example", "c.example")
    assert [settings.is_insecure(host) for host in hosts] == [True, True, True, False, False]


@pytest.mark.parametrize("said", ["on the command line", "in seawall.yaml"])
@pytest.mark.parametrize("command", ["scan", "sbom"])
def test_an_image_comes_from_the_mirror(
    command: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """trivy#7966: mirrors belong into the configuration of the scanner, and the command line has them too."""
    monkeypatch.chdir(tmp_path)
    for name in ("HOME", "DOCKER_CONFIG", "XDG_CONFIG_HOME", "SEAWALL_CACHE_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    release = {"etc__os-release": b'ID=debian\nVERSION_ID="12"\n'}
    image = Built(files(var__lib__dpkg__status=dpkg(("zlib1g", "1.2.13-1")), **release))
    with serve() as mirror:
        mirror.blobs.update(image.blobs)
        entry = image.entry()
        mirror.add_manifest("hub/team/app", "1", entry["mediaType"], image.blobs[entry["digest"]])
        words = [command, "team/app:1"]
        if said == "in seawall.yaml":
            configure(tmp_path, f"mirrors: {{docker.io: ['{mirror.host}/hub']}}")
        else:
            words += ["--registry-mirror", f"{mirror.host}/hub"]
        assert main(words + (["--no-vulnerabilities"] if command == "scan" else [])) in (0, 1)
    assert "team/app" in capsys.readouterr().out


def configure(folder: Path, registries: str) -> Path:
    """Write a `seawall.yaml` that says `registries`."""
    file = folder / "seawall.yaml"
    file.write_text(f"apiVersion: seawall.dev/v1\nkind: Configuration\nregistries:\n  {registries}\n")
    return file


def test_the_command_line_comes_before_the_file_and_paths_are_relative_to_it(tmp_path: Path) -> None:
    file = configure(
        tmp_path, "{mirrors: {docker.io: [b.example, c.example]}, insecure: [d:80], certificateAuthority: ca.pem}"
    )
    configured = configuration.load(str(file), ())
    asked = ReadOptions(registry_mirrors=("a.example",), insecure_registries=("e:80",))
    found = configuration.configure_registries(asked, configured)
    assert found.registry_mirrors == ("a.example", "docker.io=b.example", "docker.io=c.example")
    assert found.insecure_registries == ("e:80", "d:80")
    assert found.registry_ca == str(tmp_path / "ca.pem")
    other = configuration.configure_registries(ReadOptions(registry_ca="mine.pem"), configured)
    assert other.registry_ca == "mine.pem"


@pytest.mark.parametrize(
    ("registries", "problem"),
    [
        ("mirrors: {docker.io: ['https://a.example']}", "seawall.yaml:4: 'https://a.example' is no mirror"),
        ("mirrors: {docker.io/library: [a.example]}", "'docker.io/library' is no registry's host"),
        ("insecure: ['*']", "'*' is no registry's host"),
        ("mirror: {}", "there is no key 'mirror' here"),
    ],
)
def test_what_the_file_says_wrong_is_said_with_its_line(tmp_path: Path, registries: str, problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        configuration.load(str(configure(tmp_path, registries)), ())
    assert problem in f"{caught.value.place}: {caught.value.message}"


def test_the_database_goes_where_the_file_of_the_current_directory_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    configure(tmp_path, "{mirrors: {docker.io: [b.example]}, insecure: [d:80], certificateAuthority: ca.pem}")
    for plain in (  # `db pull`, and `db push`, which knows no mirrors
        Namespace(insecure_registry=None, registry_ca="", registry_mirror=["a.example"]),
        Namespace(insecure_registry=None, registry_ca=""),
    ):
        found = registry_settings(plain)
        assert found.mirrors["docker.io"][-1] == "b.example"
        assert found.is_insecure("d:80")
        assert found.certificate_authority == str(tmp_path / "ca.pem")


def test_a_mirror_that_is_none_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sbom", "team/app:1", "--registry-mirror", "https://a.example"]) == 2
    assert "is no mirror" in capsys.readouterr().err
