"""The JSON report of the contract ``seawall.dev/report/v1``, exactly as ``schema/report-v1.schema.json`` describes it."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from seawall.model.decision import Decision
from seawall.model.finding import Report
from seawall.model.rule import Rule

# DEL and the C1 control characters are legal in JSON text but a terminal may obey them; JSON can spell them harmlessly.
_TERMINAL_CONTROLS = re.compile(rb"\x7f|\xc2[\x80-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def render(report: Report, *, rules: Mapping[str, Rule] | None = None, decision: Decision | None = None) -> bytes:
    """Return `report` as compact UTF-8 JSON and a newline. `rules` and `decision` are no part of the contract's report."""
    encoder = msgspec.json.Encoder()
    try:
        encoded = encoder.encode(report)
    except UnicodeEncodeError:  # a file name that is not UTF-8 reaches us as lone surrogates, which JSON cannot carry
        encoded = encoder.encode(_replace_surrogates(msgspec.to_builtins(report)))
    # The cheap test first: most reports have neither byte, and these searches run at memory speed.
    if b"\x7f" in encoded or b"\xc2" in encoded:
        encoded = _TERMINAL_CONTROLS.sub(lambda match: b"\\u%04x" % ord(match[0].decode()), encoded)
    return encoded + b"\n"


def _replace_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub(lambda match: f"\\x{ord(match[0]) & 0xFF:02x}", value)
    if isinstance(value, list):
        return [_replace_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_replace_surrogates(key): _replace_surrogates(item) for key, item in value.items()}
    return value
