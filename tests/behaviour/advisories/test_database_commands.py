"""seawall db: what comes from disk and from publishers is in the database afterwards, and a failure leaves the old one."""

import fcntl
import gzip
import io
import json
import lzma
import os
import pty
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import zstandard

from seawall.apps.cli.main import main
from seawall.model.package import Package
from seawall.sources.advisory_database import AdvisoryDatabase
from seawall.sources.advisory_feeds import FEEDS, choose
from seawall.sources.advisory_location import database_path
from tests.simulators.publisher import Publisher, publisher

RECORDS = Path(__file__).parent / "records"
OSV = "/osv-vulnerabilities.storage.googleapis.com"
KEV = "/www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"
EPSS = "/epss.empiricalsecurity.com/epss_scores-current.csv.gz"


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "data" / "advisories.db"
    monkeypatch.setenv("SEAWALL_DATABASE", str(path))
    return path


@pytest.fixture
def server() -> Iterator[Publisher]:
    with publisher() as served:
        yield served


def archive(*names: str, **written: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name in names:
            file.write(RECORDS / name, name)
        for name, content in written.items():
            file.writestr(f"{name}.json", content)
    return packed.getvalue()


def record(name: str, *affected: tuple[str, str]) -> bytes:
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]
    entries = [
        {"package": {"ecosystem": ecosystem, "name": package}, "ranges": ranges} for ecosystem, package in affected
    ]
    return json.dumps({"id": name, "modified": "2026-01-02T00:00:00Z", "affected": entries}).encode()


def sources(path: Path) -> dict[str, int]:
    with AdvisoryDatabase(path) as opened:
        return {source.name: source.records for source in opened.sources()}


def serve(server: Publisher) -> None:
    server.files[f"{OSV}/Go/all.zip"] = archive("GO-2024-3228.json")
    server.files[KEV] = (RECORDS / "known-exploited.json").read_bytes()
    server.files[EPSS] = gzip.compress((RECORDS / "epss_scores.csv").read_bytes())


def update(server: Publisher, *words: str) -> int:
    return main(["db", "update", "--from", server.address, *words])


THREE = ("--only", "osv/Go", "--only", "kev", "--only", "epss")


def test_everything_on_disk_is_told_by_its_content_and_imported(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "import", str(RECORDS)]) == 0
    assert sources(database) == {
        "alpine/v3.11/main": 13, "debian": 3, "epss": 2, "kev": 2, "osv/Go": 1, "osv/PyPI": 1, "osv/Ubuntu": 1,
        "osv/crates.io": 1, "wolfi": 2, "wolfi-advisories": 1,
    }  # fmt: skip
    assert f"{database}: 27 records from 10 sources" in capsys.readouterr().out


