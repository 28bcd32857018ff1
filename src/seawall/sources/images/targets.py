"""How people write which image on disk they mean: a word before the path, and a name behind it.

Forms: an archive or a layout by its path; ``oci:DIR[:TAG|@DIGEST]``, ``oci-archive:FILE[:TAG]``, ``docker-archive:FILE[:NAME]``,
and ``rootfs:PATH``. Behind the path of an archive, ``#NAME`` chooses one of several images. Imported at every start: nothing is
opened here.
"""

import os
from typing import Final

SCHEMES: Final = ("oci:", "oci-archive:", "docker-archive:", "rootfs:")
"""How targets begin that say what they are."""

DOCKER: Final = "docker:"
CONTAINERD: Final = "containerd:"
"""How images begin that an engine on this machine has."""

ARCHIVE_ENDINGS: Final = (".tar", ".tar.gz", ".tar.zst", ".tar.xz", ".tar.bz2", ".oci")
"""How archives of images are called. A ``.tgz`` is a Helm chart, unless a word stands before it."""


def split_scheme(target: str) -> tuple[str, str]:
    """Return one of `SCHEMES` (or nothing) and what stands behind it."""
    for scheme in SCHEMES:
        if target.startswith(scheme):
            return scheme, target[len(scheme) :]
    return "", target


def split_path(written: str, scheme: str) -> tuple[str, str]:
    """Return the path and the name that chooses an image, which may be empty.

    A path that exists is one, whatever is in it; else it ends at the first ``#``, ``@`` or ``:`` before which something exists.
    """
    if _exists(written):
        return written, ""
    marks = "#@:" if scheme else "#"
    for at, character in enumerate(written):
        if character in marks and _exists(written[:at]):
            return written[:at], written[at + 1 :]
    return written, ""


def _exists(path: str) -> bool:
    try:
        return os.path.exists(path)
    except ValueError:  # a NUL byte, which no path has
        return False
