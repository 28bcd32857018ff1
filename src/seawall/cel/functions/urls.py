"""Kubernetes' URL library: `url`, `isURL` and the parts of a URL, as Go 1.26's `net/url` has them.

`url(text)` demands an absolute URI or an absolute path (`ParseRequestURI`) and then parses again with the fragment set apart
(`Parse`), as the API server does. Texts are handled as their UTF-8 bytes, one character a byte.
"""

from typing import Any, Final, NamedTuple, NoReturn

from seawall.cel.errors import CelError
from seawall.cel.functions.core import text_of
from seawall.cel.functions.formatting import go_quote
from seawall.cel.functions.netip import AddressError, parse_address
from seawall.cel.operators import no_overload
from seawall.cel.values import Opaque

_UNRESERVED: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
# The characters that stand unescaped in each part of a URL.
_PATH: Final = _UNRESERVED | set("$&+,/:;=@")
_USER: Final = _UNRESERVED | set("$&+,;=")
_QUERY: Final = _UNRESERVED
_FRAGMENT: Final = _UNRESERVED | set("!$&()*+,/:;=?@")
_HOST: Final = _UNRESERVED | set("!\"$&'()*+,:;<=>[]")
_USER_INFORMATION: Final = _UNRESERVED | set("!$&'()*+,;=:%@")
_ENCODED: Final = set("!$&'()*+,;=:@[]%")  # what an already escaped path or fragment may hold besides
_HEXADECIMAL: Final = frozenset("0123456789abcdefABCDEF")
# Go refuses to read a query of more parameters.
_PARAMETER_LIMIT: Final = 10_000


class _UrlError(ValueError):
    """A text that is no URL; the message is Go's, without the text itself."""


class _Parts(NamedTuple):
    scheme: str
    opaque: str
    user: tuple[str, str | None] | None
    host: str
    path: str  # as it stands in the text
    query: str
    forced_query: bool
    omitted_host: bool
    fragment: str  # as it stands in the text


class Url(Opaque):
    """A URL (`kubernetes.URL`); equal when its texts are."""

    cel_type = "kubernetes.URL"
    __slots__ = ("parts",)

    def __init__(self, parts: _Parts) -> None:
        self.parts = parts

    def same(self, other: Any) -> bool:
        return str(self) == str(other)

    def __str__(self) -> str:
        parts = self.parts
        text = f"{parts.scheme}:" if parts.scheme else ""
        if parts.opaque:
            text += parts.opaque
        else:
            path = _escaped(parts.path, _PATH)
            if (parts.scheme or parts.host or parts.user) and not (
                parts.omitted_host and not parts.host and not parts.user
            ):
                if parts.host or parts.path or parts.user:
                    text += "//"
                if parts.user:
                    name, password = parts.user
                    text += _escape(name, _USER) + ("" if password is None else ":" + _escape(password, _USER)) + "@"
                text += _escape(parts.host, _HOST)
            if path and path[0] != "/" and parts.host:
                text += "/"
            if not text and ":" in path.partition("/")[0]:
                text = "./"
            text += path
        if parts.forced_query or parts.query:
            text += "?" + parts.query
        if parts.fragment:
            text += "#" + _escaped(parts.fragment, _FRAGMENT)
        return _text(text)


