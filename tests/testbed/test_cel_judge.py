"""Every conformance case against the API server's own CEL library: what the files say is what Kubernetes 1.36 does."""

from pathlib import Path

import pytest

from tests.conformance.cel.test_cel_conformance import FILES, HERE, agrees, load
from tests.testbed.cel_judge import Judge

# Unknowns have no counterpart: the API server knows the value of every variable.
JUDGED = [path for path in FILES if path.name != "unknowns.yaml"]


@pytest.mark.parametrize("path", JUDGED, ids=lambda path: str(path.relative_to(HERE)))
def test_the_api_server_says_what_the_cases_say(cel_judge: Judge, path: Path) -> None:
    cases = load(path)
    answers = cel_judge.outcomes([(case["expr"], case.get("data", {})) for case in cases])
    differences = [
        f"{case}\n    the API server: {found}"
        for case, found in zip(cases, answers, strict=True)
        if not agrees(case, found)
    ]
    print(f"{path.relative_to(HERE)}: {len(cases)} cases judged")
    assert not differences, "\n".join(differences)
