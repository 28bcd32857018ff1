"""What `.gitignore` and `.seawallignore` leave out. That patterns mean what git says is a law: tests/property."""

import os
import time
from pathlib import Path

import pytest

from seawall.formats.ignore_patterns import decide, parse_ignore_file
from seawall.sources.files import SourceFile, read

MANIFEST = b"apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"


def write(root: Path, *paths: str) -> None:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(MANIFEST)


def names_in(root: Path, **options: bool) -> list[str]:
    found = list(read(root, **options))
    assert all(isinstance(entry, SourceFile) for entry in found), found
    return [os.path.relpath(entry.path, root) for entry in found]


def test_seawallignore_decides_over_gitignore_of_the_same_directory(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", "b.yaml", "c.yaml")
    (tmp_path / ".gitignore").write_text("a.yaml\nb.yaml\n")
    (tmp_path / ".seawallignore").write_text("!a.yaml\nc.yaml\n")
    assert names_in(tmp_path) == ["a.yaml"]


def test_the_deeper_ignore_file_decides(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", "deep/a.yaml")
    (tmp_path / ".gitignore").write_text("a.yaml\n")
    (tmp_path / "deep/.gitignore").write_text("!a.yaml\n")
    assert names_in(tmp_path) == ["deep/a.yaml"]


def test_what_stands_in_an_ignored_directory_cannot_be_taken_back(tmp_path: Path) -> None:
    write(tmp_path, "out/a.yaml", "kept.yaml")
    (tmp_path / ".gitignore").write_text("out/\n!out/a.yaml\n")
    (tmp_path / "out/.gitignore").write_text("!*\n")
    assert names_in(tmp_path) == ["kept.yaml"]


def test_ignore_files_above_the_scanned_directory_count_up_to_the_repository(tmp_path: Path) -> None:
    write(tmp_path, "repository/deploy/app/a.yaml", "repository/deploy/app/b.yaml", "repository/deploy/app/c.yaml")
    (tmp_path / ".gitignore").write_text("c.yaml\n")  # above the repository: git does not read it there
    (tmp_path / "repository/.gitignore").write_text("/deploy/*/a.yaml\n")
    (tmp_path / "repository/deploy/.seawallignore").write_text("/b.yaml\napp/b.yaml\n")
    (tmp_path / "repository/.git").mkdir()
    assert names_in(tmp_path / "repository/deploy/app") == ["c.yaml"]


def test_without_a_repository_only_the_directory_itself_is_asked(tmp_path: Path) -> None:
    write(tmp_path, "deploy/a.yaml")
    (tmp_path / ".gitignore").write_text("*.yaml\n")
    assert names_in(tmp_path / "deploy") == ["a.yaml"]


def test_the_repositorys_own_exclude_file_counts_and_decides_least(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", "b.yaml")
    (tmp_path / ".git/info").mkdir(parents=True)
    (tmp_path / ".git/info/exclude").write_text("a.yaml\nb.yaml\n")
    (tmp_path / ".gitignore").write_text("!b.yaml\n")
    assert names_in(tmp_path) == ["b.yaml"]


def test_global_excludes_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    (home / ".config/git").mkdir(parents=True)
    (home / ".config/git/ignore").write_text("*.yaml\n")
    (home / ".gitconfig").write_text(f"[core]\nexcludesFile = {home}/.config/git/ignore\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    write(tmp_path, "repository/a.yaml")
    (tmp_path / "repository/.git").mkdir()
    assert names_in(tmp_path / "repository") == ["a.yaml"]


def test_a_directory_that_is_named_is_read_even_where_it_is_ignored(tmp_path: Path) -> None:
    write(tmp_path, "out/a.yaml")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("out/\n")
    assert names_in(tmp_path) == []
    assert names_in(tmp_path / "out") == ["a.yaml"]


def test_a_file_that_is_named_is_read_even_where_it_is_ignored(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml")
    (tmp_path / ".gitignore").write_text("a.yaml\n")
    assert list(read(tmp_path / "a.yaml")) == [SourceFile(str(tmp_path / "a.yaml"), MANIFEST)]


def test_no_ignore_reads_everything_but_gits_own_directory(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", "node_modules/x/b.yaml", ".git/c.yaml", ".github/d.yaml")
    (tmp_path / ".gitignore").write_text("a.yaml\n")
    assert names_in(tmp_path) == [".github/d.yaml"]
    assert names_in(tmp_path, respect_ignores=False) == ["a.yaml", ".github/d.yaml", "node_modules/x/b.yaml"]


@pytest.mark.parametrize("kind", ["link", "pipe", "directory", "large"])
def test_an_ignore_file_that_is_none_hides_nothing_and_never_blocks(tmp_path: Path, kind: str) -> None:
    write(tmp_path, "a.yaml")
    ignore = tmp_path / ".gitignore"
    if kind == "link":
        (tmp_path / "elsewhere").write_text("a.yaml\n")
        ignore.symlink_to("elsewhere")
    elif kind == "pipe":
        os.mkfifo(ignore)
    elif kind == "directory":
        ignore.mkdir()
    else:
        ignore.write_text("a.yaml\n" * 40_000)
    assert names_in(tmp_path) == ["a.yaml"]


def test_patterns_match_names_that_are_no_text(tmp_path: Path) -> None:
    for name in (b"\xff.yaml", b"\xfe.yaml"):
        (Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))).write_bytes(MANIFEST)
    (tmp_path / ".gitignore").write_bytes(b"\xff.yaml\n")
    assert [entry.path for entry in read(tmp_path)] == [f"{tmp_path}/\N{REPLACEMENT CHARACTER}.yaml"]


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        (b"*a" * 1000 + b"b", b"a" * 255),
        (b"*[a]" * 1000 + b"b", b"a" * 255),
        (b"*?" * 1000 + b"b", b"a" * 255),
        (b"**/a*/" * 500 + b"b", b"a/" * 2000 + b"c"),
        (b"/" + b"*a/" * 1000 + b"b", b"aaaaaa/" * 500 + b"c"),
        (b"/" + b"**\\/*a*a*a" * 300 + b"b", b"aaaaaa/" * 500 + b"c"),
    ],
    ids=["stars", "brackets", "questions", "directories", "components", "escaped"],
)
def test_no_pattern_of_a_scanned_repository_is_slow(pattern: bytes, path: bytes) -> None:
    patterns = parse_ignore_file(pattern)
    start = time.process_time()
    assert decide(patterns, path, is_directory=False) is None
    # A power of lengths would take longer than the universe has; the product takes milliseconds.
    assert time.process_time() - start < 2
