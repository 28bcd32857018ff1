"""Downloads from a publisher on loopback: they go on where they were cut off, and a file is whole or not there."""

import errno
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from seawall.model.errors import SourceError
from seawall.sources import connections, web_connections
from seawall.sources.downloads import Downloaded, Missing, download
from seawall.sources.web_connections import WebSettings
from tests.simulators.proxy import Relay
from tests.simulators.publisher import Publisher, md5, publisher
from tests.testbed.certificates import CertificateAuthority

CONTENT = bytes(range(256)) * 4096  # 1 MB
FAST = WebSettings(seconds=5, backoff=0.0, attempts=3)
ONCE = WebSettings(seconds=5, backoff=0.0, attempts=1)


@pytest.fixture
def server() -> Iterator[Publisher]:
    with publisher() as served:
        served.files["/all.zip"] = CONTENT
        yield served


def fetch(server: Publisher, folder: Path, settings: WebSettings = FAST, **known: str) -> Downloaded:
    return download(f"{server.address}/all.zip", folder / "file", settings=settings, **known)  # type: ignore[arg-type]


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_a_file_is_downloaded_and_its_etag_is_told(server: Publisher, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    found = download(
        f"{server.address}/all.zip", tmp_path / "file", settings=FAST, progress=lambda *at: seen.append(at)
    )
    assert found == Downloaded(tmp_path / "file", server.etag("/all.zip"))
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))


def test_a_connection_that_is_cut_is_taken_up_where_it_broke(server: Publisher, tmp_path: Path) -> None:
    server.cuts["/all.zip"] = [400_000, 300_000]
    assert fetch(server, tmp_path, ONCE).path is not None  # attempts that bring bytes are not counted
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert server.statuses("/all.zip") == [200, 206, 206]
    assert server.sent == len(CONTENT)


def test_a_later_run_goes_on_with_what_an_earlier_one_left(server: Publisher, tmp_path: Path) -> None:
    server.cuts["/all.zip"] = [500_000, 0]
    with pytest.raises(SourceError, match=r"broke off after 500000 of 1048576 bytes.*run the command again"):
        fetch(server, tmp_path, ONCE)
    assert names(tmp_path) == {"file.part", "file.note"}
    assert fetch(server, tmp_path).path is not None
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert server.sent == len(CONTENT)


def test_a_file_that_changed_meanwhile_is_begun_anew(server: Publisher, tmp_path: Path) -> None:
    server.cuts["/all.zip"] = [500_000, 0]
    with pytest.raises(SourceError):
        fetch(server, tmp_path, ONCE)
    server.files["/all.zip"] = changed = CONTENT[::-1]
    fetch(server, tmp_path)
    assert (tmp_path / "file").read_bytes() == changed
    assert server.statuses("/all.zip") == [200, 206, 200]


def test_a_server_without_ranges_is_begun_anew(server: Publisher, tmp_path: Path) -> None:
    server.ranges = False
    server.cuts["/all.zip"] = [500_000]
    fetch(server, tmp_path)
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert server.statuses("/all.zip") == [200, 200]


def test_an_unchanged_file_is_not_downloaded(server: Publisher, tmp_path: Path) -> None:
    etag = server.etag("/all.zip")
    assert fetch(server, tmp_path, etag=etag) == Downloaded(None, etag)
    assert (server.sent, names(tmp_path)) == (0, set())


def test_a_finished_file_that_nobody_used_yet_is_not_downloaded_again(server: Publisher, tmp_path: Path) -> None:
    first = fetch(server, tmp_path)
    assert fetch(server, tmp_path, etag='"of the database"') == first
    assert server.sent == len(CONTENT)


def test_a_server_that_is_busy_is_asked_again(server: Publisher, tmp_path: Path) -> None:
    server.failures["/all.zip"] = [500, 503]
    fetch(server, tmp_path)
    assert server.statuses("/all.zip") == [500, 503, 200]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_server_that_stays_busy_is_an_error(server: Publisher, tmp_path: Path, status: int) -> None:
    server.failures["/all.zip"] = [status] * 9
    with pytest.raises(SourceError, match=rf"/all.zip answers {status}"):
        fetch(server, tmp_path)
    assert server.statuses("/all.zip") == [status] * FAST.attempts


def test_a_refusal_is_not_tried_again(server: Publisher, tmp_path: Path) -> None:
    server.failures["/all.zip"] = [403] * 9
    with pytest.raises(SourceError, match="answers 403"):
        fetch(server, tmp_path)
    assert server.statuses("/all.zip") == [403]


def test_a_file_that_is_not_there_is_told_apart(server: Publisher, tmp_path: Path) -> None:
    with pytest.raises(Missing, match=r"/nothing: there is no such file"):
        download(f"{server.address}/nothing", tmp_path / "file", settings=FAST)


def test_a_length_that_is_not_true_is_an_error(server: Publisher, tmp_path: Path) -> None:
    server.lengths["/all.zip"] = len(CONTENT) + 10
    server.ranges = False
    with pytest.raises(SourceError, match="broke off after 1048576 of 1048586 bytes"):
        fetch(server, tmp_path, ONCE)
    assert "file" not in names(tmp_path)


def test_a_digest_that_is_stated_is_checked(server: Publisher, tmp_path: Path) -> None:
    server.digests["/all.zip"] = md5(CONTENT)
    assert fetch(server, tmp_path).path is not None


