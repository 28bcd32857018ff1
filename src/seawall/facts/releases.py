"""What advisories call a release of a distribution, and what os-release calls it: one name for both.

    ecosystems_of("Red Hat", "rhel:9.4")                      # ("Red Hat", "Red Hat:9")
    release_of("Red Hat:enterprise_linux:9::appstream")       # "Red Hat:9"

OSV's ecosystems carry the publisher's own word for a release: a number, ``v3.20``, a CPE, the name of a module. What is about a
product that is no release of an operating system (OpenShift, SUSE Manager, extended support) keeps its own name, and no package
that was found matches it, nor does what is built by others from a distribution (Root, TuxCare, Docker Hardened Images). Where
os-release does not say enough nothing matches, and that is reported as not covered.

The address of a repository is no release: files do not say from which one a package came (``Maven:https://maven.google.com``).
"""

import re
from functools import lru_cache
from typing import Final

_RED_HAT: Final = re.compile(r"enterprise_linux:([0-9]+)(?:\.[0-9]+)?(?:::.*)?")
_SUSE: Final = re.compile(
    r"Linux Enterprise (?!Micro|Live Patching|.*Teradata).*?\b([0-9]+)(?: SP([0-9]+))?(?:-[A-Za-z-]+)?"
)
_LEAP: Final = re.compile(r"Leap ([0-9]+\.[0-9]+)")


def ecosystems_of(ecosystem: str, distro: str) -> tuple[str, ...]:
    """Return the names of an ecosystem at a release: ``("Debian", "Debian:12")`` of ``debian:12.5``."""
    identity, _, release = distro.partition(":")
    if ecosystem == "openSUSE" and identity.endswith("tumbleweed"):
        return ecosystem, "openSUSE:Tumbleweed"  # its version is the day of the snapshot
    if not release:
        # Debian's testing and unstable have no number.
        return (ecosystem, "Debian:unstable") if ecosystem == "Debian" and distro else (ecosystem,)
    parts = release.split(".")
    match ecosystem:
        case "Alpine":
            # Edge calls itself after the release that it becomes: 3.24.0_alpha20251224.
            return ecosystem, "Alpine:edge" if "_alpha" in release else f"Alpine:v{'.'.join(parts[:2])}"
        case "Ubuntu":
            return ecosystem, f"Ubuntu:{release}", f"Ubuntu:{release}:LTS"
        case "Debian" | "Red Hat" | "Rocky Linux" | "AlmaLinux" | "Azure Linux":
            return ecosystem, f"{ecosystem}:{parts[0]}"
        case _:
            return ecosystem, f"{ecosystem}:{release}"


@lru_cache(maxsize=4096)
def release_of(ecosystem: str) -> str:
    """Return the name that `ecosystems_of` has for the ecosystem of an advisory's entry."""
    name, _, release = ecosystem.partition(":")
    match name:
        case "Red Hat" if found := _RED_HAT.fullmatch(release):
            return f"Red Hat:{found[1]}"
        case "SUSE" if found := _SUSE.fullmatch(release):
            return f"SUSE:{found[1]}.{found[2]}" if found[2] else f"SUSE:{found[1]}"
        case "Maven" | "Packagist" | "VSCode":
            return name
        case "openSUSE" if found := _LEAP.fullmatch(release):
            return f"openSUSE:{found[1]}"
        case _:
            return ecosystem
