"""Our tar reader sees what the library and GNU tar wrote, however it was written and cut into chunks."""

import io
import os
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.formats.tar_extensions import TarError
from seawall.formats.tar_members import BLOCK, FILE, HARD_LINK, TarReader
from tests.sample_images import folder, hard_link, layer, member, sparse_file, split, symlink

FORMS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)


def read(data: bytes, size: int = 1 << 20) -> dict[bytes, bytes]:
    reader = TarReader(split(data, size))
    return {entry.path: reader.read(1 << 30) for entry in reader if entry.kind == FILE}


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=150)


@given(
    st.dictionaries(st.lists(NAMES, min_size=1, max_size=3).map("/".join), st.binary(max_size=1500), max_size=5),
    st.sampled_from((tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)),
    st.sampled_from((1, 511, 512, 513, 4096, 1 << 20)),
)
def test_it_reads_what_the_library_wrote(contents: dict[str, bytes], form: int, size: int) -> None:
    data = layer(*(member(path, content) for path, content in contents.items()), form=form)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        told = [(entry.name, entry.size, entry.mode, entry.uid) for entry in archive]
    reader = TarReader(split(data, size))
    seen = [(entry.path.decode(), entry.size, entry.mode, entry.uid) for entry in reader]
    assert [(name.rstrip("/"), *rest) for name, *rest in seen] == told
    assert reader.position == len(data)
    wanted = {path.encode(): content for path, content in contents.items() if not path.endswith("/")}
    assert read(data, size) == wanted


@pytest.mark.parametrize("form", FORMS)
def test_fields_are_those_of_the_header(form: int) -> None:
    data = layer(
        folder("app", 0o1777),
        member("app/run", b"x", mode=0o4755, uid=7, gid=9),
        hard_link("app/again", "app/run"),
        symlink("app/link", "../etc/passwd"),
        form=form,
    )
    entries = list(TarReader([data]))
    assert [(e.path.rstrip(b"/"), e.mode, e.uid, e.gid, e.link) for e in entries] == [
        (b"app", 0o1777, 0, 0, b""),
        (b"app/run", 0o4755, 7, 9, b""),
        (b"app/again", 0o644, 0, 0, b"app/run"),
        (b"app/link", 0o644, 0, 0, b"../etc/passwd"),
    ]
    assert [entry.kind for entry in entries] == [b"5", b"0", b"1", b"2"]


def test_numbers_too_large_for_octal_are_read_in_base_256_and_from_pax_records() -> None:
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        (entry,) = TarReader([layer(member("f", b"", uid=3_000_000_000, gid=2_999_999_999), form=form)])
        assert (entry.uid, entry.gid) == (3_000_000_000, 2_999_999_999)


def test_a_pax_size_counts_more_than_the_field() -> None:
    info, content = member("f", b"12345")
    info.pax_headers = {"size": "5"}
    assert read(layer((info, content))) == {b"f": b"12345"}


def test_global_headers_hold_for_all_that_follow() -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"gid": "77"}) as archive:
        archive.addfile(member("a")[0])
        archive.addfile(member("b")[0])
    assert [entry.gid for entry in TarReader([target.getvalue()])] == [77, 77]


def test_capabilities_come_from_extended_attributes() -> None:
    info, _ = member("ping")
    info.pax_headers = {"SCHILY.xattr.security.capability": "\1\0\0\2"}
    (entry,) = TarReader([layer((info, b""))])
    assert entry.capability == b"\1\0\0\2"


@pytest.mark.parametrize("form", ["gnu", "posix:0.0", "posix:0.1", "posix:1.0"])
def test_sparse_files_of_gnu_tar_have_their_holes(tmp_path: Path, form: str) -> None:
    pieces = {at * 65536: b"%06d" % at * 700 for at in range(1, 60, 2)}  # more than fit into the header
    sparse_file(tmp_path / "holes", pieces, 60 * 65536 + 17)
    kind, _, version = form.partition(":")
    extra = [f"--sparse-version={version}"] if version else []
    subprocess.run(["tar", "-S", f"--format={kind}", *extra, "-cf", "a.tar", "holes"], cwd=tmp_path, check=True)
    data = (tmp_path / "a.tar").read_bytes()
    assert len(data) < 400_000
    for size in (512, 100_000):
        assert read(data, size) == {b"holes": (tmp_path / "holes").read_bytes()}


