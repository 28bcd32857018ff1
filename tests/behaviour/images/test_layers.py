"""What is found in a layer: packages however they are linked, files that stand out, programs and what they need."""

import tarfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.formats import image_layers
from seawall.formats.image_layers import IN_MEMORY, LayerReader
from seawall.formats.tar_members import TarReader
from seawall.model.file_table import FileTableWriter
from seawall.model.image_contents import LayerContents
from seawall.model.resource import Unscanned
from seawall.sources.images.spool import mapped
from tests.sample_executables import elf
from tests.sample_images import DEBIAN, dpkg, folder, hard_link, layer, member, split, symlink


@contextmanager
def refused(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    raise RuntimeError("nothing here is large")
    yield b""


def read(*members: tuple[tarfile.TarInfo, bytes]) -> LayerContents:
    data = layer(*members)
    reader = LayerReader("sha256:x", refused)
    contents = reader.read(TarReader(split(data, 5000)))
    return reader.complete(contents, TarReader([data])) if reader.linked else contents


def named(contents: LayerContents) -> list[tuple[str, str]]:
    return [(file.path, package.name) for file in contents.packages for package in file.packages]


def test_packages_are_found_at_every_way_to_write_a_path() -> None:
    status = dpkg(("libc6", "2.36"))
    for path in ("var/lib/dpkg/status", "./var/lib/dpkg/status", "/var/lib/dpkg/status", ".//var/./lib/dpkg/status"):
        assert named(read(member(path, status))) == [("var/lib/dpkg/status", "libc6")]


def test_a_package_file_that_is_a_hard_link_is_read_from_its_target() -> None:
    contents = read(member("store/1", dpkg(("libc6", "2.36"))), hard_link("var/lib/dpkg/status", "./store/1"))
    assert named(contents) == [("var/lib/dpkg/status", "libc6")]


def test_a_hard_link_to_a_package_file_names_no_package_twice() -> None:
    status = member("var/lib/dpkg/status", dpkg(("libc6", "2.36")))
    assert named(read(status, hard_link("backup/var/lib/dpkg/status", "var/lib/dpkg/status"))) == [
        ("var/lib/dpkg/status", "libc6")
    ]


def test_a_hard_link_to_nothing_is_said() -> None:
    contents = read(hard_link("var/lib/dpkg/status", "store/1"))
    assert [(problem.path, "not in its layer" in problem.reason) for problem in contents.unscanned] == [
        ("var/lib/dpkg/status", True)
    ]


def test_the_last_of_two_members_of_one_name_counts() -> None:
    contents = read(
        member("var/lib/dpkg/status", dpkg(("old", "1"))),
        member("bin/tool", mode=0o4755),
        member("var/lib/dpkg/status", dpkg(("new", "1"))),
        member("bin/tool", mode=0o755),
    )
    assert named(contents) == [("var/lib/dpkg/status", "new")]
    assert contents.files == ()


def test_paths_that_lead_out_of_the_image_are_said_and_not_read() -> None:
    contents = read(
        member("../../var/lib/dpkg/status", dpkg(("evil", "1"))),
        member("a/../../etc/os-release", DEBIAN),
        hard_link("var/lib/dpkg/status", "../../../etc/passwd"),
    )
    assert named(contents) == []
    assert contents.texts == {}
    assert [problem.path for problem in contents.unscanned] == [
        "../../var/lib/dpkg/status",
        "a/../../etc/os-release",
        "var/lib/dpkg/status",
    ]


def test_whiteouts_and_opaque_folders_are_told_and_are_no_files() -> None:
    contents = read(
        member("etc/.wh.passwd"),
        member(".wh.tmp"),
        member("var/cache/.wh..wh..opq"),
        member(".wh..wh.aufs"),
        member("a"),
    )
    assert (contents.whiteouts, contents.opaque, contents.table.count) == (("etc/passwd", "tmp"), ("var/cache",), 1)


def test_files_stand_out_by_mode_kind_and_capability() -> None:
    ping = member("bin/ping", mode=0o755)
    # Revision 2 of the attribute, with cap_net_bind_service and cap_net_raw permitted.
    value = bytes.fromhex("0100000200240000000000000000000000000000")
    ping[0].pax_headers = {"SCHILY.xattr.security.capability": value.decode()}
    contents = read(
        ping,
        member("usr/bin/passwd", b"....", mode=0o4755, uid=0, gid=3),
        member("usr/bin/wall", mode=0o2755),
        member("data/open", mode=0o666),
        folder("data/all", 0o777),
        folder("tmp", 0o1777),
        symlink("etc/link", "x"),
        member("dev/sda", type=tarfile.BLKTYPE),
        member("etc/plain"),
    )
    assert [(file.path, file.kind, oct(file.mode)) for file in contents.files] == [
        ("bin/ping", "file", "0o755"),
        ("usr/bin/passwd", "file", "0o4755"),
        ("usr/bin/wall", "file", "0o2755"),
        ("data/open", "file", "0o666"),
        ("data/all", "directory", "0o777"),
        ("dev/sda", "block device", "0o644"),
    ]
    assert contents.files[0].capabilities == ("cap_net_bind_service", "cap_net_raw")
    assert (contents.files[1].gid, contents.files[1].size) == (3, 4)


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("bin/bash", "shell"),
        ("usr/bin/apt-get", "package manager"),
        ("usr/bin/gcc-12", "compiler"),
        ("usr/bin/strace", "debugger"),
        ("usr/local/bin/pip3.11", "package manager"),
        ("usr/bin/sudo", "privilege tool"),
        ("opt/app/src/go", ""),
        ("usr/bin/python3", ""),
    ],
)
def test_programs_are_known_by_their_names(path: str, role: str) -> None:
    contents = read(member(path, b"\0" * 8, mode=0o755), symlink(f"{path}.link", path))
    assert [file.role for file in contents.files] == ([role] if role else [])


