"""Which files say something about packages, and which parser reads each.

An image has tens of thousands of files and nearly none is wanted, so `kind_of` costs two or three look-ups in a dict, by the base
name, its suffix and its folder. Executables are told by their first bytes instead (`packages.executables.is_executable`), and
read as the kind ``binaries``.

    kind = kind_of("var/lib/dpkg/status")            # Kind("packages.dpkg", …)
    parsed = read(kind, "var/lib/dpkg/status", data)

Some lock files say only half, and another file in the same folder the rest: `completed_by` names it, `read` takes it `beside`.
"""

from collections.abc import Callable, Mapping
from importlib import import_module

import msgspec

from seawall.model.package import ParsedPackages


class Kind(msgspec.Struct, frozen=True):
    """One kind of file: `parser` is its module below `seawall.formats`.

    `installed`: it lists what is there (for images), not what somebody asked for (for repositories). `within` are the folders
    that its path must end with; empty: anywhere. ``node_modules/*`` stands for a package's own folder, with its scope or without.
    `beside` is the name of the file in the same folder that may be needed with it.
    """

    parser: str
    installed: bool
    within: tuple[str, ...] = ()
    beside: str = ""


def _installed(parser: str, *within: str) -> Kind:
    return Kind(f"packages.{parser}", True, within)


def _locked(parser: str, beside: str = "") -> Kind:
    return Kind(f"lockfiles.{parser}", False, beside=beside)


_RPM = _installed("rpm", "var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm")
BINARY = _installed("binaries")
"""Executables: any name."""

_INSTALLED_NODE = "node_modules/*"

_BY_NAME: Mapping[str, Kind] = {
    "METADATA": _installed("python", ".dist-info"),
    "PKG-INFO": _installed("python", ".egg-info", "EGG-INFO"),
    "Packages": _RPM,
    "Packages.db": _RPM,
    "rpmdb.sqlite": _RPM,
    "installed": _installed("apk", "lib/apk/db"),
    "installed.json": _installed("php", "composer"),
    "package.json": _installed("node", _INSTALLED_NODE),
    "status": _installed("dpkg", "var/lib/dpkg"),
    "Cargo.lock": _locked("cargo"),
    "Gemfile.lock": _locked("gemfile"),
    "Pipfile.lock": _locked("pipfile", beside="Pipfile"),
    "composer.lock": _locked("composer", beside="composer.json"),
    "gems.locked": _locked("gemfile"),
    "go.mod": _locked("go_mod", beside="go.sum"),
    "gradle.lockfile": _locked("gradle"),
    "buildscript-gradle.lockfile": _locked("gradle"),
    "npm-shrinkwrap.json": _locked("npm", beside="package.json"),
    "package-lock.json": _locked("npm", beside="package.json"),
    "packages.lock.json": _locked("nuget"),
    "pdm.lock": _locked("pdm", beside="pyproject.toml"),
    "pnpm-lock.yaml": _locked("pnpm"),
    "poetry.lock": _locked("poetry", beside="pyproject.toml"),
    "pom.xml": _locked("maven"),
    "pylock.toml": _locked("pylock"),
    "uv.lock": _locked("uv"),
    "yarn.lock": _locked("yarn", beside="package.json"),
}
_BY_SUFFIX: Mapping[str, Kind] = {
    **{
        suffix: _installed("java") for suffix in ("jar", "war", "ear", "sar", "par", "jpi", "hpi", "lpkg", "kar", "nar")
    },
    "egg-info": _installed("python"),
    "gemspec": _installed("ruby", "specifications", "specifications/default"),
}
_JUDGED_BY_MORE = frozenset(("json", "txt", "in", "toml", "lockfile"))
_DOTNET = _installed("dotnet")
_DPKG = _installed("dpkg")
_REQUIREMENTS = _locked("requirements")
_PYLOCK = _locked("pylock")


def kind_of(path: str) -> Kind | None:
    """Return the kind of the file at `path` (``/`` between folders), or None where its name says nothing of packages."""
    folder, _, name = path.rpartition("/")
    return kind_in(folder, name)


def kind_in(folder: str, name: str) -> Kind | None:
    """Return the kind of the file `name` in `folder`, as `kind_of` does."""
    kind = _BY_NAME.get(name)
    if kind is None:
        _, dot, suffix = name.rpartition(".")
        if not dot:
            suffix = ""
        kind = _BY_SUFFIX.get(suffix)
        if kind is None:
            if suffix in _JUDGED_BY_MORE:
                return _by_more(folder, name, suffix)
            # Distroless images: one file a package, named after it; *.md5sums lie beside them.
            return _DPKG if folder.endswith("dpkg/status.d") and suffix != "md5sums" else None
    if not kind.within:
        return kind
    return kind if any(_lies(folder, place) for place in kind.within) else None


def _by_more(folder: str, name: str, suffix: str) -> Kind | None:
    """Return the kind of a file whose suffix says too little."""
    if suffix == "json":
        return _DOTNET if name.endswith(".deps.json") else None
    if suffix == "toml":
        return _PYLOCK if name.startswith("pylock.") else None
    if suffix == "lockfile":
        return _BY_NAME["gradle.lockfile"] if folder.endswith("dependency-locks") else None
    return _REQUIREMENTS if _is_requirements(folder, name) else None


def read(kind: Kind, path: str, data: bytes, beside: bytes | None = None) -> ParsedPackages:
    """Parse `data` as `kind`; `path` is how the user would name the file. Never raises for bad input.

    `beside` is the content of the file that `completed_by` names, where it is there.
    """
    if beside is None or not kind.beside:
        return parser(kind)(path, data)
    found: ParsedPackages = import_module(f"seawall.formats.{kind.parser}").parse_with(path, data, beside)
    return found


def completed_by(kind: Kind, data: bytes) -> str:
    """Return the name of the file in the same folder without which `data` says only half; empty where it says all.

    A parser whose files differ in that has a ``says_all(data)``; those of the others never say all.
    """
    if not kind.beside:
        return ""
    says_all = getattr(import_module(f"seawall.formats.{kind.parser}"), "says_all", None)
    return "" if says_all is not None and says_all(data) else kind.beside


def parser(kind: Kind) -> Callable[[str, bytes], ParsedPackages]:
    """Import and return the parser of `kind`."""
    found: Callable[[str, bytes], ParsedPackages] = import_module(f"seawall.formats.{kind.parser}").parse
    return found


def kinds() -> list[Kind]:
    """Return every kind once, in a stable order."""
    every = (*_BY_NAME.values(), *_BY_SUFFIX.values(), _DOTNET, _DPKG, _REQUIREMENTS, _PYLOCK, BINARY)
    return sorted(dict.fromkeys(every), key=lambda kind: (kind.parser, kind.within))


def _lies(folder: str, place: str) -> bool:
    if place is not _INSTALLED_NODE:
        return folder.endswith(place)
    # Packages carry other package.json files in their tests and builds: those install nothing.
    _, found, name = f"/{folder}".rpartition("/node_modules/")
    return bool(found) and name.count("/") == (1 if name.startswith("@") else 0)


def _is_requirements(folder: str, name: str) -> bool:
    """The convention of pip's users: ``requirements.txt``, ``dev-requirements.txt``, ``requirements/dev.txt``."""
    stem = name.rpartition(".")[0]
    if name.endswith(".in"):
        return False  # what pip-tools compiles: its output is beside it
    words = stem.replace("_", "-").replace(".", "-").split("-")
    return "requirements" in (words[0], words[-1]) or folder.rpartition("/")[2] == "requirements"
