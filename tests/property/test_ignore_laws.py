"""Ignore files mean what git takes them to mean: git itself is the judge, on a fixed tree with drawn patterns."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seawall.sources.files import SourceFile, read

# Names that the drawn patterns can hit: case, spaces, characters of the pattern language, look-alikes of directories.
DIRECTORIES = ("", "a", "a/b", "a/b/a", "ab", "ab/b", "B", "a b", "#a")
FILES = ("a.yaml", "b.yaml", "ab.yaml", "B.yaml", "a b.yaml", "!a.yaml", "[a].yaml", "a-b.yaml")
IGNORE_FILES = ("", "a", "a/b", "ab")

ATOMS = [
    *("a", "b", "ab", "B", " ", "/", "*", "**", "?", ".yaml", "!", "#", "\\", "[", "]", "-", "^"),
    *(
        "[a-b]",
        "[!a]",
        "[^b]",
        "[]a]",
        "[a-]",
        "[[:alpha:]]",
        "[[:upper:]b]",
        "[b-a]",
        r"\*",
        r"\ ",
        r"\#",
        r"\!",
        r"\a",
    ),
    *("/**/", "**/", "**\\/", "/**", "a/", "/a", "a/b", "*.yaml", "a.yaml", "/*", "***", "\t", "\r"),
]
LINE = st.lists(st.sampled_from(ATOMS), min_size=0, max_size=5).map("".join)
TEXT = st.tuples(st.lists(LINE, max_size=4).map("\n".join), st.sampled_from(["", "\n", "\r\n"])).map("".join)
RULES = st.fixed_dictionaries({}, optional=dict.fromkeys(IGNORE_FILES, TEXT))


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("ignored")
    run_git(root, "init", "--quiet")
    for directory in DIRECTORIES:
        (root / directory).mkdir(exist_ok=True)
        for name in FILES:
            (root / directory / name).write_bytes(b"apiVersion: v1\n")
    return root


def run_git(root: Path, *arguments: str) -> bytes:
    environment = {"HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1", "PATH": "/usr/local/bin:/usr/bin:/bin"}
    command = ["git", "-c", "core.excludesFile=/dev/null", *arguments]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, check=True, timeout=60).stdout


def seen_by_git(root: Path) -> set[str]:
    listed = run_git(root, "ls-files", "--others", "--exclude-standard", "-z").decode().split("\0")
    return {path for path in listed if path.endswith(".yaml")}


def seen_by_seawall(root: Path) -> set[str]:
    return {entry.path[len(str(root)) + 1 :] for entry in read(root) if isinstance(entry, SourceFile)}


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rules=RULES)
def test_what_git_ignores_is_not_read_and_nothing_else(repository: Path, rules: dict[str, str]) -> None:
    for directory in IGNORE_FILES:
        file = repository / directory / ".gitignore"
        file.unlink(missing_ok=True)
        if directory in rules:
            file.write_bytes(rules[directory].encode())
    assert seen_by_seawall(repository) == seen_by_git(repository)
