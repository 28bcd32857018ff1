"""What is to be looked for among the files of one folder of an image: asked once a folder, since archives go folder by folder."""

import msgspec

from seawall.formats import known_files
from seawall.formats.layer_files import clean, decode
from seawall.formats.packages.owned_files import list_ending

MAX_FOLDERS = 2_000
"""Most folders that are remembered: archives go folder by folder."""


class LayerFolder(msgspec.Struct, frozen=True):
    """A folder: `path`, and `prefix`, which stands before the names in it. Not `clean` is one that has to be written otherwise.

    It holds `programs` that people start, `texts` that are kept, or dpkg's lists of files, whose names end as `lists` says.
    """

    path: str
    prefix: str
    clean: bool
    programs: bool
    texts: bool
    lists: str


class LayerFolders(dict[bytes, LayerFolder]):
    """What there is to say of each folder as it is written: found out when it is asked for, and remembered for some thousand."""

    def __missing__(self, raw: bytes) -> LayerFolder:
        if len(self) >= MAX_FOLDERS:
            self.clear()
        path = decode(raw)
        self[raw] = folder = LayerFolder(
            path=path,
            prefix=f"{path}/" if path else "",
            clean=clean(raw) == raw,
            programs=known_files.holds_programs(path),
            texts=known_files.holds_texts(path),
            lists=list_ending(path),
        )
        return folder