def _octets(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _text(octets: str) -> str:
    return octets.encode("latin-1").decode("utf-8", "surrogateescape")


def _unescape(text: str, plain: frozenset[str], *, zone: bool = False, plus: str = "+") -> str:
    """`text` with its %-escapes resolved. Raises `_UrlError` for a bad escape or a character that a host cannot have."""
    host = plain is _HOST
    if "%" not in text and not host:
        return text.replace("+", plus)
    parts, at = [], 0
    while at < len(text):
        character = text[at]
        if character == "%":
            escape = text[at : at + 3]
            if len(escape) < 3 or not _HEXADECIMAL.issuperset(escape[1:]):
                _refuse_escape(escape)
            value = int(escape[1:], 16)
            if zone:
                if escape != "%25" and chr(value) != " " and chr(value) not in _HOST:
                    _refuse_escape(escape)
            elif host and value < 0x80 and escape != "%25":
                _refuse_escape(escape)
            parts.append(chr(value))
            at += 3
            continue
        if host and ord(character) < 0x80 and character not in _HOST:
            raise _UrlError(f"invalid character {go_quote(character)} in host name")
        parts.append(plus if character == "+" else character)
        at += 1
    return "".join(parts)


def _refuse_escape(escape: str) -> NoReturn:
    raise _UrlError(f"invalid URL escape {go_quote(_text(escape))}")


def _escape(text: str, plain: frozenset[str]) -> str:
    return "".join([character if character in plain else f"%{ord(character):02X}" for character in text])


def _escaped(text: str, plain: frozenset[str]) -> str:
    """A path or fragment as it is written: kept where it is a possible escaping, otherwise escaped anew."""
    unescaped = _unescape(text, plain)
    usual = _escape(unescaped, plain)
    if text == usual or all(character in plain or character in _ENCODED for character in text):
        return text
    return "*" if plain is _PATH and unescaped == "*" else usual


def _parse(text: str, *, request: bool) -> _Parts:
    """The parts of a URL without fragment; `request` admits absolute URIs and absolute paths only. Raises `_UrlError`."""
    if any(character < " " or character == "\x7f" for character in text):
        raise _UrlError("net/url: invalid control character in URL")
    if not text and request:
        raise _UrlError("empty url")
    if text == "*":
        return _Parts("", "", None, "", "*", "", False, False, "")
    scheme, rest = _scheme(text)
    forced = rest.endswith("?") and rest.count("?") == 1
    rest, _, query = rest.partition("?")
    if not rest.startswith("/"):
        if scheme:
            return _Parts(scheme, rest, None, "", "", query, forced, False, "")
        if request:
            raise _UrlError("invalid URI for request")
        if ":" in rest.partition("/")[0]:
            raise _UrlError("first path segment in URL cannot contain colon")
    user, host, omitted = None, "", False
    if rest.startswith("//") and (scheme or (not request and not rest.startswith("///"))):
        authority, slash, path = rest[2:].partition("/")
        user, host = _authority(scheme, authority)
        rest = slash + path
    elif scheme and rest.startswith("/"):
        omitted = True
    _unescape(rest, _PATH)
    return _Parts(scheme, "", user, host, rest, query, forced, omitted, "")


def _scheme(text: str) -> tuple[str, str]:
    for place, character in enumerate(text):
        if character == ":":
            if not place:
                raise _UrlError("missing protocol scheme")
            return text[:place].lower(), text[place + 1 :]
        letter = character.isascii() and character.isalpha()
        if not letter and (not place or character not in "0123456789+-."):
            break
    return "", text


def _authority(scheme: str, authority: str) -> tuple[tuple[str, str | None] | None, str]:
    information, at, host = authority.rpartition("@")
    host = _host(scheme, host)
    if not at:
        return None, host
    if not _USER_INFORMATION.issuperset(information):
        raise _UrlError("net/url: invalid userinfo")
    name, colon, password = information.partition(":")
    return (_unescape(name, _USER), _unescape(password, _USER) if colon else None), host


def _host(scheme: str, host: str) -> str:
    bracket = host.rfind("[")
    if bracket > 0:
        raise _UrlError("invalid IP-literal")
    if bracket == 0:
        return _bracketed(host)
    first = host.find(":")
    if first >= 0:
        # Lists of hosts with ports, as databases have them, are let through; http and https take one colon only.
        port = host[first if scheme in ("http", "https") else host.rfind(":") :]
        _check_port(port)
    return _unescape(host, _HOST)


def _bracketed(host: str) -> str:
    end = host.rfind("]")
    if end < 0:
        raise _UrlError("missing ']' in host")
    port = host[end + 1 :]
    _check_port(port)
    name, zone = host[1:end], ""
    place = name.find("%25")
    if place >= 0:
        name, zone = name[:place], name[place:]
    address = _unescape(name, _HOST) + (_unescape(zone, _HOST, zone=True) if zone else "")
    try:
        version, _, _ = parse_address(_text(address))
    except AddressError as error:
        raise _UrlError(f"invalid host: {error}") from None
    if version == 4:
        raise _UrlError("invalid IP-literal")
    return f"[{address}]{port}"


def _is_port(text: str) -> bool:
    """Whether `text` is empty or a colon and digits."""
    return not text or (text[0] == ":" and (text == ":" or (text[1:].isascii() and text[1:].isdigit())))


def _check_port(text: str) -> None:
    if not _is_port(text):
        raise _UrlError(f"invalid port {go_quote(_text(text))} after host")


def request_uri_error(text: str) -> str | None:
    """Why Go's `ParseRequestURI` refuses `text`; None where it does not."""
    try:
        _parse(_octets(text), request=True)
    except _UrlError as error:
        return f"parse {go_quote(text)}: {error}"
    return None


def to_url(value: Any) -> Url:
    """`url(text)`."""
    text = text_of(value)
    octets = _octets(text)
    whole, _, fragment = octets.partition("#")
    parsed = octets
    try:
        _parse(octets, request=True)
        parsed = whole
        parts = _parse(whole, request=False)
        parsed = octets
        _unescape(fragment, _FRAGMENT)
    except _UrlError as error:
        raise CelError(
            f"URL parse error during conversion from string: parse {go_quote(_text(parsed))}: {error}"
        ) from None
    return Url(parts._replace(fragment=fragment))


def is_url(value: Any) -> bool:
    """`isURL(text)`."""
    return request_uri_error(text_of(value)) is None


def _parts(value: Any) -> _Parts:
    if not isinstance(value, Url):
        raise no_overload(value)
    return value.parts


def get_scheme(value: Any) -> str:
    """`getScheme()`."""
    return _parts(value).scheme


def get_host(value: Any) -> str:
    """`getHost()`: host and port."""
    return _text(_parts(value).host)


def _split_port(host: str) -> tuple[str, str]:
    name, colon, port = host.rpartition(":")
    if not colon or not _is_port(":" + port):
        name, port = host, ""
    if name.startswith("[") and name.endswith("]"):
        name = name[1:-1]
    return name, port


def get_hostname(value: Any) -> str:
    """`getHostname()`: the host without its port and brackets."""
    return _text(_split_port(_parts(value).host)[0])


def get_port(value: Any) -> str:
    """`getPort()`: empty where there is none."""
    return _split_port(_parts(value).host)[1]


def get_escaped_path(value: Any) -> str:
    """`getEscapedPath()`."""
    return _text(_escaped(_parts(value).path, _PATH))


def get_query(value: Any) -> dict[str, list[str]]:
    """`getQuery()`: all values of each parameter; parameters that cannot be read are left out."""
    query = _parts(value).query
    found: dict[str, list[str]] = {}
    if query.count("&") >= _PARAMETER_LIMIT:
        return found
    for pair in query.split("&"):
        if not pair or ";" in pair:
            continue
        key, _, content = pair.partition("=")
        try:
            name, text = _unescape(key, _QUERY, plus=" "), _unescape(content, _QUERY, plus=" ")
        except _UrlError:
            continue
        found.setdefault(_text(name), []).append(_text(text))
    return found
