"""What a value proves of itself: checksums and forms that a random text of the right shape does not have."""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Callable, Mapping

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LEAST_KEY = 40
"""Bytes of the smallest private key: an Ed25519 key in PKCS #8 has 48."""


def base62_checksum(text: bytes) -> str:
    """Return CRC-32 of `text` in base 62, six digits: the end of GitHub's tokens.

    https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
    """
    number, digits = zlib.crc32(text), ""
    while number:
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return digits.rjust(6, "0")


def _github(value: bytes) -> bool:
    body = value[4:]
    return base62_checksum(body[:-6]).encode() == body[-6:]


def decode_base64(text: bytes) -> bytes | None:
    """Return the bytes of `text`, in either alphabet and with or without padding; None where it is no base64."""
    text = text.translate(_STANDARD).rstrip(b"=")
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


_STANDARD = bytes.maketrans(b"-_", b"+/")


def _has_bytes(count: int) -> Callable[[bytes], bool]:
    def check(value: bytes) -> bool:
        decoded = decode_base64(value)
        return decoded is not None and len(decoded) == count and len(set(decoded)) > count // 4

    return check


def _basic(value: bytes) -> bool:
    decoded = decode_base64(value)
    if decoded is None or not decoded.isascii():
        return False
    user, colon, password = decoded.partition(b":")
    return bool(colon and user and len(password) > 5) and decoded.decode("ascii").isprintable()


def jwt_parts(value: bytes) -> tuple[dict[str, object], dict[str, object]] | None:
    """Return header and claims of the JSON web token `value`, None where it is none."""
    parts: list[dict[str, object]] = []
    for part in value.split(b".")[:2]:
        decoded = decode_base64(part)
        try:
            parsed = json.loads(decoded or b"")
        except (ValueError, RecursionError):
            return None
        if not isinstance(parsed, dict):
            return None
        parts.append(parsed)
    return (parts[0], parts[1]) if len(parts) == 2 else None


_EXAMPLES = frozenset({"1234567890", "John Doe", "Jane Doe", "John", "joe", "example", "user", "test"})
"""Subjects of the tokens in documentation, jwt.io's and RFC 7519's among them."""


def _jwt(value: bytes) -> bool:
    parts = jwt_parts(value)
    if parts is None or not isinstance(parts[0].get("alg"), str):
        return False
    return not any(isinstance(claim, str) and claim in _EXAMPLES for claim in parts[1].values())


def _jwt_in_base64(value: bytes) -> bool:
    return jwt_parts(decode_base64(value) or b"") is not None


def _jwt_from(*words: str) -> Callable[[bytes], bool]:
    def check(value: bytes) -> bool:
        parts = jwt_parts(value)
        return parts is not None and any(word in json.dumps(parts[1]) for word in words)

    return check


_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY(?: BLOCK)?-----(.*?)-----END", re.DOTALL)
_HEADERS = re.compile(rb"(?m)^[\s\"'+]*[A-Za-z-]+:.*$")


def _pem(value: bytes) -> bool:
    found = _PEM.search(value)
    if found is None:
        return False
    body = found[2].replace(b"\\n", b"\n").replace(b"\\r", b"").replace(b"\\t", b"")
    body = re.sub(rb"[^A-Za-z0-9+/=]", b"", _HEADERS.sub(b"", body)).partition(b"=")[0]
    if b"PGP" in found[1]:
        return len(body) > _LEAST_KEY
    decoded = decode_base64(body[: len(body) // 4 * 4])
    if decoded is None or len(decoded) < _LEAST_KEY:
        return False
    # Encrypted in the old way, the body is no ASN.1.
    return decoded[:1] == b"0" or decoded.startswith(b"openssh-key-v1") or b"ENCRYPTED" in found[2]


def _pem_in_base64(value: bytes) -> bool:
    return b"PRIVATE KEY" in (decode_base64(value) or b"")


def _discord(value: bytes) -> bool:
    return (decode_base64(value.partition(b".")[0]) or b"").isdigit()


_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def bech32_checksum(prefix: str, data: list[int]) -> list[int]:
    """Return the six groups that end a Bech32 text (BIP 173)."""
    values = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix] + data + [0] * 6
    sum_ = _polymod(values) ^ 1
    return [(sum_ >> 5 * (5 - at)) & 31 for at in range(6)]


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for at, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            if top >> at & 1:
                check ^= generator
    return check


def _age(value: bytes) -> bool:
    text = value.decode("ascii", "replace").lower()
    prefix, _, rest = text.rpartition("1")
    groups = [_BECH32.find(character) for character in rest]
    return -1 not in groups and bech32_checksum(prefix, groups[:-6]) == groups[-6:]


PROOFS: Mapping[str, Callable[[bytes], bool]] = {
    "age": _age,
    "b64jwt": _jwt_in_base64,
    "b64pem": _pem_in_base64,
    "base64-32": _has_bytes(32),
    "base64-64": _has_bytes(64),
    "basic": _basic,
    "discord": _discord,
    "github": _github,
    "jwt": _jwt,
    "jwt-argocd": _jwt_from("argocd"),
    "jwt-kubernetes": _jwt_from("kubernetes/serviceaccount", "kubernetes.io"),
    "pem": _pem,
}
"""The proofs by the name that a detector's ``checksum`` gives."""
