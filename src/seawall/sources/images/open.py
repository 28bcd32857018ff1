"""From what a user writes to the source of an image.

    with open_image("image.tar#alpine:3.20") as store: ...

The forms are those of `seawall.sources.images.targets`.
"""

import os

from seawall.formats.compression import Limits
from seawall.model.errors import UsageError
from seawall.sources.files import show
from seawall.sources.images.local import open_archive, open_layout
from seawall.sources.images.port import ImageStore
from seawall.sources.images.rootfs import RootfsStore
from seawall.sources.images.targets import split_path, split_scheme


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
