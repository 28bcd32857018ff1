"""Real values in Secrets are told from placeholders, ciphertext, certificates and configuration."""

import base64

import pytest

from sample_manifests import resources_in
from seawall.facts.secrets import derive_secret_entries


def readable(text: str) -> list[str]:
    [fact] = [fact for resource in resources_in(text) for fact in derive_secret_entries(resource)]
    assert set(fact.value) == {"name", "readable"}
    keys: list[str] = fact.value["readable"]
    return keys


def secret(body: str) -> str:
    return f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\n{body}\n"


def encoded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


@pytest.mark.parametrize(
    "value",
    [
        "",
        "<your-password>",
        "<path:secret/data/shop#token>",
        "${DB_PASSWORD}",
        "$(DB_PASSWORD)",
        "{{ .Values.password }}",
        "CHANGE_ME",
        "changeme",
        "replace-with-your-token",
        "xxxxxxxx",
        "ref+vault://secret/shop#/token",
        "ENC[AES256_GCM,data:abc,iv:def,tag:ghi,type:str]",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        "ssh-ed25519 AAAAC3 ada@example.com",
        "route:\n  receiver: none\n",
    ],
)
def test_what_is_no_readable_credential_is_left_out(value: str) -> None:
    assert readable(secret(f"data: {{key: '{encoded(value)}'}}")) == []
    assert readable(secret(f"stringData:\n  key: {value!r}".replace("'", '"'))) == []


@pytest.mark.parametrize(
    "value", ["hunter2", "s3cr3t-value", "-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----\n"]
)
def test_a_real_value_is_named_by_its_key(value: str) -> None:
    assert readable(secret(f"data: {{key: '{encoded(value)}'}}")) == ["key"]
    assert readable(secret(f"stringData:\n  key: {value!r}".replace("'", '"'))) == ["key"]


def test_a_secret_that_sops_encrypted_has_no_readable_entries() -> None:
    assert readable(secret("data: {key: hunter2x}\nsops: {version: 3.9.0}")) == []


def test_secrets_that_controllers_write_have_no_readable_entries() -> None:
    assert readable(secret("type: helm.sh/release.v1\ndata: {release: aHVudGVyMg==}")) == []
