"""What an ELF file needs to run (interpreter, shared libraries), and whether it may list packages.

System V ABI, "Program Loading and Dynamic Linking". Only segments are looked at: what a loader sees, whatever was stripped.
Much faster than reading all sections, since an image has some thousand ELF files and few list packages.
"""

import re
import struct

from seawall.formats.packages.executables import ExecutableError
from seawall.formats.packages.go_build_info import MAGIC as GO_MAGIC
from seawall.model.image_contents import Program

MAX_NEEDED = 512
"""Most entries of a dynamic section that are looked at a kind: the largest programs need some hundred libraries."""

MAX_DYNAMIC = 1024 * 1024
"""Most bytes of a dynamic section; a program that needs 500 libraries has 10 KB."""

MAX_STRINGS = 16 * 1024 * 1024
"""Most bytes of a dynamic string table that are searched; that of a large browser has 1 MB."""

_SYMBOLS = re.compile(rb"\0(GLIBC|GLIBCXX)_(\d{1,4}(?:\.\d{1,4}){1,2})(?=\0)")
_STARTS = re.compile(rb"(?:system|popen|wordexp|exec(?:l|le|lp|v|ve|vp|vpe)|posix_spawnp?)\0")
"""Functions that start programs. Linkers let a name be the end of another one: bash has `execve` in `shell_execve`."""

_MAY_START = (b"system\0", b"popen\0", b"wordexp\0", b"exec", b"posix_spawn")
"""What one of `_STARTS` has in it. Looking for five plain texts takes a tenth of the time."""

_LOADS = re.compile(rb"lib[\w.+-]{1,60}?\.so(?:\.\d{1,4}){0,3}(?=\0)")
_SWITCH = b"\0libnss_"
_READS = {
    "ca-certificates": (b"/etc/ssl/cert", b"/etc/pki/tls", b"/usr/lib/ssl"),
    "tzdata": (b"zoneinfo",),
}
_GO_STARTS = b"os/exec.(*Cmd)"
"""In the function table of a Go program that can start others, stripped or not."""


_MACHINES = {
    3: "i386",
    8: "mips",
    20: "ppc",
    21: "ppc64",
    22: "s390x",
    40: "arm",
    62: "x86_64",
    183: "aarch64",
    243: "riscv64",
    258: "loongarch64",
}
_HEADERS = {
    (wide, order): struct.Struct(order + ("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"))
    for wide in (False, True)
    for order in "<>"
}
_SEGMENTS = {
    (wide, order): struct.Struct(order + ("IIQQQQQQ" if wide else "IIIIIIII"))
    for wide in (False, True)
    for order in "<>"
}
_DYNAMIC = {(wide, order): struct.Struct(order + ("qQ" if wide else "iI")) for wide in (False, True) for order in "<>"}
_NEEDED, _STRTAB, _STRSZ, _SONAME, _RPATH, _RUNPATH, _FLAGS_1 = 1, 5, 10, 14, 15, 29, 0x6FFFFFFB


def read_program(path: str, data: bytes, *, own: bool = False) -> tuple[Program | None, bool]:
    """Return what the ELF file `data` needs, and whether ``packages.binaries`` should look at it.

    `own`: it lies where an application's own programs do, and is also searched for the data that it reads (`Program.reads`).

    None for object files, core dumps and kernel modules, which nobody starts. Raises `ExecutableError`.
    """
    if len(data) < 52:
        raise ExecutableError("the file ends inside its own headers")
    form = data[4] == 2, ">" if data[5] == 2 else "<"
    try:
        kind, machine, _, _, phoff, shoff, _, _, phsize, phnum, shsize, shnum, shstrndx = _HEADERS[form].unpack_from(
            data, 16
        )
        lists = _lists_crates(data, form, shoff, shsize, shnum, shstrndx)
        if kind not in (2, 3):  # ET_EXEC, ET_DYN
            return None, False
        loads: list[tuple[int, int, int]] = []
        interpreter = dynamic = None
        for index in range(phnum):
            segment = _SEGMENTS[form].unpack_from(data, phoff + index * phsize)
            if form[0]:
                what, flags, offset, address, _, size, _, _ = segment
            else:
                what, offset, address, _, size, _, flags, _ = segment
            if what == 1:
                loads.append((address, offset, size))
                if flags & 2 and not lists and data.find(GO_MAGIC, offset, offset + size) >= 0:
                    lists = True
            elif what == 2:
                dynamic = offset, size
            elif what == 3:
                interpreter = _text(data, offset, size)
        needed, soname, search, pie, strings = (
            _read_dynamic(data, form, dynamic, loads) if dynamic else ((), "", (), False, b"")
        )
    except (struct.error, OverflowError):
        raise ExecutableError("the file ends inside its own headers") from None
    static = interpreter is None and not needed and (kind == 2 or pie)
    opened: list[bytes] = _LOADS.findall(data) if b"dlopen\0" in strings else []
    if static and data.find(_SWITCH) >= 0:
        opened = [b"libc.so.6"]  # a static glibc loads its modules for names of hosts and users, and with them itself
    program = Program(
        path=path,
        machine=_MACHINES.get(machine, str(machine)),
        interpreter=interpreter or "",
        needed=needed,
        soname=soname,
        search=search,
        static=static,
        size=len(data),
        symbols=_newest(strings),
        starts=_starts(data, strings, alone=not needed and not soname, go=lists),
        loads=tuple(sorted({name.decode() for name in opened} - {*needed, soname}))[:MAX_NEEDED],
        reads=tuple(what for what, names in _READS.items() if any(data.find(name) >= 0 for name in names))
        if own
        else (),
    )
    return program, lists


