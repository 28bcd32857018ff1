"""A mapping of a file passes for its bytes with the readers that get one: they answer the same."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.formats.packages import binaries, java, rpm
from seawall.formats.packages.elf_needs import read_program
from seawall.model.errors import SourceError
from seawall.model.package import ParsedPackages
from seawall.sources.images import spool
from seawall.sources.images.spool import fill, mapped
from tests.sample_executables import dynamic_elf, elf, macho, pe

FILES = Path(__file__).parents[1] / "inventory" / "files"
GO = (
    b"\xff Go buildinf:\x08\x02" + bytes(16) + b"\x08go1.22.1" + b"\x31" + b"0" * 16 + b"mod\tx\tv1.0.0\n\n" + b"1" * 16
)


@pytest.mark.parametrize(
    ("parse", "data"),
    [
        (rpm.parse, (FILES / "rpm" / "rpmdb.sqlite").read_bytes()),
        (rpm.parse, (FILES / "rpm" / "Packages").read_bytes()),
        (rpm.parse, b"no database" * 100),
        (java.parse, b"PK no archive" * 100),
        (binaries.parse, elf({".go.buildinfo": (0x400000, GO)})),
        (binaries.parse, pe({".data": (0x140001000, GO)})),
        (binaries.parse, macho({"__go_buildinfo": (0x100000000, GO)})),
        (binaries.parse, b"\x7fELF broken"),
    ],
)
def test_packages_are_the_same(parse: Callable[[str, bytes], ParsedPackages], data: bytes) -> None:
    with mapped(iter((data[:100], data[100:])), len(data)) as mapping:
        assert parse("x", mapping) == parse("x", data)


def test_what_a_program_needs_is_the_same() -> None:
    data = dynamic_elf(("libc.so.6",), interpreter="/lib/ld.so")
    with mapped(iter((data,)), len(data)) as mapping:
        assert read_program("x", mapping) == read_program("x", data)


@given(
    st.binary(max_size=40), st.binary(min_size=1, max_size=3), st.integers(-50, 50), st.integers(-50, 50) | st.none()
)
def test_a_mapping_finds_what_bytes_find(data: bytes, text: bytes, start: int, end: int | None) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool, "WINDOW", 7)
        with mapped(iter((data, b"end")), len(data) + 3) as mapping:
            assert mapping.find(text, start, end) == (data + b"end").find(text, start, end)


def test_a_full_disk_is_an_error_that_says_what_to_do() -> None:
    with open("/dev/full", "wb", buffering=0) as full, pytest.raises(SourceError, match="SEAWALL_CACHE_DIR"):
        fill(full, [b"x"])
