"""Lock files that do not tell direct from transitive: the file of the project beside them does."""

import os
import shutil
from pathlib import Path

import pytest

from seawall.model.package import Package
from seawall.stages.packages import collect_packages

LOCKS = Path(__file__).parent / "files/locks"

POETRY = """\
[project]
dependencies = ["httpx==0.25.0"]
[project.optional-dependencies]
fast = ["H2[trio]>=4"]
[tool.poetry.group.dev.dependencies]
Ini_Config = "*"
iniconfig = "2.0.0"
"""
PDM = """\
[project]
dependencies = ["requests[security] ~= 2.27 ; python_version > '3'"]
[dependency-groups]
test = ["pytest", {include-group = "other"}]
"""
PIPFILE = """\
[packages]
httpx = "==0.25.0"
h2 = {version = "==4.1.0", extras = ["x"]}
[dev-packages]
iniconfig = "==2.0.0"
[requires]
certifi = "is no package here"
"""
COMPOSER = '{"require": {"php": ">=8", "Monolog/monolog": "3.5.0"}, "require-dev": {"psr/clock": "1.0.0"}}'
NODE = """\
{"dependencies": {"debug": "4.3.4", "@babel/code-frame": "7.22.5"}, "devDependencies": {"rimraf": "3.0.2"},
 "optionalDependencies": {"fsevents": "2.3.2"}}
"""
NODE_DIRECT = {"debug", "@babel/code-frame", "rimraf", "fsevents"}

CASES = {
    "poetry": ("poetry/poetry.lock", "poetry.lock", "pyproject.toml", POETRY, {"httpx", "h2", "iniconfig"}),
    "pdm": ("pdm/pdm.lock", "pdm.lock", "pyproject.toml", PDM, {"requests", "pytest"}),
    "pipenv": ("pipenv/Pipfile.lock", "Pipfile.lock", "Pipfile", PIPFILE, {"httpx", "iniconfig"}),
    "composer": (
        "composer/composer.lock",
        "composer.lock",
        "composer.json",
        COMPOSER,
        {"monolog/monolog", "psr/clock"},
    ),
    "npm 1": ("npm/package-lock-v1.json", "package-lock.json", "package.json", NODE, NODE_DIRECT),
    "yarn 1": ("yarn1/yarn.lock", "yarn.lock", "package.json", NODE, NODE_DIRECT),
}


def packages(folder: Path, case: str, project: str | None) -> list[Package]:
    lock, name, beside, _, _ = CASES[case]
    shutil.copy(LOCKS / lock, folder / name)
    if project is not None:
        (folder / beside).write_text(project)
    inventory = collect_packages(str(folder))
    assert inventory.unscanned == ()
    return list(inventory.packages)


@pytest.mark.parametrize("case", CASES)
def test_what_the_project_asks_for_is_direct_and_nothing_else_is(case: str, tmp_path: Path) -> None:
    *_, project, direct = CASES[case]
    found = packages(tmp_path, case, project)
    assert {package.name for package in found if package.direct} == direct
    assert {package.direct for package in found} == {True, False}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("project", [None, "{[", "", "[]"])
def test_without_a_project_that_can_be_read_it_is_unknown_and_no_package_is_missing(
    case: str, project: str | None, tmp_path: Path
) -> None:
    found = packages(tmp_path, case, project)
    if case == "pipenv" and project == "":
        assert {package.direct for package in found} == {False}  # an empty Pipfile asks for nothing
    else:
        assert {package.direct for package in found} == {None}
    (tmp_path / "whole").mkdir()
    assert len(found) == len(packages(tmp_path / "whole", case, CASES[case][3]))


@pytest.mark.parametrize(
    ("case", "project"),
    [
        ("yarn 1", '{"workspaces": ["a"], "dependencies": {"debug": "4.3.4"}}'),
        ("poetry", '[project]\ndynamic = ["dependencies"]\n'),
        ("poetry", "[tool.ruff]\n"),
    ],
)
def test_a_project_that_asks_for_more_elsewhere_says_nothing_of_what_is_direct(
    case: str, project: str, tmp_path: Path
) -> None:
    assert {package.direct for package in packages(tmp_path, case, project)} == {None}


def test_of_two_versions_only_the_one_that_is_asked_for_is_direct(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"dependencies": {"ms": "^2.0.0", "a": "1"}}')
    entries = (
        'a@1:\n  version "1.0.0"\n  dependencies:\n    ms "^1.0.0"\n',
        'ms@^1.0.0:\n  version "1.0.0"\n',
        'ms@^2.0.0:\n  version "2.1.3"\n',
    )
    (tmp_path / "yarn.lock").write_text("\n".join(entries))
    found = {(one.name, one.version): one.direct for one in collect_packages(str(tmp_path)).packages}
    assert found == {("a", "1.0.0"): True, ("ms", "1.0.0"): False, ("ms", "2.1.3"): True}


def test_a_project_file_that_is_a_link_is_not_followed_and_nothing_is_missing(tmp_path: Path) -> None:
    os.symlink("/etc/hosts", tmp_path / "pyproject.toml")
    assert {package.direct for package in packages(tmp_path, "poetry", None)} == {None}
