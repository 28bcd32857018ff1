"""The API server's own CEL environment (cel-go and k8s.io/apiserver at the testbed's version) as a judge of our engine.

The program in ``go/cel`` reads a request a line (`expression`, `variables`) and writes an answer a line: the value as
``[type, content]``, or the error's text, or what the compiler refused. `Judge.outcomes` gives them in the words of the
conformance files (see `tests.conformance.cel.test_cel_conformance`).
"""

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tests.cel_values import entries
from tests.testbed.binaries import provide

_SECONDS = 120


class Judge:
    """A running judge; one question after the other."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def outcome(self, expression: str, data: dict[str, Any]) -> dict[str, Any]:
        """What the API server makes of one expression."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the judge was started without pipes")
        self._process.stdin.write(json.dumps({"expression": expression, "variables": data}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the judge ended on {expression}")
        return _read(json.loads(line))

    def outcomes(self, questions: Sequence[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
        """What the API server makes of each expression with its data."""
        return [self.outcome(expression, data) for expression, data in questions]


@contextmanager
def start(progress: Callable[[str], None]) -> Iterator[Judge]:
    """Build the judge where it is not cached, and run it."""
    with subprocess.Popen(
        [provide("cel", progress)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        try:
            yield Judge(process)
        finally:
            if process.stdin is not None:
                process.stdin.close()
            try:
                process.wait(timeout=_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _read(answer: dict[str, Any]) -> dict[str, Any]:
    if "compileError" in answer:
        return {"refused": answer["compileError"].split("\n")[0]}
    if "error" in answer:
        return {"error": answer["error"]}
    return {"value": _value(answer["value"])}


def _value(written: list[Any]) -> Any:
    kind, *content = written
    if kind == "null":
        return None
    if kind in ("bool", "string"):
        return content[0]
    if kind == "list":
        return [_value(item) for item in content[0]]
    if kind == "map":
        return entries([[_value(key), _value(value)] for key, value in content[0]])
    if kind == "optional":
        return {"optional": [_value(item) for item in content]}
    if kind == "int":
        return int(content[0])
    if kind == "double":
        return float(content[0])
    if kind in ("uint", "duration"):
        return {kind: int(content[0])}
    if kind == "timestamp":
        return {kind: [int(part) for part in content[0].split(".")]}
    return {kind: content[0] if content else ""}
