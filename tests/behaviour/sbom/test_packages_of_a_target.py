"""Which packages a directory or a lock file has, and what is said of what could not be read."""

import os
from pathlib import Path

import pytest

from seawall.model.errors import UsageError
from seawall.stages.packages import collect_packages

LOCK = '{"lockfileVersion":3,"packages":{"":{"dependencies":{"ms":"1"}},"node_modules/ms":{"version":"2.1.3"}}}'


def _purls(target: Path) -> list[str]:
    return [package.purl for package in collect_packages(str(target)).packages]


def test_a_directory_has_the_packages_of_all_lock_files_below_it(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "package-lock.json").write_text(LOCK)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "dev.txt").write_text("jinja2==3.1.2\n")
    assert _purls(tmp_path) == ["pkg:pypi/jinja2@3.1.2", "pkg:npm/ms@2.1.3"]


def test_ignored_files_and_installed_packages_are_left_out(tmp_path: Path) -> None:
    for folder in ("vendor", "node_modules/ms", "kept"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "package-lock.json").write_text(LOCK)
    (tmp_path / "node_modules/ms/package.json").write_text('{"name":"ms","version":"2.1.3"}')
    (tmp_path / ".seawallignore").write_text("vendor/\n")
    inventory = collect_packages(str(tmp_path))
    assert [package.path for package in inventory.packages] == [f"{tmp_path}/kept/package-lock.json"]
    assert inventory.unscanned == ()


def test_what_cannot_be_read_is_said_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "package-lock.json").write_text(LOCK[:40])
    (tmp_path / "Cargo.lock").write_text(
        '[[package]]\nname = "itoa"\nversion = "1.0.9"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\n'
    )
    os.mkfifo(tmp_path / "yarn.lock")
    os.symlink("/etc/hosts", tmp_path / "poetry.lock")
    (tmp_path / "go.mod").write_bytes(b"")
    os.truncate(tmp_path / "go.mod", 40 * 1024 * 1024)
    inventory = collect_packages(str(tmp_path))
    assert [package.purl for package in inventory.packages] == ["pkg:cargo/itoa@1.0.9"]
    said = {os.path.basename(problem.path).partition(":")[0]: problem.reason for problem in inventory.unscanned}
    assert set(said) == {"package-lock.json", "yarn.lock", "poetry.lock", "go.mod"}
    assert "too large (40 MiB; at most 32 MiB" in said["go.mod"]
    assert "leads out of the scanned directory" in said["poetry.lock"]


def test_a_lock_file_can_be_named_alone(tmp_path: Path) -> None:
    (tmp_path / "package-lock.json").write_text(LOCK)
    inventory = collect_packages(str(tmp_path / "package-lock.json"))
    assert (inventory.subject.kind, [package.direct for package in inventory.packages]) == ("file", [True])


@pytest.mark.parametrize("name", ["absent.lock", "deployment.yaml"])
def test_a_target_that_says_nothing_of_packages_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "deployment.yaml").write_text("kind: Deployment\n")
    with pytest.raises(UsageError):
        collect_packages(str(tmp_path / name))
