"""Where a text speaks of a package: as an import of JavaScript, or by its name.

The unneeded dependency is an advice to remove something. Whoever follows a wrong one breaks a system, so all of this errs
to the side of "used": names in strings, scripts and configurations count, and only comments do not.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from seawall.formats.package_list import MAX_TEXT
from seawall.model.dependency_use import Declared
from seawall.model.resource import Unscanned

_HASH_COMMENTS: Final = re.compile(r"^[ \t]*#(?!!).*$", re.MULTILINE)
_SLASH_COMMENTS: Final = re.compile(r"^[ \t]*//[^\n]*|^[ \t]*/\*.*?\*/", re.MULTILINE | re.DOTALL)
_NAME_CHARACTERS: Final = r"[A-Za-z0-9_.@-]"
_SEPARATORS: Final = re.compile(r"[-_.]+")
_REQUIREMENT: Final = re.compile(r"[ \t]*([A-Za-z0-9][A-Za-z0-9._-]*)[ \t]*(?:\[[^\]]*\])?[ \t]*(==)?")
_FREEZE_LINES: Final = 8
SCRIPTS: Final = frozenset({"js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte", "astro"})
"""Endings of files in which packages are imported by a quoted name."""


def normalise(name: str) -> str:
    """Return PyPI's one spelling of a name. Source: PEP 503."""
    return _SEPARATORS.sub("-", name).lower()


def without_comments(ending: str, text: str) -> str:
    """Return `text` without the comments that begin a line; `ending` is that of the file's name.

    A comment after code stays: telling it from a ``//`` in a string or a regular expression takes a parser a language.
    """
    if ending in SCRIPTS:
        return _SLASH_COMMENTS.sub("", text)
    if ending in ("json", "html", "xml", "md", "txt", "css", "scss", "less"):
        return text
    return _HASH_COMMENTS.sub("", text)


class Names:
    """Looks for many packages' names in many texts, each until it was found once."""

    def __init__(self, names: Mapping[str, Iterable[str]], *, quoted: bool) -> None:
        """`names` are the spellings of each package. `quoted`: only where a quote (or webpack's ``!``) stands before it."""
        self._before = "[\"'`!]" if quoted else f"(?<!{_NAME_CHARACTERS})"
        self._after = "(?=[\"'`/?!])" if quoted else f"(?!{_NAME_CHARACTERS.replace('.', '')})"
        self._wanted: dict[str, dict[str, re.Pattern[str]]] = {
            package: {spelling.lower(): self._pattern(spelling.lower()) for spelling in spellings}
            for package, spellings in names.items()
        }

    def _pattern(self, spelling: str) -> re.Pattern[str]:
        return re.compile(f"{self._before}{re.escape(spelling)}{self._after}", re.ASCII)

    @property
    def all_found(self) -> bool:
        """Whether every package was found."""
        return not self._wanted

    def find(self, text: str) -> list[str]:
        """Return the packages that `text` is the first to name; capital letters are like small ones."""
        lower = text.lower()
        found = [
            package
            for package, patterns in self._wanted.items()
            # Nearly every text lacks nearly every name, and `in` tells that ten times as fast as a pattern.
            if any(spelling in lower and pattern.search(lower) for spelling, pattern in patterns.items())
        ]
        for package in found:
            del self._wanted[package]
        return found


def read_package_json(path: str, data: bytes) -> tuple[list[Declared], str, list[Unscanned]]:
    """Return what a ``package.json`` declares to need at run time, and the rest of it as a text to look for names in."""
    try:
        manifest = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return [], "", [Unscanned(path, f"is no JSON: {error}")]
    if not isinstance(manifest, dict) or not isinstance(manifest.get("dependencies", {}), dict):
        return [], "", [Unscanned(path, "is no package.json: its dependencies are no object")]
    lines = _json_key_lines(data.decode("utf-8", "replace"))
    declared = [
        Declared(path, lines.get(name, 1), "npm", name)
        for name, wanted in manifest.get("dependencies", {}).items()
        if isinstance(wanted, str)
        and len(name) <= MAX_TEXT
        and not _is_local(wanted)
        and not name.startswith("@types/")
    ]
    rest: dict[str, Any] = {
        key: value
        for key, value in manifest.items()
        if not key.lower().endswith("dependencies")
        and key not in ("name", "description", "keywords", "resolutions", "overrides", "peerDependenciesMeta")
    }
    return declared, msgspec.json.encode(rest).decode(), []


def _is_local(wanted: str) -> bool:
    """A package of the same repository is no third-party dependency."""
    return wanted.startswith(("workspace:", "file:", "link:", "portal:"))


def _json_key_lines(text: str) -> dict[str, int]:
    """The line of each key of the object ``dependencies``; JSON writes a key once, so the first after its brace is meant."""
    start = re.search(r'"dependencies"\s*:\s*\{', text)
    if start is None:
        return {}
    lines: dict[str, int] = {}
    number = text.count("\n", 0, start.end()) + 1
    at = start.end()
    for match in re.finditer(r'"((?:[^"\\]|\\.)*)"\s*:|\}', text[at:]):
        if match[1] is None:
            break
        lines.setdefault(match[1], number + text.count("\n", at, at + match.start()))
    return lines


def read_loaders(data: bytes) -> dict[str, set[str]]:
    """Return, for each package of a ``package-lock.json`` (v2, v3) that others ask to be there (peers), who asks.

    What is no such file says nothing: that it cannot be read is told where it is read as a lock file.
    """
    try:
        lock = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    packages = lock.get("packages") if isinstance(lock, dict) else None
    asked: dict[str, set[str]] = {}
    for place, package in packages.items() if isinstance(packages, dict) else ():
        peers = package.get("peerDependencies") if isinstance(package, dict) and place else None
        for peer in peers if isinstance(peers, dict) else ():
            asked.setdefault(peer, set()).add(place.rpartition("node_modules/")[2])
    return asked


def read_commands(data: bytes) -> dict[str, set[str]]:
    """Return the commands that the packages of a ``package-lock.json`` install, for those whose command is not their name."""
    try:
        lock = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    packages = lock.get("packages") if isinstance(lock, dict) else None
    commands: dict[str, set[str]] = {}
    for place, package in packages.items() if isinstance(packages, dict) else ():
        bins = package.get("bin") if isinstance(package, dict) else None
        if isinstance(bins, dict):
            commands.setdefault(place.rpartition("node_modules/")[2], set()).update(map(str, bins))
    return commands


def is_frozen(text: str) -> bool:
    """Whether a requirements file is what ``pip freeze`` or a compiler wrote: all that is installed, not what is wanted.

    It lists what others need too, and nothing in it tells which.
    """
    if re.search(r"^\s*# +via\b|--hash=", text, re.MULTILINE):
        return True
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", "-"))]
    pinned = [match for line in lines if (match := _REQUIREMENT.match(line)) and match[2]]
    names = [normalise(match[1]) for match in pinned]
    return len(lines) >= _FREEZE_LINES and len(pinned) == len(lines) and names == sorted(names)


def requirement_line(text: str, name: str) -> int:
    """Return the line of a ``requirements.txt`` or ``pyproject.toml`` that names `name`, 1 where none does."""
    spelling = "[-_.]+".join(map(re.escape, normalise(name).split("-")))
    found = re.search(rf"^[ \t]*[\"']?(?<![\w.-]){spelling}(?![\w.-])", text, re.IGNORECASE | re.MULTILINE)
    found = found or re.search(rf"[\"'\[,][ \t]*{spelling}(?![\w.-])", text, re.IGNORECASE)
    return text.count("\n", 0, found.end()) + 1 if found else 1
