"""Package URLs, as the purl specification and its types define them.

`build` makes a canonical purl from components, `parse` reads one, `normalise` reads what people write (upper case where the
type has lower, qualifiers in any order) and returns the canonical form. All raise `PurlError` for what is no purl.

    build("npm", "@angular", "core", "17.0.0")    # pkg:npm/%40angular/core@17.0.0

The specification's own tests are the judge (``tests/conformance/purl``);
why this is no library: ``docs/adr/0016-package-urls.md``.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

import msgspec

from seawall.formats.purl_types import LOWER_CASE_KEYS, refuse_or_normalise

MAX_LENGTH = 4096
"""Longest purl that is read: the specification sets no bound, and nothing real comes near this one."""

_TYPE_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-")
_KEY_CHARACTERS = _TYPE_CHARACTERS | {"_"}
_PLAIN = re.compile(r"[A-Za-z0-9._~:-]*")
_UNQUOTED = ":"  # the specification: the colon is not encoded, beside letters, digits and .-_~


class PurlError(ValueError):
    """The text or the components are no purl; the message says why."""


class Purl(msgspec.Struct, frozen=True, order=True):
    """The components of a purl, decoded and normalised. An absent component is empty."""

    type: str
    namespace: str
    name: str
    version: str = ""
    qualifiers: tuple[tuple[str, str], ...] = ()
    subpath: str = ""

    def __str__(self) -> str:
        """Return the canonical text."""
        text = f"pkg:{self.type}/"
        if self.namespace:
            text += "/".join(map(_encode, self.namespace.split("/"))) + "/"
        # A git repository's name is a path, the only name whose slashes are written as they are.
        text += quote(self.name, safe=":/") if self.type == "git" else _encode(self.name)
        if self.version:
            text += f"@{_encode(self.version)}"
        if self.qualifiers:
            text += "?" + "&".join(f"{key}={_encode(value)}" for key, value in self.qualifiers)
        if self.subpath:
            text += "#" + "/".join(map(_encode, self.subpath.split("/")))
        return text


def build(
    type_: str,
    namespace: str,
    name: str,
    version: str = "",
    qualifiers: Mapping[str, str] | None = None,
    subpath: str = "",
) -> str:
    """Return the canonical purl of the components; an empty one is absent."""
    return str(make(type_, namespace, name, version, qualifiers, subpath))


def make(
    type_: str,
    namespace: str,
    name: str,
    version: str = "",
    qualifiers: Mapping[str, str] | None = None,
    subpath: str = "",
) -> Purl:
    """Return the normalised components."""
    type_ = type_.lower()
    if not type_ or type_[0].isdigit() or not _TYPE_CHARACTERS.issuperset(type_):
        raise PurlError(f"the type {type_!r} is not made of letters, digits, '.' and '-', a letter first")
    namespace = "/".join(filter(None, namespace.split("/")))
    pairs: dict[str, str] = {}
    for key, value in (qualifiers or {}).items():
        lower = key.lower()
        if not lower or lower[0].isdigit() or not _KEY_CHARACTERS.issuperset(lower):
            raise PurlError(f"the qualifier {key!r} is not made of letters, digits, '.', '-' and '_', a letter first")
        if value:
            pairs[lower] = value
    namespace, name, version, problem = refuse_or_normalise(type_, namespace, name.strip("/"), version, pairs)
    if problem:
        raise PurlError(problem)
    parts = (part for part in subpath.split("/") if part not in ("", ".", ".."))
    return Purl(type_, namespace, name, version, tuple(sorted(pairs.items())), "/".join(parts))


def parse(text: str) -> Purl:
    """Read a purl, and refuse what its type does not let be spelt otherwise."""
    return _parse(text, any_case=False)


def normalise(text: str) -> str:
    """Return the canonical form of a purl that somebody wrote, perhaps carelessly."""
    return str(_parse(text, any_case=True))


@lru_cache(maxsize=4096)
def _parse(text: str, *, any_case: bool) -> Purl:
    if len(text) > MAX_LENGTH:
        raise PurlError(f"a purl of {len(text)} characters is not read")
    rest, _, subpath = text.partition("#")
    rest, _, query = rest.partition("?")
    scheme, colon, rest = rest.partition(":")
    if scheme.lower() != "pkg" or not colon:
        raise PurlError("a purl begins with pkg:")
    type_, slash, rest = rest.lstrip("/").partition("/")
    if not slash:
        raise PurlError("a purl has a type, a slash and a name")
    # The last @ begins the version, unless a slash follows: then it is part of a namespace such as @angular.
    path, at, version = rest.rpartition("@")
    if not at or not path or "/" in version:
        path, version = (rest, "") if not rest.startswith("@") or "/" in rest else ("", rest[1:])
    if type_.lower() == "git":
        namespace, _, name = path.strip("/").partition("/")
    else:
        namespace, _, name = path.rpartition("/")
    qualifiers = {}
    for pair in filter(None, query.split("&")):
        key, equals, value = pair.partition("=")
        if not equals:
            raise PurlError(f"the qualifier {pair!r} has no value")
        if not any_case and key != key.lower() and type_.lower() in LOWER_CASE_KEYS:
            raise PurlError(f"the qualifier {key!r} is not in lower case")
        if key.lower() in qualifiers:
            raise PurlError(f"the qualifier {key!r} is there twice")
        qualifiers[key.lower()] = _decode(value)
    parts = [_decode(part) for part in namespace.split("/")]
    if any("/" in part for part in parts):
        raise PurlError("a segment of the namespace holds a slash")
    return make(
        type_,
        "/".join(parts),
        _decode(name),
        _decode(version),
        qualifiers,
        "/".join(_decode(part).replace("/", "%2F") for part in subpath.split("/")),
    )


def _encode(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else quote(text, safe=_UNQUOTED)  # most texts need nothing, and many are made


def _decode(text: str) -> str:
    if "%" not in text:
        return text
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError as error:
        raise PurlError(f"{text!r} is not UTF-8 when decoded") from error
