"""JSON objects as kubectl and the API server read them.

kubectl takes a file whose first character is ``{`` for a stream of JSON values, one after the other. Go reads them; this does the
same with the standard library's decoder, which is asked for what it would not say by itself: keys that stand twice, numbers
without a form in JSON's successors, and nesting that nobody needs.

Source: ``k8s.io/apimachinery/pkg/util/yaml/decoder.go`` and Go's ``encoding/json``, for whose answers kubectl's are sent on:
1.0 becomes 1, what exceeds 64 signed bits becomes a float, half a surrogate pair becomes U+FFFD.
"""

import json
import re
from typing import Any

from seawall.formats.kubernetes_yaml_nodes import MAX_DEPTH, YamlError
from seawall.formats.kubernetes_yaml_scalars import ScalarError, json_float, json_integer

_SPACE = re.compile(r"[ \t\n\r]*")
_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# What YAML refuses or reads differently: characters without a meaning in it, tabs, escapes, keys whose colon is on another line …
# Compiled when it is needed first, for so large a set of characters takes longer than most scans.
_NOT_THE_SAME = "[^\n\r -[\\]-~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
_COLON_LATER = re.compile('"[ \r\n]+:')
_LONG_KEY = 1000  # … and long ones


class DuplicateJsonKeyError(ValueError):
    """The key stands twice in the same object."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        raise DuplicateJsonKeyError(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return value


def _constant(name: str) -> Any:
    raise ScalarError(f"{name} has no form in JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=json_float, parse_int=json_integer, parse_constant=_constant
)
_LENIENT = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)


def skip_space(text: str, start: int) -> int:
    """Return where the next value of `text` may start."""
    match = _SPACE.match(text, start)
    return match.end() if match else start


def read_value(text: str, start: int) -> tuple[Any, int]:
    """Return the JSON value that starts at `start`, and where it ends.

    Raises `YamlError` for what is no JSON, with the offset in `text`; `DuplicateJsonKeyError` for a key that stands twice.
    """
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise YamlError(f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}", error.pos) from None
    except ScalarError as error:
        raise YamlError(str(error), start) from None
    except RecursionError:
        raise YamlError(f"nested deeper than {MAX_DEPTH} levels", start) from None
    if text.count("{", start, end) + text.count("[", start, end) > MAX_DEPTH and _is_deep(value):
        raise YamlError(f"nested deeper than {MAX_DEPTH} levels", start)
    if _HALF_PAIR.search(text, start, end):
        value = _replace_halves(value)
    return value, end


def end_of_value(text: str, start: int) -> int:
    """Return where the JSON value ends that `read_value` refused for a key that stands twice."""
    return _LENIENT.raw_decode(text, start)[1]


def read_flow(text: str) -> Any:
    """Return the value of a document that is one JSON value, where YAML gives it the same one.

    Raises `YamlError` or `DuplicateJsonKeyError` where it is not, or where YAML may see something else: escapes and tabs.
    """
    if re.search(_NOT_THE_SAME, text):
        raise YamlError("not the same in YAML", 0)
    value, end = read_value(text, skip_space(text, 0))
    if skip_space(text, end) != len(text):
        raise YamlError("not JSON alone", end)
    return value


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return False
    return True


def _replace_halves(value: Any) -> Any:
    if type(value) is str:
        return _SURROGATE.sub("\ufffd", value)
    if type(value) is dict:
        return {_replace_halves(key): _replace_halves(inner) for key, inner in value.items()}
    if type(value) is list:
        return [_replace_halves(inner) for inner in value]
    return value
