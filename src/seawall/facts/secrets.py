"""What stands in the Secrets of a manifest? (fact ``SecretEntries``)

The values are read to tell a real one from a placeholder or from one that is encrypted; none of them leaves this module.
Only a file can be judged so: the API server has every value decoded and merged, whoever it came from.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from seawall.facts.pods import mapping
from seawall.model.fact import Fact
from seawall.model.resource import Resource

# Types whose values controllers write, or that are no credentials of the author's.
_WRITTEN_BY_CONTROLLERS = frozenset({"helm.sh/release.v1", "kubernetes.io/service-account-token"})

_PLACEHOLDER = re.compile(
    r"""\s* (?:
        | <[^<>]*>                                  # <your-password>, <path:secret/data/shop#token>
        | \$\{.*\} | \$\(.*\) | \$[A-Z_]+           # ${DB_PASSWORD}
        | \{\{.*\}\} | \[\[.*\]\] | %[A-Za-z_]+% | __[A-Za-z_]+__
        | (?:change|replace|insert|add|your|put|fill)[-_ ].* | changeme | changeit | replaceme
        | placeholder | todo | tbd | dummy | example | redacted | x{3,} | \*{3,} | -+ | null | none
        | ref\+.* | vault:.*                        # vals, bank-vaults
    ) \s*""",
    re.VERBOSE | re.IGNORECASE,
)
_ENCRYPTED = re.compile(r"\s*(?:ENC\[|AgA[A-Za-z0-9+/]{200}|-----BEGIN (?:AGE ENCRYPTED|PGP MESSAGE))")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_PUBLIC = re.compile(r"\s*(?:-----BEGIN (?:CERTIFICATE|PUBLIC KEY)-----|ssh-(?:rsa|ed25519) )")


def derive_secret_entries(resource: Resource) -> Iterator[Fact]:
    """Yield the one `SecretEntries` of a Secret: the sorted keys whose values are readable credentials, as ``readable``.

    Left out are placeholders, encrypted values (SOPS, Sealed Secrets), public keys and certificates, and texts of several
    lines, which are configuration files more often than not; credentials in those are looked for as in any other file.
    """
    if resource.ref.kind != "Secret" or resource.ref.api_version != "v1":
        return
    secret = resource.object
    readable: list[str] = []
    if "sops" not in secret and secret.get("type") not in _WRITTEN_BY_CONTROLLERS:
        readable += [key for key, value in mapping(secret.get("data")).items() if _is_readable(_decode(value))]
        readable += [key for key, value in mapping(secret.get("stringData")).items() if _is_readable(value)]
    yield Fact(
        kind="SecretEntries",
        resource=resource,
        value={"name": resource.ref.name, "readable": sorted(set(readable))},
        # The name is pointed to: a report that showed the entry would publish it once more.
        roots={"name": ("metadata", "name")},
    )


def _decode(value: Any) -> Any:
    """Return the text of a value of ``data``; one that is not base64 is a placeholder of some tool, and stands for itself."""
    if not isinstance(value, str):
        return None
    try:
        return base64.b64decode(value, validate=True).decode("utf-8", errors="replace")
    except (binascii.Error, ValueError):
        return value


def _is_readable(value: Any) -> bool:
    if not isinstance(value, str) or _PLACEHOLDER.fullmatch(value) or _ENCRYPTED.match(value):
        return False
    if _PRIVATE_KEY.search(value):
        return True
    return not _PUBLIC.match(value) and "\n" not in value.strip()
