"""From what a user writes to the source of an image.

    with open_image("image.tar#alpine:3.20") as store: ...

Forms: an archive or a layout by its path; ``oci:DIR[:TAG|@DIGEST]``, ``oci-archive:FILE[:TAG]``, ``docker-archive:FILE[:NAME]``,
and ``rootfs:PATH``. Behind the path of an archive, ``#NAME`` chooses one of several images.
"""

import os
from typing import Final

from seawall.formats.compression import Limits
from seawall.model.errors import UsageError
from seawall.sources.files import show
from seawall.sources.images.local import open_archive, open_layout
from seawall.sources.images.port import ImageStore
from seawall.sources.images.rootfs import RootfsStore

SCHEMES: Final = ("oci:", "oci-archive:", "docker-archive:", "rootfs:")
"""How targets begin that say what they are."""

ARCHIVE_ENDINGS: Final = (".tar", ".tar.gz", ".tar.zst", ".tar.xz", ".tar.bz2", ".tgz", ".oci")
"""How archives of images are called. Of a ``.tgz`` only the content tells whether it is an image or a Helm chart."""


def open_image(target: str, *, limits: Limits | None = None) -> ImageStore | RootfsStore:
    """Open the image that `target` names. Raises `UsageError` where there is none, `SourceError` where it cannot be read."""
    scheme, rest = split_scheme(target)
    if scheme == "rootfs:":
        if not os.path.exists(rest):
            raise UsageError(f"{show(rest)!r} does not exist", remedy="name a directory or a tar archive after rootfs:")
        return RootfsStore(rest)
    path, chosen = split_path(rest, scheme)
    if os.path.isdir(path):
        return open_layout(path, chosen, name=target)
    if os.path.exists(path):
        return open_archive(path, chosen, name=target, limits=limits)
    raise UsageError(f"{show(path)!r} does not exist", remedy="name an OCI layout, or an archive of docker save")


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