def _starts(data: bytes, strings: bytes, *, alone: bool, go: bool) -> bool:
    """Tell whether the file may start programs.

    One that needs libraries starts programs by their functions, which it, or the library that does it, names in its dynamic
    string table. Only the whole of one that stands `alone` can tell; and Go's own code, which calls no library, has its names.
    """
    if any(text in strings for text in _MAY_START) and _STARTS.search(strings) is not None:
        return True
    return (alone and data.find(b"/bin/sh\0") >= 0) or ((alone or go) and data.find(_GO_STARTS) >= 0)


def _newest(strings: bytes) -> tuple[str, ...]:
    """Return the newest of each family of symbol versions in a dynamic string table."""
    newest: dict[bytes, tuple[int, ...]] = {}
    for family, version in _SYMBOLS.findall(strings):
        numbers = tuple(map(int, version.split(b".")))
        newest[family] = max(newest.get(family, ()), numbers)
    return tuple(f"{family.decode()}_{'.'.join(map(str, version))}" for family, version in sorted(newest.items()))


def _lists_crates(data: bytes, form: tuple[bool, str], shoff: int, shsize: int, shnum: int, shstrndx: int) -> bool:
    """Tell whether there is a section of cargo-auditable, by the names of sections, or whether there are none to tell by."""
    if not shoff or shstrndx >= shnum:
        return False
    at = shoff + shstrndx * shsize
    offset, size = struct.unpack_from(form[1] + ("QQ" if form[0] else "II"), data, at + (24 if form[0] else 16))
    return data.find(b".dep-v0", offset, offset + min(size, 1 << 20)) >= 0


def _read_dynamic(
    data: bytes, form: tuple[bool, str], place: tuple[int, int], loads: list[tuple[int, int, int]]
) -> tuple[tuple[str, ...], str, tuple[str, ...], bool, bytes]:
    offset, size = place
    entry = _DYNAMIC[form]
    found: dict[int, list[int]] = {}
    section = data[offset : min(offset + min(size, MAX_DYNAMIC), len(data))]
    for tag, value in entry.iter_unpack(section[: len(section) - len(section) % entry.size]):
        if not tag:
            break
        values = found.setdefault(tag, []) if len(found) < MAX_NEEDED else found.get(tag, [])
        if len(values) < MAX_NEEDED:
            values.append(value)
    table = found.get(_STRTAB, [0])[0]
    start = next(
        (offset + table - address for address, offset, size in loads if address <= table < address + size), None
    )
    if start is None:
        return (), "", (), False, b""
    size = found.get(_STRSZ, [0])[0]

    def text(position: int) -> str:
        return _text(data, start + position, size - position) if position < size else ""

    needed = tuple(text(position) for position in found.get(_NEEDED, ()))
    soname = text(found[_SONAME][0]) if _SONAME in found else ""
    search = tuple(text(position) for tag in (_RPATH, _RUNPATH) for position in found.get(tag, ()))
    pie = bool(found.get(_FLAGS_1, [0])[0] & 0x08000000)
    return needed, soname, search, pie, data[start : start + min(size, MAX_STRINGS)]


def _text(data: bytes, offset: int, size: int) -> str:
    """Return the text at `offset`, which a zero byte ends; names longer than a path may be are cut."""
    end = data.find(b"\0", offset, offset + min(size, 4096))
    if end < 0:
        end = offset + min(size, 4096)
    return data[offset:end].decode("utf-8", "replace")
