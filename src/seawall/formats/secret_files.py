"""Which files of an image may hold a secret, by their names, and do they? The content decides, and is not kept.

A file of a known form (a kubeconfig, ``.pgpass``, what ``gcloud`` or ``az`` write) is held to the pattern of that form; keys and
shapes that are certain wherever they stand are looked for in all of them. An image may be made to cost time: what a pattern
repeats ends with the line or after some hundred bytes.
"""

import re
from collections.abc import Mapping
from typing import Final

PRIVATE_KEY, CREDENTIALS, STATE, ENVIRONMENT, AUTHORIZED_KEYS = (
    "private key",
    "credentials",
    "terraform state",
    "environment file",
    "authorized keys",
)
"""The roles of `LayerFile` that content gives."""

_KEY = re.compile(
    rb"-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?-----\s+[A-Za-z0-9+/]{16}"
)
_CERTAIN = re.compile(
    rb"aws_secret_access_key\s*=\s*[A-Za-z0-9/+]{40}|_authToken\s*=\s*(?!\$)[\w.-]{16}|\"auth\"\s*:\s*\"[A-Za-z0-9+/=]{8}"
    rb"|\"private_key\"\s*:\s*\"-----BEGIN|https?://[^\s:/@]{1,256}:[^\s@$]{4,256}@|client-key-data:\s*[A-Za-z0-9+/]{16}"
    rb"|(?m:^[ \t]*machine\s+\S+\s+login\s+\S+\s+password\s+\S+)"
)

_KUBECONFIG = re.compile(rb"(?m)^[ \t-]*(?:token|id-token|refresh-token|password):[ \t]*[\"']?[\w.~+/=-]{8}")
_TOKEN_IN_JSON = re.compile(rb"\"(?:refresh_?token|access_?token|secret|token)\"\s*:\s*\"[^\"\s$]{16}", re.IGNORECASE)
_PASSWORD_LINE = re.compile(rb"(?m)^[ \t]*password[ \t]*[=:][ \t]*(?![$<{])\S{4}")
_TOKEN_LINE = re.compile(
    rb"(?m)^[ \t]*:?(?:token|oauth_token|rubygems_api_key)[ \t]*[=:][ \t]*[\"']?(?!\$)[\w./+=-]{16}"
)
_DATABASE = re.compile(rb"\ASQLite format 3\0")
_STATE = re.compile(rb"\"terraform_version\"\s*:")
_AUTHORIZED = re.compile(rb"(?m)^(?![ \t]*#).*\b(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-nistp\d+|sk-[\w@.-]+)\s+AAAA")
_SECRET_VARIABLE = re.compile(
    rb"(?mi)^[ \t]*(?:export\s+)?\w*(?:passw(?:or)?d|secret|token|(?:api|private|access|secret)_?key)[ \t]*=[ \t]*[\"']?"
    rb"(?![\"'$<{\s#]|your|change|example|placeholder|x{3}|\*{3}|todo|none|null|true|false)[^\s\"']{6}"
)

