"""``requirements.txt``, as pip reads it: what is pinned, and what is not.

A pin is ``==`` or ``===`` with one version without ``*``. A requirement without a pin is a package whose version is unknown.
Files that it includes (``-r``) are not opened: one whose name says what it is gets scanned by itself, another is a problem that
names it. Constraints (``-c``) require nothing and are left out, as are hashes, markers, extras and options.
"""

import re

from seawall.formats.lockfile_text import split_lines
from seawall.formats.lockfiles.python_names import name_of
from seawall.formats.package_files import kind_of
from seawall.formats.package_list import PackageList, collect
from seawall.model.package import ParsedPackages

_PIN = re.compile(r"===?\s*([^\s,;*=<>!~#]+)\s*(?:#|\Z)")
_FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\s*(?:\[[^\[\]]*\]\s*)?(?:[<>=!~(]|\Z)")
_EXTRAS = re.compile(r"\[[^\[\]]*\]")
_VIA = "# via"


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the required packages. Where pip-compile or uv wrote who requires each, that is read from their comments."""
    return collect(path, data, _read)


def _read(packages: PackageList, data: bytes) -> None:
    numbers: dict[str, int] = {}
    requirers: list[tuple[int, str]] = []
    current = -1
    for line, text in _logical_lines(data):
        stripped = text.strip()
        if stripped.startswith("#"):
            requirers += [(current, name) for name in _via(stripped)]
            continue
        body, _, comment = _without_comment(stripped)
        if not body:
            continue
        if body.startswith("-"):
            _refuse_option(packages, body, line)
            continue
        current = _add(packages, body, line)
        if current >= 0:
            numbers.setdefault(name_of(body), current)
        requirers += [(current, name) for name in _via(f"#{comment}")] if comment else []
    compiled = any(name for _, name in requirers)
    for child, name in requirers:
        parent = numbers.get(name_of(name), -1)
        # ``-r requirements.in`` and ``tide (pyproject.toml)`` are what was compiled: what they require is direct.
        if compiled and (name.startswith("-") or "(" in name):
            packages.root(child)
        elif parent >= 0:
            packages.require(parent, child)


def _add(packages: PackageList, body: str, line: int) -> int:
    requirement = re.split(r"\s--|;", body, maxsplit=1)[0].strip()
    name, at, _ = requirement.partition(" @ ") if " @ " in requirement else (requirement, "", "")
    if "://" in name or name.startswith((".", "/")) or name.endswith((".whl", ".tar.gz", ".zip")):
        packages.refuse(
            f"requires a file or an address, whose name and version are not stated: {requirement[:100]}", line
        )
        return -1
    plain = name_of(name)
    if not plain or not _FORM.match(name):
        packages.refuse(f"is no requirement: {requirement[:100]!r}", line)
        return -1
    shown = re.match(r"[A-Za-z0-9._-]*[A-Za-z0-9]", name)
    wanted = _EXTRAS.sub("", name, count=1)
    found = None if at or "," in wanted else _PIN.search(wanted)
    return packages.add("pypi", shown[0] if shown else plain, found[1] if found else "", line=line)


def _refuse_option(packages: PackageList, body: str, line: int) -> None:
    """Say what an option requires that is not named here. Options about indexes and builds require nothing."""
    option, _, value = body.replace("=", " ", 1).partition(" ")
    if option in ("-e", "--editable") and "://" in value:
        packages.refuse(f"requires a checkout, whose name and version are not stated: {value.strip()[:100]}", line)
    if option in ("-r", "--requirement"):
        folder = packages.path.rpartition("/")[0]
        if kind_of(f"{folder}/{value.strip()}") is None:
            packages.refuse(
                f"includes {value.strip()[:100]!r}, which is not scanned: its name does not say what it is", line
            )


def _logical_lines(data: bytes) -> list[tuple[int, str]]:
    """Join lines that end with a backslash, as pip does; a comment line ends such a line."""
    joined: list[tuple[int, str]] = []
    parts: list[str] = []
    start = 0
    for number, line in enumerate(split_lines(data), 1):
        if not parts:
            start = number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            parts.append(line[:-1])
            continue
        parts.append(line)
        joined.append((start, " ".join(parts)))
        parts = []
    if parts:
        joined.append((start, " ".join(parts)))
    return joined


def _without_comment(text: str) -> tuple[str, str, str]:
    at = text.find(" #")
    return (text[:at].strip(), "#", text[at + 2 :]) if at >= 0 else (text, "", "")


def _via(comment: str) -> list[str]:
    """Return what a comment names as requirers: ``# via flask``, or a line of its own below ``# via``."""
    text = comment.lstrip("#").strip()
    if text == "via" or text.startswith("via "):
        return [part.strip() for part in text[3:].split(",") if part.strip()]
    # Below a bare ``# via`` stand the requirers one a line, indented by three spaces.
    return [text] if comment.startswith("#   ") and text else []
