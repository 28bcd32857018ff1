"""The official CEL evaluator as a second opinion on our engine; for tests only.

It runs the core language, optionals, comprehensions of two variables, lists and sets. What Kubernetes adds has no evaluator
there: the API server's own environment judges that (tests/testbed/cel_judge.py).
"""

from datetime import datetime, timedelta
from typing import Any

from tests.cel_values import ENVIRONMENT, entries


def official_outcome(expression: str, data: dict[str, Any]) -> dict[str, Any]:
    """What the official evaluator makes of an expression, as a conformance case says it; `refused` where it cannot run it."""
    try:
        program = ENVIRONMENT.front_end.compile(expression)
        value = program.eval(data={"x": None, "y": None, "z": None} | data)
        kind = value.type().name()
        if kind == "ERROR":
            return {"error": str(value.value())}
        return {"value": _written(value)}
    except (RuntimeError, TypeError, ValueError, OverflowError) as error:
        return {"refused": str(error)}


def _written(value: Any) -> Any:
    kind = value.type().name().partition("<")[0]
    content = value.value()
    if kind == "LIST":
        return [_written(item) for item in content]
    if kind == "MAP":
        return entries([[key, _written(item)] for key, item in content.items()])
    if kind == "UINT":
        return {"uint": int(content)}
    if kind == "BYTES":
        return {"bytes": bytes(content).hex()}
    if isinstance(content, timedelta):
        return {"duration": (content // timedelta(microseconds=1)) * 1000}
    if isinstance(content, datetime):
        seconds = int(content.replace(microsecond=0).timestamp())
        return {"timestamp": [seconds, content.microsecond * 1000]}
    if kind == "TYPE":
        return {"type": str(value).partition("<")[0]}
    if content is None or isinstance(content, bool | int | float | str):
        return content
    raise TypeError(f"a value of type {kind} has no form here")