def test_secrets_are_told_by_content_and_never_kept() -> None:
    key = b"-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA" + b"A" * 64 + b"\n"
    token = b"//registry.example.org/:_authToken=abcdefghijklmnop1234\n"
    contents = read(
        member("home/app/.ssh/id_rsa", key),
        member("root/.npmrc", token),
        member("etc/ssl/ca.pem", b"-----BEGIN CERTIFICATE-----\nMIIE"),
        member("app/.npmrc", b"//registry.example.org/:_authToken=${NPM_TOKEN}\n"),
    )
    assert [(file.path, file.role) for file in contents.files] == [
        ("home/app/.ssh/id_rsa", "private key"),
        ("root/.npmrc", "credentials"),
    ]
    assert b"abcdefghijklmnop1234" not in repr(contents).encode()


def test_scripts_and_texts_are_kept() -> None:
    contents = read(
        member("etc/os-release", DEBIAN),
        member("run.sh", b"#!/usr/bin/env python3\nprint()\n", mode=0o755),
        member("note.sh", b"#!/bin/sh\n"),
        member("etc/apt/sources.list.d/own.list", b"deb x"),
    )
    assert [(script.path, script.interpreter) for script in contents.scripts] == [("run.sh", "/usr/bin/env python3")]
    assert contents.texts == {"etc/os-release": DEBIAN, "etc/apt/sources.list.d/own.list": b"deb x"}


def test_what_is_beyond_the_bounds_on_memory_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_layers, "MAX_FILES", 2)
    monkeypatch.setattr(image_layers, "MAX_PACKAGES", 2)
    monkeypatch.setattr(image_layers, "MAX_TEXTS", 100)
    monkeypatch.setattr(image_layers, "MAX_DELETED", 1)
    contents = read(
        *(member(f"f{number}", mode=0o666) for number in range(4)),
        member("etc/passwd", b"x" * 90),
        member("etc/group", b"x" * 90),
        member(".wh.a"),
        member(".wh.b"),
        *(member(f"node_modules/{n}/package.json", b'{"name": "%d", "version": "1"}' % n) for n in range(3)),
    )
    assert (len(contents.files), len(contents.packages), list(contents.texts)) == (2, 2, ["etc/passwd"])
    assert contents.whiteouts == ("a",)
    assert [(problem.path, problem.reason) for problem in contents.unscanned] == [
        ("node_modules/2/package.json", "its layer names more than 2 packages; the rest is not read"),
        ("", "4 files stand out beyond the 2 of a layer that are told of"),
    ]


def test_a_broken_executable_is_said() -> None:
    contents = read(member("bin/x", b"\x7fELF\2\1\1" + bytes(40)))
    assert contents.unscanned == (Unscanned("bin/x", "is a broken executable: the file ends inside its own headers"),)


def test_a_large_executable_is_read_without_being_held_in_memory() -> None:
    modules = b"path\tx\nmod\tx\tv1.0.0\ndep\tgithub.com/a/b\tv1.2.3\n"
    info = (
        b"\xff Go buildinf:\x08\x02"
        + bytes(16)
        + b"\x08go1.22.1"
        + bytes([len(modules) + 32])
        + b"0" * 16
        + modules
        + b"1" * 16
    )
    data = elf({".go.buildinfo": (0x400000, info.ljust(4096, b"\0"))}) + bytes(IN_MEMORY)
    reader = LayerReader("sha256:x", mapped)
    contents = reader.read(TarReader(split(layer(member("bin/app", data)), 1 << 20)))
    assert ("bin/app", "github.com/a/b") in named(contents)


@given(
    st.lists(st.tuples(st.binary(min_size=1, max_size=40).map(lambda b: b.replace(b"\0", b"")), st.integers(0, 2**40)))
)
def test_the_table_of_files_gives_back_what_was_put_in(entries: list[tuple[bytes, int]]) -> None:
    writer = FileTableWriter()
    for path, size in entries:
        writer.add(b"f" + path, size)
        writer.add(b"l" + path + b"\0target", 0)
    told = [entry for path, size in entries for entry in ((b"f", path, b"", size), (b"l", path, b"target", 0))]
    table = writer.finish()
    assert (list(table.entries()), table.count) == (told, len(told))
