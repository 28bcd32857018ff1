"""Files and directories: what is read, what is passed by in silence, and what is reported as not scanned."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from seawall.apps.cli.main import main
from seawall.model.errors import UsageError
from seawall.model.resource import Resource, Unscanned
from seawall.sources import files, manifests
from seawall.sources.files import Found, SourceFile, read

MANIFEST = b"apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"


def entries(root: Path) -> dict[str, str]:
    """Return the reason of each entry by its path below `root`; empty for what was read."""
    found = list(read(root))
    return {os.path.relpath(entry.path, root): entry.reason if isinstance(entry, Unscanned) else "" for entry in found}


def read_one(path: Path) -> SourceFile | Unscanned:
    (entry,) = read(path)
    return entry


def test_yaml_and_json_of_a_directory_are_read_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b.yml", "a.yaml", "c.json", "d.txt", "e.yaml.j2", "sub/z.yaml", "Sub/y.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(MANIFEST)
    assert list(entries(tmp_path)) == ["a.yaml", "b.yml", "c.json", "Sub/y.yaml", "sub/z.yaml"]


def test_a_file_of_any_name_is_read_when_it_is_named(tmp_path: Path) -> None:
    file = tmp_path / "manifest.txt"
    file.write_bytes(MANIFEST)
    assert read_one(file) == SourceFile(str(file), MANIFEST)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mkdocs.yml", "emoji: !!python/name:material.extensions.emoji.twemoji\n"),
        ("stack.yaml", 'Resources: {A: {Type: "AWS::S3::Bucket", Properties: {N: !Ref N, S: !Sub "${A}"}}}\n'),
        ("tsconfig.json", '{ // a comment\n "compilerOptions": {},\n}\n'),
        ("package.json", '{"name": "a"}'),
        ("docker-compose.yml", "services: {a: {image: b}}\n"),
        ("workflow.yml", 'jobs: {a: {steps: [{run: "echo ${{ github.ref }}"}]}}\n'),
        ("role.yaml", "{% for x in y %}\n- {{ x }}\n{% endfor %}\n"),
        ("locale.yml", "gr\N{LATIN SMALL LETTER U WITH DIAERESIS}n: 1\n"),
        ("._deploy.yaml", "\0\0Mac OS X\0"),
    ],
)
def test_what_cannot_be_a_manifest_is_passed_by_in_silence(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_bytes(text.encode("latin-1"))
    assert entries(tmp_path) == {}
    assert isinstance(read_one(tmp_path / name), SourceFile), "a file that is named is read in any case"


@pytest.mark.parametrize(
    "text",
    [
        b'"api\\u0056ersion": v1\nkind: Pod\n',
        b'{"\\u0061piVersion": "v1"}',
        b'"\\x61piVersion": v1\n',
        b'"\\U00000061piVersion": v1\n',
        b'? "api\\\n   Version"\n: v1\n',
        "apiVersion: v1\n".encode("utf-16"),
        b"\0binary",
    ],
)
def test_the_word_of_a_manifest_cannot_be_hidden(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "a.yaml").write_bytes(text)
    assert entries(tmp_path) == {"a.yaml": ""}


def test_a_link_to_what_is_read_anyway_is_not_read_twice(tmp_path: Path) -> None:
    (tmp_path / "v1").mkdir()
    (tmp_path / "v1/a.yaml").write_bytes(MANIFEST)
    (tmp_path / "current").symlink_to("v1")
    (tmp_path / "b.yaml").symlink_to("v1/a.yaml")
    assert entries(tmp_path) == {"v1/a.yaml": ""}


def test_a_link_to_what_is_not_read_by_its_own_name_is_followed(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("/hidden/\n")
    (tmp_path / "hidden/sub").mkdir(parents=True)
    for name in ("hidden/a.yaml", "hidden/sub/b.yaml", "plain"):
        (tmp_path / name).write_bytes(MANIFEST)
    (tmp_path / "one.yaml").symlink_to("plain")
    (tmp_path / "shown").symlink_to("hidden")
    (tmp_path / "shown-too").symlink_to("hidden/sub")
    assert entries(tmp_path) == {"one.yaml": "", "shown/a.yaml": "", "shown/sub/b.yaml": ""}


def test_links_that_loop_or_lead_out_or_nowhere_are_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "deep").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/o.yaml").write_bytes(MANIFEST)
    (root / "a.yaml").write_bytes(MANIFEST)
    (root / "deep/up").symlink_to("..")
    (root / "deep/above").symlink_to("../..")
    (root / "self.yaml").symlink_to("self.yaml")
    (root / "out.yaml").symlink_to("../outside/o.yaml")
    (root / "outdir").symlink_to("../outside")
    (root / "nowhere.yaml").symlink_to("gone.yaml")
    (root / ".#a.yaml").symlink_to("user@host.1234")  # an editor's lock
    (root / "README").symlink_to("../outside/README")
    found = entries(root)
    assert {path: reason.partition(":")[0] for path, reason in found.items()} == {
        "a.yaml": "",
        "deep/above": "the link leads back to a directory that holds it",
        "deep/up": "the link leads back to a directory that holds it",
        "nowhere.yaml": "cannot follow the link",
        "out.yaml": "the link leads out of the scanned directory",
        "outdir": "the link leads out of the scanned directory",
        "self.yaml": "cannot follow the link",
    }


def test_pipes_sockets_and_devices_are_reported_and_never_wait_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "device.yaml").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        here = os.getcwd()
        os.chdir(tmp_path)  # a socket's name has at most 108 bytes
        listening.bind("socket.yaml")
        os.chdir(here)
        found = entries(tmp_path)
    assert found["pipe.yaml"].startswith("not a regular file")
    assert found["device.yaml"].startswith("the link leads out of the scanned directory")
    assert found["socket.yaml"].startswith("cannot read the file: no such device or address")
    assert isinstance(read_one(Path("/dev/zero")), Unscanned)


def test_a_pipe_that_is_named_is_read_to_its_end(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(MANIFEST * 3000,))
    writer.start()
    assert read_one(pipe) == SourceFile(str(pipe), MANIFEST * 3000)
    writer.join()


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A directory that an ordinary user owns, with the test running as that user: root may read everything."""
    folder = Path(tempfile.mkdtemp(prefix="seawall-test-"))
    user = os.geteuid()
    if user == 0:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
    try:
        yield folder
    finally:
        os.seteuid(user)
        for directory, _below, _names in os.walk(folder):
            os.chmod(directory, 0o700)
        shutil.rmtree(folder)


