"""Images of a Docker engine and of containerd: asked only when the user says so, read whole, and verified like all others.

The engine is simulated in the shapes that its API is documented with; ``ctr`` is a script that prints what containerd 1.6 did.
"""

import json
import shlex
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import unquote

import pytest

from sample_images import Built, docker_files, dpkg, files, write_archive
from seawall.model.errors import SourceError, UsageError
from seawall.sources.detect import TargetKind, detect
from seawall.sources.images import containerd, docker_engine
from seawall.sources.images.elsewhere import open_elsewhere
from seawall.sources.images.read import read_image
from seawall.sources.manifests import ReadOptions
from seawall.sources.registry.settings import RegistrySettings
from seawall.stages.images import read_inventory

IMAGE = Built(files(var__lib__dpkg__status=dpkg(("zlib1g", "1.2.13-1"))))


@dataclass
class Engine:
    """What a Docker engine has: the answer of `save` by the image's name. `cut` breaks an archive off; `fails` is a 500."""

    socket: str
    images: dict[str, bytes] = field(default_factory=dict)
    cut: int = -1
    fails: bool = False
    hangs: bool = False
    asked: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)


@contextmanager
def engine(folder: Path) -> Iterator[Engine]:
    """Yield an engine that listens on a unix socket."""
    served = Engine(str(folder / "docker.sock"))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(f"{self.command} {self.path}")
            name, _, what = unquote(self.path.removeprefix("/images/")).rpartition("/")
            if served.hangs:
                served.closing.wait(20)
            elif served.fails:
                self.answer(500, b'{"message":"write /var/lib/docker/tmp: no space left on device"}')
            elif name not in served.images:
                self.answer(404, json.dumps({"message": f"No such image: {name}"}).encode())
            elif what == "json":
                self.answer(200, json.dumps({"Id": "sha256:0", "RepoTags": [name]}).encode())
            else:
                self.save(served.images[name])

        def answer(self, status: int, data: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def save(self, data: bytes) -> None:
            # As the engine does it: chunked, for it does not know how long the archive becomes.
            self.wfile.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/x-tar\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            sent = data[: served.cut] if served.cut >= 0 else data
            for start in range(0, len(sent), 1_000):
                part = sent[start : start + 1_000]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            if served.cut < 0:
                self.wfile.write(b"0\r\n\r\n")

        def log_message(self, *_arguments: object) -> None:
            pass

    class Server(socketserver.ThreadingUnixStreamServer):
        daemon_threads = True

        def handle_error(self, *_arguments: object) -> None:
            pass  # a client that gives up is what is tested

    server = Server(served.socket, Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield served
    finally:
        served.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setenv("SEAWALL_CACHE_DIR", str(tmp_path / "cache"))
    contents, links = docker_files(**{"app:1": IMAGE})
    archive = write_archive(tmp_path / "saved.tar", contents, links).read_bytes()
    with engine(tmp_path) as served:
        served.images["registry.example/team/app:1"] = archive
        monkeypatch.setenv("DOCKER_HOST", f"unix://{served.socket}")
        yield served


def packages(target: str) -> list[str]:
    return [package.name for package in read_inventory(target, ReadOptions()).packages]


def test_an_image_of_the_engine_is_read_and_nothing_is_left_behind(docker: Engine, tmp_path: Path) -> None:
    target = "docker:registry.example/team/app:1"
    assert detect(target) is TargetKind.IMAGE
    assert packages(target) == ["zlib1g"]
    inventory = read_inventory(target, ReadOptions())
    assert (inventory.kind, inventory.image.name) == ("image", target)
    assert [file.name for file in (tmp_path / "cache").iterdir() if file.name.startswith("docker-")] == []
    assert docker.asked[:2] == [f"GET /images/registry.example/team/app:1/{what}" for what in ("json", "get")]


def test_an_image_that_the_engine_does_not_have_is_said(docker: Engine) -> None:
    with pytest.raises(SourceError, match=r"has no image a/b:2 \(`docker pull a/b:2`"):
        packages("docker:a/b:2")
    with pytest.raises(SourceError, match=r"has no image 27-cli .*docker\.io/docker:27-cli"):
        packages("docker:27-cli")
    with pytest.raises(UsageError, match="names no image"):
        packages("docker:")
    assert all(asked.startswith("GET ") for asked in docker.asked)


def test_an_archive_that_breaks_off_is_no_image(docker: Engine) -> None:
    docker.cut = 2_000
    with pytest.raises(SourceError, match="cannot be asked"):
        packages("docker:registry.example/team/app:1")


def test_what_the_engine_says_is_passed_on(docker: Engine) -> None:
    docker.fails = True
    with pytest.raises(SourceError, match=r"answered 500: write .*no space left"):
        packages("docker:a:1")


def test_an_engine_that_is_silent_is_given_up(docker: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    docker.hangs = True
    monkeypatch.setattr(docker_engine, "CALL_SECONDS", 0.1)
    with pytest.raises(SourceError, match="did not answer in time"):
        packages("docker:a:1")


def test_an_archive_that_does_not_end_is_cut(docker: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker_engine, "MAX_ARCHIVE_BYTES", 3_000)
    with pytest.raises(SourceError, match="is larger than"):
        packages("docker:registry.example/team/app:1")


@pytest.mark.parametrize(
    ("host", "said"),
    [("tcp://me:sesame@10.0.0.1:2376", "only unix:// is spoken"), ("unix:///nowhere", "cannot be asked")],
)
def test_an_engine_elsewhere_is_not_asked(monkeypatch: pytest.MonkeyPatch, host: str, said: str) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    with pytest.raises(SourceError, match=said) as caught:
        packages("docker:a:1")
    assert "sesame" not in str(caught.value)


HEADER = "REF                         TYPE                                       DIGEST      SIZE    PLATFORMS LABELS "


@pytest.fixture
def ctr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program ``ctr`` for an image in the namespace ``default``; it writes down what it is asked for."""
    blobs = tmp_path / "blobs"
    blobs.mkdir()
    for digest, data in IMAGE.blobs.items():
        (blobs / digest).write_bytes(data)
    entry = IMAGE.entry()
    line = f"registry.example/app:1 {entry['mediaType']} {entry['digest']} 2.9 MiB linux/amd64 -      "
    script = f"""#!/bin/sh
echo "$@" >> {shlex.quote(str(tmp_path / "asked"))}
shift 3; namespace=$1; shift
case "$1 $2" in
  "images ls") echo {shlex.quote(HEADER)}; [ "$namespace" = default ] && echo {shlex.quote(line)}; exit 0 ;;
  "content get") cat {shlex.quote(str(blobs))}/$3 2>/dev/null && exit 0; echo "ctr: content digest $3: not found" >&2; exit 1 ;;
esac
exit 64
"""
    program = tmp_path / "ctr"
    program.write_text(script)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("CONTAINERD_ADDRESS", "/run/here.sock")
    monkeypatch.delenv("CONTAINERD_NAMESPACE", raising=False)
    monkeypatch.setenv("SEAWALL_CACHE_DIR", str(tmp_path / "cache"))
    return program


def test_an_image_of_containerd_is_read_blob_by_blob(ctr: Path, tmp_path: Path) -> None:
    target = "containerd:registry.example/app:1"
    assert detect(target) is TargetKind.IMAGE
    assert packages(target) == ["zlib1g"]
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[0] == '--address /run/here.sock --namespace k8s.io images ls name=="registry.example/app:1"'
    assert asked[1].startswith("--address /run/here.sock --namespace default images ls ")
    assert all(" content get sha256:" in line for line in asked[2:])


def test_another_digest_than_the_one_asked_for_is_another_image(ctr: Path) -> None:
    digest = IMAGE.entry()["digest"]
    assert packages(f"containerd:registry.example/app:1@{digest}") == ["zlib1g"]
    with pytest.raises(SourceError, match=r"has no image .* in k8s\.io or default"):
        packages(f"containerd:registry.example/app:1@sha256:{'0' * 64}")


def test_a_blob_that_containerd_has_dropped_is_said(ctr: Path, tmp_path: Path) -> None:
    layer = json.loads(IMAGE.manifest)["layers"][0]["digest"]
    (tmp_path / "blobs" / layer).unlink()
    with open_elsewhere("containerd:registry.example/app:1", RegistrySettings()) as store:
        (missing,) = read_image(store).unscanned
    assert f"{layer} of containerd:registry.example/app:1: ctr: content digest" in missing.reason


def test_a_blob_with_other_bytes_is_not_read(ctr: Path, tmp_path: Path) -> None:
    layer = json.loads(IMAGE.manifest)["layers"][0]["digest"]
    (tmp_path / "blobs" / layer).write_bytes(Built(files(a=b"other")).blobs.popitem()[1])
    with open_elsewhere("containerd:registry.example/app:1", RegistrySettings()) as store:
        assert len(read_image(store).unscanned) == 1


def test_a_containerd_that_cannot_be_asked_is_said(ctr: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ctr.write_text('#!/bin/sh\necho "ctr: dial unix /run/here.sock: permission denied" >&2; exit 1\n')
    with pytest.raises(SourceError, match="permission denied"):
        packages("containerd:app:1")
    ctr.unlink()
    monkeypatch.setenv("PATH", str(ctr.parent))
    with pytest.raises(SourceError, match="not on PATH"):
        packages("containerd:app:1")
    with pytest.raises(UsageError, match="lower case"):
        packages("containerd:App:1")


def test_a_client_that_hangs_is_ended(ctr: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_elsewhere("containerd:registry.example/app:1", RegistrySettings()) as store:
        ctr.write_text("#!/bin/sh\nexec sleep 20\n")
        monkeypatch.setattr(containerd, "STALL_SECONDS", 0.1)
        with pytest.raises(SourceError, match="wrote nothing"), store.open(store.root()) as chunks:
            list(chunks)
