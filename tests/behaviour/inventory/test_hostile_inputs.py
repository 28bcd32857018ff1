"""Files made to cost much: each is read or refused in about the time that an honest file of its size takes."""

import json
import sqlite3
import struct
import time
import zipfile
from io import BytesIO

import pytest

from sample_executables import elf
from seawall.formats.package_files import Kind, read

MOST_SECONDS = 4.0
"""For inputs of a megabyte, on a machine that others use too. Each took minutes or more before it was bounded."""


def _overlapping_rows() -> bytes:
    """A database whose cells all point to one long row."""
    connection = sqlite3.connect(":memory:")
    connection.execute("create table Packages (hnum integer primary key, blob blob)")
    connection.execute("insert into Packages values (1, ?)", (bytes(1_000_000),))
    connection.commit()
    data = bytearray(connection.serialize())
    connection.close()
    leaf = next(at for at in range(4096, len(data), 4096) if data[at] == 13)
    (cell,) = struct.unpack_from(">H", data, leaf + 8)
    cells = (cell - 8) // 2
    struct.pack_into(">H", data, leaf + 3, cells)
    struct.pack_into(f">{cells}H", data, leaf + 8, *([cell] * cells))
    return bytes(data)


def _overlapping_blobs() -> bytes:
    slot = struct.pack("<4sIII", b"Slot", 1, 65536, 0)
    blob = bytes(16) + struct.pack("<II", 0, 1_000_000) + bytes(1_000_000)
    head = struct.pack("<4sIIII12x", b"RpmP", 0, 1, 256, 2)
    return head + slot * (65536 - 2) + struct.pack("<4sIII", b"BlbS", 1, 1, len(blob)) + blob


def _overlapping_entries() -> bytes:
    """An archive whose directory names the same bytes thousands of times."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.jar", bytes(500_000))
    data = out.getvalue()
    start = data.rfind(b"PK\1\2")
    end = data.rfind(b"PK\5\6")
    entry = data[start:end]
    directory = entry * 20_000
    tail = bytearray(data[end:])
    struct.pack_into("<HHII", tail, 8, 20_000, 20_000, len(directory), start)
    return data[:start] + directory + bytes(tail)


def _overlapping_sections() -> bytes:
    data = bytearray(elf({".data": (0x4000, bytes(1_000_000))}, stripped=True))
    header = bytes(data[64:120])
    struct.pack_into("<H", data, 56, 4000)
    data[64:120] = header * 4000
    return bytes(data)


def _tangle(names: int) -> str:
    """A uv.lock with many packages of one name that all require that name."""
    entry = '[[package]]\nname = "a"\nversion = "{}"\ndependencies = [' + '{{ name = "a" }}, ' * 20 + "]\n"
    return "".join(entry.format(number) for number in range(names))


HOSTILE = {
    "a gemspec of quotes": ("packages.ruby", 's.name = "' + "'\"" * 500_000),
    "a requirement of equals signs": ("lockfiles.requirements", "a" + "=" * 1_000_000),
    "a requirement of dots": ("lockfiles.requirements", "a" + "." * 1_000_000 + "!"),
    "a requirement of spaces": ("lockfiles.requirements", "a ==1" + " " * 1_000_000 + "x"),
    "a TOML key of a million parts": ("lockfiles.poetry", ".".join("a" * 500_000) + " = 1"),
    "a tangle of one name": ("lockfiles.uv", _tangle(700)),
    "a property that doubles": (
        "lockfiles.maven",
        "<project><properties><a>x</a>"
        + "".join(f"<a{n}>${{a{n - 1}}}${{a{n - 1}}}</a{n}>" for n in range(1, 60))
        + "</properties><dependencies>"
        + "<dependency><groupId>${a59}</groupId><artifactId>${a59}</artifactId></dependency>" * 500
        + "</dependencies></project>",
    ),
    "a text of a megabyte in pieces": ("lockfiles.maven", "<project><a>" + "x&amp;" * 400_000 + "</a></project>"),
    "a folder with a long name that requires much": (
        "lockfiles.npm",
        json.dumps(
            {"packages": {"node_modules/" + "a" * 500_000: {"dependencies": {f"d{n}": "1" for n in range(50_000)}}}}
        ),
    ),
    "rows that share their bytes": ("packages.rpm", _overlapping_rows()),
    "packages that share their bytes": ("packages.rpm", _overlapping_blobs()),
    "entries that share their bytes": ("packages.java", _overlapping_entries()),
    "sections that share their bytes": ("packages.binaries", _overlapping_sections()),
    "a lock of one long line": ("lockfiles.yarn", '"a@1", ' * 150_000),
    "a gem of dashes": ("lockfiles.gemfile", "GEM\n  specs:\n    a (" + "-" * 1_000_000),
    "a manifest of continuations": ("packages.python", "Name: a\n" + " x\n" * 300_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_is_made_to_cost_much_costs_little(name: str) -> None:
    parser, content = HOSTILE[name]
    data = content if isinstance(content, bytes) else content.encode()
    start = time.process_time()
    parsed = read(Kind(parser, True), "hostile", data)
    assert time.process_time() - start < MOST_SECONDS
    assert all(problem.path.startswith("hostile") for problem in parsed.unscanned)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("rows that share their bytes", "rows larger than the file"),
        ("packages that share their bytes", "points to no package"),
        ("entries that share their bytes", "further ones are not listed"),
        ("sections that share their bytes", "sections are larger than the file"),
        ("a TOML key of a million parts", "keys of thousands of parts"),
        ("a folder with a long name that requires much", "a folder of 500,013 characters"),
    ],
)
def test_what_is_refused_for_its_cost_says_so(name: str, reason: str) -> None:
    parser, content = HOSTILE[name]
    data = content if isinstance(content, bytes) else content.encode()
    assert any(reason in problem.reason for problem in read(Kind(parser, True), "hostile", data).unscanned)
