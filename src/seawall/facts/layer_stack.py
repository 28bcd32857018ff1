"""Which entries of a layer are still there under the layers above it, and where do its paths lead through links below?

Image layers 1.1 of the OCI: an entry replaces the one of the same path below it, folders are merged, ``.wh.name`` deletes, an
opaque folder hides all below it. Runtimes unpack an entry behind a symbolic link of a lower layer (``lib -> usr/lib``) where that
leads.

Paths are kept as 64-bit hashes in arrays: a million of them take 8 MB. Hashes are Python's own, which are salted anew in each
process, so that nobody can make two paths collide on purpose.
"""

import posixpath
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from seawall.model.file_table import FOLDER, SYMLINK
from seawall.model.image_contents import LayerContents

MAX_LINKS = 40
"""Most links that are followed for one path, as in Linux."""

_MEMO = 20_000

Resolve = Callable[[bytes], bytes]


class Cover:
    """What the layers above hide. Add layers from the top down."""

    def __init__(self) -> None:
        self._entries = array("q")
        self._folders = array("q")
        self._whiteouts: set[bytes] = set()
        self._opaque: set[bytes] = set()
        self._gone: dict[bytes, bool] = {}

    def add(self, contents: LayerContents, resolve: Resolve | None) -> None:
        """Take the next layer into account, of which `resolve` tells where its paths lead."""
        entries, folders = array("q"), array("q")
        for kind, path, _, _ in contents.table.entries():
            (folders if kind == FOLDER else entries).append(hash(resolve(path) if resolve is not None else path))
        self._entries = _merged(self._entries, entries)
        self._folders = _merged(self._folders, folders)
        for paths, known in ((contents.whiteouts, self._whiteouts), (contents.opaque, self._opaque)):
            for written in paths:
                path = written.encode()
                known.add(resolve(path) if resolve is not None else path)
        self._gone.clear()

    def hides(self, path: bytes) -> bool:
        """Tell whether a layer above deletes or replaces the entry at `path`, which is no folder."""
        found = hash(path)
        return (
            path in self._whiteouts
            or _has(self._entries, found)
            or _has(self._folders, found)
            or self._is_gone(path.rpartition(b"/")[0])
        )

    def _is_gone(self, folder: bytes) -> bool:
        """Tell whether what the lower layers have in `folder` is hidden."""
        gone = self._gone.get(folder)
        if gone is None:
            if folder in self._opaque or folder in self._whiteouts:
                gone = True
            elif not folder:
                gone = False
            else:
                gone = _has(self._entries, hash(folder)) or self._is_gone(folder.rpartition(b"/")[0])
            if len(self._gone) >= _MEMO:
                self._gone.clear()
            self._gone[folder] = gone
        return gone


def resolvers(layers: Sequence[LayerContents | None]) -> list[Resolve | None]:
    """Return, for each layer, what tells where its paths lead; None where all lead where they say."""
    found: list[Resolve | None] = [None] * len(layers)
    wanted = _links_in_the_way(layers)
    if not wanted:
        return found
    links: dict[bytes, bytes] = {}
    for number, (lower, upper) in enumerate(pairwise(layers), 1):
        if lower is not None:
            _take_links(links, lower, found[number - 1], wanted)
        if links and upper is not None:
            # Where the layer has something of its own in a link's place, that replaces the link.
            own = {path for _, path, _, _ in upper.table.entries() if path in links}
            resolve = _Resolver({path: target for path, target in links.items() if path not in own})
            found[number] = resolve if resolve.matters(upper) else None
    return found


def _links_in_the_way(layers: Sequence[LayerContents | None]) -> set[int]:
    """Return the hashes of the symbolic links that paths of layers above them lead through, directly or by other links.

    Most images have none, and of the few thousand links of a distribution a layer above passes through two or three.
    """
    below = [contents for contents in layers[:-1] if contents is not None]
    every = {hash(path) for contents in below for kind, path, _, _ in contents.table.entries() if kind == SYMLINK}
    wanted: set[int] = set()
    if every:
        for contents in layers[1:]:
            if contents is not None:
                wanted.update(found for found in _folder_hashes(contents) if found in every)
    for _ in range(MAX_LINKS if wanted else 0):
        before = len(wanted)
        for contents in below:
            for kind, path, target, _ in contents.table.entries():
                if kind == SYMLINK and hash(path) in wanted:
                    place = posixpath.normpath(posixpath.join(b"/", path.rpartition(b"/")[0], target)).lstrip(b"/")
                    wanted.update(found for found in _prefix_hashes(place) if found in every)
        if len(wanted) == before:
            break
    return wanted


def _folder_hashes(contents: LayerContents) -> Iterator[int]:
    last = b""
    for _, path, _, _ in contents.table.entries():
        folder = path.rpartition(b"/")[0]
        if folder != last:
            last = folder
            yield from _prefix_hashes(folder)
    for marked in (*contents.whiteouts, *contents.opaque):
        yield from _prefix_hashes(marked.encode().rpartition(b"/")[0])


def _prefix_hashes(folder: bytes) -> Iterator[int]:
    while folder:
        yield hash(folder)
        folder = folder.rpartition(b"/")[0]


def _take_links(links: dict[bytes, bytes], contents: LayerContents, resolve: Resolve | None, wanted: set[int]) -> None:
    """Bring `links` to what it is on top of the layer; only links that are in the way are kept."""
    for gone in contents.whiteouts:
        links.pop(resolve(gone.encode()) if resolve is not None else gone.encode(), None)
    for kind, written, target, _ in contents.table.entries():
        path = resolve(written) if resolve is not None else written
        if kind == SYMLINK and hash(path) in wanted:
            links[path] = target
        elif path in links:
            del links[path]


class _Resolver:
    """Follows the links of a path's folders; the last part is never followed."""

    def __init__(self, links: dict[bytes, bytes]) -> None:
        self._links = links
        self._folders: dict[bytes, bytes] = {b"": b""}

    def matters(self, contents: LayerContents) -> bool:
        """Tell whether any path of the layer leads elsewhere."""
        paths = (path for _, path, _, _ in contents.table.entries())
        marked = (path.encode() for path in (*contents.whiteouts, *contents.opaque))
        return any(self(path) != path for group in (paths, marked) for path in group)

    def __call__(self, path: bytes) -> bytes:
        folder, slash, name = path.rpartition(b"/")
        if not slash:
            return path
        found = self._folders.get(folder)
        if found is None:
            found = self._follow(folder)
            if len(self._folders) >= _MEMO:
                self._folders = {b"": b""}
            self._folders[folder] = found
        return b"%b/%b" % (found, name) if found else name

    def _follow(self, folder: bytes) -> bytes:
        done: list[bytes] = []
        pending = folder.split(b"/")[::-1]
        left = MAX_LINKS
        while pending:
            part = pending.pop()
            if part in (b"", b"."):
                continue
            if part == b"..":
                done = done[:-1]  # the root's parent is the root
                continue
            target = self._links.get(b"/".join((*done, part)))
            if target is None:
                done.append(part)
                continue
            left -= 1
            if left < 0:
                return folder  # links in a circle: nothing can be behind them
            if target.startswith(b"/"):
                done = []
            pending.extend(target.split(b"/")[::-1])
        return b"/".join(done)


def _has(hashes: "array[int]", wanted: int) -> bool:
    at = bisect_left(hashes, wanted)
    return at < len(hashes) and hashes[at] == wanted


def _merged(first: "array[int]", second: "array[int]") -> "array[int]":
    if not second:
        return first
    return array("q", sorted((*first, *second)))
