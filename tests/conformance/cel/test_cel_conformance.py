"""Our engine on every case of the data files beside this test: the same value, the same error, or the same refusal.

`kubernetes/` restates what the tests of k8s.io/apiserver v0.36.3 `pkg/cel/library` ask of its functions, and more; `language/` is
the core language as the API server has it; `unknowns.yaml` are the rules by which unknowns and errors meet (cel-spec's
`eval.proto`). `tests/testbed/test_cel_judge.py` holds the same cases to the API server's own library.

A case is an `expr`, optionally `data` (the variables that it reads; `!unknown` where one is not known), and one of `value` (see
`cel_values`), `error` (its text), `refused` (part of what the compiler says; empty where the words differ) or `unknown`.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from seawall.cel.errors import CelError, CelUnknown, CompileError
from seawall.cel.program import compile_expression
from seawall.cel.unknown import UNKNOWN
from tests.cel_values import ENVIRONMENT, alike, arguments, written

HERE = Path(__file__).parent
FILES = sorted(HERE.rglob("*.yaml"))


class CaseLoader(yaml.SafeLoader):
    """YAML with `!unknown`."""


CaseLoader.add_constructor("!unknown", lambda _loader, _node: UNKNOWN)


def load(path: Path) -> list[dict[str, Any]]:
    """The cases of a file."""
    cases: list[dict[str, Any]] = yaml.load(path.read_bytes(), CaseLoader)["cases"]
    return cases


def outcome(expression: str, data: dict[str, Any]) -> dict[str, Any]:
    """What our engine makes of an expression, in the words of a case."""
    try:
        program = compile_expression(expression, ENVIRONMENT)
    except CompileError as error:
        return {"refused": error.message}
    results: list[dict[str, Any]] = []
    for _ in range(2):  # nothing of one evaluation may be left for the next
        try:
            value = program.function(*arguments(data))
            results.append({"unknown": True} if value is UNKNOWN else {"value": written(value)})
        except CelUnknown:
            results.append({"unknown": True})
        except CelError as error:
            results.append({"error": str(error)})
    assert alike(*results), f"{expression}: two evaluations differ: {results}"
    return results[0]


def agrees(case: dict[str, Any], found: dict[str, Any]) -> bool:
    """Whether `found` is what `case` asks for."""
    if "refused" in case:
        return str(case["refused"]) in found.get("refused", "\0") if case["refused"] else "refused" in found
    return all(key in case and alike(case[key], found[key]) for key in found)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HERE)))
def test_every_case_holds(path: Path) -> None:
    cases = load(path)
    differences = []
    for case in cases:
        found = outcome(case["expr"], case.get("data", {}))
        if not agrees(case, found):
            differences.append(f"{case}\n    found {found}")
    print(f"{path.relative_to(HERE)}: {len(cases)} cases, {len(differences)} differences")
    assert not differences, "\n".join(differences)


def test_there_are_hundreds_of_cases_and_none_stands_twice() -> None:
    cases = [f"{case['expr']} {case.get('data')}" for path in FILES for case in load(path)]
    print(f"{len(cases)} cases in {len(FILES)} files")
    assert len(cases) > 2000
    assert len(cases) == len(set(cases))
