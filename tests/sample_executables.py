"""Builds the smallest executables that hold a section, in each format, for tests."""

import struct


def elf(
    sections: dict[str, tuple[int, bytes]], *, wide: bool = True, big: bool = False, stripped: bool = False
) -> bytes:
    """Return an ELF file of `sections`, name to address and content; `stripped` leaves the section headers out."""
    order = ">" if big else "<"
    header = 64 if wide else 52
    phentsize, shentsize = (56, 64) if wide else (32, 40)
    body, placed = b"", []
    start = header + phentsize * len(sections)
    names = b"\0"
    for name, (address, content) in sections.items():
        placed.append((len(names), address, start + len(body), len(content)))
        names += name.encode() + b"\0"
        body += content
    shstrtab = start + len(body)
    shoff = 0 if stripped else shstrtab + len(names)
    count = 0 if stripped else len(sections) + 2
    head = b"\x7fELF" + bytes((2 if wide else 1, 2 if big else 1, 1)) + bytes(9)
    head += struct.pack(
        order + ("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"),
        2, 62, 1, 0, header, shoff, 0, header, phentsize, len(sections), shentsize, count, max(0, count - 1),
    )  # fmt: skip
    for _, address, offset, size in placed:
        if wide:
            head += struct.pack(order + "IIQQQQQQ", 1, 6, offset, address, address, size, size, 16)
        else:
            head += struct.pack(order + "IIIIIIII", 1, offset, address, address, size, size, 6, 16)
    file = head + body
    if stripped:
        return file
    file += names + b""
    form = order + ("IIQQQQIIQQ" if wide else "IIIIIIIIII")
    file += bytes(shentsize)
    for name, address, offset, size in placed:
        file += struct.pack(form, name, 1, 3, address, offset, size, 0, 0, 16, 0)
    return file + struct.pack(form, 0, 3, 0, 0, shstrtab, len(names), 0, 0, 1, 0)


def pe(sections: dict[str, tuple[int, bytes]], base: int = 0x140000000) -> bytes:
    """Return a PE32+ file of writable `sections`."""
    optional = struct.pack("<H22xQ", 0x20B, base) + bytes(16)
    start = 64 + 24 + len(optional) + 40 * len(sections)
    headers, body = b"", b""
    for name, (address, content) in sections.items():
        headers += struct.pack(
            "<8sIIIIIIHHI",
            name.encode(),
            len(content),
            address - base,
            len(content),
            start + len(body),
            0,
            0,
            0,
            0,
            0xC0000040,
        )
        body += content
    coff = struct.pack("<HHIIIHH", 0x8664, len(sections), 0, 0, 0, len(optional), 0)
    return b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + coff + optional + headers + body


def macho(sections: dict[str, tuple[int, bytes]]) -> bytes:
    """Return a 64-bit Mach-O file with one writable segment of `sections`."""
    size = 72 + 80 * len(sections)
    start = 32 + size
    headers, body = b"", b""
    for name, (address, content) in sections.items():
        headers += struct.pack(
            "<16s16sQQIIIIIIII", name.encode(), b"__DATA", address, len(content), start + len(body), 4, *([0] * 6)
        )
        body += content
    segment = struct.pack("<II16sQQQQIIII", 0x19, size, b"__DATA", 0, 0, 0, 0, 3, 3, len(sections), 0)
    return struct.pack("<IIIIIIII", 0xFEEDFACF, 0x01000007, 3, 2, 1, size, 0, 0) + segment + headers + body


def fat(programs: list[bytes]) -> bytes:
    """Return a universal Mach-O file of `programs`."""
    start = 8 + 20 * len(programs)
    head, body = struct.pack(">II", 0xCAFEBABE, len(programs)), b""
    for number, program in enumerate(programs):
        head += struct.pack(">IIIII", 7 + number, 3, start + len(body), len(program), 0)
        body += program
    return head + body


MODULES = (
    "path\texample.com/tide\nmod\texample.com/tide\t(devel)\t\ndep\tgolang.org/x/text\tv0.3.7\th1:abc=\n"
    "dep\texample.com/old\tv1.0.0\n=>\texample.com/new\tv1.2.0\th1:def=\ndep\texample.com/local\tv0.1.0\n=>\t./local\t(devel)\t\n"
    "build\t-compiler=gc\n"
)


def _varint(value: int) -> bytes:
    out = b""
    while value >= 0x80:
        out += bytes((value & 0x7F | 0x80,))
        value >>= 7
    return out + bytes((value,))


def go_inline(version: str = "go1.22.3", modules: str = MODULES) -> bytes:
    """Return build information as Go 1.18 and later writes it."""
    text = bytes(range(16)) + modules.encode() + bytes(range(16, 32))
    head = b"\xff Go buildinf:" + bytes((8, 2)) + bytes(16)
    return head + _varint(len(version)) + version.encode() + _varint(len(text)) + text


def go_pointers(
    address: int, *, size: int = 8, big: bool = False, version: str = "go1.16.5", modules: str = MODULES
) -> bytes:
    """Return build information as Go before 1.18 writes it, for a section at `address`."""
    order = "big" if big else "little"
    text = bytes(range(16)) + modules.encode() + bytes(range(16, 32))
    headers, strings = 32, 32 + 4 * size

    def number(value: int) -> bytes:
        return value.to_bytes(size, order)  # type: ignore[arg-type]

    head = b"\xff Go buildinf:" + bytes((size, 1 if big else 0))
    head += (number(address + headers) + number(address + headers + 2 * size)).ljust(16, b"\0")
    first = number(address + strings) + number(len(version))
    second = number(address + strings + len(version)) + number(len(text))
    return head + first + second + version.encode() + text


def dynamic_elf(
    needed: tuple[str, ...] = (),
    *,
    interpreter: str = "",
    soname: str = "",
    runpath: str = "",
    kind: int = 3,
    machine: int = 62,
    pie: bool = False,
    wide: bool = True,
    big: bool = False,
) -> bytes:
    """Return an ELF file without sections that a loader would take: an interpreter, and a dynamic section over its strings."""
    order = ">" if big else "<"
    segment = struct.Struct(order + ("IIQQQQQQ" if wide else "IIIIIIII"))
    header = 64 if wide else 52
    strings, entries = b"\0", []
    for tag, text in [(1, name) for name in needed] + [(14, soname)] * bool(soname) + [(29, runpath)] * bool(runpath):
        entries.append((tag, len(strings)))
        strings += text.encode() + b"\0"
    base = 0x10000
    count = 3 if interpreter else 2
    start = header + segment.size * count
    program = interpreter.encode() + b"\0"
    table = start + len(program)
    dynamic = table + len(strings)
    entries += [(5, base + table), (10, len(strings))] + [(0x6FFFFFFB, 0x08000000)] * pie + [(0, 0)]
    listed = b"".join(struct.pack(order + ("QQ" if wide else "II"), *entry) for entry in entries)
    end = dynamic + len(listed)

    def part(what: int, offset: int, size: int) -> bytes:
        if wide:
            return segment.pack(what, 4, offset, base + offset, base + offset, size, size, 8)
        return segment.pack(what, offset, base + offset, base + offset, size, size, 4, 8)

    segments = part(1, 0, end) + part(2, dynamic, len(listed))
    if interpreter:
        segments += part(3, start, len(program))
    head = b"\x7fELF" + bytes((2 if wide else 1, 2 if big else 1, 1)) + bytes(9)
    head += struct.pack(
        order + ("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"),
        kind, machine, 1, 0, header, 0, 0, header, segment.size, count, 0, 0, 0,
    )  # fmt: skip
    return head + segments + program + strings + listed
