"""Whether bytes can hold a Kubernetes manifest at all, asked of every file of a repository before it is parsed.

Every manifest has a key ``apiVersion``. Most YAML and JSON of a repository (workflows, package files, compose files, mkdocs with
Python tags, CloudFormation) holds that word nowhere: it need not be parsed, and it need not even be YAML. The answer is never
no for text that the API server could read: escapes of double-quoted scalars, which can hide the word, are undone first.
"""

import re

_WORD = b"apiVersion"
_ESCAPED = re.compile(rb"\\(?:x([0-7][0-9A-Fa-f])|u00([0-7][0-9A-Fa-f])|U000000([0-7][0-9A-Fa-f])|\r?\n[ \t]*)")


def can_be_manifest(data: bytes) -> bool:
    """Say whether `data` may hold a Kubernetes object; what cannot be read as text at all may."""
    if _WORD in data or b"\0" in data:
        return True  # UTF-16, a binary file, a damaged manifest: the parser says what is wrong
    return b"\\" in data and _WORD in _ESCAPED.sub(_unescape, data)


def _unescape(match: re.Match[bytes]) -> bytes:
    digits = match[1] or match[2] or match[3]
    return bytes([int(digits, 16)]) if digits else b""
