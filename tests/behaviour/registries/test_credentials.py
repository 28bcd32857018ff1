"""Credentials are found where Docker and podman keep them; helpers are programs with a deadline, and secrets stay secret."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from seawall.model.errors import SourceError
from seawall.sources.registry import credentials
from seawall.sources.registry.credentials import Credential, find_credential

HUB = "https://index.docker.io/v1/"


def auth(user: str, password: str = "sesame") -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}


def write(file: Path, **settings: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(settings))


def helper(folder: Path, name: str, script: str) -> None:
    program = folder / f"docker-credential-{name}"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def find(home: Path, host: str, repository: str = "team/app", **environment: str) -> Credential | None:
    whole: Mapping[str, str] = {"HOME": str(home), "PATH": "/usr/bin:/bin", **environment}
    return find_credential(host, repository, whole)


def user(home: Path, host: str, repository: str = "team/app", **environment: str) -> str:
    found = find(home, host, repository, **environment)
    return found.username if found else "nobody"


def test_the_first_file_that_knows_the_registry_decides(home: Path) -> None:
    assert user(home, "r.example") == "nobody"
    write(home / ".config/containers/auth.json", auths={"r.example": auth("config")})
    assert user(home, "r.example") == "config"
    write(home / "run/containers/auth.json", auths={"r.example": auth("podman")})
    runtime = str(home / "run")
    assert user(home, "r.example", XDG_RUNTIME_DIR=runtime) == "podman"
    write(home / ".docker/config.json", auths={"r.example": auth("docker")})
    assert user(home, "r.example", XDG_RUNTIME_DIR=runtime) == "docker"
    write(home / "other/config.json", auths={"r.example": auth("other"), "s.example": auth("s")})
    assert user(home, "r.example", DOCKER_CONFIG=str(home / "other")) == "other"
    write(home / "chosen.json", auths={"r.example": auth("chosen")})
    chosen = str(home / "chosen.json")
    assert user(home, "r.example", REGISTRY_AUTH_FILE=chosen) == "chosen"
    assert user(home, "s.example", REGISTRY_AUTH_FILE=chosen, DOCKER_CONFIG=str(home / "other")) == "s"


def test_docker_hub_is_known_under_its_old_address(home: Path) -> None:
    write(home / ".docker/config.json", auths={HUB: auth("hub")})
    assert user(home, "docker.io") == "hub"
    assert user(home, "r.example") == "nobody"


def test_a_key_may_narrow_a_host_to_some_repositories(home: Path) -> None:
    auths = {"r.example": auth("all"), "r.example/team": auth("team"), "r.example/team/app/x": auth("deep")}
    write(home / ".docker/config.json", auths=auths)
    assert user(home, "r.example", "team/app") == "team"
    assert user(home, "r.example", "teams/app") == "all"
    assert user(home, "r.example:5000", "team/app") == "nobody"


def test_addresses_with_a_scheme_are_hosts(home: Path) -> None:
    write(home / ".docker/config.json", auths={"https://r.example/v2/": auth("me"), "http://s.example:5000": auth("s")})
    assert (user(home, "r.example"), user(home, "s.example:5000")) == ("me", "s")


def test_passwords_may_have_colons(home: Path) -> None:
    write(home / ".docker/config.json", auths={"r.example": auth("me", "a:b:c")})
    found = find(home, "r.example")
    assert found is not None
    assert (found.username, found.password) == ("me", "a:b:c")
    assert base64.b64decode(found.basic.removeprefix("Basic ")) == b"me:a:b:c"


def test_a_credential_does_not_show_its_secret(home: Path) -> None:
    write(home / ".docker/config.json", auths={"r.example": auth("me")})
    found = find(home, "r.example")
    assert "sesame" not in f"{found} {found!r}"
    assert "config.json" in repr(found)


def test_a_helper_is_asked_for_its_host(home: Path) -> None:
    helper(home, "cloud", f'read host; echo "$1 $host" > {home}/asked; echo \'{{"Username":"cloud","Secret":"s"}}\'')
    write(home / ".docker/config.json", credHelpers={"r.example": "cloud"}, auths={"r.example": auth("file")})
    assert user(home, "r.example") == "cloud"
    assert (home / "asked").read_text() == "get r.example\n"
    assert user(home, "s.example") == "nobody"


def test_a_store_is_asked_for_docker_hub_by_its_old_address(home: Path) -> None:
    helper(home, "store", f'cat > {home}/asked; echo \'{{"Username":"<token>","Secret":"long-lived"}}\'')
    write(home / ".docker/config.json", credsStore="store")
    found = find(home, "docker.io")
    assert found is not None
    assert (found.identity_token, found.username) == ("long-lived", "")
    assert (home / "asked").read_text() == HUB


def test_a_store_that_knows_nothing_leaves_the_file(home: Path) -> None:
    helper(home, "store", 'echo "credentials not found in native keychain"; exit 1')
    write(home / ".docker/config.json", credsStore="store", auths={"r.example": auth("file"), "s.example": {}})
    assert (user(home, "r.example"), user(home, "s.example")) == ("file", "nobody")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo sesame; echo sesame >&2; exit 3", "ended with status 3"),
        ("echo sesame", "printed no credential"),
        ("exec sleep 20", r"did not answer within 0\.3 s"),
        ("exec yes sesame", "said too much"),
    ],
)
def test_a_helper_that_fails_is_named_without_what_it_said(
    home: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    monkeypatch.setattr(credentials, "HELPER_SECONDS", 0.3 if "sleep" in script else 20.0)
    helper(home, "bad", script)
    write(home / ".docker/config.json", credHelpers={"r.example": "bad"})
    with pytest.raises(SourceError, match=said) as caught:
        find(home, "r.example")
    assert "docker-credential-bad" in str(caught.value)
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize("name", ["missing", "../evil", "a b", "-x"])
def test_a_helper_that_is_not_there_is_said(home: Path, name: str) -> None:
    write(home / ".docker/config.json", credHelpers={"r.example": name})
    with pytest.raises(SourceError, match="is not on PATH"):
        find(home, "r.example")


@pytest.mark.parametrize("text", ["sesame", "[1]", '{"auths": {"r.example": {"auth": "c2VzYW1l"}}}'])
def test_a_broken_file_is_named_without_its_content(home: Path, text: str) -> None:
    file = home / ".docker/config.json"
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(SourceError) as caught:
        find(home, "r.example")
    assert caught.value.place == str(file)
    assert "sesame" not in str(caught.value)
