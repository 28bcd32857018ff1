"""How a registry asks for credentials, and what it is answered: ``WWW-Authenticate`` (RFC 9110, section 11) and bearer tokens.

Specifications: distribution.github.io/distribution/spec/auth/token (GET with user and password) and …/auth/oauth (POST with an
identity token). A challenge of this shape is all that is read:

    Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/alpine:pull"
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import msgspec

from seawall.sources.registry.credentials import Credential

MAX_ANSWER = 1 << 20  # tokens are a few KB; those with many groups tens of KB
_PARAMETER: Final = re.compile(r"\s*([A-Za-z_-]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s,\"]+))\s*(?:,|\Z)")


class Challenge(msgspec.Struct, frozen=True):
    """`scheme` is ``bearer`` or ``basic``; `parameters` have lower case names."""

    scheme: str
    parameters: Mapping[str, str]


class TokenRequest(msgspec.Struct, frozen=True):
    """What a token service is asked. `form` is the body of a POST; None asks with GET."""

    url: str
    authorization: str
    form: bytes | None


class _Answer(msgspec.Struct):
    token: str = ""
    access_token: str = ""


def parse_challenge(header: str) -> Challenge | None:
    """Return the first challenge of `header` that we can answer; None where there is none."""
    for found in re.finditer(r"(?:^|,)\s*(bearer|basic)(?=\s|,|$)", header[:16_384], re.IGNORECASE):
        scheme, rest = found[1].lower(), header[found.end() :]
        parameters: dict[str, str] = {}
        position = 0
        while (parameter := _PARAMETER.match(rest, position)) is not None:
            quoted = parameter[2]
            value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else parameter[3]
            parameters.setdefault(parameter[1].lower(), value)
            position = parameter.end()
        if scheme == "basic" or parameters.get("realm"):
            return Challenge(scheme, parameters)
    return None


def token_request(challenge: Challenge, scope: str, credential: Credential | None) -> TokenRequest:
    """Return what to ask the token service of `challenge`; `scope` holds where the challenge names none."""
    parameters = {
        "service": challenge.parameters.get("service", ""),
        "scope": challenge.parameters.get("scope") or scope,
    }
    parameters = {name: value for name, value in parameters.items() if value}
    realm = challenge.parameters["realm"]
    if credential is not None and credential.identity_token:
        form = {"grant_type": "refresh_token", "client_id": "seawall", **parameters}
        return TokenRequest(realm, "", urlencode({**form, "refresh_token": credential.identity_token}).encode())
    # One scope parameter for each; registries that push across repositories name several.
    pairs = [
        (name, part) for name, value in parameters.items() for part in (value.split() if name == "scope" else [value])
    ]
    if credential is not None:
        pairs.append(("account", credential.username))
    url = f"{realm}{'&' if '?' in realm else '?'}{urlencode(pairs)}"
    return TokenRequest(url, credential.basic if credential is not None else "", None)


def parse_token(body: bytes) -> str:
    """Return the token of a token service's answer; empty where there is none."""
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return ""
    return answer.token or answer.access_token
