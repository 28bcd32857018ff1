"""Stanzas of ``Key: value`` lines (deb822, RFC 822 headers), and of ``K:value`` lines (apk)."""

from collections.abc import Iterator

from seawall.formats.lockfile_text import split_lines


class Stanza(dict[str, str]):
    """The fields of one stanza, keys in lower case; the first of several equal keys counts. `line` is where it begins."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line


def stanzas(data: bytes, wanted: frozenset[str]) -> Iterator[Stanza]:
    """Yield the stanzas of `data`, separated by blank lines, with the `wanted` fields alone.

    Further lines of a field are left out. A line that is no field (no colon) is passed over, as dpkg does with files that were
    written by hand.
    """
    current: Stanza | None = None
    for number, line in enumerate(split_lines(data), 1):
        if not line.strip():
            if current is not None:
                yield current
            current = None
            continue
        if current is None:
            current = Stanza(number)
        if line[0] in " \t":
            continue
        key, colon, value = line.partition(":")
        key = key.strip().lower()
        if colon and key in wanted:
            current.setdefault(key, value.strip())
    if current is not None:
        yield current
