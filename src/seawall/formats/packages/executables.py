"""Sections of executables (ELF, PE, Mach-O), as far as the package lists that compilers leave in them need it.

Everything is read from offsets that the file states, so every offset is checked: an `ExecutableError` says that the file is
cut off or states nonsense. Nothing is copied but what is asked for.
"""

import struct
from collections.abc import Iterator

import msgspec

MAX_SECTIONS = 4096
"""Most sections and segments that are looked at; linkers make a few dozen, debug builds a few hundred."""

MAX_ARCHITECTURES = 16
"""Most parts of a universal (fat) Mach-O file."""

_FAT = (b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf")
_MACHO = (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xfe\xed\xfa\xcf", b"\xfe\xed\xfa\xce")
MAGICS = (b"\x7fELF", b"MZ", *_FAT, *_MACHO)
"""How the files begin that `open_executable` reads. A Java class begins like a fat Mach-O, and is told apart by its version."""


class ExecutableError(ValueError):
    """The file is cut off, or its headers state what cannot be."""


class Section(msgspec.Struct, frozen=True):
    """A part of the file: `offset` and `size` in the file, `address` in memory; `writable` data where the format says it."""

    name: str
    address: int
    offset: int
    size: int
    writable: bool = False


class Executable(msgspec.Struct, frozen=True):
    """The sections of one program of the file, whose bytes are `data`."""

    data: bytes
    sections: tuple[Section, ...]

    def content(self, section: Section) -> memoryview:
        """Return the bytes of `section`."""
        return _slice(memoryview(self.data), section.offset, section.size)

    def at(self, address: int, size: int) -> memoryview:
        """Return `size` bytes that the program will have at `address`."""
        for section in self.sections:
            if section.address and section.address <= address and address + size <= section.address + section.size:
                return _slice(memoryview(self.data), section.offset + address - section.address, size)
        raise ExecutableError(f"the address {address:#x} lies in no section")


def is_executable(head: bytes) -> bool:
    """Tell by the first eight bytes whether `programs` may find something."""
    if not head.startswith(MAGICS):
        return False
    # 0xcafebabe: Mach-O counts its architectures where a Java class has its version, 45 and above.
    return not head.startswith(_FAT) or (len(head) >= 8 and int.from_bytes(head[4:8], "big") <= MAX_ARCHITECTURES)


def programs(data: bytes) -> Iterator[Executable]:
    """Yield the programs of the file: one, or one an architecture. Raises `ExecutableError`."""
    view = memoryview(data)
    if data[:4] == b"\x7fELF":
        yield Executable(data, tuple(_elf(view)))
    elif data[:2] == b"MZ":
        yield Executable(data, tuple(_pe(view)))
    elif data[:4] in _MACHO:
        yield Executable(data, tuple(_macho(view)))
    elif data[:4] in _FAT and is_executable(data[:8]):
        wide = data[3] == 0xBF
        for number in range(int.from_bytes(data[4:8], "big")):
            entry = _unpack(">IIQQ" if wide else ">IIII", view, 8 + number * (32 if wide else 20))
            part = bytes(_slice(view, entry[2], entry[3]))
            if part[:4] in _MACHO:
                yield Executable(part, tuple(_macho(memoryview(part))))


def _elf(data: memoryview) -> Iterator[Section]:
    """Sections by name; then the loaded segments, for files whose section headers were stripped."""
    wide, order = bytes(data[4:5]) == b"\x02", ">" if bytes(data[5:6]) == b"\x02" else "<"
    if wide:
        phoff, shoff, _, _, phentsize, phnum, shentsize, shnum, shstrndx = _unpack(order + "QQIHHHHHH", data, 32)
    else:
        phoff, shoff, _, _, phentsize, phnum, shentsize, shnum, shstrndx = _unpack(order + "IIIHHHHHH", data, 28)
    headers = []
    if shoff:
        for number in range(min(shnum, MAX_SECTIONS)):
            name, kind, flags, address, offset, size = _unpack(
                order + ("IIQQQQ" if wide else "IIIIII"), data, shoff + number * shentsize
            )
            headers.append((name, kind, flags, address, offset, size))
    if shstrndx < len(headers):
        names = bytes(_slice(data, headers[shstrndx][4], min(headers[shstrndx][5], 1 << 20)))
        for name, kind, flags, address, offset, size in headers:
            if kind != 8:  # SHT_NOBITS has no bytes in the file
                yield Section(_name(names[name : name + 64]), address, offset, size, bool(flags & 1))
    for number in range(min(phnum, MAX_SECTIONS)):
        at = phoff + number * phentsize
        if wide:
            kind, flags, offset, address, _, size = _unpack(order + "IIQQQQ", data, at)
        else:
            kind, offset, address, _, size, _, flags = _unpack(order + "IIIIIII", data, at)
        if kind == 1:  # PT_LOAD
            yield Section("", address, offset, size, bool(flags & 2) and not flags & 1)


def _pe(data: memoryview) -> Iterator[Section]:
    (start,) = _unpack("<I", data, 0x3C)
    if bytes(_slice(data, start, 4)) != b"PE\0\0":
        return  # a DOS program
    _, count, _, _, _, optional_size, _ = _unpack("<HHIIIHH", data, start + 4)
    optional = start + 24
    base = 0
    if optional_size >= 32:
        (magic,) = _unpack("<H", data, optional)
        (base,) = _unpack("<Q", data, optional + 24) if magic == 0x20B else _unpack("<I", data, optional + 28)
    for number in range(min(count, MAX_SECTIONS)):
        at = optional + optional_size + number * 40
        name = bytes(_slice(data, at, 8))
        _, address, size, offset = _unpack("<IIII", data, at + 8)
        (flags,) = _unpack("<I", data, at + 36)
        yield Section(_name(name), base + address, offset, size, bool(flags & 0x80000000))


def _macho(data: memoryview) -> Iterator[Section]:
    magic = bytes(data[:4])
    order = ">" if magic[0] == 0xFE else "<"
    wide = magic in (_MACHO[0], _MACHO[2])
    (commands,) = _unpack(order + "I", data, 16)
    at, left = 32 if wide else 28, MAX_SECTIONS
    for _ in range(min(commands, MAX_SECTIONS)):
        command, size = _unpack(order + "II", data, at)
        if size < 8:
            raise ExecutableError("a load command has no length")
        if command == (0x19 if wide else 0x1):
            (protection, count) = _unpack(order + "II", data, at + (60 if wide else 44))
            for number in range(min(count, left)):
                left -= 1
                entry = at + (72 + number * 80 if wide else 56 + number * 68)
                name = bytes(_slice(data, entry, 16))
                address, length, offset = _unpack(order + ("QQI" if wide else "III"), data, entry + 32)
                if offset:
                    yield Section(_name(name), address, offset, length, bool(protection & 2))
        at += size


def _unpack(form: str, data: memoryview, offset: int) -> tuple[int, ...]:
    try:
        return struct.unpack_from(form, data, offset)
    except (struct.error, OverflowError) as error:  # the offset lies past the end, or past all numbers
        raise ExecutableError("the file ends inside its own headers") from error


def _slice(data: memoryview, offset: int, size: int) -> memoryview:
    if offset < 0 or size < 0 or offset + size > len(data):
        raise ExecutableError("the file ends inside a section that it states")
    return data[offset : offset + size]


def _name(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode("latin-1")
