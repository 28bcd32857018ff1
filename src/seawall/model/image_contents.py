"""What lies in one layer of an image, as far as rules, inventories and advice need it: a pure function of its bytes.

A layer is read once and kept by the digest of its blob, so everything here is small and can be written down. The files that
nothing is wanted of stand in a `FileTable`, compressed: an image with a million files makes no million objects.
"""

from collections.abc import Mapping

import msgspec

from seawall.model.file_table import FileTable
from seawall.model.image import Image
from seawall.model.installed import InstalledTable
from seawall.model.package import Package
from seawall.model.resource import Unscanned

SETUID, SETGID, STICKY, WORLD_WRITABLE = 0o4000, 0o2000, 0o1000, 0o002


class PackageFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the layer that says something of packages. `parser` is its kind (``packages.dpkg``).

    `owner` is the distribution's package that installed it in the same layer, empty where none did.
    """

    path: str
    parser: str
    owner: str = ""
    packages: tuple[Package, ...] = ()
    unscanned: tuple[Unscanned, ...] = ()


class LayerFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that stands out: by its mode, owner, kind, attributes, or by what it is known for.

    `kind` is ``file``, ``directory``, ``symlink``, ``hardlink``, ``character device``, ``block device`` or ``fifo``; `mode` are
    the permission bits (octal 7777); `target` is where a link leads, as written. `capabilities` are the names of the file's
    capabilities (``cap_net_raw``). `role` says what it is known for: ``shell``, ``package manager``, ``compiler``, ``debugger``,
    ``network tool``, ``privilege tool``, ``remote access``,
    ``container tool``, ``private key``, ``credentials``, ``terraform state``, ``environment file``, ``authorized keys``; or it is
    empty.
    """

    path: str
    kind: str
    mode: int
    uid: int = 0
    gid: int = 0
    size: int = 0
    target: str = ""
    capabilities: tuple[str, ...] = ()
    role: str = ""


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """An ELF file, and what it needs to run: its `interpreter` (the dynamic loader; empty for a library), shared libraries.

    `machine` is ``x86_64``, ``aarch64``, or the number; `static` says that it needs no loader and no library; `soname` is what
    others call a library by, `search` are its RPATH and RUNPATH as written. `symbols` are the newest symbol versions of glibc and
    libstdc++ that it names (``GLIBC_2.34``, ``GLIBCXX_3.4.30``); `starts` says that it names ``/bin/sh`` or functions that
    start programs. A program that makes the system call itself is not seen. `loads` are the sonames that stand in one that calls
    ``dlopen``; `reads` are ``tzdata`` and ``ca-certificates``, where a program outside of a distribution's folders names their
    files.
    """

    path: str
    machine: str
    interpreter: str = ""
    needed: tuple[str, ...] = ()
    soname: str = ""
    search: tuple[str, ...] = ()
    static: bool = False
    size: int = 0
    symbols: tuple[str, ...] = ()
    starts: bool = False
    loads: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()


class Script(msgspec.Struct, frozen=True):
    """An executable text: `interpreter` is the first line behind ``#!``, as written.

    `words` are the words in it that could be names of programs, of scripts outside of a distribution's own folders; None where
    they were not looked for.
    """

    path: str
    interpreter: str
    words: tuple[str, ...] | None = None


class Source(msgspec.Struct, frozen=True):
    """A source or configuration of an application that says which programs, libraries or modules it may use.

    `language` is ``python3``, ``node``, or empty for a configuration. `marks` are ``starts`` (it may start programs), ``shell``
    (it may start a shell), ``loads`` (it loads shared libraries by name), ``unread`` (it is too large), and names of modules of
    the standard library that distributions package apart. `words` are those in it that could be names; None where there are too
    many.
    """

    path: str
    language: str
    marks: tuple[str, ...] = ()
    words: tuple[str, ...] | None = ()


class LayerContents(msgspec.Struct, frozen=True, kw_only=True):
    """One layer, read. `size` is that of the uncompressed archive, `content` the bytes of its files.

    `blob` is the digest of the bytes that were read, which were held against it; `diff_id` that of the uncompressed ones, or
    empty where nobody held them against it (ADR 0030).

    `whiteouts` are the paths that it deletes from the layers below, `opaque` the folders of which it hides all that is below.
    `texts` are small files that others read (``etc/os-release``, ``etc/passwd``…). Paths have no leading slash.
    """

    blob: str
    diff_id: str = ""
    size: int = 0
    content: int = 0
    packages: tuple[PackageFile, ...] = ()
    files: tuple[LayerFile, ...] = ()
    programs: tuple[Program, ...] = ()
    scripts: tuple[Script, ...] = ()
    sources: tuple[Source, ...] = ()
    texts: Mapping[str, bytes] = {}
    whiteouts: tuple[str, ...] = ()
    opaque: tuple[str, ...] = ()
    table: FileTable = FileTable()
    installed: InstalledTable = InstalledTable()
    unscanned: tuple[Unscanned, ...] = ()


class ReadImage(msgspec.Struct, frozen=True, kw_only=True):
    """An image and what was read of its layers: `contents` in the order of ``image.layers``, None for one that was not.

    `kind` is that of its source (``ImageStore.kind``). `unscanned` says why a layer was not read; problems with single files
    stand in the contents, since an upper layer may have deleted the file.
    """

    image: Image
    kind: str
    contents: tuple[LayerContents | None, ...]
    unscanned: tuple[Unscanned, ...] = ()
