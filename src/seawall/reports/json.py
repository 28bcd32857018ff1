"""The JSON report of the contract ``seawall.dev/report/v1``, exactly as ``schema/report-v1.schema.json`` describes it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from seawall.model.decision import Decision
from seawall.model.finding import Report
from seawall.model.rule import Rule
from seawall.reports.escaping import escape_json_controls

_SURROGATE = re.compile("[\ud800-\udfff]")


_AT_ONCE = 64  # findings: some 70 kB of text, which fit the memory that the piece before has left, where a report may have 60 MB


def render(report: Report, *, rules: Mapping[str, Rule] | None = None, decision: Decision | None = None) -> bytes:
    """Return `report` as compact UTF-8 JSON and a newline. `rules` and `decision` are no part of the contract's report."""
    return b"".join(stream(report))


def stream(report: Report) -> Iterator[bytes]:
    """Yield what `render` returns in pieces of bounded size."""
    encoder = msgspec.json.Encoder()
    before, after = _encode(encoder, msgspec.structs.replace(report, findings=[])).split(b'"findings":[]', 1)
    yield before + b'"findings":['
    for start in range(0, len(report.findings), _AT_ONCE):
        if start:
            yield b","
        yield _encode(encoder, report.findings[start : start + _AT_ONCE])[1:-1]
    yield b"]" + after + b"\n"


def _encode(encoder: msgspec.json.Encoder, value: Any) -> bytes:
    try:
        encoded = encoder.encode(value)
    except UnicodeEncodeError:  # a file name that is not UTF-8 reaches us as lone surrogates, which JSON cannot carry
        encoded = encoder.encode(_replace_surrogates(msgspec.to_builtins(value)))
    return escape_json_controls(encoded)


def _replace_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub(lambda match: f"\\x{ord(match[0]) & 0xFF:02x}", value)
    if isinstance(value, list):
        return [_replace_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_replace_surrogates(key): _replace_surrogates(item) for key, item in value.items()}
    return value
