"""Which distribution an image is: ``etc/os-release`` (os-release(5)), read as the shell assignments that it is."""

import re

from seawall.formats.lockfile_text import split_lines
from seawall.model.package import Distro

_ESCAPED = re.compile(r"\\(.)")
_OPENEULER = re.compile(r"openEuler (\d+\.\d+)(?: \(([A-Za-z0-9-]+)\))?", re.IGNORECASE)
_ALPINE_RELEASE = re.compile(r"(\d+\.\d+)")
MAX_LINES = 1000
"""Most lines that are read: real ones have about twenty."""


def parse_os_release(data: bytes) -> Distro | None:
    """Return the distribution, or None where the file names none.

    `version` is what advisories are published for: ``12`` of Debian, ``24.04`` of Ubuntu, ``3.20`` of Alpine, ``9`` of Red Hat's
    family, ``24.03-LTS-SP1`` of openEuler, empty for rolling distributions such as Wolfi.
    """
    fields: dict[str, str] = {}
    for line in split_lines(data)[:MAX_LINES]:
        key, equals, value = line.strip().partition("=")
        if equals and not key.startswith("#"):
            fields[key] = _unquote(value)
    identity = fields.get("ID", "").lower()
    if not identity:
        return None
    version = fields.get("VERSION_ID", "")
    if identity == "openeuler" and (found := _OPENEULER.match(fields.get("PRETTY_NAME", ""))):
        version = "-".join(part for part in found.groups() if part)  # only this field says which service pack it is
    return Distro(
        identity,
        release_of(identity, version),
        tuple(fields.get("ID_LIKE", "").lower().split()),
        fields.get("PRETTY_NAME", "") or fields.get("NAME", ""),
        fields.get("VERSION_CODENAME", ""),
    )


_MAJOR_ONLY = frozenset(("debian", "rhel", "centos", "rocky", "almalinux", "ol", "fedora", "amzn", "mariner"))
_ROLLING = frozenset(("wolfi", "chainguard", "arch", "opensuse-tumbleweed", "void"))


def release_of(identity: str, version: str) -> str:
    """Return the release that advisories are published for, from the version that the distribution `identity` calls its own."""
    if identity in _ROLLING:
        return ""
    if identity == "alpine":  # 3.20.3 -> 3.20; the edge of development keeps its date-less name
        found = _ALPINE_RELEASE.match(version)
        return found[1] if found and "_alpha" not in version else "edge"
    if identity in _MAJOR_ONLY and identity != "mariner":
        return version.partition(".")[0]
    return version


def _unquote(value: str) -> str:
    value = value.strip()
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1] if value[0] == "'" else _ESCAPED.sub(r"\1", value[1:-1])
    return value