def test_unreadable_files_and_directories_are_reported_and_the_rest_is_read(unprivileged: Path) -> None:
    for name in ("closed.yaml", "open.yaml", "closed/x.yaml", "listed/y.yaml", "closed.txt"):
        (unprivileged / name).parent.mkdir(exist_ok=True)
        (unprivileged / name).write_bytes(MANIFEST)
    for name, mode in (("closed.yaml", 0), ("closed.txt", 0), ("closed", 0), ("listed", 0o400)):
        (unprivileged / name).chmod(mode)
    remedy = "permission denied; grant the right to read it, or add it to .seawallignore"
    assert entries(unprivileged) == {
        "closed.yaml": f"cannot read the file: {remedy}",
        "open.yaml": "",
        "closed": f"cannot read the directory: {remedy}",
        "listed/y.yaml": f"cannot read the file: {remedy}",
    }


def test_a_file_above_the_limit_is_not_read_and_costs_no_memory(tmp_path: Path) -> None:
    with (tmp_path / "large.yaml").open("wb") as stream:
        stream.write(MANIFEST)
        stream.truncate(100 << 20)
    (tmp_path / "small.yaml").write_bytes(MANIFEST)
    assert entries(tmp_path) == {
        "large.yaml": "too large (100 MiB; at most 16 MiB are read): split it, or add it to .seawallignore",
        "small.yaml": "",
    }


