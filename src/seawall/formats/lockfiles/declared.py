"""What a project asks for itself: the file beside a lock file that does not tell direct from transitive.

Each function returns the names that the file declares, of whatever group, or None where it does not say: then nothing is called
direct, and nothing transitive. The lock file alone says which packages there are, so nothing here is unscanned.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Any

from seawall.formats.lockfile_text import decode_json, decode_toml
from seawall.formats.lockfiles.python_names import comparable, name_of
from seawall.formats.package_list import MalformedError, PackageList, collect
from seawall.formats.untyped import table, texts
from seawall.model.package import ParsedPackages

_NPM = ("dependencies", "devDependencies", "optionalDependencies")


def collect_with(
    path: str,
    data: bytes,
    read: Callable[[PackageList, bytes], None],
    declared: Collection[str] | None,
    compared: Callable[[str], str],
) -> ParsedPackages:
    """Return what `read` finds in `data`; a package whose `compared` name is `declared` is required directly."""

    def read_both(packages: PackageList, content: bytes) -> None:
        read(packages, content)
        if declared is not None:
            packages.root_where(lambda name: compared(name) in declared)

    return collect(path, data, read_both)


def in_pyproject(data: bytes) -> frozenset[str] | None:
    """Return the comparable names that ``pyproject.toml`` declares: PEP 621 and 735, Poetry's and PDM's own tables."""
    value = _toml(data)
    if value is None or not (table(value, "project") or table(value, "tool", "poetry")):
        return None
    if "dependencies" in texts(value, "project", "dynamic") and not table(value, "tool", "poetry", "dependencies"):
        return None  # a program of the build says them
    return frozenset(filter(None, (comparable(name) for name in _pyproject_names(value))))


def _pyproject_names(value: dict[str, Any]) -> Iterator[str]:
    groups = (
        *table(value, "project", "optional-dependencies").values(),
        *table(value, "dependency-groups").values(),
        *table(value, "tool", "pdm", "dev-dependencies").values(),
    )
    yield from map(name_of, texts(value, "project", "dependencies"))
    for group in groups:
        yield from map(name_of, texts(group))
    poetry = table(value, "tool", "poetry")
    yield from table(poetry, "dependencies")
    yield from table(poetry, "dev-dependencies")
    for group in table(poetry, "group").values():
        yield from table(group, "dependencies")


def in_pipfile(data: bytes) -> frozenset[str] | None:
    """Return the comparable names that a ``Pipfile`` declares; every table but its settings is a group of packages."""
    value = _toml(data)
    if value is None:
        return None
    settings = ("source", "requires", "scripts", "pipenv")
    return frozenset(comparable(name) for key in value if key not in settings for name in table(value, key))


def in_composer_json(data: bytes) -> frozenset[str] | None:
    """Return the names that ``composer.json`` requires, in small letters as Composer compares them."""
    value = _json(data)
    if value is None:
        return None
    return frozenset(name.lower() for key in ("require", "require-dev") for name in table(value, key))


def in_package_json(data: bytes) -> dict[str, str] | None:
    """Return what ``package.json`` asks for, name and range. None for one with workspaces: those ask for more, elsewhere."""
    value = _json(data)
    if value is None or "workspaces" in value:
        return None
    return {name: wanted for key in _NPM for name, wanted in table(value, key).items() if isinstance(wanted, str)}


def _toml(data: bytes) -> dict[str, Any] | None:
    try:
        return decode_toml(data)
    except (MalformedError, RecursionError):
        return None


def _json(data: bytes) -> dict[str, Any] | None:
    try:
        value = decode_json(data)
    except (MalformedError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
