"""Which files belong to a distribution's package, as its database says.

A distribution patches what it packages: a Python or Node package that it installed is covered by the distribution's advisories,
and its upstream version says nothing of what was fixed. So such a package is a part of the distribution's one.

That holds for packages that the distribution itself publishes. Those of others (Docker's, NodeSource's) are installed by the same
programs, and no advisory of the distribution speaks of them; so only packages are owners whose maintainer or vendor is the
distribution's. Where that cannot be told, a package is no owner, and what it brings counts.

dpkg keeps a list of paths a package (``var/lib/dpkg/info/NAME[:ARCH].list``), distroless images the sums of its files
(``status.d/NAME.md5sums``), apk the folders and files behind each package (``F:`` and ``R:`` lines of ``installed``),
and rpm has them in each header.
"""

import re
from collections.abc import Iterator

from seawall.formats.package_list import MalformedError
from seawall.formats.packages.rpm import headers
from seawall.formats.packages.rpm_headers import installed_files, vendor_of

_DPKG_LISTS = "var/lib/dpkg/info"
_DISTROLESS = "var/lib/dpkg/status.d"


_MAINTAINER = re.compile(rb"@(?:[\w-]+\.)*(?:debian\.(?:org|net)|ubuntu\.com|canonical\.com)>")
"""Addresses of Debian's and Ubuntu's teams and developers. Some developers use one of their own: see above."""

_VENDORS = re.compile(
    r"red ?hat|centos|fedora|alma ?linux|rocky|oracle|suse|amazon|openeuler|mageia|vmware|photon|microsoft",
    re.IGNORECASE,
)
"""RPM vendors of the distributions that advisories are published for."""


def list_ending(folder: str) -> str:
    """Return how dpkg's lists of files in `folder` end; nothing where it keeps none there."""
    return ".list" if folder == _DPKG_LISTS else ".md5sums" if folder == _DISTROLESS else ""


def owners_of_dpkg(data: bytes) -> Iterator[str]:
    """Yield the packages of a dpkg database that Debian or Ubuntu maintains."""
    for stanza in data.split(b"\n\n"):
        name = maintainer = b""
        for line in stanza.split(b"\n"):
            if line.startswith(b"Package:"):
                name = line[8:].strip()
            elif line.startswith(b"Maintainer:"):
                maintainer = line
        if name and _MAINTAINER.search(maintainer):
            yield name.decode("utf-8", "replace")


def owner_of_list(name: str) -> str:
    """Return the package whose files are in the list called `name`."""
    return name.rpartition(".")[0].partition(":")[0]


def files_of_list(name: str, data: bytes) -> Iterator[bytes]:
    """Return the path of each file in the list called `name`, without a leading slash."""
    lines = data.split(b"\n")
    if name.endswith(".md5sums"):
        return (line.partition(b"  ")[2].lstrip(b"/") for line in lines)
    return (line[1:] for line in lines)


def files_of_apk(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the package and the path of each file in apk's database."""
    package, folder = "", b""
    for line in data.split(b"\n"):
        key = line[:2]
        if key == b"R:":
            yield package, b"%b/%b" % (folder, line[2:]) if folder else line[2:]
        elif key == b"F:":
            folder = line[2:]
        elif key == b"P:":
            package = line[2:].decode("utf-8", "replace")


def files_of_rpm(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield package and path of each file that the distribution's own packages have, up to where the database is broken."""
    try:
        for blob in headers(data):
            if _VENDORS.search(vendor_of(blob)):
                for package, path in installed_files(blob):
                    yield package, path[1:]
    except MalformedError:
        return  # the parser of its packages says so
