"""Field paths: where in an object a value stands.

A `FieldPath` is a tuple of map keys (`str`) and list indices (`int`). Its text form is that of the report's ``field``:
``spec.template.spec.containers[0].securityContext.privileged``; a key that is not a plain identifier is written as
``metadata.annotations['example.com/key']``.
"""

import re
from typing import Any, TypeAlias

FieldPath: TypeAlias = tuple[str | int, ...]

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_STEP = re.compile(r"\.?(?P<key>[A-Za-z_][A-Za-z0-9_-]*)|\[(?P<index>\d+)\]|\['(?P<quoted>(?:[^'\\]|\\.)*)'\]")


def format_field_path(path: FieldPath) -> str:
    """Return the text form of `path`; the empty path is the empty string."""
    parts: list[str] = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif _PLAIN_KEY.match(step):
            parts.append(f".{step}" if parts else step)
        else:
            escaped = step.replace("\\", "\\\\").replace("'", "\\'")
            parts.append(f"['{escaped}']")
    return "".join(parts)


def parse_field_path(text: str) -> FieldPath:
    """Return the path that `text` writes; the inverse of `format_field_path`.

    Raises `ValueError` with the offending rest when `text` is not a path.
    """
    steps: list[str | int] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            raise ValueError(f"not a field path at {text[position:]!r}")
        if match["key"] is not None:
            steps.append(match["key"])
        elif match["index"] is not None:
            steps.append(int(match["index"]))
        else:
            steps.append(re.sub(r"\\(.)", r"\1", match["quoted"]))
        position = match.end()
    return tuple(steps)


def value_at(root: Any, path: FieldPath) -> Any:
    """Return the value at `path` below `root` (plain dicts and lists), or None where a step does not exist."""
    value = root
    for step in path:
        if isinstance(step, str):
            if type(value) is not dict:
                return None
            value = value.get(step)
        elif type(value) is list and step < len(value):
            value = value[step]
        else:
            return None
    return value
