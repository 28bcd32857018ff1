"""Projects on disk: which of their declared dependencies nothing uses. deptry itself runs."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from seawall.model.dependency_use import DependencyUse, Use
from seawall.model.resource import Unscanned
from seawall.sources import projects
from seawall.sources.files import Found


def _write(root: Path, files: Mapping[str, str]) -> list[Found]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return [Found(str(root / name), str(root / name), name) for name in sorted(files)]


def _uses(root: Path, files: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    entries = list(projects.find_uses(_write(root, files)))
    assert [entry for entry in entries if isinstance(entry, Unscanned)] == []
    return {
        entry.declared.name: (entry.use.value, entry.where) for entry in entries if isinstance(entry, DependencyUse)
    }


def test_a_python_package_that_nothing_speaks_of_is_unneeded(tmp_path: Path) -> None:
    files = {
        "requirements.txt": "requests\nPyYAML\ngunicorn\npython-multipart\nfastapi\nleft-pad\n",
        "shop/app.py": "import fastapi\nimport requests\n",
        "shop/__init__.py": "",
        "tests/test_app.py": "import yaml\nfrom shop import app\n",
        "Dockerfile": 'FROM python:3.12\nCMD ["gunicorn", "shop.app"]\n',
        "requirements-dev.txt": "left-pad\n",
    }
    assert _uses(tmp_path, files) == {
        "gunicorn": ("named", "Dockerfile"),
        "left-pad": ("none", ""),
        "python-multipart": ("implied", "fastapi"),
    }


def test_a_pyproject_points_to_the_line_of_the_dependency(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": '[project]\nname = "x"\nversion = "1"\ndependencies = [\n  "requests>=2",\n  "left-pad",\n]\n',
        "src/x/main.py": "import requests\nimport x.other\n",
        "src/x/other.py": "",
    }
    (entry,) = projects.find_uses(_write(tmp_path, files))
    assert isinstance(entry, DependencyUse)
    assert (entry.declared.path, entry.declared.line, entry.use) == ("pyproject.toml", 6, Use.NONE)


def test_a_module_that_nobody_owns_may_be_that_of_an_unknown_package(tmp_path: Path) -> None:
    files = {"requirements.txt": "company-tools\npillow\n", "main.py": "import company\n"}
    assert _uses(tmp_path, files) == {"company-tools": ("unknown", "company"), "pillow": ("none", "")}


def test_a_frozen_list_is_not_judged(tmp_path: Path) -> None:
    frozen = "".join(f"{name}==1.0\n" for name in "abcdefghijkl")
    assert _uses(tmp_path, {"requirements.txt": frozen, "main.py": ""}) == {}


def test_what_a_compiled_list_was_made_of_is_judged(tmp_path: Path) -> None:
    files = {
        "requirements.in": "left-pad\n",
        "requirements.txt": "left-pad==1\n    # via -r requirements.in\n",
        "m.py": "",
    }
    assert _uses(tmp_path, files) == {"left-pad": ("none", "")}


def test_a_node_package_that_nothing_speaks_of_is_unneeded(tmp_path: Path) -> None:
    wanted = [
        "express",
        "typescript",
        "left-pad",
        "@emotion/react",
        "@mui/material",
        "pg",
        "sequelize",
        "nodemon",
        "pug",
    ]
    files = {
        "package.json": json.dumps(
            {"scripts": {"build": "tsc -p .", "start": "nodemon x"}, "dependencies": dict.fromkeys(wanted, "1")}
        ),
        "package-lock.json": json.dumps(
            {
                "packages": {
                    "node_modules/typescript": {"bin": {"tsc": "bin/tsc"}},
                    "node_modules/@mui/material": {"peerDependencies": {"@emotion/react": "11"}},
                    "node_modules/left-pad": {},
                }
            }
        ),
        "src/app.ts": "import express from 'express'\nimport B from '@mui/material/Button'\n// import 'left-pad'\n",
        "src/db.mjs": "import { Sequelize } from 'sequelize'\n",
        "views/settings.yaml": "engine: pug\n",
        "packages/inner/package.json": json.dumps({"name": "inner", "devDependencies": {"left-pad": "1"}}),
    }
    assert _uses(tmp_path, files) == {
        "express": ("imported", ""),
        "typescript": ("named", "package.json"),
        "left-pad": ("none", ""),
        "@emotion/react": ("implied", "@mui/material"),
        "@mui/material": ("imported", ""),
        "pg": ("implied", "sequelize"),
        "sequelize": ("imported", ""),
        "nodemon": ("named", "package.json"),
        "pug": ("named", "views/settings.yaml"),
    }


def test_a_project_that_cannot_be_understood_is_told_and_the_next_one_is_judged(tmp_path: Path) -> None:
    files = {
        "a/pyproject.toml": '[project]\nname = "a"\ndependencies = [\n',
        "a/main.py": "",
        "b/package.json": '{"dependencies": [1]}',
        "c/requirements.txt": "left-pad\n",
        "c/main.py": "",
    }
    entries = list(projects.find_uses(_write(tmp_path, files)))
    told = [entry.path for entry in entries if isinstance(entry, Unscanned)]
    assert told == ["a", "b/package.json"]
    assert [entry.declared.name for entry in entries if isinstance(entry, DependencyUse)] == ["left-pad"]


def test_code_anywhere_in_the_repository_may_be_what_needs_it(tmp_path: Path) -> None:
    files = {
        "web/requirements.txt": "PyYAML\nleft-pad\n",
        "web/app.py": "",
        "core/settings.py": "import yaml\n",
    }
    assert _uses(tmp_path, files) == {"PyYAML": ("named", "core/settings.py"), "left-pad": ("none", "")}


def test_what_is_not_shipped_or_has_no_code_is_not_judged(tmp_path: Path) -> None:
    files = {
        "docs/requirements.txt": "left-pad\n",
        "docs/conf.py": "",
        "tests/fixtures/package.json": '{"dependencies": {"left-pad": "1"}}',
        "deploy/requirements.txt": "ansible\n",
    }
    assert _uses(tmp_path, files) == {}


def test_a_project_whose_code_is_elsewhere_is_not_judged(tmp_path: Path) -> None:
    wanted = dict.fromkeys(["express", "a", "b", "c", "d"], "1")
    files = {"package.json": json.dumps({"dependencies": wanted}), "webpack.config.js": "require('express')"}
    assert _uses(tmp_path, files) == {}


def test_a_file_that_cannot_be_read_may_be_what_uses_them_all(tmp_path: Path) -> None:
    files = _write(tmp_path, {"package.json": '{"dependencies": {"left-pad": "1"}}', "app.js": ""})
    (tmp_path / "app.js").unlink()
    (entry,) = projects.find_uses(files)
    assert isinstance(entry, Unscanned)
    assert "not judged" in entry.reason


def test_a_pipe_among_the_files_does_not_hang(tmp_path: Path) -> None:
    files = _write(tmp_path, {"package.json": '{"dependencies": {"left-pad": "1"}}', "app.js": ""})
    (tmp_path / "app.js").unlink()
    os.mkfifo(tmp_path / "app.js")
    (entry,) = projects.find_uses(files)
    assert isinstance(entry, DependencyUse)


def test_more_projects_than_the_bound_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projects, "MAX_PROJECTS", 1)
    manifest = '{"dependencies": {"left-pad": "1"}}'
    entries = list(projects.find_uses(_write(tmp_path, {"a/package.json": manifest, "b/package.json": manifest})))
    assert [type(entry) for entry in entries] == [DependencyUse, Unscanned]


def test_nothing_of_the_project_is_executed(tmp_path: Path) -> None:
    trap = "open(__file__ + '.ran', 'w').close()\n"
    files = {
        "requirements.txt": "left-pad\nclick\n",
        "click.py": trap,
        "deptry.py": trap,
        "sitecustomize.py": trap,
        "setup.py": trap,
        "packaging/__init__.py": trap,
    }
    entries = list(projects.find_uses(_write(tmp_path, files)))
    assert [entry.declared.name for entry in entries if isinstance(entry, DependencyUse)] == ["click", "left-pad"]
    assert list(tmp_path.rglob("*.ran")) == []
