"""Alpine's security database: for each release and repository, which version of a package fixed what. JSON or YAML.

Wolfi and Chainguard publish in this format too; they have no releases, and the address of their packages says whose it is.

Its records become advisories with OSV's name for them (``ALPINE-CVE-2019-14904``), one for each package and flaw. All versions
before the fix are affected; "fixed" in version 0 says that Alpine's package never was.
"""

from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from seawall.formats.advisories.yaml_values import YamlRefused, read_strings
from seawall.model.advisory import Advisory, Affected, ParsedAdvisories, Range
from seawall.model.resource import Unscanned

MAX_FILE: Final = 64 * 1024 * 1024
"""Largest file that is read; those of Alpine are under 1 MB."""


class _Package(msgspec.Struct):
    name: str
    secfixes: dict[str, list[str] | None] | None = None


class _Entry(msgspec.Struct):
    pkg: _Package


class _Database(msgspec.Struct):
    distroversion: str = ""
    reponame: str = ""
    urlprefix: str = ""
    packages: list[Any] | None = None


def read_secdb(path: str, data: bytes) -> ParsedAdvisories:
    """Read one file. A package that cannot be read is `unscanned` and does not hide the others."""
    if len(data) > MAX_FILE:
        return ParsedAdvisories((), (Unscanned(path, f"larger than the {MAX_FILE} bytes that are read"),))
    try:
        value = msgspec.json.decode(data) if data.lstrip()[:1] == b"{" else read_strings(data)
        database = msgspec.convert(value, _Database)
    except (msgspec.MsgspecError, YamlRefused, UnicodeDecodeError, RecursionError) as error:
        return ParsedAdvisories((), (Unscanned(path, f"no Alpine security database: {error}"),))
    whose = _whose(database)
    if whose is None:
        return ParsedAdvisories((), (Unscanned(path, "a security database of a distribution that is not known"),))
    source, ecosystems = whose
    advisories: list[Advisory] = []
    unscanned: list[Unscanned] = []
    for entry in database.packages or ():
        try:
            package = msgspec.convert(entry, _Entry).pkg
        except msgspec.MsgspecError as error:
            unscanned.append(Unscanned(path, f"a package that cannot be read: {error}"))
            continue
        for fixed, names in (package.secfixes or {}).items():
            if fixed != "0":
                timeline = (Range((("introduced", "0"), ("fixed", fixed))),)
                affected = tuple(Affected(ecosystem, package.name, timeline) for ecosystem in ecosystems)
                advisories += (_advisory(line, affected) for line in names or () if line.split())
    return ParsedAdvisories(advisories, unscanned, source=source)


def _whose(database: _Database) -> tuple[str, tuple[str, ...]] | None:
    """Return the name of the source and the ecosystems that it speaks for, or None where nobody knows."""
    if database.distroversion:
        repository = f"/{database.reponame}" if database.reponame else ""
        return f"alpine/{database.distroversion}{repository}", (f"Alpine:{database.distroversion}",)
    host = urlsplit(database.urlprefix).hostname or ""
    if host == "packages.wolfi.dev":
        return "wolfi", ("Wolfi", "Chainguard")  # Chainguard's images hold Wolfi's packages too
    if host == "packages.cgr.dev":
        return "chainguard", ("Chainguard",)
    return None


def _advisory(line: str, affected: tuple[Affected, ...]) -> Advisory:
    """A line names a flaw, and sometimes more names of it: ``CVE-2019-17349 XSA-295``."""
    names = tuple(name for name in line.split() if "-" in name)
    first = names[0] if names else line.split()[0]
    owner = affected[0].ecosystem.partition(":")[0].upper()
    return Advisory(f"{owner}-{first}", aliases=names or (first,), affected=affected)
