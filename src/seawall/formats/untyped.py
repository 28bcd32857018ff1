"""Fields of documents that nobody has checked: each function returns its type whatever is there, empty where it is not that.

Lockfiles come from many tools in many versions, and one odd field must not hide the other packages of the file.
"""

from typing import Any


def text(value: Any, *path: str) -> str:
    """Return the string at `path`, or the empty string."""
    found = _at(value, path)
    return found if isinstance(found, str) else ""


def table(value: Any, *path: str) -> dict[str, Any]:
    """Return the fields of the map at `path` whose keys are strings, or an empty map."""
    found = _at(value, path)
    if not isinstance(found, dict):
        return {}
    return found if all(type(key) is str for key in found) else {k: v for k, v in found.items() if isinstance(k, str)}


def rows(value: Any, *path: str) -> list[Any]:
    """Return the list at `path`, or an empty one."""
    found = _at(value, path)
    return found if isinstance(found, list) else []


def tables(value: Any, *path: str) -> list[dict[str, Any]]:
    """Return the maps of the list at `path`; another item counts as an empty map, so that positions hold."""
    return [table(item) for item in rows(value, *path)]


def texts(value: Any, *path: str) -> list[str]:
    """Return the strings of the list at `path`, or of the one string that stands there."""
    found = _at(value, path)
    if isinstance(found, str):
        return [found]
    return [item for item in found if isinstance(item, str)] if isinstance(found, list) else []


def flag(value: Any, *path: str) -> bool:
    """Tell whether ``true`` stands at `path`."""
    return _at(value, path) is True


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value
