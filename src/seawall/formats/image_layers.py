"""One layer of an image, or a root file system, to its `LayerContents`: read once, in the order of the archive.

    reader = LayerReader(blob, large=spool)
    contents = reader.read(TarReader(chunks))
    if reader.linked:                                   # rare: a second look at the same members
        contents = reader.complete(contents, TarReader(again))

Most members cost a few look-ups and no more. The bytes of an executable, an archive or a database are held in memory up to
`IN_MEMORY`; those of a larger one go through `large`, which hands them back as a mapping of a file.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

import msgspec

from seawall.formats import known_files, package_files, secret_files, tar_members
from seawall.formats.layer_files import KINDS, OPAQUE, WHITEOUT, capabilities, clean, decode, whiteout_of
from seawall.formats.layer_folders import LayerFolder, LayerFolders
from seawall.formats.layer_owners import RPM, list_of_rpm, owned
from seawall.formats.package_files import BINARY, Kind
from seawall.formats.packages.elf_needs import read_program
from seawall.formats.packages.executables import MAGICS, ExecutableError, is_executable
from seawall.formats.packages.owned_files import (
    owners_of_dpkg,
)
from seawall.formats.packages.relations import relations_of_apk, relations_of_dpkg
from seawall.formats.script_words import MAX_SCRIPT, SYSTEM_FOLDERS, words_of
from seawall.formats.source_marks import is_read, most_of, read_source
from seawall.formats.tar_members import Member
from seawall.model.file_table import FOLDER, HARD_LINK, OTHER, SYMLINK, FileTableWriter
from seawall.model.image_contents import LayerContents, LayerFile, PackageFile, Program, Script, Source
from seawall.model.installed import Installed, InstalledTable, Relation, pack
from seawall.model.package import ParsedPackages
from seawall.model.resource import Unscanned

IN_MEMORY = 24 * 1024 * 1024
"""Largest executable, archive or binary database that is held in memory."""

MAX_TEXT = 32 * 1024 * 1024
"""Largest text that lists packages: it is held in memory. `lockfile_text` takes no larger one; that of a full Debian has 6 MB."""

MAX_FILES = 20_000
"""Most files that stand out, scripts, and programs of one layer, each; more are counted and said."""

MAX_PACKAGES = 200_000
"""Most packages of one layer, a bound on memory. Images of large monorepos have some ten thousand npm packages."""

MAX_DELETED = 200_000
"""Most whiteouts of one layer: builders write one for a folder, whatever was in it."""

MAX_TEXTS = 4 * 1024 * 1024
"""Most bytes of small texts that are kept of one layer; `known_files` names them."""

MAX_LISTS = 16 * 1024 * 1024
"""Most bytes of the lists of files that dpkg keeps; all those of a full Debian have 4 MB. Of more, no owner is told."""

_OF_DISTRIBUTIONS = frozenset(("packages.apk", "packages.dpkg", "packages.rpm"))
_LARGE = frozenset((BINARY.parser, "packages.java", "packages.rpm"))
_BEGINS = frozenset(magic[:1] for magic in MAGICS)
_STANDS_OUT = 0o6002
_SMALLEST = 4
"""Bytes of the smallest file that can say anything."""

_ODD = (b"", b".", b"..")
"""Names that are none: of folders with a slash behind them, and of what leads elsewhere."""

_TABLE_KINDS = {tar_members.DIRECTORY: FOLDER, tar_members.HARD_LINK: HARD_LINK}

Large = Callable[[Iterator[bytes], int], AbstractContextManager[bytes]]
"""Takes the pieces of a file and its size, and lends its bytes: a mapping, of which only what is looked at is in memory."""


class Members(Protocol):
    """An archive, or a walk of a file system: members, and the content of the one that was handed out last."""

    def __iter__(self) -> Iterator[Member]: ...

    def peek(self, count: int) -> bytes: ...

    def read(self, limit: int) -> bytes: ...

    def pieces(self) -> Iterator[bytes]: ...


class LayerReader:
    """Reads one layer, whose blob has the digest `blob`.

    `linked` are the files that say something of packages and are hard links, by their target.
    """

    def __init__(self, blob: str, large: Large) -> None:
        self.linked: dict[bytes, str] = {}
        self._blob = blob
        self._large = large
        self._packages: dict[str, PackageFile] = {}
        self._files: dict[str, LayerFile] = {}
        self._programs: dict[str, Program] = {}
        self._scripts: dict[str, Script] = {}
        self._sources: dict[str, Source] = {}
        self._texts: dict[str, bytes] = {}
        self._unscanned: list[Unscanned] = []
        self._whiteouts: list[str] = []
        self._opaque: list[str] = []
        self._untold = 0
        self._package_count = 0
        self._text_bytes = 0
        self._list_bytes = 0
        self._owners: set[str] = set()
        """The packages of dpkg that the distribution itself publishes."""
        self._lists: list[tuple[str, bytes]] = []
        """dpkg's lists by their names, apk's database without one, and what was taken from rpm's."""
        self._relations: dict[str, tuple[Relation, ...]] = {}
        self._kept: set[str] = set()

    def read(self, members: Members) -> LayerContents:
        """Read all `members`. Raises what they raise: `TarError`, and the errors of what is below it."""
        table = FileTableWriter()
        add = table.add
        total = 0
        file, symlink, kept = tar_members.FILE, tar_members.SYMLINK, self._kept
        folders = LayerFolders()
        for member in members:
            raw = member.path
            if raw[:2] == b"./":
                raw = raw[2:]
            before, slash, last = raw.rpartition(b"/")
            if not last and before:  # a folder
                raw = before
                before, slash, last = raw.rpartition(b"/")
            folder = folders[before]
            if not folder.clean or last in _ODD or (slash and not before):
                cleaned = clean(raw)
                if not cleaned:
                    if cleaned is None:
                        self._refuse(decode(member.path), "leads out of the image with '..': it is not read")
                    continue
                raw = cleaned
                before, _, last = raw.rpartition(b"/")
                folder = folders[before]
            kind, mode, size = member.kind, member.mode, member.size
            name = last.decode("utf-8", "replace")
            path = folder.prefix + name
            if name.startswith(WHITEOUT):
                self._delete(folder.path, name)
                continue
            if path in kept:  # a second member of the same name stands in the first one's place
                self._forget(path)
            role = known_files.role_of_program(name) if folder.programs else ""
            if kind is file or kind == file:
                total += size
                add(b"f" + raw, size)
                if size >= _SMALLEST:
                    role = self._read_file(members, member, path, folder, name) or role
                if mode & _STANDS_OUT or role or member.capability:
                    self._stand_out(member, path, role)
            elif kind == symlink:
                add(b"%c%b\0%b" % (SYMLINK, raw, member.link), 0)
                if role:
                    self._stand_out(member, path, role)
            else:
                add(_TABLE_KINDS.get(kind, OTHER) + raw, 0)
                if kind == tar_members.DIRECTORY:
                    if mode & 0o1002 == 0o002:  # world-writable and not sticky
                        self._stand_out(member, path, "")
                    continue
                if kind == tar_members.HARD_LINK:
                    self._link(member, path, package_files.kind_in(folder.path, name))
                    if not (role or mode & _STANDS_OUT):
                        continue
                self._stand_out(member, path, role)
        if self._untold:
            self._refuse("", f"{self._untold:,} files stand out beyond the {MAX_FILES:,} of a layer that are told of")
        self._tell_owners()
        return LayerContents(
            blob=self._blob,
            content=total,
            packages=tuple(self._packages.values()),
            files=tuple(self._files.values()),
            programs=tuple(self._programs.values()),
            scripts=tuple(self._scripts.values()),
            sources=tuple(self._sources.values()),
            texts=self._texts,
            whiteouts=tuple(self._whiteouts),
            opaque=tuple(self._opaque),
            table=table.finish(),
            installed=self._installed(),
            unscanned=tuple(self._unscanned),
        )

    def complete(self, contents: LayerContents, members: Members) -> LayerContents:
        """Read the targets of `linked` from the same members, handed over once more."""
        known = {package_file.path for package_file in contents.packages}
        for member in members:
            raw = clean(member.path)
            alias = self.linked.get(raw) if raw else None
            if alias is not None and member.kind == tar_members.FILE and alias not in known:
                kind = package_files.kind_of(alias)
                if kind is not None:
                    self._read_packages(members, member, alias, kind)
                del self.linked[raw or b""]
        for alias in self.linked.values():
            self._refuse(alias, "is a hard link to a file that is not in its layer")
        self._tell_owners()
        return msgspec.structs.replace(
            contents,
            packages=tuple(self._packages.values()),
            installed=self._installed(),
            unscanned=tuple(self._unscanned),
        )

    def _read_file(self, members: Members, member: Member, path: str, folder: LayerFolder, name: str) -> str:
        """Read what is wanted of a file's content, and return what its content makes of it (`LayerFile.role`)."""
        kind = package_files.kind_in(folder.path, name)
        if kind is not None and kind.installed:
            self._read_packages(members, member, path, kind)
            return ""
        size = member.size
        head = members.peek(8)
        data: bytes | None = None  # an archive hands it out once
        if head[:2] == b"#!":
            if member.mode & 0o111 and len(self._scripts) < MAX_FILES:
                line = members.peek(256).partition(b"\n")[0]
                self._kept.add(path)
                interpreter = line[2:].strip().decode("utf-8", "replace")
                words = None
                if size <= MAX_SCRIPT and not folder.path.startswith(SYSTEM_FOLDERS):
                    data = members.read(size)
                    words = words_of(data)
                self._scripts[path] = Script(path, interpreter, words)
        elif head[:1] in _BEGINS and head.startswith(MAGICS) and is_executable(head):
            self._read_executable(members, member, path)
            return ""
        if is_read(path):
            if data is None and size <= most_of(path):
                data = members.read(size)
            self._read_source(path, data)
        if size > known_files.MAX_TEXT:
            if secret_files.may_hold_secrets(path, name):
                most = known_files.MAX_TEXT
                return secret_files.role_of_content(path, members.peek(most) if data is None else data[:most])
        elif folder.lists and name.endswith(folder.lists):
            self._keep_list(name, members.read(size) if data is None else data)
        elif folder.texts or path in known_files.TEXTS:
            self._text_bytes += size
            if self._text_bytes > MAX_TEXTS:
                self._untold += 1
                return ""
            self._kept.add(path)
            self._texts[path] = members.read(size) if data is None else data
        elif secret_files.may_hold_secrets(path, name):
            return secret_files.role_of_content(path, members.read(size) if data is None else data)
        return ""

    def _read_source(self, path: str, data: bytes | None) -> None:
        source = read_source(path, data)
        if source is None:
            return
        if len(self._sources) < MAX_FILES:
            self._kept.add(path)
            self._sources[path] = source
        else:
            self._untold += 1

    def _read_packages(self, members: Members, member: Member, path: str, kind: Kind) -> None:
        if member.size <= (IN_MEMORY if kind.parser in _LARGE else MAX_TEXT):
            self._take(path, kind, members.read(member.size))
        elif kind.parser in _LARGE:
            with self._large(members.pieces(), member.size) as data:
                self._take(path, kind, data)
        else:
            self._refuse(path, f"is larger than {MAX_TEXT // 1024 // 1024} MB and is not read")

    def _read_executable(self, members: Members, member: Member, path: str) -> None:
        if member.size <= IN_MEMORY:
            self._examine(path, members.read(member.size))
        else:
            with self._large(members.pieces(), member.size) as data:
                self._examine(path, data)

    def _examine(self, path: str, data: bytes) -> None:
        if data[:4] == b"\x7fELF":
            try:
                program, lists = read_program(path, data, own=not path.startswith(SYSTEM_FOLDERS))
            except ExecutableError as error:
                self._refuse(path, f"is a broken executable: {error}")
                return
            if program is not None:
                if len(self._programs) < MAX_FILES:
                    self._kept.add(path)
                    self._programs[path] = program
                else:
                    self._untold += 1
            if not lists:
                return
        self._keep(path, BINARY, package_files.read(BINARY, path, data))

    def _keep(self, path: str, kind: Kind, parsed: ParsedPackages) -> None:
        self._package_count += len(parsed.packages)
        if self._package_count > MAX_PACKAGES:
            self._refuse(path, f"its layer names more than {MAX_PACKAGES:,} packages; the rest is not read")
        elif parsed.packages or parsed.unscanned or kind is not BINARY:
            self._kept.add(path)
            self._packages[path] = PackageFile(
                path=path, parser=kind.parser, packages=tuple(parsed.packages), unscanned=tuple(parsed.unscanned)
            )

    def _take(self, path: str, kind: Kind, data: bytes) -> None:
        self._keep(path, kind, package_files.read(kind, path, data))
        if kind.parser == "packages.apk":
            self._keep_list("", data)
            self._relations[path] = tuple(relations_of_apk(data))
        elif kind.parser == "packages.dpkg":
            self._owners.update(owners_of_dpkg(data))
            self._relations[path] = tuple(relations_of_dpkg(data))
        elif kind.parser == "packages.rpm":
            listed = list_of_rpm(data, MAX_LISTS)
            if listed is not None:
                self._keep_list(RPM, listed)

    def _keep_list(self, name: str, data: bytes) -> None:
        self._list_bytes += len(data)
        if self._list_bytes <= MAX_LISTS:
            self._lists.append((name, data))

    def _installed(self) -> InstalledTable:
        """Return the lists and relations of dpkg's and apk's packages. Of more lists than are kept, none is: see `MAX_LISTS`."""
        whole = self._list_bytes <= MAX_LISTS
        return pack(Installed(self._relations, [entry for entry in self._lists if entry[0] != RPM] if whole else []))

    def _tell_owners(self) -> None:
        """Set the owners of package files that the distribution installed."""
        wanted = {path.encode(): path for path, file in self._packages.items() if file.parser not in _OF_DISTRIBUTIONS}
        for name, data in self._lists if wanted else ():
            for owner, raw in owned(name, data, wanted.keys()):
                path = wanted[raw]
                if owner in self._owners or not name or name == RPM:
                    self._packages[path] = msgspec.structs.replace(self._packages[path], owner=owner)

    def _link(self, member: Member, path: str, kind: Kind | None) -> None:
        """Remember a hard link that is named like a package file where its target is not: the content came before."""
        if kind is None or not kind.installed:
            return
        target = clean(member.link)
        if target is None:
            self._refuse(path, "is a hard link that leads out of the image with '..': it is not followed")
        elif decode(target) not in self._packages:
            self.linked[target] = path

    def _delete(self, folder: str, name: str) -> None:
        if name == OPAQUE:
            self._opaque.append(folder)
            return
        path = whiteout_of(folder, name)
        if path is not None and len(self._whiteouts) < MAX_DELETED:
            self._whiteouts.append(path)
        elif path is not None:
            self._untold += 1

    def _forget(self, path: str) -> None:
        """Drop what an earlier member of the same name was: the last one counts."""
        self._kept.discard(path)
        for known in (self._packages, self._files, self._programs, self._scripts, self._sources, self._texts):
            known.pop(path, None)

    def _stand_out(self, member: Member, path: str, role: str) -> None:
        if len(self._files) >= MAX_FILES:
            self._untold += 1
            return
        self._kept.add(path)
        self._files[path] = LayerFile(
            path=path,
            kind=KINDS.get(member.kind, "file"),
            mode=member.mode & 0o7777,
            uid=member.uid,
            gid=member.gid,
            size=member.size,
            target=decode(member.link),
            capabilities=capabilities(member.capability),
            role=role,
        )

    def _refuse(self, path: str, reason: str) -> None:
        if len(self._unscanned) < MAX_FILES:
            self._unscanned.append(Unscanned(path, reason))
