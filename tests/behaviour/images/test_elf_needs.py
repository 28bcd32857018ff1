"""What an ELF file needs to run is read as its loader reads it, whatever was stripped."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.formats.packages.elf_needs import read_program
from seawall.formats.packages.executables import ExecutableError
from seawall.model.image_contents import Program
from tests.sample_executables import dynamic_elf, elf
from tests.testbed.binaries import find_go
from tests.testbed.system_programs import needs


def program(data: bytes) -> Program:
    found, _ = read_program("bin/x", data)
    assert found is not None
    return found


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("big", [True, False])
def test_a_program_names_its_loader_and_its_libraries(wide: bool, big: bool) -> None:
    data = dynamic_elf(
        ("libssl.so.3", "libc.so.6"),
        interpreter="/lib64/ld-linux-x86-64.so.2",
        runpath="$ORIGIN/../lib",
        wide=wide,
        big=big,
    )
    assert program(data) == Program(
        path="bin/x",
        machine="x86_64",
        interpreter="/lib64/ld-linux-x86-64.so.2",
        needed=("libssl.so.3", "libc.so.6"),
        search=("$ORIGIN/../lib",),
        size=len(data),
    )


def test_a_library_names_itself_and_is_not_static() -> None:
    found = program(dynamic_elf(("libc.musl-x86_64.so.1",), soname="libz.so.1", machine=183))
    assert (found.soname, found.machine, found.static, found.interpreter) == ("libz.so.1", "aarch64", False, "")
    assert not program(dynamic_elf((), soname="libdl.so.2")).static


def test_a_static_program_needs_nothing() -> None:
    assert program(dynamic_elf((), kind=2)).static
    assert program(dynamic_elf((), pie=True)).static
    assert program(elf({".text": (0x400000, b"code")}, stripped=True)).static
    assert program(dynamic_elf((), machine=4711)).machine == "4711"


def test_a_program_starts_others_by_functions_of_libraries_or_alone() -> None:
    """Bash has `execve` in `shell_execve`, where the linker found it; a library's text that names a shell starts nothing."""
    assert program(dynamic_elf(("libc.so.6",), soname="x", runpath="execve")).starts
    assert program(dynamic_elf(("libc.so.6",), soname="x", runpath="shell_execve")).starts
    assert not program(dynamic_elf(("libc.so.6",), soname="x", runpath="execvex")).starts
    assert not program(dynamic_elf(("libpam.so.0", "libc.so.6")) + b"/bin/sh\0").starts
    for alone in (b"/bin/sh\0", b"os/exec.(*Cmd).Start"):
        assert program(dynamic_elf((), kind=2) + alone).starts
    assert not program(dynamic_elf((), kind=2)).starts


def test_what_nobody_starts_is_no_program() -> None:
    for kind in (1, 4):  # object files, kernel modules and core dumps
        assert read_program("x.ko", dynamic_elf((), kind=kind)) == (None, False)


@pytest.mark.parametrize(
    ("inside", "starts"),
    [
        (b"os/exec.(*Cmd).Start\0", True),  # in the function table of Go, which stripping leaves
        (b"os/exec.ErrNotFound\0", False),
        (b"\0/bin/sh\0", True),
        (b"\0/bin/shadow\0", False),
    ],
)
def test_a_program_that_can_start_others_is_told_by_what_stands_in_it(inside: bytes, starts: bool) -> None:
    assert program(dynamic_elf((), kind=2) + inside).starts is starts


def test_a_library_that_names_a_function_which_starts_programs_can_start_them() -> None:
    assert program(dynamic_elf(("libc.so.6",), soname="posix_spawn")).starts
    assert not program(dynamic_elf(("libc.so.6",), soname="posix_spawner")).starts


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "starts"), [('exec.Command("ls").Run()', True), ("println(exec.ErrDot.Error())", False)]
)
def test_a_stripped_program_of_go_tells_whether_it_can_start_others(tmp_path: Path, call: str, starts: bool) -> None:
    (tmp_path / "main.go").write_text(f'package main\n\nimport "os/exec"\n\nfunc main() {{ {call} }}\n')
    (tmp_path / "go.mod").write_text("module example.com/app\n\ngo 1.21\n")
    environment = {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local"}
    command = [find_go(), "build", "-ldflags=-s -w", "-trimpath", "-o", tmp_path / "run", "."]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, timeout=300)
    assert program((tmp_path / "run").read_bytes()).starts is starts


def test_names_beside_dlopen_and_paths_of_data_are_told() -> None:
    text = b"\0libfoo.so.2\0not-a-libbar.so-name\0/usr/share/zoneinfo/\0"
    found, _ = read_program("app/x", dynamic_elf(("libc.so.6",), soname="dlopen") + text, own=True)
    assert found is not None
    assert (found.loads, found.reads) == (("libfoo.so.2",), ("tzdata",))
    assert program(dynamic_elf(("libc.so.6",)) + text).loads == ()
    assert program(dynamic_elf(("libc.so.6",)) + text).reads == ()


def test_a_static_program_with_glibcs_name_services_loads_them() -> None:
    assert program(dynamic_elf((), kind=2) + b"\0libnss_files.so.2\0").loads == ("libc.so.6",)


@needs("readelf")
def test_readelf_says_the_same_of_this_python() -> None:
    for path in {Path(sys.executable).resolve(), Path("/bin/sh").resolve()}:
        told = subprocess.run(["readelf", "-dl", path], check=True, capture_output=True, text=True).stdout
        found = program(path.read_bytes())
        assert [f"[{name}]" for name in found.needed] == [
            line.split()[-1] for line in told.splitlines() if "(NEEDED)" in line
        ]
        assert f"interpreter: {found.interpreter}]" in told


def test_the_running_python_needs_its_loader_and_libc() -> None:
    found = program(Path(sys.executable).resolve().read_bytes())
    assert found.interpreter.startswith("/lib")
    assert any(name.startswith(("libc.so", "libc.musl")) for name in found.needed)


@given(st.binary(max_size=60), st.integers(0, 600), st.booleans())
def test_damage_is_an_error_and_nothing_else(noise: bytes, at: int, wide: bool) -> None:
    data = bytearray(dynamic_elf(("libc.so.6",), interpreter="/lib/ld.so", soname="x", wide=wide))
    data[at : at + len(noise)] = noise
    data[:4] = b"\x7fELF"
    try:
        found, _ = read_program("x", bytes(data))
        assert found is None or found.size == len(data)
    except ExecutableError:
        return
