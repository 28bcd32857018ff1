"""Debian packages as dpkg lists them: ``var/lib/dpkg/status``, and one stanza a file in ``status.d`` (distroless images).

A package counts when it is unpacked in whatever state (dpkg(1), package states); one of which only configuration files are
left (``config-files``) or nothing (``not-installed``) does not. ``Source: name (version)`` names the source package that
advisories speak of; where it is absent, the binary package has its source's name and version.
"""

from seawall.formats.package_list import PackageList, collect
from seawall.formats.packages.stanzas import stanzas
from seawall.model.package import ParsedPackages

_FIELDS = frozenset(("package", "version", "architecture", "source", "status"))
_ABSENT = frozenset(("config-files", "not-installed"))


def parse(path: str, data: bytes) -> ParsedPackages:
    """Return the installed packages; the purl says Debian until the distribution is known."""
    return collect(path, data, _read)


def _read(packages: PackageList, data: bytes) -> None:
    for stanza in stanzas(data, _FIELDS):
        if stanza.get("status", "ok").rpartition(" ")[2] in _ABSENT:
            continue
        name, version = stanza.get("package", ""), stanza.get("version", "")
        if not name or not version:
            packages.refuse("a stanza has no Package or no Version", stanza.line)
            continue
        source, _, rest = stanza.get("source", name).partition(" ")
        architecture = stanza.get("architecture", "")
        packages.add(
            "deb",
            name,
            version,
            namespace="debian",
            shown=name,
            line=stanza.line,
            qualifiers={"arch": architecture},
            source_name=source or name,
            source_version=rest.strip().strip("()") or version,
            architecture=architecture,
        )
