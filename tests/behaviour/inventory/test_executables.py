"""Modules and crates in executables: every format, both layouts of Go's build information, stripped or not, broken or not."""

import json
import os
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest

from sample_executables import elf, fat, go_inline, go_pointers, macho, pe
from seawall.formats.packages import binaries
from seawall.formats.packages.executables import is_executable

EXPECTED = [
    ("stdlib", "1.22.3"),
    ("example.com/tide", ""),
    ("golang.org/x/text", "v0.3.7"),
    ("example.com/new", "v1.2.0"),
    ("example.com/local", ""),
]
OLD = [("stdlib", "1.16.5"), *EXPECTED[1:]]


def names(data: bytes) -> list[tuple[str, str]]:
    parsed = binaries.parse("bin/tide", data)
    assert parsed.unscanned == ()
    return [(package.name, package.version) for package in parsed.packages]


@pytest.mark.parametrize("stripped", [False, True])
@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("big", [False, True])
def test_go_modules_are_read_from_elf(stripped: bool, wide: bool, big: bool) -> None:
    assert names(elf({".go.buildinfo": (0x4000, go_inline())}, wide=wide, big=big, stripped=stripped)) == EXPECTED
    old = go_pointers(0x4000, size=8 if wide else 4, big=big)
    assert names(elf({".go.buildinfo": (0x4000, old)}, wide=wide, big=big, stripped=stripped)) == OLD


def test_go_modules_are_read_from_pe_and_mach_o() -> None:
    assert names(pe({".text": (0x140001000, b"code"), ".data": (0x140004000, bytes(48) + go_inline())})) == EXPECTED
    assert names(pe({".data": (0x140004000, go_pointers(0x140004000))})) == OLD
    assert names(macho({"__text": (0x1000, b"code"), "__go_buildinfo": (0x4000, go_inline())})) == EXPECTED
    assert (
        names(fat([macho({"__go_buildinfo": (0x4000, go_inline())}), macho({"__go_buildinfo": (0x4000, go_inline())})]))
        == EXPECTED
    )


def test_build_information_as_a_constant_in_other_data_is_not_taken_for_its_own() -> None:
    # A scanner or Go's own tools hold the magic as text: not at an address that 16 divides.
    assert names(elf({".data": (0x4000, b"x" + go_inline())}, stripped=True)) == []


def test_a_replaced_module_is_the_one_that_was_built() -> None:
    found = dict(names(elf({".go.buildinfo": (0x4000, go_inline())})))
    assert "example.com/old" not in found
    assert found["example.com/local"] == ""


@pytest.mark.parametrize(
    ("version", "expected"),
    [("go1.23.0 X:boringcrypto", "1.23.0"), ("devel go1.24-abcdef Mon", ""), ("go1.21.0-custom", "1.21.0"), ("", "")],
)
def test_the_standard_library_has_the_toolchain_s_version(version: str, expected: str) -> None:
    assert names(elf({".go.buildinfo": (0x4000, go_inline(version, ""))})) == [("stdlib", expected)]


def _auditable(value: object) -> bytes:
    return zlib.compress(json.dumps(value).encode())


CRATES = {
    "packages": [
        {"name": "cc", "version": "1.0.0", "source": "crates.io", "kind": "build"},
        {"name": "libc", "version": "0.2.150", "source": "crates.io"},
        {"name": "tide", "version": "0.1.0", "source": "local", "dependencies": [0, 3], "root": True},
        {"name": "time", "version": "0.1.43", "source": "crates.io", "dependencies": [1]},
    ]
}


@pytest.mark.parametrize("form", [elf, pe, macho])
def test_crates_are_read_from_cargo_auditable_s_list(form: object) -> None:
    data = form({".dep-v0": (0x140004000, _auditable(CRATES))})  # type: ignore[operator]
    packages = {package.name: package for package in binaries.parse("bin/tide", data).packages}
    assert packages["time"].purl == "pkg:cargo/time@0.1.43"
    assert (packages["time"].direct, packages["libc"].direct, packages["cc"].scope) == (True, False, "dev")
    assert packages["libc"].parents == ("pkg:cargo/time@0.1.43",)


def test_a_list_of_crates_that_inflates_without_end_is_an_error() -> None:
    bomb = zlib.compress(b" " * (64 * 1024 * 1024))
    problem = binaries.parse("bin/bomb", elf({".dep-v0": (0, bomb)})).unscanned[0]
    assert problem.reason == "has a list of crates of more than 16 MB"
    problem = binaries.parse("bin/bad", elf({".dep-v0": (0, b"no zlib")})).unscanned[0]
    assert "cannot be inflated" in problem.reason


def test_an_executable_that_is_cut_off_is_said_to_be_broken() -> None:
    whole = elf({".go.buildinfo": (0x4000, go_inline())})
    for size in (20, 70, len(whole) - 70):
        (problem,) = binaries.parse("bin/tide", whole[:size]).unscanned
        assert problem.path == "bin/tide"
        assert problem.reason.startswith("is a broken executable")
    lying = go_inline()[:33] + b"\xff\xff\xff\xff\x0f"
    (problem,) = binaries.parse("bin/tide", elf({".go.buildinfo": (0x4000, lying)})).unscanned
    assert "broken build information" in problem.reason


def test_executables_are_told_by_their_first_bytes() -> None:
    assert is_executable(b"\x7fELF\2\1\1\0")
    assert is_executable(b"\xca\xfe\xba\xbe\0\0\0\2")
    assert not is_executable(b"\xca\xfe\xba\xbe\0\0\0\x34")  # a Java class
    assert not is_executable(b"#!/bin/sh")
    assert not is_executable(b"")


@pytest.mark.slow
@pytest.mark.parametrize(("system", "architecture"), [("linux", "amd64"), ("windows", "amd64"), ("darwin", "arm64")])
def test_what_go_itself_says_of_a_stripped_executable_is_what_we_say(
    tmp_path: Path, system: str, architecture: str
) -> None:
    go = shutil.which("go")
    assert go is not None
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "go.mod").write_text("module example.com/lib\n\ngo 1.20\n")
    (tmp_path / "lib" / "lib.go").write_text("package lib\n\nconst Word = 1\n")
    (tmp_path / "go.mod").write_text(
        "module example.com/tide\n\ngo 1.20\n\nrequire example.com/lib v0.0.0\n\nreplace example.com/lib => ./lib\n"
    )
    (tmp_path / "main.go").write_text('package main\n\nimport "example.com/lib"\n\nfunc main() { println(lib.Word) }\n')
    environment = {**os.environ, "GOOS": system, "GOARCH": architecture, "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod"}
    build = [go, "build", "-trimpath", "-ldflags=-s -w", "-buildvcs=false", "-o", "tide", "."]
    subprocess.run(build, cwd=tmp_path, env=environment, check=True, timeout=600)
    said = subprocess.run(
        [go, "version", "-m", "tide"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    ).stdout
    version = said.splitlines()[0].rpartition("go")[2].strip()
    assert "example.com/lib" in said
    assert names((tmp_path / "tide").read_bytes()) == [
        ("stdlib", version),
        ("example.com/tide", ""),
        ("example.com/lib", ""),
    ]
