"""With Hyperscan or without it the same is found, and a kept automaton of another making is refused."""

import pytest

from seawall.formats.credentials import prefilter
from seawall.formats.credentials.samples import expand
from seawall.formats.credentials.scan import Scanner
from seawall.sources.credential_detectors import read_detectors


def test_without_hyperscan_the_same_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    detectors = read_detectors()
    text = "\n".join(expand(hit, seed) for seed, detector in enumerate(detectors) for hit in detector.hits).encode()
    fast = Scanner(detectors, prefilter.compile_database(detectors)).scan("shop.txt", text)
    monkeypatch.setattr(prefilter, "is_fast", lambda: False)
    assert prefilter.compile_database(detectors) == b""
    plain = Scanner(detectors, b"").scan("shop.txt", text)
    assert len(fast) > 250
    assert [(one.start, one.end) for one in plain] == [(one.start, one.end) for one in fast]


@pytest.mark.parametrize("damage", [b"", b"no automaton at all", "cut", "flipped"])
def test_an_automaton_that_was_damaged_is_refused(damage: bytes | str) -> None:
    detectors = read_detectors()[:5]
    whole = prefilter.compile_database(detectors)
    broken = damage if isinstance(damage, bytes) else whole[:-100] if damage == "cut" else whole[:-1] + b"\xff" * 2
    with pytest.raises(ValueError, match="no database of this machine"):
        prefilter.Prefilter(detectors, broken)
