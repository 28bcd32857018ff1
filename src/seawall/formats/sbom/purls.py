"""What a package URL says beyond type, name and version: ecosystem, distribution, architecture, source package.

The qualifiers are those of the purl types (``arch``, ``distro``, ``epoch``) and of Syft (``upstream``). Distributions are
written in many ways: ``debian-12``, ``debian-12.5``, ``alpine-3.20.3``, and by Trivy for apk ``3.20.3`` alone.
"""

from functools import lru_cache

import msgspec

from seawall.formats.package_list import ECOSYSTEMS
from seawall.formats.packages.distributions import ecosystem_of
from seawall.formats.packages.os_release import release_of
from seawall.formats.purl import Purl, PurlError, parse
from seawall.model.package import Distro

DISTRIBUTED = frozenset(("deb", "apk", "rpm"))
"""The purl types of distributions' packages."""

_IDS = {"redhat": "rhel", "oracle": "ol", "oraclelinux": "ol", "amazon": "amzn", "suse": "sles"}
"""Namespaces and spellings of other tools -> the id of os-release."""


class Description(msgspec.Struct, frozen=True):
    """What a purl says of its package. `distro` is that of `Package.distro`; `upstream` is as written (``name@version``)."""

    ecosystem: str = ""
    distro: str = ""
    architecture: str = ""
    upstream: str = ""


def describe(text: str) -> Description:
    """Return what the purl `text` says; nothing for what is no purl."""
    try:
        return describe_purl(parse(text))
    except PurlError:
        return Description()


def describe_purl(purl: Purl) -> Description:
    """Return what `purl` says."""
    if purl.type not in DISTRIBUTED:
        return Description(ECOSYSTEMS.get(purl.type, ""))
    qualifiers = dict(purl.qualifiers)
    distro = distro_of(qualifiers.get("distro", ""), purl.namespace)
    return Description(
        ecosystem_of(distro) if distro is not None else ECOSYSTEMS[purl.type],
        distro.key if distro is not None else "",
        qualifiers.get("arch", ""),
        qualifiers.get("upstream", ""),
    )


@lru_cache(maxsize=256)
def distro_of(qualifier: str, namespace: str) -> Distro | None:
    """Return the distribution that a ``distro`` qualifier names, with the release that advisories speak of, or None."""
    if not qualifier:
        return None
    identity, dash, version = qualifier.rpartition("-")
    if qualifier.startswith("openeuler-"):  # its releases have dashes: 24.03-LTS-SP1
        identity, dash, version = qualifier.partition("-")
    if qualifier[:1].isdigit():
        identity, version = namespace, qualifier
    elif not dash or not (version[:1].isdigit() or version == "edge"):
        identity, version = qualifier, ""
    return named_distro(identity, version)


def named_distro(identity: str, version: str, name: str = "") -> Distro | None:
    """Return the distribution that somebody calls `identity`, and people `name`; None where the first is empty."""
    identity = "-".join(identity.lower().split())
    identity = _IDS.get(identity, identity)
    return Distro(identity, release_of(identity, version), name=name) if identity else None