def test_a_file_with_another_digest_is_not_kept(server: Publisher, tmp_path: Path) -> None:
    server.digests["/all.zip"] = md5(b"another")
    with pytest.raises(SourceError, match="has not the md5 digest that it stated"):
        fetch(server, tmp_path, ONCE)
    assert names(tmp_path) == set()


def test_a_digest_is_checked_over_the_whole_of_what_was_resumed(server: Publisher, tmp_path: Path) -> None:
    server.cuts["/all.zip"] = [500_000, 0]
    server.digests["/all.zip"] = md5(CONTENT)
    with pytest.raises(SourceError):
        fetch(server, tmp_path, ONCE)
    (tmp_path / "file.part").write_bytes(b"x" * 500_000)  # a disk that lost what was written
    with pytest.raises(SourceError, match="digest"):
        fetch(server, tmp_path, ONCE)


def test_a_redirect_on_loopback_is_followed(server: Publisher, tmp_path: Path) -> None:
    server.redirects["/current"] = "/all.zip"
    download(f"{server.address}/current", tmp_path / "file", settings=FAST)
    assert (tmp_path / "file").read_bytes() == CONTENT


@pytest.mark.parametrize("target", ["http://192.0.2.1/all.zip", "ftp://127.0.0.1/all.zip", "file:///etc/passwd"])
def test_a_redirect_to_a_place_that_is_less_safe_is_refused(server: Publisher, tmp_path: Path, target: str) -> None:
    server.redirects["/current"] = target
    with pytest.raises(SourceError, match=r"not as safe|is not reached"):
        download(f"{server.address}/current", tmp_path / "file", settings=FAST)


def test_redirects_without_end_are_refused(server: Publisher, tmp_path: Path) -> None:
    server.redirects["/current"] = "/current"
    with pytest.raises(SourceError, match="sends on more than 5 times"):
        download(f"{server.address}/current", tmp_path / "file", settings=FAST)


@pytest.mark.parametrize("url", ["http://192.0.2.1/all.zip", "ftp://127.0.0.1/x", "all.zip", "http://127.0.0.1:99999/"])
def test_plain_http_to_another_machine_is_not_spoken(tmp_path: Path, url: str) -> None:
    with pytest.raises(SourceError, match=r"is not reached|no URL"):
        download(url, tmp_path / "file", settings=FAST)


def test_a_server_that_is_not_there_is_an_error_without_the_password(tmp_path: Path) -> None:
    with publisher() as served:
        address = served.address
    with pytest.raises(SourceError) as error:
        download(address.replace("//", "//me:hunter2@") + "/all.zip?key=hunter3", tmp_path / "file", settings=ONCE)
    assert "hunter" not in str(error.value)
    assert "/all.zip" in str(error.value)


def test_no_network_is_an_error_that_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: object) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr(connections, "connect", connect)
    with pytest.raises(SourceError, match=r"127\.0\.0\.1/x cannot be reached: Network is unreachable"):
        download("http://127.0.0.1/x", tmp_path / "file", settings=FAST)


def test_a_disk_that_cannot_be_written_is_not_blamed_on_the_server(server: Publisher, tmp_path: Path) -> None:
    (tmp_path / "file.part").mkdir()
    with pytest.raises(SourceError, match=r"/file: cannot be written"):
        fetch(server, tmp_path)
    (tmp_path / "plain").write_bytes(b"")
    with pytest.raises(SourceError, match=r"/folder/file: cannot be written"):
        fetch(server, tmp_path / "plain" / "folder")


def test_the_environments_proxy_is_the_way_out(
    server: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Relay("http", "p@ss") as relay:
        # Loopback is never asked for through a proxy, so what the environment says is said for it here.
        address = f"http://me:p%40ss@127.0.0.1:{relay.port}"
        monkeypatch.setattr(web_connections, "proxy_of_environment", lambda _url, _environment: address)
        assert fetch(server, tmp_path).path is not None
    assert relay.asked == [server.address.removeprefix("http://")]


def test_user_and_password_of_a_mirror_are_sent(server: Publisher, tmp_path: Path) -> None:
    download(server.address.replace("//", "//me:hunter2@") + "/all.zip", tmp_path / "file", settings=FAST)
    assert server.requests[0][2]["Authorization"] == "Basic bWU6aHVudGVyMg=="


def test_a_certificate_is_checked_and_other_authorities_are_trusted_when_the_user_says_so(tmp_path: Path) -> None:
    authority = CertificateAuthority(tmp_path)
    pair = authority.issue_server("publisher")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    with publisher(context) as served:
        served.files["/all.zip"] = CONTENT
        served.redirects["/away"] = served.address.replace("https", "http") + "/all.zip"
        with pytest.raises(SourceError, match="shows a certificate that is not trusted"):
            download(f"{served.address}/all.zip", tmp_path / "file", settings=FAST)
        trusting = WebSettings(seconds=5, backoff=0.0, ca_file=str(authority.certificate))
        assert download(f"{served.address}/all.zip", tmp_path / "file", settings=trusting).path is not None
        with pytest.raises(SourceError, match="not as safe"):
            download(f"{served.address}/away", tmp_path / "other", settings=trusting)


def test_certificate_authorities_that_cannot_be_read_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"certificate authorities of .*nothing\.pem cannot be read"):
        download("https://127.0.0.1:1/x", tmp_path / "f", settings=WebSettings(ca_file=str(tmp_path / "nothing.pem")))
