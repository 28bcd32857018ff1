"""Values of a shape, made up on the spot: the notation in which detectors and rules write examples.

    expand("token = npm_<36 A-Za-z0-9>", seed=1)

``<N SET>`` is N characters of a set (``hex``, ``digits``, or as in a bracket of a regular expression); ``<github ghp_>``,
``<basic>``, ``<discord>``, ``<age>``, ``<jwt ISSUER>``, ``<b64jwt ISSUER>``, ``<pem LABEL>``, ``<pem-json LABEL>`` and
``<b64pem>`` are values that carry a proof of their own. No text of this repository is then of a credential's shape, whoever
looks at it. The same seed gives the same values, on every machine.
"""

import base64
import json
import re
from hashlib import blake2b

from seawall.formats.credentials.proofs import _BECH32, base62_checksum, bech32_checksum

_SAMPLE = re.compile(r"<(\d+) ([^<>\s]+)>|<(github|jwt|b64jwt|pem|pem-json) ([^<>]+)>|<(basic|discord|age|b64pem)>")
_SETS = {"hex": "0-9a-f", "digits": "0-9"}
_ALNUM = "0-9A-Za-z"


class _Lots:
    """Numbers drawn from a seed, the same everywhere."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._count = 0

    def below(self, limit: int) -> int:
        self._count += 1
        drawn = blake2b(f"{self._seed}\0{self._count}".encode(), digest_size=8).digest()
        return int.from_bytes(drawn) % limit

    def characters(self, count: int, named: str) -> str:
        letters = _members(_SETS.get(named, named))
        return "".join(letters[self.below(len(letters))] for _ in range(count))

    def bytes(self, count: int) -> bytes:
        return bytes(self.below(256) for _ in range(count))


def expand(text: str, seed: int | str = 0) -> str:
    """Return `text` with each sample in it replaced by a value of its shape."""
    lots = _Lots(str(seed))
    return _SAMPLE.sub(lambda found: _make(found, lots), text)


def _make(found: re.Match[str], lots: _Lots) -> str:
    if found[1]:
        return lots.characters(int(found[1]), found[2])
    kind, argument = found[3] or found[5], found[4] or ""
    if kind == "github":
        body = lots.characters(30, _ALNUM)
        return argument + body + base62_checksum(body.encode())
    if kind == "jwt":
        return _jwt(argument, lots)
    if kind == "b64jwt":
        return base64.b64encode(_jwt(argument, lots).encode()).decode()
    if kind == "pem":
        return _pem(argument, lots)
    if kind == "pem-json":
        return _pem(argument, lots).replace("\n", "\\n")
    if kind == "b64pem":
        return base64.b64encode(_pem("RSA PRIVATE KEY", lots).encode()).decode()
    if kind == "basic":
        return base64.b64encode(f"{lots.characters(6, 'a-z')}:{lots.characters(18, _ALNUM)}".encode()).decode()
    if kind == "discord":
        return base64.b64encode(("1" + lots.characters(17, "0-9")).encode()).decode()
    data = [lots.below(32) for _ in range(52)]
    return "AGE-SECRET-KEY-1" + "".join(_BECH32[v] for v in data + bech32_checksum("age-secret-key-", data)).upper()


def _jwt(issuer: str, lots: _Lots) -> str:
    header = {"alg": "RS256", "typ": "JWT", "kid": lots.characters(12, _ALNUM)}
    claims = {"iss": issuer, "sub": f"system:{lots.characters(10, 'a-z')}", "jti": lots.characters(36, "0-9a-f")}
    parts = [json.dumps(part, separators=(",", ":")).encode() for part in (header, claims)] + [lots.bytes(256)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def _pem(label: str, lots: _Lots) -> str:
    # A sequence of a version and of noise: what DER looks like from afar. It is no key.
    body = base64.b64encode(b"\x30\x82\x02\x5c\x02\x01\x00" + lots.bytes(320)).decode()
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----"


def _members(text: str) -> str:
    """Return the characters of a set written as between the brackets of a regular expression."""
    found = ""
    position = 0
    while position < len(text):
        if text[position + 1 : position + 2] == "-" and position + 2 < len(text):
            found += "".join(map(chr, range(ord(text[position]), ord(text[position + 2]) + 1)))
            position += 3
        else:
            found += text[position]
            position += 1
    return found