def test_packed_files_and_archives_are_unpacked_on_the_way(database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    kev = (RECORDS / "known-exploited.json").read_bytes()
    (folder / "kev.json.zst").write_bytes(zstandard.compress(kev))
    (folder / "epss.csv.gz").write_bytes(gzip.compress((RECORDS / "epss_scores.csv").read_bytes()))
    (folder / "json.xz").write_bytes(lzma.compress((RECORDS / "debian-tracker.json").read_bytes()))
    (folder / "all.zip").write_bytes(archive("GO-2024-3228.json"))
    with tarfile.open(folder / "osv-all.tar.xz", "w:xz") as packed:
        packed.add(RECORDS / "UBUNTU-CVE-2025-6491.json", "./osv/cve/2025/UBUNTU-CVE-2025-6491.json")
        packed.add(RECORDS / "README.md", "./.github/settings.json")  # of the repository that the archive was made of
    assert main(["db", "import", *map(str, sorted(folder.iterdir()))]) == 0
    assert sources(database) == {"debian": 3, "epss": 2, "kev": 2, "osv/Go": 1, "osv/Ubuntu": 1}


def test_an_import_replaces_the_database_and_with_add_only_its_sources(database: Path) -> None:
    assert main(["db", "import", str(RECORDS / "GO-2024-3228.json"), str(RECORDS / "known-exploited.json")]) == 0
    assert (
        main(["db", "import", "--add", str(RECORDS / "RUSTSEC-2024-0399.json"), str(RECORDS / "known-exploited.json")])
        == 0
    )
    assert sources(database) == {"kev": 2, "osv/Go": 1, "osv/crates.io": 1}
    coder = Package(purl="pkg:golang/x", name="github.com/coder/coder/v2", version="v2.16.0", ecosystem="Go")
    with AdvisoryDatabase(database) as opened:
        assert [match.advisory.id for match in opened.match([coder]).matches] == ["GO-2024-3228"]
        assert opened.exploited(
            json.loads((RECORDS / "known-exploited.json").read_bytes())["vulnerabilities"][0]["cveID"]
        )
    assert main(["db", "import", str(RECORDS / "RUSTSEC-2024-0399.json")]) == 0
    assert sources(database) == {"osv/crates.io": 1}


def test_a_record_of_two_ecosystems_counts_once_in_each_of_them(database: Path, tmp_path: Path) -> None:
    both = record("GHSA-aaaa-bbbb-cccc", ("npm", "a"), ("PyPI", "a"))
    (tmp_path / "npm.zip").write_bytes(archive(both=both))
    (tmp_path / "pypi.zip").write_bytes(archive(both=both))
    assert main(["db", "import", str(tmp_path / "npm.zip"), str(tmp_path / "pypi.zip")]) == 0
    assert sources(database) == {"osv/PyPI": 1, "osv/npm": 1}


@pytest.mark.parametrize("content", [b"", b"{}", b"nothing of the kind", b"[1, 2]"])
def test_a_file_without_advisories_is_an_error_and_the_old_database_stays(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    assert main(["db", "import", str(RECORDS / "GO-2024-3228.json")]) == 0
    (tmp_path / "bad.json").write_bytes(content)
    assert main(["db", "import", str(RECORDS / "known-exploited.json"), str(tmp_path / "bad.json")]) == 2
    assert "there are no advisories in it" in capsys.readouterr().err
    assert sources(database) == {"osv/Go": 1}


def test_records_that_cannot_be_read_are_counted_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "all.zip").write_bytes(archive("GO-2024-3228.json", broken=b"{"))
    assert main(["db", "import", str(tmp_path / "all.zip")]) == 0
    error = capsys.readouterr().err
    assert "1 records could not be read and are not in the database" in error
    assert "broken.json: no OSV record" in error


@pytest.mark.parametrize(("quiet", "drawn"), [([], True), (["--quiet"], False)])
def test_progress_is_drawn_on_a_terminal_and_nowhere_else(tmp_path: Path, quiet: list[str], drawn: bool) -> None:
    master, terminal = pty.openpty()
    command = [
        sys.executable,
        "-m",
        "seawall",
        "db",
        "import",
        *quiet,
        "--database",
        str(tmp_path / "a.db"),
        str(RECORDS),
    ]
    try:
        ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=terminal, check=True, timeout=60)
        os.close(terminal)
        shown = b""
        with suppress(OSError):  # how Linux says that the other end was closed
            while part := os.read(master, 65536):
                shown += part
    finally:
        os.close(master)
    assert (b"reading" in shown) is drawn
    assert (b"27 records" in ran.stdout) is drawn


