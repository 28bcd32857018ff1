"""Advisory files on disk become one stream, each read by the parser of its kind; broken ones are named and hide nothing."""

import gzip
import lzma
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from seawall.model.errors import SourceError
from seawall.sources.advisory_files import read_advisory_files

RECORDS = Path(__file__).parent / "records"


def ids(path: Path) -> set[str]:
    return {advisory.id for parsed in read_advisory_files(path) for advisory in parsed.advisories}


def unscanned(path: Path) -> list[str]:
    return [entry.path for parsed in read_advisory_files(path) for entry in parsed.unscanned]


def test_a_directory_of_several_databases_is_read_each_in_its_own_format() -> None:
    found = ids(RECORDS)
    assert {
        "PYSEC-2021-364",
        "GO-2024-3228",
        "RUSTSEC-2024-0399",
        "CGA-fq6p-3ch8-qh9q",
        "ALPINE-CVE-2019-14846",
    } <= found
    assert unscanned(RECORDS) == []


def test_a_single_file_is_read() -> None:
    assert ids(RECORDS / "GO-2024-3228.json") == {"GO-2024-3228"}


def test_an_archive_is_read_entry_by_entry_and_a_damaged_entry_hides_no_other(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("GO-2024-3228.json", "RUSTSEC-2024-0399.json"):
            archive.write(RECORDS / name, name)
        archive.writestr("../../escape.json", b'{"id": "ESCAPE-1"}')
        archive.writestr("README.txt", b"no record")
    path.write_bytes(
        path.read_bytes().replace(b"Coder vulnerable", b"Coder xulnerable", 1)
    )  # the checksum no longer holds
    assert ids(path) == {"RUSTSEC-2024-0399", "ESCAPE-1"}
    assert unscanned(path) == ["GO-2024-3228.json"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["all.zip"]


def test_estimates_without_line_breaks_are_not_held_in_memory(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "epss.csv.gz", "wb") as packed:
        for _ in range(64):
            packed.write(b"CVE" * 350_000)  # 64 MB on one line
        packed.write(b"\nCVE-2024-0001,0.5,0.5\n")
    tracemalloc.start()
    try:
        found = [entry for parsed in read_advisory_files(tmp_path / "epss.csv.gz") for entry in parsed.likelihoods]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [entry.cve for entry in found] == ["CVE-2024-0001"]
    assert peak < 32 * 1024 * 1024


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (lzma.compress(b"x" * 100_000)[:-40], "cut off|Corrupt"),
        (b"no xz at all", "format"),
        (lzma.compress(b"{}", filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 512 << 20}]), "limit"),
    ],
)
def test_xz_that_is_broken_or_asks_for_too_much_memory_is_an_error(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "json.xz").write_bytes(content)
    with pytest.raises(SourceError, match=rf"json\.xz: cannot be unpacked: .*({why})"):
        list(read_advisory_files(tmp_path / "json.xz"))


def test_xz_streams_one_after_the_other_are_one_file(tmp_path: Path) -> None:
    record = (RECORDS / "GO-2024-3228.json").read_bytes()
    parts = [lzma.compress(record[:500]), b"\0" * 4, lzma.compress(record[500:])]
    (tmp_path / "GO.json.xz").write_bytes(b"".join(parts))
    assert ids(tmp_path / "GO.json.xz") == {"GO-2024-3228"}


def test_links_are_not_followed_out_of_the_directory(tmp_path: Path) -> None:
    (tmp_path / "linked.json").symlink_to(RECORDS / "GO-2024-3228.json")
    assert ids(tmp_path) == set()


@pytest.mark.parametrize("name", ["missing.json", "missing.zip"])
def test_a_path_where_nothing_is_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match="missing"):
        ids(tmp_path / name)


def test_a_file_that_is_no_archive_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "all.zip").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(SourceError, match="is no zip archive, or cut off"):
        ids(tmp_path / "all.zip")
