"""``yarn.lock`` of Yarn 1 (its own notation) and of Yarn 2 and later ("berry", YAML).

Both name an entry by the requests that it answers (``debug@^4.1.0, debug@^4.3.1``). Yarn 1 does not say what the project itself
requires, package.json beside it does; berry lists the workspaces.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from seawall.formats.lockfile_text import decode_yaml, key_lines, split_lines
from seawall.formats.lockfiles.declared import in_package_json
from seawall.formats.package_list import PackageList, collect
from seawall.formats.packages.node import add_npm
from seawall.formats.untyped import table, text
from seawall.model.package import ParsedPackages

_OWN = ("workspace:", "link:", "portal:", "file:", ".", "/")
"""How a request begins that means code of the repository."""


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the locked packages and what requires what."""
    return collect(path, data, lambda packages, content: _read(packages, content, None))


def says_all(data: bytes) -> bool:
    """Tell whether it is Yarn's of today, which says itself what is required directly."""
    return b"__metadata:" in data


def parse_with(path: str, data: bytes, beside: bytes) -> ParsedPackages:
    """Return the same; `beside` is package.json, which says what is required directly."""
    declared = in_package_json(beside)
    return collect(path, data, lambda packages, content: _read(packages, content, declared))


def _read(packages: PackageList, data: bytes, declared: Mapping[str, str] | None) -> None:
    if says_all(data):
        _read_berry(packages, data)
    else:
        _read_classic(packages, data, declared)


class _Entry(msgspec.Struct):
    """An entry of Yarn 1, as far as it was read."""

    requests: list[str]
    line: int
    version: str = ""
    wants: list[str] = []


def _read_classic(packages: PackageList, data: bytes, declared: Mapping[str, str] | None) -> None:
    entries: list[_Entry] = []
    section = ""
    for number, line in enumerate(split_lines(data), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        indent = len(line) - len(line.lstrip(" "))
        if indent == 0:
            requests = [_unquote(part) for part in stripped.removesuffix(":").split(",")]
            entries.append(_Entry(requests, number))
            section = ""
            continue
        if not entries:
            packages.refuse("is no yarn.lock: a field stands before the first entry", number)
            return
        key, value = _pair(stripped)
        if indent == 2:
            section = key if stripped.endswith(":") else ""
            if key == "version":
                entries[-1].version = value
        elif section in ("dependencies", "optionalDependencies"):
            entries[-1].wants.append(f"{key}@{value}")
    numbers: dict[str, int] = {}
    for entry in entries:
        name = _name(entry.requests[0])
        if entry.requests[0][1:].partition("@")[2].startswith(_OWN):
            continue
        if not name or not entry.version:
            packages.refuse("an entry has no name or no version", entry.line)
            continue
        numbers.update(dict.fromkeys(entry.requests, add_npm(packages, name, entry.version, line=entry.line)))
    for entry in entries:
        parent = numbers.get(entry.requests[0], -1)
        for want in entry.wants:
            packages.require(parent, numbers.get(want, -1))
    if declared is not None:
        packages.rooted = True
        for name, wanted in declared.items():
            packages.root(numbers.get(f"{name}@{wanted}", -1))


def _pair(text_: str) -> tuple[str, str]:
    if text_.startswith('"'):
        end = text_.find('"', 1)
        return (text_[1:end], _unquote(text_[end + 1 :])) if end > 0 else (text_, "")
    key, _, value = text_.partition(" ")
    return key.removesuffix(":"), _unquote(value)


def _unquote(text_: str) -> str:
    return text_.strip().strip('"')


def _name(request: str) -> str:
    """Return the name of ``name@range``; an alias (``a@npm:b@^1``) is what it stands for."""
    at = request.find("@", 1)
    name, wanted = (request[:at], request[at + 1 :]) if at > 0 else (request, "")
    if wanted.startswith("npm:"):
        inner = wanted.find("@", 5)
        return wanted[4:inner] if inner > 0 else name
    return name


def _read_berry(packages: PackageList, data: bytes) -> None:
    lines = key_lines(data)
    entries = [
        (key, entry)
        for document in decode_yaml(packages, data)
        for key, entry in table(document).items()
        if key != "__metadata"
    ]
    numbers: dict[str, int] = {}
    own = set()
    for key, entry in entries:
        requests = [request.strip() for request in key.split(",")]
        resolution, version = text(entry, "resolution"), text(entry, "version")
        at = resolution.find("@", 1)
        name = resolution[:at] if at > 0 else ""
        if resolution[at + 1 :].startswith(_OWN):
            own.add(key)
            continue
        if not name or not version:
            packages.refuse("an entry has no resolution or no version", lines.get(key, 0))
            continue
        numbers.update(dict.fromkeys(requests, add_npm(packages, name, version, line=lines.get(key, 0))))
    packages.rooted = bool(own)
    for key, entry in entries:
        parent = numbers.get(key.partition(",")[0].strip(), -1)
        for name, wanted in _wants(entry):
            child = next(
                (numbers[key_] for key_ in (f"{name}@{wanted}", f"{name}@npm:{wanted}") if key_ in numbers), -1
            )
            if key in own:
                packages.root(child)
            else:
                packages.require(parent, child)


def _wants(entry: Any) -> list[tuple[str, str]]:
    wants = {**table(entry, "dependencies"), **table(entry, "optionalDependencies")}
    return [(name, str(wanted)) for name, wanted in wants.items() if isinstance(wanted, (str, int, float))]