@pytest.mark.parametrize("form", ["v7", "oldgnu", "gnu", "ustar", "posix"])
def test_it_reads_what_gnu_tar_wrote(tmp_path: Path, form: str) -> None:
    deep = "d" * 60 + "/" + "e" * (30 if form == "v7" else 80)
    (tmp_path / deep).parent.mkdir()
    for name, content in ((deep, b"x" * 700), ("plain", b""), ("b", bytes(range(256)) * 9)):
        (tmp_path / name).write_bytes(content)
    os.link(tmp_path / "b", tmp_path / "linked")
    target = "b" if form in ("v7", "ustar") else deep  # these have room for 100 bytes
    (tmp_path / "pointing").symlink_to(target)
    names = ["plain", "b", "linked", "pointing", "d" * 60]
    subprocess.run(["tar", f"--format={form}", "-cf", "a.tar", *names], cwd=tmp_path, check=True)
    data = (tmp_path / "a.tar").read_bytes()
    assert read(data, 4096) == {
        b"plain": b"",
        b"b": bytes(range(256)) * 9,
        deep.encode(): b"x" * 700,
    }
    assert {entry.path: entry.link for entry in TarReader([data]) if entry.link} == {
        b"linked": b"b",
        b"pointing": target.encode(),
    }


def test_the_first_bytes_can_be_looked_at_without_reading_the_rest() -> None:
    reader = TarReader(split(layer(member("a", b"#!/bin/sh\n" * 100), member("b", b"ELF")), 700))
    assert [(reader.peek(4), entry.path) for entry in reader] == [(b"#!/b", b"a"), (b"ELF", b"b")]


def test_what_is_not_wanted_is_sought_over() -> None:
    data = layer(member("a", bytes(100_000)), member("b", b"end"))
    at = 0
    taken = []

    def headers() -> Iterator[bytes]:
        nonlocal at
        while chunk := data[at : at + 512]:
            at += 512
            taken.append(len(chunk))
            yield chunk

    def seek(count: int) -> bool:
        nonlocal at
        at += count
        return at <= len(data)

    reader = TarReader(headers(), seek=seek)
    assert [data[reader.content_offset :][:3] for entry in reader if entry.size == 3] == [b"end"]
    assert sum(taken[:3]) == 1536


@pytest.mark.parametrize("cut", [100, 512 + 10, 512 + 1024 + 200])
def test_an_archive_that_is_cut_off_is_an_error_that_says_where(cut: int) -> None:
    data = layer(member("a", b"x" * 1000), member("b", b"y" * 600), form=tarfile.USTAR_FORMAT)[:cut]
    with pytest.raises(TarError, match="cut off") as caught:
        list(TarReader([data]))
    assert 0 <= caught.value.offset <= cut


def test_an_archive_without_its_last_blocks_is_whole() -> None:
    data = layer(member("a", b"x"), form=tarfile.USTAR_FORMAT)[: 2 * BLOCK]
    assert read(data) == {b"a": b"x"}
    assert read(data[: BLOCK + 1]) == {b"a": b"x"}


def test_a_wrong_checksum_is_an_error_that_says_where() -> None:
    data = bytearray(layer(member("a"), member("b"), form=tarfile.USTAR_FORMAT))
    data[BLOCK] ^= 1
    with pytest.raises(TarError, match="checksum") as caught:
        list(TarReader([bytes(data)]))
    assert caught.value.offset == BLOCK


def test_checksums_over_signed_bytes_are_accepted() -> None:
    data = bytearray(layer(member("\u00fc"), form=tarfile.GNU_FORMAT))
    total = sum(byte - 256 if byte > 127 else byte for byte in data[:148] + data[156:BLOCK]) + 256
    data[148:156] = b"%06o\0 " % total
    assert [entry.path.decode() for entry in TarReader([bytes(data)])] == ["\u00fc"]


def test_no_number_is_taken_from_what_is_none() -> None:
    for field in (b"-0000000001\0", b"00000000_01\0", b"9999999999 \0", b"\xff" * 12, b"\x80" + b"\xff" * 11):
        data = bytearray(layer(member("a"), form=tarfile.USTAR_FORMAT))
        data[124:136] = field
        data[148:156] = b"%06o\0 " % (sum(data[:148] + data[156:BLOCK]) + 256)
        with pytest.raises(TarError):
            list(TarReader([bytes(data)]))


@given(st.binary(max_size=2000), st.integers(0, 3000), st.integers(1, 1200))
def test_damage_is_an_error_and_nothing_else(noise: bytes, at: int, size: int) -> None:
    data = bytearray(layer(member("d" * 120, b"x" * 700), hard_link("h", "d"), member("e", b"y")))
    data[at : at + len(noise)] = noise
    try:
        for entry in (reader := TarReader(split(bytes(data), size))):
            assert entry.kind == HARD_LINK or len(reader.read(1 << 40)) == entry.size
    except TarError:
        pass
