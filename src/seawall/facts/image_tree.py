"""The files of an image as a program sees them at the end: where links lead, and which package owns what.

    tree = read_tree(inventory)
    tree.real("bin/sh")                  # "usr/bin/dash"
    tree.owners["usr/bin/dash"]          # "dash"

Only what is asked for is spread out, and only for images of up to `MAX_ENTRIES` files: advice is not worth more memory.
"""

import posixpath
from collections.abc import Iterable

from seawall.facts.images import ImageInventory
from seawall.facts.layer_stack import MAX_LINKS
from seawall.formats.packages.owned_files import files_of_apk, files_of_list, owner_of_list
from seawall.model.file_table import FOLDER, SYMLINK
from seawall.model.image_contents import LayerContents
from seawall.model.installed import Relation

MAX_ENTRIES = 200_000
"""Most files, links and folders of an image that is looked at: they take some 60 MB. A full Debian has 45,000."""


class ImageTree:
    """`entries` are the files and links by their path, with a link's target (empty for files); no path leads through a link.

    `owners` has the package of each path that one lists, `relations` the packages by their names, `listed` those that have a
    list of files: of the others nobody can tell what is theirs.
    """

    def __init__(self, layers: Iterable[LayerContents]) -> None:
        self.entries: dict[str, str] = {}
        self.owners: dict[str, str] = {}
        self.relations: dict[str, Relation] = {}
        self.listed: set[str] = set()
        self._folders: dict[str, str] = {"": ""}
        lists: dict[str, bytes] = {}
        databases: dict[str, tuple[Relation, ...]] = {}
        for contents in layers:
            gone, emptied = set(contents.whiteouts), set(contents.opaque)
            if gone or emptied:
                self._delete(gone, emptied, databases)
            links = False
            for kind, raw, raw_target, _ in contents.table.entries():
                path = self.canonical(raw.decode("utf-8", "replace"))
                if kind == FOLDER:
                    if path in self.entries:  # a folder in the place of a link
                        del self.entries[path]
                        links = True
                    continue
                self.entries[path] = raw_target.decode("utf-8", "replace") if kind == SYMLINK else ""
                links = links or kind == SYMLINK
            if links:
                self._folders = {"": ""}
                self._settle()
            installed = contents.installed.unpack()
            databases.update(installed.relations)
            lists.update(installed.lists)
        for relations in databases.values():
            self.relations.update((relation.name, relation) for relation in relations)
        for name, data in lists.items():
            owner_of_all = owner_of_list(name)
            owned = ((owner_of_all, raw) for raw in files_of_list(name, data)) if name else files_of_apk(data)
            for owner, raw in owned:
                if raw and owner in self.relations:
                    self.listed.add(owner)
                    path = self.canonical(raw.decode("utf-8", "replace"))
                    if path in self.entries:
                        self.owners[path] = owner

    def real(self, path: str) -> str | None:
        """Return the file that `path` leads to through links, or None where there is none."""
        trail = self.trail(path)
        return trail[-1] if trail else None

    def trail(self, path: str) -> tuple[str, ...]:
        """Return the links that `path` leads through, and behind them the file; nothing where there is none."""
        path = path.lstrip("/")
        passed: list[str] = []
        for _ in range(MAX_LINKS):
            path = self.canonical(path)
            target = self.entries.get(path)
            if target is None:
                return ()
            passed.append(path)
            if not target:
                return tuple(passed)
            path = posixpath.normpath(posixpath.join("/", posixpath.dirname(path), target)).lstrip("/")
        return ()

    def canonical(self, path: str) -> str:
        """Return `path` with the links of its folders followed; the last part is not."""
        folder, slash, name = path.rpartition("/")
        if not slash:
            return path
        found = self._folders.get(folder)
        if found is None:
            found = self._folder(folder, MAX_LINKS)
            self._folders[folder] = found
        return f"{found}/{name}" if found else name

    def _folder(self, folder: str, left: int) -> str:
        done = ""
        for part in folder.split("/"):
            path = f"{done}/{part}" if done else part
            target = self.entries.get(path)
            if target and left > 0:
                place = posixpath.normpath(posixpath.join("/", done, target)).lstrip("/")
                path = self._folder(place, left - 1) if place else ""
            done = path
        return done

    def _settle(self) -> None:
        """Put entries where the links lead that came behind them in the same archive."""
        moved = [(path, place) for path in self.entries if (place := self.canonical(path)) != path]
        for path, place in moved:
            target = self.entries.pop(path)
            self.entries.setdefault(place, target)

    def _delete(self, gone: set[str], emptied: set[str], databases: dict[str, tuple[Relation, ...]]) -> None:
        gone = {self.canonical(path) for path in gone}
        emptied = {self.canonical(path) for path in emptied}
        hidden: dict[str, bool] = {"": "" in emptied}

        def hides(folder: str) -> bool:
            found = hidden.get(folder)
            if found is None:
                found = folder in gone or folder in emptied or hides(folder.rpartition("/")[0])
                hidden[folder] = found
            return found

        for path in [path for path in self.entries if path in gone or hides(path.rpartition("/")[0])]:
            del self.entries[path]
        for path in [path for path in databases if path in gone or hides(path.rpartition("/")[0])]:
            del databases[path]
        self._folders = {"": ""}


def read_tree(inventory: ImageInventory) -> ImageTree | None:
    """Return the files of the image; None where a layer was not read, or there are too many of them."""
    layers = [contents for contents in inventory.contents if contents is not None]
    if len(layers) != len(inventory.contents) or sum(contents.table.count for contents in layers) > MAX_ENTRIES:
        return None
    return ImageTree(layers)
