"""Secrets, caches, repositories and package sources that a build leaves in an image."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from seawall.facts.image_values import derive_images
from seawall.facts.images import assemble
from seawall.formats.build_steps import arguments_of, environment_of, hide_secrets
from seawall.formats.known_files import MAX_TEXT
from seawall.formats.package_sources import parse_unverified
from seawall.formats.secret_files import may_hold_secrets, role_of_content
from seawall.model.image_contents import ReadImage
from tests.behaviour.images.test_image_stacks import contents, described
from tests.sample_images import Built, layer, member

NOW = datetime(2026, 11, 25, tzinfo=UTC)
KEY = b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n"
KUBECONFIG = b"apiVersion: v1\nkind: Config\nusers:\n- name: admin\n  user:\n    token: abcdefgh12345678\n"
STATE = b'{"version": 4, "terraform_version": "1.9.0"}'


def value_of(*layers: bytes) -> dict[str, Any]:
    read = ReadImage(image=described(Built(*layers), "app.tar"), kind="image", contents=tuple(map(contents, layers)))
    (fact,) = derive_images([assemble(read)], NOW)
    value: dict[str, Any] = fact.value
    return value


@pytest.mark.parametrize(
    ("path", "data", "role"),
    [
        ("etc/ssh/ssh_host_ed25519_key", KEY, "private key"),
        ("etc/ssh/ssh_host_ed25519_key.pub", b"ssh-ed25519 AAAAC3", None),
        (".kube/config", KUBECONFIG, "credentials"),
        ("etc/kubernetes/admin.conf", KUBECONFIG, "credentials"),
        ("srv/prod.kubeconfig", KUBECONFIG, "credentials"),
        ("root/.kube/config", b"apiVersion: v1\nkind: Config\nusers:\n- name: a\n  user:\n    token:\n", ""),
        ("root/.aws/credentials", b"[default]\naws_secret_access_key = " + b"a/B1" * 10, "credentials"),
        ("root/.aws/credentials", b"[default]\ncredential_process = /bin/get\n", ""),
        (
            "root/.config/gcloud/application_default_credentials.json",
            b'{"refresh_token": "1//0gabcdefghijklmn"}',
            "credentials",
        ),
        ("root/.config/gcloud/credentials.db", b"SQLite format 3\0", "credentials"),
        ("root/.azure/msal_token_cache.json", b'{"secret": "0.AXoAabcdefghijklmn"}', "credentials"),
        ("root/.azure/azureProfile.json", b'{"secret": "0.AXoAabcdefghijklmn"}', None),
        ("root/.pgpass", b"db:5432:shop:app:hunter2\n", "credentials"),
        ("root/.pgpass", b"# db:5432:shop:app:hunter2\n", ""),
        ("root/.pypirc", b"[pypi]\nusername = __token__\npassword = pypi-AgEI\n", "credentials"),
        ("root/.vault-token", b"hvs.CAESIJabcdefghijklmnop", "credentials"),
        (
            "root/.terraform.d/credentials.tfrc.json",
            b'{"credentials": {"a": {"token": "abcdefghij.atlasv1"}}}',
            "credentials",
        ),
        ("root/.config/gh/hosts.yml", b"github.com:\n    oauth_token: gho_abcdefghijklmnop\n", "credentials"),
        ("root/.m2/settings.xml", b"<server><password>hunter2</password></server>", "credentials"),
        ("root/.m2/settings.xml", b"<server><password>${env.P}</password></server>", ""),
        ("app/terraform.tfstate", STATE, "terraform state"),
        ("app/terraform.tfstate.backup", STATE, "terraform state"),
        ("app/.env", b"DB_PASSWORD=hunter22\n", "environment file"),
        ("app/.env.local", b"export STRIPE_SECRET_KEY='abc123def'\n", "environment file"),
        ("app/.env.example", b"DB_PASSWORD=hunter22\n", None),
        ("app/.env", b"DB_PASSWORD=\nNAME=long-enough\nTOKEN_TTL=3600000\nAPI_KEY=${API_KEY}\n", ""),
        ("home/app/.ssh/authorized_keys", b'command="x" ssh-rsa AAAAB3NzaC1 me\n', "authorized keys"),
        ("home/app/.ssh/authorized_keys", b"# ssh-rsa AAAAB3NzaC1 me\n", ""),
        ("etc/passwd", KEY, None),
    ],
)
def test_a_secret_is_told_by_the_form_of_its_file(path: str, data: bytes, role: str | None) -> None:
    searched = may_hold_secrets(path, path.rpartition("/")[2])
    assert (role_of_content(path, data) if searched else None) == role


@pytest.mark.parametrize(
    "data",
    [b"\n", b" ", b"http://a:", b"machine ", b"token", b"-", b"_auth", b"ssh-rsa ", b"a:b", b"password=", b'"secret":'],
)
def test_a_file_that_is_made_to_cost_much_costs_little(data: bytes) -> None:
    start = time.process_time()
    for name in (
        "a.env",
        "kubeconfig",
        ".netrc",
        ".pgpass",
        ".npmrc",
        ".htpasswd",
        ".s3cfg",
        "authorized_keys",
        "a.tfstate",
    ):
        role_of_content(name, (data * MAX_TEXT)[:MAX_TEXT])
    assert time.process_time() - start < 4.0


@pytest.mark.parametrize("text", [" ", "token", "A=b ", "--a-", "://", "://a:", "a-B1", "authorization: ", "|1 "])
def test_a_step_that_is_made_to_cost_much_costs_little(text: str) -> None:
    step = "ENV " + text * (1_000_000 // len(text))
    start = time.process_time()
    hide_secrets(step)
    environment_of(step)
    arguments_of(f"|1 {step}")
    assert time.process_time() - start < 4.0


def test_a_large_state_is_known_by_its_beginning() -> None:
    found = contents(layer(member("app/terraform.tfstate", STATE + b" " * MAX_TEXT)))
    assert [(file.path, file.role) for file in found.files] == [("app/terraform.tfstate", "terraform state")]


@pytest.mark.parametrize(
    ("path", "owner", "folder"),
    [
        ("var/lib/apt/lists/deb.debian.org_main_Packages", "apt", "/var/lib/apt/lists"),
        ("var/cache/apt/archives/curl_8_amd64.deb", "apt", "/var/cache/apt"),
        ("var/cache/apk/APKINDEX.1.tar.gz", "apk", "/var/cache/apk"),
        ("var/cache/dnf/base/repodata/repomd.xml", "dnf", "/var/cache/dnf"),
        ("root/.cache/pip/http/0/1", "pip", "/root/.cache/pip"),
        ("home/node/.npm/_cacache/index-v5/0", "npm", "/home/node/.npm/_cacache"),
        ("usr/local/share/.cache/yarn/v6/a", "yarn", "/usr/local/share/.cache/yarn"),
        ("go/pkg/mod/cache/download/a", "go", "/go/pkg/mod/cache"),
        ("usr/local/cargo/registry/cache/a", "cargo", "/usr/local/cargo/registry/cache"),
        ("srv/app/.git/objects/pack/p", "git", "/srv/app/.git"),
        (".git/HEAD", "git", "/.git"),
        ("var/lib/apt/lists/lock", "", ""),
        ("var/cache/apt/archives/lock", "", ""),
        ("root/.cache/fontconfig/a", "", ""),
        ("srv/app/.github/objects/a", "", ""),
        ("srv/app/.git", "", ""),
    ],
)
def test_what_a_build_leaves_behind_is_counted_by_whose_it_is(path: str, owner: str, folder: str) -> None:
    wanted = [{"owner": owner, "path": folder, "files": 1, "bytes": 5}] if owner else []
    assert value_of(layer(member(path, b"12345")))["leftovers"] == wanted


def test_a_cache_that_a_later_layer_deletes_is_wasted_and_not_left() -> None:
    value = value_of(
        layer(member("var/cache/apk/a", b"12345"), member("var/cache/apk/b", b"123")),
        layer(member("var/cache/apk/.wh.a")),
    )
    assert value["leftovers"] == [{"owner": "apk", "path": "/var/cache/apk", "files": 1, "bytes": 3}]
    assert value["wasted"] == 5


@pytest.mark.parametrize(
    ("path", "text", "settings"),
    [
        (
            "etc/apt/sources.list",
            "# deb [trusted=yes] http://a b c\ndeb [arch=amd64 Trusted=yes] http://a b c\n",
            [(2, "Trusted=yes")],
        ),
        ("etc/apt/sources.list", "deb [trusted=no signed-by=/k.gpg] http://a b c\n", []),
        ("etc/apt/sources.list.d/a.sources", "Types: deb\nTrusted: yes\nAllow-Insecure: no\n", [(2, "Trusted: yes")]),
        (
            "etc/apt/apt.conf.d/9",
            'APT::Get::AllowUnauthenticated "true";\n',
            [(1, "APT::Get::AllowUnauthenticated true")],
        ),
        ("etc/apt/apt.conf", 'Acquire::https::Verify-Peer "false";\n', [(1, "Acquire::https::Verify-Peer false")]),
        ("etc/apt/apt.conf", 'Acquire::https::Verify-Peer "true";\nAPT::Get::AllowUnauthenticated "0";\n', []),
        (
            "etc/yum.repos.d/a.repo",
            "[a]\ngpgcheck=0\nsslverify=no\n",
            [(2, "gpgcheck=0 of a"), (3, "sslverify=no of a")],
        ),
        ("etc/yum.repos.d/a.repo", "[a]\ngpgcheck=0\nenabled=0\n[b]\ngpgcheck=1\n", []),
        ("etc/dnf/dnf.conf", "[main]\ngpgcheck=False\n", [(2, "gpgcheck=False of main")]),
        ("etc/pip.conf", "[global]\ntrusted-host = pypi.example\n", [(2, "trusted-host")]),
        ("etc/motd", "gpgcheck=0\n", []),
    ],
)
def test_settings_that_switch_checks_off_are_told_with_their_lines(
    path: str, text: str, settings: list[tuple[int, str]]
) -> None:
    assert [(found.line, found.setting) for found in parse_unverified(path, text.encode())] == settings
