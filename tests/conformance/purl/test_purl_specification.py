"""Every test case of the purl specification: parse, build and validate."""

import json
from pathlib import Path
from typing import Any

import pytest

from seawall.formats.purl import PurlError, build, normalise, parse

COMPONENTS = ("type", "namespace", "name", "version", "subpath")


def _cases() -> list[Any]:
    cases = []
    for path in sorted(Path(__file__).parent.glob("*/*-test.json")):
        for number, case in enumerate(json.loads(path.read_text())["tests"]):
            cases.append(pytest.param(case, id=f"{path.stem}-{number}-{case['test_type']}"))
    return cases


CASES = _cases()


def _run(case: dict[str, Any]) -> object:
    given = case["input"]
    if case["test_type"] == "validate":
        return normalise(given)
    if case["test_type"] == "build":
        text = [given[part] or "" for part in ("type", "namespace", "name", "version")]
        return build(*text, qualifiers=given["qualifiers"], subpath=given["subpath"] or "")
    read = parse(given)
    return {part: getattr(read, part) or None for part in COMPONENTS} | {"qualifiers": dict(read.qualifiers) or None}


@pytest.mark.parametrize("case", CASES)
def test_the_specification_says_what_a_purl_is(case: dict[str, Any]) -> None:
    if case["expected_failure"]:
        with pytest.raises(PurlError):
            _run(case)
    else:
        assert _run(case) == case["expected_output"]


def test_all_the_specification_s_cases_are_here() -> None:
    assert len(CASES) == 586
