"""What a distribution is called in purls and in OSV, and how its packages are told so.

A package database does not say which distribution it belongs to; os-release does. `place` brings the two together.
"""

from collections.abc import Iterable

import msgspec

from seawall.formats.purl import PurlError, make, parse
from seawall.model.package import Distro, Package

_ECOSYSTEMS = {
    "almalinux": "AlmaLinux",
    "alpaquita": "Alpaquita",
    "alpine": "Alpine",
    "azurelinux": "Azure Linux",
    "chainguard": "Chainguard",
    "debian": "Debian",
    "echo": "Echo",
    "mageia": "Mageia",
    "mariner": "Azure Linux",
    "minimos": "MinimOS",
    "openeuler": "openEuler",
    "opensuse": "openSUSE",
    "opensuse-leap": "openSUSE",
    "opensuse-tumbleweed": "openSUSE",
    "photon": "Photon OS",
    "rhel": "Red Hat",
    "rocky": "Rocky Linux",
    "sles": "SUSE",
    "ubuntu": "Ubuntu",
    "wolfi": "Wolfi",
}
OF_DISTRIBUTIONS = ("pkg:deb/", "pkg:apk/", "pkg:rpm/")
"""How the purls of distributions' packages begin."""

_NAMESPACES = {"rhel": "redhat", "ol": "oracle", "amzn": "amazon", "sles": "suse", "opensuse-leap": "opensuse"}


def ecosystem_of(distro: Distro) -> str:
    """Return the OSV ecosystem without its release; empty where OSV has none for the distribution."""
    return _ECOSYSTEMS.get(distro.id, "")


def place(packages: Iterable[Package], distro: Distro | None) -> list[Package]:
    """Return `packages` with those of the distribution told so: purl namespace and ``distro``, `ecosystem` and `distro`.

    The others stay as they are. Without a `distro` all stay, and nothing of a distribution can be matched with advisories.
    """
    if distro is None:
        return list(packages)
    ecosystem, qualifier = ecosystem_of(distro), f"{distro.id}-{distro.version}" if distro.version else distro.id
    namespace = _NAMESPACES.get(distro.id, distro.id)
    placed = []
    for package in packages:
        if package.purl.startswith(OF_DISTRIBUTIONS):
            read = parse(package.purl)
            try:
                purl = make(
                    read.type, namespace, read.name, read.version, {**dict(read.qualifiers), "distro": qualifier}
                )
            except PurlError:  # an os-release that names itself badly does not cost the package
                placed.append(package)
                continue
            package = msgspec.structs.replace(package, purl=str(purl), ecosystem=ecosystem, distro=distro.key)
        placed.append(package)
    return placed
