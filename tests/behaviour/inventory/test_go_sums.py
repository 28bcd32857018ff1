"""``go.sum`` says what a ``go.mod`` of Go before 1.17 leaves out, and adds nothing to a later one."""

import os
import shutil
from pathlib import Path

import pytest

from seawall.formats.package_files import completed_by, kind_of, read
from seawall.stages.packages import collect_packages

FILES = Path(__file__).parent / "files/locks/go116"
BUILT = {
    "github.com/cpuguy83/go-md2man/v2",
    "github.com/russross/blackfriday/v2",
    "github.com/shurcooL/sanitized_anchor_name",
    "github.com/spf13/cobra",
    "github.com/spf13/pflag",
    "gopkg.in/yaml.v2",
}
"""What ``go list -deps`` names for the program that the sample was made for."""
TESTS_AND_OTHER_SYSTEMS = {
    "github.com/inconshreveable/mousetrap",
    "github.com/kr/pretty",
    "github.com/kr/text",
    "github.com/pmezard/go-difflib",
    "gopkg.in/check.v1",
}
"""What ``go mod tidy`` keeps the code's checksum of besides: for Windows, and for the tests of what is imported."""


def repository(path: Path, go_mod: str, go_sum: str | None) -> Path:
    (path / "go.mod").write_text(go_mod)
    if go_sum is not None:
        (path / "go.sum").write_text(go_sum)
    return path


def test_the_modules_that_an_old_go_mod_leaves_out_are_those_whose_code_has_a_checksum(tmp_path: Path) -> None:
    shutil.copy(FILES / "go.mod.txt", tmp_path / "go.mod")
    shutil.copy(FILES / "go.sum", tmp_path / "go.sum")
    inventory = collect_packages(str(tmp_path))
    assert inventory.unscanned == ()
    assert {package.name for package in inventory.packages} == BUILT | TESTS_AND_OTHER_SYSTEMS
    by_name = {package.name: package for package in inventory.packages}
    assert (by_name["github.com/spf13/cobra"].direct, by_name["github.com/spf13/cobra"].path) == (
        True,
        f"{tmp_path}/go.mod",
    )
    flags = by_name["github.com/spf13/pflag"]
    assert (flags.version, flags.direct, flags.path) == ("v1.0.5", False, f"{tmp_path}/go.sum")
    assert "spf13/pflag v1.0.5 h1:" in (tmp_path / "go.sum").read_text().splitlines()[flags.line - 1]


def test_an_old_go_mod_without_a_go_sum_is_unscanned_in_that_part(tmp_path: Path) -> None:
    (problem,) = collect_packages(
        str(repository(tmp_path, "module m\ngo 1.16\nrequire e.com/a v1.0.0\n", None))
    ).unscanned
    assert problem.path == f"{tmp_path}/go.mod:2"
    assert "there is no go.sum beside it" in problem.reason


def test_a_go_mod_that_names_no_language_is_of_1_16(tmp_path: Path) -> None:
    found = collect_packages(
        str(
            repository(
                tmp_path,
                "module m\nrequire e.com/a v1.0.0\n",
                "e.com/a v1.0.0 h1:x=\ne.com/a v1.0.0/go.mod h1:x=\ne.com/b v1.0.0 h1:x=\n",
            )
        )
    )
    assert [package.name for package in found.packages] == ["e.com/a", "e.com/b"]


def test_from_1_17_on_go_sum_adds_nothing(tmp_path: Path) -> None:
    found = collect_packages(
        str(
            repository(
                tmp_path,
                "module m\ngo 1.17\nrequire e.com/a v1.0.0\n",
                "e.com/b v1.0.0 h1:x=\nnot one of its lines at all",
            )
        )
    )
    assert ([package.name for package in found.packages], found.unscanned) == (["e.com/a"], ())


def test_the_highest_version_counts_and_go_mod_wins(tmp_path: Path) -> None:
    sums = """\
e.com/a v1.9.0 h1:x=
e.com/b v1.9.0 h1:x=
e.com/b v1.10.0 h1:x=
e.com/b v1.11.0/go.mod h1:x=
e.com/old v1.0.0 h1:x=
e.com/local v1.0.0 h1:x=
e.com/fork v2.0.0 h1:x=
"""
    go_mod = """\
module m
go 1.13
require e.com/a v1.2.0
replace e.com/old => e.com/fork v2.0.0
replace e.com/local => ./local
"""
    found = collect_packages(str(repository(tmp_path, go_mod, sums)))
    assert {package.name: package.version for package in found.packages} == {
        "e.com/a": "v1.2.0",
        "e.com/b": "v1.10.0",
        "e.com/fork": "v2.0.0",
        "e.com/local": "",
    }


@pytest.mark.parametrize(
    ("sums", "place", "reason"),
    [
        ("", "go.sum", "has nothing of what go.mod requires"),
        ("e.com/b v1.0.0 h1:x=\n", "go.sum", "has nothing of what go.mod requires"),
        ("e.com/a v1.0.0 h1:x=\n<<<<<<< HEAD\n", "go.sum:2", "is not a module, a version and a checksum"),
        (f"e.com/a v1.0.0 h1:x=\n{'b' * 2000} v1.0.0 h1:x=\n", "go.sum:2", "is longer than 1,024 characters"),
    ],
)
def test_a_go_sum_that_does_not_fit_or_is_broken_is_said(tmp_path: Path, sums: str, place: str, reason: str) -> None:
    inventory = collect_packages(str(repository(tmp_path, "module m\ngo 1.16\nrequire e.com/a v1.0.0\n", sums)))
    said = {problem.path: problem.reason for problem in inventory.unscanned}
    assert reason in said[f"{tmp_path}/{place}"]


def test_a_go_sum_that_is_a_link_or_no_file_is_not_followed(tmp_path: Path) -> None:
    repository(tmp_path, "module m\ngo 1.16\nrequire e.com/a v1.0.0\n", None)
    os.symlink("/etc/hosts", tmp_path / "go.sum")
    assert [problem.path for problem in collect_packages(str(tmp_path)).unscanned] == [
        f"{tmp_path}/go.mod:2",
        f"{tmp_path}/go.sum",
    ]


def test_only_a_go_mod_that_needs_it_asks_for_go_sum() -> None:
    kind = kind_of("api/go.mod")
    assert kind is not None
    assert completed_by(kind, b"module m\ngo 1.16\nrequire e.com/a v1.0.0\n") == "go.sum"
    assert completed_by(kind, b"module m\ngo 1.21\nrequire e.com/a v1.0.0\n") == ""
    assert completed_by(kind, b"module m\ngo 1.16\n") == ""
    assert (
        read(kind, "api/go.mod", b"module m\ngo 1.16\nrequire e.com/a v1.0.0\n", b"e.com/a v1.0.0 h1:x=\n").unscanned
        == ()
    )
