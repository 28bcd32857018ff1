"""What of a file is text that may hold credentials: the file, the values that it carries encoded, the members of an archive.

A file with a NUL in its first 8,000 bytes is binary, as git takes it, and is passed over; UTF-16 is text all the same. The
values of a Kubernetes Secret are decoded. Zip and tar archives are opened, one level deep, within the bounds below; what is
no archive in spite of its name is binary, and so is what follows a break.
"""

import re
from collections.abc import Iterator

import msgspec

SNIFFED = 8000
"""Bytes in which a NUL makes a file binary: git's number."""

ARCHIVES = (".zip", ".jar", ".war", ".ear", ".whl", ".egg", ".nupkg", ".tar", ".tgz", ".tar.gz", ".tar.zst", ".gz")
MAX_ARCHIVE = 64 << 20
"""Largest archive that is opened: those that repositories hold have some megabytes, installers more."""

MAX_MEMBER = 16 << 20
"""Largest member that is looked into."""

MAX_INFLATED = 192 << 20
"""Bytes of all members of an archive; what is more is told as unscanned."""

MAX_MEMBERS = 20_000

# Compiled where they are needed: few files hold a Secret, and each start would pay.
_KIND = rb"""(?m)^[ \t]*"?kind"?[ \t]*:[ \t]*["']?Secret["']?[ \t]*,?[ \t]*\r?$|"kind"[ \t]*:[ \t]*"Secret\""""
_VALUE = rb"""(?m)^[ \t]+["']?([\w.-]{1,253})["']?:[ \t]*["']?([A-Za-z0-9+/]{8,}={0,2})["']?[ \t]*,?[ \t]*\r?$"""
_JSON_VALUE = rb'"([\w.-]{1,253})"[ \t]*:[ \t]*"([A-Za-z0-9+/]{8,}={0,2})"'
_BLOCK = rb"""(?m)^[ \t]+["']?([\w.-]{1,253})["']?:[ \t]*[|>][+-]?[ \t]*\r?\n((?:[ \t]+[A-Za-z0-9+/=]+[ \t]*\r?\n?)+)"""


class ArchiveError(ValueError):
    """The archive holds more than is looked into; the message is a sentence without its subject."""


class Encoded(msgspec.Struct, frozen=True):
    """A value that stands encoded in a text: its `key`, where it stands, and what it is."""

    key: str
    start: int
    end: int
    data: bytes


def as_text(data: bytes) -> bytes | None:
    """Return `data` as text in UTF-8 or of unknown encoding; None where it is binary."""
    head = data[:SNIFFED]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace").encode("utf-8", "replace")
    if b"\0" not in head:
        return data
    # Without a mark: every second byte of Latin text is a NUL.
    for at, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros = head[at::2].count(0)
        if len(head) > 7 and zeros * 10 > len(head) * 4 and head[1 - at :: 2].count(0) * 50 < len(head):
            return data.decode(encoding, "replace").encode("utf-8", "replace")
    return None


def secret_values(data: bytes) -> Iterator[Encoded]:
    """Yield the decoded values of the Kubernetes Secrets in `data`, where they are text."""
    if b"Secret" not in data or re.search(_KIND, data) is None:
        return
    from seawall.formats.credentials.proofs import decode_base64

    seen: set[int] = set()
    for pattern in (_VALUE, _BLOCK, _JSON_VALUE):
        for found in re.finditer(pattern, data):
            if found.start(2) in seen:
                continue
            seen.add(found.start(2))
            decoded = decode_base64(re.sub(rb"\s", b"", found[2]))
            if decoded and b"\0" not in decoded and _is_printable(decoded):
                yield Encoded(found[1].decode("ascii", "replace"), found.start(2), found.end(2), decoded)


def _is_printable(data: bytes) -> bool:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character in "\r\n\t" for character in text[:4096])


def is_archive(name: str) -> bool:
    """Tell by its name whether a file is an archive that is opened."""
    return name.lower().endswith(ARCHIVES)


def members(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the members of the archive `data`; nothing where it is none.

    Raises `ArchiveError` where it holds more than is looked into.
    """
    if data.startswith(b"PK\3\4"):
        yield from _zip_members(data)
    elif data.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")) or name.lower().endswith(".tar"):
        yield from _tar_members(name, data)


def _zip_members(data: bytes) -> Iterator[tuple[str, bytes]]:
    from seawall.formats.zip_entries import Archive, ZipError, ZipLimitError

    left = MAX_INFLATED
    try:
        archive = Archive(data)
        for count, entry in enumerate(archive.entries()):
            if count == MAX_MEMBERS:
                raise ArchiveError(f"has more than {MAX_MEMBERS:,} members")
            if entry.name.endswith("/") or entry.encrypted:
                continue
            content = archive.read(entry, min(left, MAX_MEMBER))
            left -= len(content)
            yield entry.name, content
    except ZipLimitError as error:
        raise ArchiveError(str(error)) from None
    except ZipError:
        return  # what is behind the break is no text


def _tar_members(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    from seawall.formats.compression import CompressionError
    from seawall.formats.tar_extensions import TarError
    from seawall.formats.tar_members import TarReader

    try:
        if not name.lower().endswith((".tar", ".tgz", ".tar.gz", ".tar.zst")):
            yield name.rpartition("/")[2].rpartition(".")[0], b"".join(_inflated(data, MAX_MEMBER))
            return
        reader = TarReader(_inflated(data, MAX_INFLATED))
        for count, member in enumerate(reader):
            if count == MAX_MEMBERS:
                raise ArchiveError(f"has more than {MAX_MEMBERS:,} members")
            if not member.size or member.kind not in b"0\0":
                continue
            if member.size <= MAX_MEMBER:
                yield member.path.decode("utf-8", "replace"), reader.read(MAX_MEMBER)
            elif b"\0" not in reader.peek(SNIFFED):
                raise ArchiveError(f"has a text of more than {MAX_MEMBER >> 20} MiB: {member.path.decode()[:100]!r}")
    except (CompressionError, TarError):
        return  # what is behind the break is no text


def _inflated(data: bytes, most: int) -> Iterator[bytes]:
    from seawall.formats.compression import Limits, decompressed

    # The number of bytes is the bound: that much may be zeros.
    left = most
    for chunk in decompressed([data], Limits(ratio=2000)):
        left -= len(chunk)
        if left < 0:
            raise ArchiveError(f"holds more than {most >> 20} MiB")
        yield chunk