def test_a_stream_without_an_end_is_cut_at_the_limit() -> None:
    # VmHWM and not ru_maxrss, which a child inherits from a parent that is larger than itself.
    script = "from seawall.sources.files import read; print(next(iter(read('-'))).reason);"
    script += "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    with open("/dev/zero", "rb") as endless:
        done = subprocess.run(
            [sys.executable, "-c", script], stdin=endless, capture_output=True, text=True, check=True, timeout=60
        )
    reason, peak = done.stdout.splitlines()
    assert reason.startswith("too large (more; at most 16 MiB are read)")
    assert int(peak) < 120_000, "kilobytes"


def test_a_file_that_vanishes_during_the_scan_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(MANIFEST)
    (found,) = files.walk(str(tmp_path))
    assert isinstance(found, Found)
    (tmp_path / "a.yaml").unlink()
    assert files.load(found) == Unscanned(str(tmp_path / "a.yaml"), "the file vanished during the scan: scan again")


def test_a_pipe_that_takes_the_place_of_a_file_does_not_hang_the_scan(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(MANIFEST)
    (found,) = files.walk(str(tmp_path))
    (tmp_path / "a.yaml").unlink()
    os.mkfifo(tmp_path / "a.yaml")
    assert isinstance(found, Found)
    outcome = files.load(found)
    assert isinstance(outcome, Unscanned)
    assert outcome.reason.startswith("not a regular file")


def test_a_tree_that_is_deeper_than_recursion_goes_is_walked(tmp_path: Path) -> None:
    here = os.getcwd()
    os.chdir(tmp_path)
    depth = sys.getrecursionlimit() + 100
    try:
        for _ in range(depth):
            os.mkdir("d")
            os.chdir("d")
        Path("a.yaml").write_bytes(MANIFEST)
        os.chdir(tmp_path)
        (found,) = read(".")
    finally:
        os.chdir(here)
        # Not by rmtree, which recurses, nor left to pytest, which uses it.
        subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)
    assert isinstance(found, SourceFile)
    assert found.path == "d/" * depth + "a.yaml"


def test_names_that_are_no_text_are_shown_as_text(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.yaml")
    Path(name).write_bytes(MANIFEST)
    (found,) = read(tmp_path)
    assert found.path == f"{tmp_path}/caf\N{REPLACEMENT CHARACTER}.yaml"
    (found,) = read(name)
    assert found.path == f"{tmp_path}/caf\N{REPLACEMENT CHARACTER}.yaml"


@pytest.mark.parametrize("name", ["gone", "gone.yaml", "", "a\0b"])
def test_a_target_that_does_not_exist_is_wrong_usage(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        list(read(tmp_path / name / "x" if not name else tmp_path / name))


def test_a_gap_fails_the_gate_and_hides_no_finding_and_can_be_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec: {hostNetwork: %s, containers: []}\n"
    (tmp_path / "broken.yaml").write_text("apiVersion: v1\nkind: {{ .Values.kind }}\n")
    (tmp_path / "good.yaml").write_text(pod % ("good", "false"))
    arguments = ["scan", ".", "--only", "host-network"]
    assert main(arguments) == 2
    assert "broken.yaml:2: a template ('{{'), not YAML" in capsys.readouterr().out
    assert main([*arguments, "--allow-unscanned"]) == 0
    (tmp_path / "bad.yaml").write_text(pod % ("bad", "true"))
    capsys.readouterr()
    assert main(arguments) == 2
    assert "Pod bad" in capsys.readouterr().out
    assert main([*arguments, "--allow-unscanned"]) == 1


def test_a_line_of_four_megabytes_is_read_and_quoted_in_short(tmp_path: Path) -> None:
    long = "x" * (4 << 20)
    text = f'{{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {{"name": "a"}}, "data": {{"k": "{long}", "z": "end"}}}}'
    (tmp_path / "a.json").write_text(text)
    (entry,) = manifests.read(str(tmp_path))
    assert isinstance(entry, Resource)
    place = entry.locate(("data", "z"))
    assert (place.location.line, place.evidence) == (1, '"end"')
    assert len(place.snippet) < 1_000
