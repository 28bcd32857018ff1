r"""Go's build information in an executable, as ``go version -m`` reads it (debug/buildinfo of the Go project).

A header of 32 bytes, ``\xff Go buildinf:`` first, at an address that 16 divides: in the section ``.go.buildinfo``
(``__go_buildinfo`` in Mach-O), or in writable data where there is none. Flag 2 says that two strings follow, each with its
length as a varint (Go 1.18 and later); else two pointers to string headers stand there, in the byte order of flag 1.
"""

from typing import Literal

from seawall.formats.packages.executables import Executable, ExecutableError, Section

MAGIC = b"\xff Go buildinf:"
MAX_TEXT = 8 * 1024 * 1024
"""Longest text that is taken: a module line has about 100 bytes, the largest programs have some thousand modules."""


class GoBuildInfoError(ValueError):
    """There is build information, and it cannot be read."""


def find_build_info(program: Executable) -> tuple[str, str] | None:
    """Return Go's version and the module lines (both may be empty), or None where the program is not Go's."""
    budget = 2 * len(program.data)  # sections that overlap would have the same bytes searched again and again
    for section in _candidates(program):
        start, end = section.offset, min(section.offset + section.size, len(program.data))
        budget -= max(0, end - start)
        if budget < 0:
            raise GoBuildInfoError("its sections are larger than the file")
        while (found := program.data.find(MAGIC, start, end)) >= 0:
            if (section.address + found - section.offset) % 16 == 0 and found + 32 <= end:
                try:
                    return _read(program, found, end)
                except ExecutableError as error:
                    raise GoBuildInfoError(str(error)) from error
            start = found + 1
    return None


def _candidates(program: Executable) -> list[Section]:
    named = [section for section in program.sections if section.name in (".go.buildinfo", "__go_buildinfo")]
    return named or [section for section in program.sections if section.writable]


def _read(program: Executable, start: int, end: int) -> tuple[str, str]:
    content = program.data
    pointer_size, flags = content[start + 14], content[start + 15]
    if flags & 2:
        version, after = _inline(content, start + 32, end)
        modules, _ = _inline(content, after, end)
    else:
        if pointer_size not in (4, 8):
            raise GoBuildInfoError(f"pointers of {pointer_size} bytes")
        order: Literal["big", "little"] = "big" if flags & 1 else "little"
        texts = []
        for number in (0, 1):
            at = start + 16 + number * pointer_size
            header = int.from_bytes(content[at : at + pointer_size], order)
            if not header:
                texts.append(b"")
                continue
            raw = program.at(header, 2 * pointer_size)
            address = int.from_bytes(raw[:pointer_size], order)
            length = int.from_bytes(raw[pointer_size:], order)
            if length > MAX_TEXT:
                raise GoBuildInfoError(f"a text of {length:,} bytes")
            texts.append(bytes(program.at(address, length)) if length else b"")
        version, modules = texts
    # The modules stand between two markers of 16 bytes each.
    modules = modules[16:-16] if len(modules) >= 33 and modules[-17:-16] == b"\n" else b""
    return version.decode("utf-8", "replace"), modules.decode("utf-8", "replace")


def _inline(content: bytes, at: int, limit: int) -> tuple[bytes, int]:
    length = shift = 0
    for index in range(at, at + 10):
        if index >= limit:
            break
        byte = content[index]
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            end = index + 1 + length
            if length > MAX_TEXT or end > limit:
                raise GoBuildInfoError("a text goes on after the end of its section")
            return content[index + 1 : end], end
    raise GoBuildInfoError("a text's length does not end")
