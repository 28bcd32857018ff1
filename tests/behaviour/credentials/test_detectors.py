"""Every shape finds its hits and is silent about its misses, as `detectors/credentials/*.yaml` says."""

from pathlib import Path

import pytest

from seawall.formats.credentials.expressions import expression
from seawall.formats.credentials.samples import expand
from seawall.formats.credentials.scan import Scanner
from seawall.model.credential import Detector
from seawall.sources.credential_detectors import SHIPPED, load_scanner, read_detectors

DETECTORS = read_detectors()


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return load_scanner()


def _path(detector: Detector) -> str:
    return f"shop.{detector.files[0]}" if detector.files else "shop.txt"


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.id)
def test_a_detector_finds_its_hits_and_not_its_misses(scanner: Scanner, detector: Detector) -> None:
    for text in detector.hits:
        for seed in range(3):
            data = expand(text, seed).encode()
            found = [match.detector.id for match in scanner.scan(_path(detector), data)]
            assert detector.id in found, (text, found)
            assert any(keyword.encode() in data.lower() for keyword in detector.keywords), (text, detector.keywords)
    for text in detector.misses:
        assert scanner.scan(_path(detector), expand(text).encode()) == [], text


def test_there_are_shapes_of_every_group_and_each_says_how_to_take_it_back() -> None:
    assert len(DETECTORS) >= 120
    assert {path.stem for path in Path(SHIPPED).glob("*.yaml")} == {detector.group for detector in DETECTORS}
    assert all(detector.revoke.endswith(".") for detector in DETECTORS)


def test_no_sample_in_the_data_is_a_credential_as_it_stands(scanner: Scanner) -> None:
    for path in Path(SHIPPED).glob("*.yaml"):
        found = scanner.scan(path.name, path.read_bytes())
        assert [match for match in found if match.detector.confidence == "high"] == []


def test_every_match_of_an_expression_holds_a_match_of_its_trigger(scanner: Scanner) -> None:
    # The expression alone, by Python's own engine, finds nothing that the prefilter passes over.
    import re

    for index, detector in enumerate(scanner.detectors):
        for text in detector.hits:
            data = expand(text, 7).encode()
            if re.search(expression(detector).encode(), data):
                assert index in {at for at, _ in scanner._prefilter.candidates(data)}, (detector.id, text)
