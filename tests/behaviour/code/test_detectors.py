"""Every form of the detectors finds what it says, and nothing else."""

import pytest

from seawall.facts.code_patterns import derive_code_patterns
from seawall.formats.code_detectors import FAMILIES, Detector, Form
from seawall.formats.source_code import SourceCode
from seawall.stages.code import read_detectors_shipped

CASES = [
    pytest.param(detector, form, language, id=f"{detector.id}-{language}-{number}")
    for detector in read_detectors_shipped()
    for number, form in enumerate(detector.forms)
    for language in FAMILIES[form.language]
]


def found(detector: Detector, form: Form, language: str, text: str) -> int:
    source = SourceCode("a", language, text)
    return len(list(derive_code_patterns(source, [(detector, form, form.config())])))


@pytest.mark.parametrize(("detector", "form", "language"), CASES)
def test_a_form_hits_what_it_names_and_misses_what_is_right(detector: Detector, form: Form, language: str) -> None:
    assert [hit for hit in form.hits if not found(detector, form, language, hit)] == []
    assert [miss for miss in form.misses if found(detector, form, language, miss)] == []
