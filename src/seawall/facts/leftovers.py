"""What did the build leave in an image that nothing needs when it runs? Caches of package managers, and repositories of git.

    leftovers = Leftovers()
    leftovers.take(contents, resolve, hides)        # each layer, with what tells where its paths lead and what is hidden
    leftovers.found()

Bytes that a layer above deletes are not counted here: they are wasted, and told so (`LayerUse.wasted`).
"""

import re
from collections.abc import Callable

import msgspec

from seawall.facts.layer_stack import Resolve
from seawall.model.file_table import FILE
from seawall.model.image_contents import LayerContents

_HOME = rb"(?:root|home/[^/]+)"
_OWNERS = re.compile(
    # apt and apk keep locks and empty folders there, which are no cache
    rb"(?P<apt>var/lib/apt/lists)/(?!(?:partial/|auxfiles/)?(?:lock)?\Z)"
    rb"|(?P<deb>var/cache/apt)/(?:archives/[^/]+\.deb|(?:src)?pkgcache\.bin)\Z"
    rb"|(?P<apk>var/cache/apk)/."
    rb"|(?P<dnf>var/cache/(?:dnf|libdnf5|yum))/."
    rb"|(?P<zypper>var/cache/zypp)/."
    rb"|(?P<pacman>var/cache/pacman/pkg)/."
    rb"|(?P<pip>" + _HOME + rb"/\.cache/(?:pip|uv|pypoetry))/."
    rb"|(?P<npm>" + _HOME + rb"/\.npm/_cacache)/."
    rb"|(?P<yarn>usr/local/share/\.cache/yarn|" + _HOME + rb"/(?:\.cache/yarn|\.yarn/berry/cache))/."
    rb"|(?P<go>(?:go|" + _HOME + rb"/go)/pkg/mod/cache|" + _HOME + rb"/\.cache/go-build)/."
    rb"|(?P<cargo>(?:usr/local/cargo|" + _HOME + rb"/\.cargo)/registry/(?:cache|index))/."
    rb"|(?P<composer>" + _HOME + rb"/(?:\.composer/cache|\.cache/composer))/."
    rb"|(?P<git>(?:[^/]+/)*?\.git)/(?:objects/.|HEAD\Z|packed-refs\Z)"
)
# They find at least one entry wherever there is one that `_OWNERS` matches. A pattern that begins with letters of its own is
# fast, which one with a choice at its beginning is not.
_ANY = (
    re.compile(
        rb"\0f(?:var/lib/apt/lists/(?!partial/|auxfiles/|lock\0)|var/cache/apt/(?:archives/[^/\0]+\.deb|\w*pkgcache)"
        rb"|var/cache/(?:apk|dnf|libdnf5|yum|zypp|pacman)/|(?:root|home/[^/\0]+)/(?:\.(?:cache|npm|yarn|cargo|composer)|go)/"
        rb"|usr/local/(?:share/\.cache|cargo)/|go/pkg/)"
    ),
    re.compile(rb"\.git/(?:objects/|HEAD\0|packed-refs\0)"),
)
_PREFIXES = (
    b"var/lib/apt/lists/",
    b"var/cache/",
    b"root/",
    b"home/",
    b"usr/local/share/.cache/",
    b"usr/local/cargo/",
    b"go/",
)
_GIT = b".git/"
_NAMES = {"deb": "apt"}


class Leftover(msgspec.Struct, frozen=True, kw_only=True):
    """Files that `owner` (``apt``, ``pip``, ``git``) left in the folder `path`: how many, and how many bytes."""

    owner: str
    path: str
    files: int
    bytes: int


class Leftovers:
    """Counts what is left, layer by layer."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, bytes], tuple[int, int]] = {}

    def take(self, contents: LayerContents, resolve: Resolve | None, hides: Callable[[bytes], bool] | None) -> None:
        """Count the files of a layer that are still there."""
        if not contents.table.mentions(*_ANY):
            return
        for kind, path, _, size in contents.table.entries():
            if kind != FILE or not (path.startswith(_PREFIXES) or _GIT in path):
                continue
            owner = _OWNERS.match(path)
            if owner is None or (hides is not None and hides(resolve(path) if resolve is not None else path)):
                continue
            name = owner.lastgroup or ""
            key = _NAMES.get(name, name), owner[name]
            files, total = self._found.get(key, (0, 0))
            self._found[key] = files + 1, total + size

    def found(self) -> tuple[Leftover, ...]:
        """Return what was counted, sorted by owner and folder."""
        return tuple(
            Leftover(owner=owner, path=path.decode("utf-8", "replace"), files=files, bytes=total)
            for (owner, path), (files, total) in sorted(self._found.items())
        )
