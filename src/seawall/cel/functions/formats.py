"""Kubernetes' format library: `format.<name>()`, `format.named(name)` and `validate`, with the API server's messages.

Sources of the rules: apimachinery `util/validation` and `api/validate/content`, kube-openapi `strfmt`, Go's `net/url`.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from seawall.cel.functions.core import text_of
from seawall.cel.functions.urls import request_uri_error
from seawall.cel.operators import no_overload
from seawall.cel.values import NONE, Opaque, Optional

_LABEL: Final = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN: Final = rf"{_LABEL}(\.{_LABEL})*"
_LABEL_1035: Final = "[a-z]([-a-z0-9]*[a-z0-9])?"
_KEY: Final = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE: Final = f"({_KEY})?"
_ALPHANUMERIC: Final = "alphanumeric character"


def _expression_message(what: str, expression: str, *examples: str) -> str:
    shown = " or ".join(f"'{example}', " for example in examples)
    return f"{what} (e.g. {shown}regex used for validation is '{expression}')"


_LABEL_MESSAGE: Final = _expression_message(
    f"a lowercase RFC 1123 label must consist of lower case {_ALPHANUMERIC}s or '-', and must start and end with an "
    + _ALPHANUMERIC,
    _LABEL,
    "my-name",
    "123-abc",
)
_SUBDOMAIN_MESSAGE: Final = _expression_message(
    f"a lowercase RFC 1123 subdomain must consist of lower case {_ALPHANUMERIC}s, '-' or '.', and must start and end with an "
    + _ALPHANUMERIC,
    _SUBDOMAIN,
    "example.com",
)
_LABEL_1035_MESSAGE: Final = _expression_message(
    f"a DNS-1035 label must consist of lower case {_ALPHANUMERIC}s or '-', start with an alphabetic character, and end with an "
    + _ALPHANUMERIC,
    _LABEL_1035,
    "my-name",
    "abc-123",
)
_KEY_MESSAGE: Final = _expression_message(
    f"must consist of {_ALPHANUMERIC}s, '-', '_' or '.', and must start and end with an {_ALPHANUMERIC}",
    _KEY,
    "MyName",
    "my.name",
    "123-abc",
)
_VALUE_MESSAGE: Final = _expression_message(
    f"a valid label must be an empty string or consist of {_ALPHANUMERIC}s, '-', '_' or '.', and must start and end with an "
    + _ALPHANUMERIC,
    _VALUE,
    "MyValue",
    "my_value",
    "12345",
)


def _matcher(expression: str) -> Callable[[str], Any]:
    return re.compile(expression).fullmatch


_is_label = _matcher(_LABEL)
_is_subdomain = _matcher(_SUBDOMAIN)
_is_label_1035 = _matcher(_LABEL_1035)
_is_key = _matcher(_KEY)
_is_value = _matcher(_VALUE)
_is_uuid = _matcher("[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")
_is_base64 = _matcher("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})")
_date = _matcher("([0-9]{4})-([0-9]{2})-([0-9]{2})")
# The point before the fraction is any character there, too.
_time = _matcher("([0-9]{2}):([0-9]{2}):([0-9]{2})(?:.[0-9]+)?(?:z|[+-][0-9]{2}:[0-9]{2})")


def _length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


def label_errors(text: str) -> list[str]:
    """What is wrong with a DNS label of RFC 1123; nothing when the list is empty."""
    errors = [_too_long(63)] if _length(text) > 63 else []
    if not _is_label(text):
        errors.append("must not contain dots" if _is_subdomain(text) else _LABEL_MESSAGE)
    return errors


def subdomain_errors(text: str) -> list[str]:
    """What is wrong with a DNS subdomain of RFC 1123."""
    errors = [_too_long(253)] if _length(text) > 253 else []
    return errors if _is_subdomain(text) else [*errors, _SUBDOMAIN_MESSAGE]


def _label_1035_errors(text: str) -> list[str]:
    errors = [_too_long(63)] if _length(text) > 63 else []
    return errors if _is_label_1035(text) else [*errors, _LABEL_1035_MESSAGE]


def _too_long(limit: int, unit: str = "characters") -> str:
    return f"must be no more than {limit} {unit}"


def _qualified_name_errors(text: str) -> list[str]:
    prefix, slash, name = text.partition("/")
    if "/" in name:
        return [
            f"a valid label key {_KEY_MESSAGE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        ]
    errors = []
    if not slash:
        name = prefix
    elif not prefix:
        errors.append("prefix part must be non-empty")
    else:
        if _length(prefix) > 253:
            errors.append("prefix part " + _too_long(253, "bytes"))
        if not _is_subdomain(prefix):
            errors.append("prefix part " + _SUBDOMAIN_MESSAGE)
    if not name:
        errors.append("name part must be non-empty")
    elif _length(name) > 63:
        errors.append("name part " + _too_long(63, "bytes"))
    if not _is_key(name):
        errors.append("name part " + _KEY_MESSAGE)
    return errors


def _label_value_errors(text: str) -> list[str]:
    errors = [_too_long(63, "bytes")] if _length(text) > 63 else []
    return errors if _is_value(text) else [*errors, _VALUE_MESSAGE]


def _before_more(check: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    """`check` for a text that something is appended to, which may end with a dash."""

    def errors(text: str) -> list[str]:
        # As in the API server: two characters give way to one.
        return check(text[:-2] + "a" if len(text) > 1 and text.endswith("-") else text)

    return errors


def _unless(holds: Callable[[str], Any], message: str) -> Callable[[str], list[str]]:
    def errors(text: str) -> list[str]:
        return [] if holds(text) else [message]

    return errors


def _uri_errors(text: str) -> list[str]:
    error = request_uri_error(text)
    return [] if error is None else [error]


def _is_date(text: str) -> bool:
    found = _date(text)
    if not found:
        return False
    year, month, day = map(int, found.groups())
    try:
        date(year or 4, month, day)  # Go has a year 0, a leap year
    except ValueError:
        return False
    return True


def _is_date_time(text: str) -> bool:
    day, _, rest = text.lower().partition("t")
    time = _time(rest.partition("t")[0])
    return bool(time) and _is_date(day) and time[1] <= "23" and time[2] <= "59" and time[3] <= "59"


class Format(Opaque):
    """A named format (`kubernetes.NamedFormat`)."""

    cel_type = "kubernetes.NamedFormat"
    __slots__ = ("errors", "name")

    def __init__(self, name: str, errors: Callable[[str], list[str]]) -> None:
        self.name = name
        self.errors = errors

    def same(self, other: Any) -> bool:
        return bool(self.name == other.name)

    def __str__(self) -> str:
        return self.name


_FORMATS: Final = {
    "dns1123Label": Format("DNS1123Label", label_errors),
    "dns1123Subdomain": Format("DNS1123Subdomain", subdomain_errors),
    "dns1035Label": Format("DNS1035Label", _label_1035_errors),
    "qualifiedName": Format("QualifiedName", _qualified_name_errors),
    "dns1123LabelPrefix": Format("DNS1123LabelPrefix", _before_more(label_errors)),
    "dns1123SubdomainPrefix": Format("DNS1123SubdomainPrefix", _before_more(subdomain_errors)),
    "dns1035LabelPrefix": Format("DNS1035LabelPrefix", _before_more(_label_1035_errors)),
    "labelValue": Format("LabelValue", _label_value_errors),
    "uri": Format("URI", _uri_errors),
    "uuid": Format("uuid", _unless(_is_uuid, "does not match the UUID format")),
    "byte": Format("byte", _unless(_is_base64, "invalid base64")),
    "date": Format("date", _unless(_is_date, "invalid date")),
    "datetime": Format("datetime", _unless(_is_date_time, "invalid datetime")),
}


def named_format(name: Any) -> Optional:
    """`format.named(name)`."""
    found = _FORMATS.get(text_of(name))
    return NONE if found is None else Optional(found)


def _constant(name: str) -> Callable[[], Format]:
    return lambda: _FORMATS[name]


def __getattr__(name: str) -> Any:
    """`format.<name>()`, under the names that generated code uses: `format_dns1123Label` and so on."""
    format_name = name.removeprefix("format_")
    if format_name == name or format_name not in _FORMATS:
        raise AttributeError(name)
    return _constant(format_name)


def validate(value: Any, text: Any) -> Optional:
    """`format.validate(text)`: what is wrong with the text; none when it is valid."""
    if not isinstance(value, Format):
        raise no_overload(value, text)
    errors = value.errors(text_of(text, value))
    return Optional(errors) if errors else NONE
