"""The JSON report of the contract ``seawall.dev/report/v1``, exactly as ``schema/report-v1.schema.json`` describes it."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from seawall.model.decision import Decision
from seawall.model.finding import Report
from seawall.model.rule import Rule
from seawall.reports.escaping import escape_json_controls

_SURROGATE = re.compile("[\ud800-\udfff]")


def render(report: Report, *, rules: Mapping[str, Rule] | None = None, decision: Decision | None = None) -> bytes:
    """Return `report` as compact UTF-8 JSON and a newline. `rules` and `decision` are no part of the contract's report."""
    # One "line" of newline-delimited JSON: the newline comes with the encoding, not with a copy of 50 MB.
    encoder = msgspec.json.Encoder()
    try:
        encoded = encoder.encode_lines([report])
    except UnicodeEncodeError:  # a file name that is not UTF-8 reaches us as lone surrogates, which JSON cannot carry
        encoded = encoder.encode_lines([_replace_surrogates(msgspec.to_builtins(report))])
    return escape_json_controls(encoded)


def _replace_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub(lambda match: f"\\x{ord(match[0]) & 0xFF:02x}", value)
    if isinstance(value, list):
        return [_replace_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_replace_surrogates(key): _replace_surrogates(item) for key, item in value.items()}
    return value