_NAMES: Mapping[str, tuple[str, re.Pattern[bytes]]] = {
    ".dockercfg": (CREDENTIALS, _CERTAIN),
    ".git-credentials": (CREDENTIALS, _CERTAIN),
    ".htpasswd": (CREDENTIALS, re.compile(rb"(?m)^[^:\s#]+:(?:\$apr1\$|\$2[aby]\$|\$[156]\$|\{SHA\})")),
    ".my.cnf": (CREDENTIALS, _PASSWORD_LINE),
    ".netrc": (CREDENTIALS, _CERTAIN),
    ".npmrc": (CREDENTIALS, re.compile(rb"(?m)^[^;#\n]*:?_(?:auth|password)\s*=\s*(?!\$)[\w+/=-]{8}")),
    ".pgpass": (CREDENTIALS, re.compile(rb"(?m)^[^#\s:][^:\n]*(?::[^:\n]+){3}:\S+")),
    ".pypirc": (CREDENTIALS, _PASSWORD_LINE),
    ".s3cfg": (CREDENTIALS, re.compile(rb"(?m)^[ \t]*secret_key[ \t]*=[ \t]*(?!\$)\S{16}")),
    ".terraformrc": (CREDENTIALS, re.compile(rb"(?m)^[ \t]*token[ \t]*=[ \t]*\"[^\"$]{10}")),
    ".vault-token": (CREDENTIALS, re.compile(rb"\A(?:hv[sb]\.|s\.)[\w-]{20}")),
    ".yarnrc.yml": (CREDENTIALS, re.compile(rb"npmAuth(?:Token|Ident):\s*[\"']?(?!\$)[\w.:+/=-]{16}")),
    "NuGet.Config": (CREDENTIALS, re.compile(rb"(?i)\"ClearTextPassword\"\s+value=\"(?!%)[^\"]{4}")),
    "accessTokens.json": (CREDENTIALS, _TOKEN_IN_JSON),
    "authorized_keys": (AUTHORIZED_KEYS, _AUTHORIZED),
    "authorized_keys2": (AUTHORIZED_KEYS, _AUTHORIZED),
    "credentials": (CREDENTIALS, _TOKEN_LINE),
    "id_dsa": (PRIVATE_KEY, _KEY),
    "id_ecdsa": (PRIVATE_KEY, _KEY),
    "id_ed25519": (PRIVATE_KEY, _KEY),
    "id_rsa": (PRIVATE_KEY, _KEY),
    "k3s.yaml": (CREDENTIALS, _KUBECONFIG),
    "kubeconfig": (CREDENTIALS, _KUBECONFIG),
    "msal_token_cache.json": (CREDENTIALS, _TOKEN_IN_JSON),
    "nuget.config": (CREDENTIALS, re.compile(rb"(?i)\"ClearTextPassword\"\s+value=\"(?!%)[^\"]{4}")),
}
_ENDINGS: Mapping[str, tuple[str, re.Pattern[bytes]]] = {
    ".env": (ENVIRONMENT, _SECRET_VARIABLE),
    ".key": (PRIVATE_KEY, _KEY),
    ".kubeconfig": (CREDENTIALS, _KUBECONFIG),
    ".pem": (PRIVATE_KEY, _KEY),
    ".ppk": (PRIVATE_KEY, re.compile(rb"\APuTTY-User-Key-File-\d")),
    ".tfstate": (STATE, _STATE),
    ".tfstate.backup": (STATE, _STATE),
    "-key.json": (CREDENTIALS, _CERTAIN),
    "/.cargo/credentials.toml": (CREDENTIALS, _TOKEN_LINE),
    "/.docker/config.json": (CREDENTIALS, _CERTAIN),
    "/.kube/config": (CREDENTIALS, _KUBECONFIG),
    "/.m2/settings.xml": (CREDENTIALS, re.compile(rb"<(?:password|passphrase)>(?![${])[^<]{4,}<")),
    "/containers/auth.json": (CREDENTIALS, _CERTAIN),
    "/gcloud/access_tokens.db": (CREDENTIALS, _DATABASE),
    "/gcloud/credentials.db": (CREDENTIALS, _DATABASE),
    "/gh/hosts.yml": (CREDENTIALS, _TOKEN_LINE),
    "/kubernetes/admin.conf": (CREDENTIALS, _KUBECONFIG),
    "/kubernetes/super-admin.conf": (CREDENTIALS, _KUBECONFIG),
    "credentials.json": (CREDENTIALS, _TOKEN_IN_JSON),
    "credentials.tfrc.json": (CREDENTIALS, _TOKEN_IN_JSON),
    "service-account.json": (CREDENTIALS, _CERTAIN),
    "service_account.json": (CREDENTIALS, _CERTAIN),
}
_LONGEST_FIRST: Final = tuple(sorted(_ENDINGS, key=len, reverse=True))
_LAST_FOUR = frozenset(ending[-4:] for ending in _ENDINGS)
"""Looked up first: an image has ten thousands of files whose names end otherwise."""

_SAMPLES = (".example", ".sample", ".template", ".dist", ".tmpl")
_VARIANTS = (".env.", "ssh_host_")


def may_hold_secrets(path: str, name: str) -> bool:
    """Tell by its name whether the file is to be searched for keys and credentials."""
    return (
        name in _NAMES
        or (name[-4:] in _LAST_FOUR and f"/{path}".endswith(_LONGEST_FIRST))
        or (name.startswith(_VARIANTS) and not name.endswith((*_SAMPLES, ".pub")))
    )


def role_of_content(path: str, data: bytes) -> str:
    """Return what the content of the file makes of it, one of the roles above, or nothing where it is certain of none."""
    if _KEY.search(data):
        return PRIVATE_KEY
    if _CERTAIN.search(data):
        return CREDENTIALS
    name = path.rpartition("/")[2]
    form = _NAMES.get(name)
    if form is None and name.startswith(".env."):
        form = _ENDINGS[".env"]
    if form is None:
        form = next((_ENDINGS[ending] for ending in _LONGEST_FIRST if f"/{path}".endswith(ending)), None)
    if form is None:
        return ""
    role, pattern = form
    return role if pattern.search(data) else ""