def test_two_updates_at_once_are_refused(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database.parent.mkdir()
    with database.with_name("advisories.db.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert main(["db", "import", str(RECORDS)]) == 2
    assert "another update or import is running" in capsys.readouterr().err
    assert main(["db", "import", str(RECORDS)]) == 0


def test_what_a_killed_import_left_is_cleared_away(database: Path) -> None:
    database.parent.mkdir()
    left = database.with_name(".advisories.db-abc123")
    left.write_bytes(b"half")
    assert main(["db", "import", "--quiet", str(RECORDS / "GO-2024-3228.json")]) == 0
    assert not left.exists()


def test_an_update_brings_what_publishers_have(server: Publisher, database: Path) -> None:
    serve(server)
    assert update(server, *THREE) == 0
    assert sources(database) == {"epss": 2, "kev": 2, "osv/Go": 1}
    assert [path.name for path in database.parent.iterdir() if "downloads" in path.name] == []


def test_what_did_not_change_is_not_downloaded(
    server: Publisher, database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(server)
    assert update(server, *THREE) == 0
    sent = server.sent
    assert update(server, *THREE) == 0
    assert "unchanged: epss, kev, osv/Go" in capsys.readouterr().out
    assert (server.sent, sources(database)) == (sent, {"epss": 2, "kev": 2, "osv/Go": 1})
    server.files[KEV] = (RECORDS / "known-exploited.json").read_bytes().replace(b"\n", b"\n ")
    assert update(server, "--only", "kev") == 0
    assert server.statuses(KEV) == [200, 304, 200]
    assert sources(database) == {"epss": 2, "kev": 2, "osv/Go": 1}


@pytest.mark.parametrize("path", [f"{OSV}/Go/all.zip", KEV, EPSS])
def test_a_feed_that_fails_leaves_the_old_database(
    server: Publisher, database: Path, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    serve(server)
    assert update(server, *THREE) == 0
    before = database.read_bytes()
    content = server.files[path]
    for bad in (b"<html>sign in to the guest network</html>", content[: len(content) // 2], b""):
        server.files[path] = bad
        assert update(server, *THREE) == 2
        assert database.read_bytes() == before
    del server.files[path]
    assert update(server, *THREE) == 2  # it was there before, so that its absence is no news of nothing
    assert database.read_bytes() == before
    assert "seawall: error:" in capsys.readouterr().err


def test_an_update_that_is_killed_leaves_the_old_database_and_the_next_one_goes_on(
    server: Publisher, database: Path
) -> None:
    path = f"{OSV}/Go/all.zip"
    serve(server)
    assert update(server, *THREE) == 0
    before = database.read_bytes()
    server.files[path] = archive("GO-2024-3228.json", new=record("GO-1", ("Go", "x" * 3_000_000)))
    server.stalls[path] = 2_500_000
    command = [sys.executable, "-m", "seawall", "db", "update", "--quiet", "--from", server.address, *THREE]
    process = subprocess.Popen(command)
    try:
        assert server.stalled.wait(30)
        deadline = time.monotonic() + 30
        while not any(found.stat().st_size > 1_000_000 for found in database.parent.glob("*downloads*/*")):
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait(30)
    assert database.read_bytes() == before
    sent = server.sent
    assert update(server, *THREE) == 0
    _, status, headers = next(found for found in reversed(server.requests) if found[0] == path)
    assert (status, headers["Range"].startswith("bytes=")) == (206, True)
    assert 0 < server.sent - sent < 2_000_000
    assert sources(database) == {"epss": 2, "kev": 2, "osv/Go": 2}


def test_an_archive_with_a_damaged_entry_is_refused_as_a_whole(
    server: Publisher, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = archive("GO-2024-3228.json", "RUSTSEC-2024-0399.json")
    server.files[f"{OSV}/Go/all.zip"] = packed.replace(b"Coder vulnerable", b"Coder xulnerable", 1)
    assert update(server, "--only", "osv/Go") == 2
    assert "'GO-2024-3228.json' has another checksum than stated" in capsys.readouterr().err


def test_a_release_that_is_not_published_yet_is_no_error(
    server: Publisher, database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    release = {"distroversion": "v3.20", "reponame": "main"}
    server.files["/secdb.alpinelinux.org/v3.20/main.json"] = json.dumps(
        release | {"packages": [{"pkg": {"name": "a", "secfixes": {"1-r0": ["CVE-2024-1"]}}}]}
    ).encode()
    assert update(server, "--only", "alpine/v3.20") == 0
    assert sources(database) == {"alpine/v3.20/main": 1}
    assert "not published: alpine/v3.20/community" in capsys.readouterr().out


def test_a_feed_of_one_ecosystem_brings_the_entries_of_that_ecosystem(server: Publisher, database: Path) -> None:
    server.files[f"{OSV}/npm/all.zip"] = archive(both=record("GHSA-a", ("npm", "a"), ("PyPI", "a")))
    assert update(server, "--only", "npm") == 0
    assert sources(database) == {"osv/npm": 1}


def test_a_mirror_may_be_a_directory(database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mirror = tmp_path / "mirror"
    (mirror / KEV.strip("/")).parent.mkdir(parents=True)
    shutil.copy(RECORDS / "known-exploited.json", mirror / KEV.strip("/"))
    assert main(["db", "update", "--from", str(mirror), "--only", "kev"]) == 0
    assert main(["db", "update", "--from", str(mirror), "--only", "kev"]) == 0
    assert "unchanged: kev" in capsys.readouterr().out
    assert main(["db", "update", "--from", str(mirror), "--only", "epss"]) == 2
    assert sources(database) == {"kev": 2}


def test_a_database_of_an_older_version_is_built_anew(server: Publisher, database: Path) -> None:
    database.parent.mkdir()
    database.write_bytes(b"not a database of this version")
    serve(server)
    assert update(server, *THREE) == 0
    assert sources(database) == {"epss": 2, "kev": 2, "osv/Go": 1}


def test_a_feed_that_does_not_exist_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "update", "--only", "alpin"]) == 2
    assert "there is no feed 'alpin' (did you mean alpine" in capsys.readouterr().err


def test_feeds_are_chosen_by_name_group_or_ecosystem() -> None:
    assert [feed.name for feed in choose(["KEV", "osv/pypi"])] == ["kev", "osv/PyPI"]
    assert [feed.name for feed in choose(["alpine/v3.20"])] == ["alpine/v3.20/main", "alpine/v3.20/community"]
    assert [feed.name for feed in choose(["debian"])] == ["osv/Debian", "debian"]
    assert [feed.name for feed in choose(["ubuntu"])] == ["osv/Ubuntu", "ubuntu"]
    assert "ubuntu" not in {feed.name for feed in choose([])}


def test_every_feed_has_a_name_of_its_own_and_a_safe_address() -> None:
    assert len({feed.name for feed in FEEDS}) == len(FEEDS)
    assert all(feed.url.startswith("https://") and "?" not in feed.url for feed in FEEDS)
    assert len({feed.source for feed in FEEDS if feed.default}) == len([feed for feed in FEEDS if feed.default])


def test_status_says_what_there_is_and_how_old(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "import", "--quiet", str(RECORDS)]) == 0
    assert main(["db", "status", "--format", "json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["path"], status["records"], status["stale"]) == (str(database), 27, [])
    assert {"name": "epss", "records": 2, "newest": "2026-08-21", "read": status["built"], "ageDays": 0} in status[
        "sources"
    ]
    assert main(["db", "status"]) == 0
    out = capsys.readouterr().out
    assert "osv/Go" in out
    assert "27 records, built 20" in out


def test_status_warns_of_what_is_old(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "import", "--quiet", str(RECORDS / "GO-2024-3228.json")]) == 0
    assert main(["db", "status", "--max-age", "-1"]) == 0
    assert "older than -1 days: osv/Go (`seawall db update`)" in capsys.readouterr().err


def test_status_without_a_database_says_how_to_get_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "status"]) == 2
    assert (
        "there is no advisory database (`seawall db update` or `seawall db import` makes a new one)"
        in capsys.readouterr().err
    )


def test_the_database_lies_where_the_user_keeps_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SEAWALL_DATABASE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert database_path() == tmp_path / "seawall" / "advisories.db"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert database_path() == tmp_path / ".local" / "share" / "seawall" / "advisories.db"
