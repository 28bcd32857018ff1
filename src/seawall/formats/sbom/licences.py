"""Which texts are licences as SPDX writes them: an identifier, or an expression of identifiers.

A package says its licence in any words; an SBOM may only call that an expression which is one (SPDX 2.3, annex D), else it is
invalid. ``MIT OR Apache-2.0`` is, ``MIT/Apache-2.0`` and ``BSD`` are not.
"""

import re
from functools import lru_cache

from seawall.formats.sbom.licence_ids import LICENCE_IDS

_TOKEN = re.compile(r"\s*(\(|\)|[A-Za-z0-9.+-]+)")
_REFERENCE = re.compile(r"LicenseRef-[A-Za-z0-9.-]+\Z")
_KNOWN_EXCEPTION = "exception"
MAX_DEPTH = 20


def is_licence_id(text: str) -> bool:
    """Tell whether `text` is an identifier of the SPDX License List, spelt as it stands there."""
    return text in LICENCE_IDS and not _is_exception(text)


@lru_cache(maxsize=4096)
def is_expression(text: str, *, references: bool = False) -> bool:
    """Tell whether `text` is an SPDX expression of known identifiers. `references`: a ``LicenseRef-…`` is one, too."""
    tokens, at = [], 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if found is None:
            return False
        tokens.append(found[1])
        at = found.end()
    return _disjunction(tokens, 0, references, 0) == len(tokens) > 0


def _disjunction(tokens: list[str], at: int, references: bool, depth: int) -> int:
    """Return where the expression that begins at `at` ends, or -1 where none does."""
    if depth > MAX_DEPTH:
        return -1
    at = _term(tokens, at, references, depth)
    while 0 <= at < len(tokens) and tokens[at] in ("AND", "OR"):
        at = _term(tokens, at + 1, references, depth)
    return at


def _term(tokens: list[str], at: int, references: bool, depth: int) -> int:
    if at >= len(tokens):
        return -1
    if tokens[at] == "(":
        at = _disjunction(tokens, at + 1, references, depth + 1)
        return at + 1 if 0 <= at < len(tokens) and tokens[at] == ")" else -1
    token = tokens[at]
    if not is_licence_id(token) and not is_licence_id(token.removesuffix("+")):
        return at + 1 if references and _REFERENCE.match(token) else -1
    if at + 2 < len(tokens) and tokens[at + 1] == "WITH":
        return at + 3 if tokens[at + 2] in LICENCE_IDS and _is_exception(tokens[at + 2]) else -1
    return at + 1


def _is_exception(name: str) -> bool:
    # Old identifiers that hold their exception (GPL-2.0-with-classpath-exception) are licences.
    return _KNOWN_EXCEPTION in name.lower() and "-with-" not in name
