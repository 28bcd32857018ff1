"""Lockfiles that their own tools wrote: versions, what is direct, who requires what, scope, licence and line."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from seawall.formats.package_files import Kind, read
from seawall.model.package import Package

LOCKS = Path(__file__).parent / "files" / "locks"


def packages(parser: str, file: str) -> dict[str, Package]:
    parsed = read(Kind(f"lockfiles.{parser}", False), file, (LOCKS / file).read_bytes())
    assert parsed.unscanned == ()
    return {package.name: package for package in parsed.packages}


def chain(found: dict[str, Package], name: str) -> list[str]:
    """Return the names from `name` to what is required directly."""
    by_purl = {package.purl: package for package in found.values()}
    names = [name]
    while found[names[-1]].parents:
        names.append(by_purl[found[names[-1]].parents[0]].name)
    return names


def line_of(file: str, package: Package) -> str:
    return (LOCKS / file).read_text().splitlines()[package.line - 1].strip()


HTTPX = {"anyio", "certifi", "h11", "httpcore", "httpx", "idna", "sniffio"}


def test_uv_lock_says_what_is_direct_optional_and_for_development() -> None:
    found = packages("uv", "uv/uv.lock")
    assert {*HTTPX, "iniconfig", "h2", "hpack", "hyperframe"} <= set(found)
    assert "tide" not in found
    assert {name for name, package in found.items() if package.direct} == {"httpx", "h2", "iniconfig"}
    assert {name: package.scope for name, package in found.items() if package.scope} == {
        "iniconfig": "dev",
        "h2": "optional",
        "hpack": "optional",
        "hyperframe": "optional",
    }
    assert chain(found, "h11") == ["h11", "httpcore", "httpx"]
    assert line_of("uv/uv.lock", found["h11"]) == "[[package]]"
    assert found["httpx"].purl == "pkg:pypi/httpx@0.25.0"


def test_other_python_locks_name_the_same_versions() -> None:
    uv = packages("uv", "uv/uv.lock")
    for parser, file, also in (
        ("pylock", "pylock/pylock.toml", {"iniconfig"}),
        ("requirements", "pip/requirements.txt", set()),
        ("pipfile", "pipenv/Pipfile.lock", {"iniconfig"}),
    ):
        found = packages(parser, file)
        assert HTTPX | also <= set(found)
        assert {name: package.version for name, package in found.items()}.items() <= {
            name: package.version for name, package in uv.items()
        }.items()
    assert packages("pipfile", "pipenv/Pipfile.lock")["iniconfig"].scope == "dev"


def test_a_compiled_requirements_file_says_who_requires_what() -> None:
    found = packages("requirements", "pip/requirements.txt")
    assert chain(found, "h11") == ["h11", "httpcore", "httpx"]
    assert found["httpx"].direct is True
    assert line_of("pip/requirements.txt", found["httpx"]).startswith("httpx==0.25.0")


NPM = {
    "@babel/code-frame": "7.22.5",
    "debug": "4.3.4",
    "rimraf": "3.0.2",
    "fsevents": "2.3.2",
    "ms": "2.1.2",
    "color-name": "1.1.3",
}
NODE_LOCKS = [
    ("npm", "npm/package-lock-v1.json"),
    ("npm", "npm/package-lock-v2.json"),
    ("npm", "npm/package-lock-v3.json"),
    ("yarn", "yarn1/yarn.lock"),
    ("yarn", "yarn4/yarn.lock"),
    ("pnpm", "pnpm/pnpm-7-lock.yaml"),
    ("pnpm", "pnpm/pnpm-8-lock.yaml"),
    ("pnpm", "pnpm/pnpm-9-lock.yaml"),
]


@pytest.mark.parametrize(("parser", "file"), NODE_LOCKS)
def test_every_node_lock_names_the_same_packages_and_chains(parser: str, file: str) -> None:
    found = packages(parser, file)
    assert NPM.items() <= {name: package.version for name, package in found.items()}.items()
    assert found["@babel/code-frame"].purl == "pkg:npm/%40babel/code-frame@7.22.5"
    assert chain(found, "color-name") == [
        "color-name",
        "color-convert",
        "ansi-styles",
        "chalk",
        "@babel/highlight",
        "@babel/code-frame",
    ]
    assert "color-name" in line_of(file, found["color-name"])


@pytest.mark.parametrize(
    ("parser", "file"), [lock for lock in NODE_LOCKS if lock[1][-7:] not in ("v1.json", "rn.lock")]
)
def test_node_locks_that_say_it_tell_direct_and_development(parser: str, file: str) -> None:
    found = packages(parser, file)
    assert {name for name, package in found.items() if package.direct} == {
        "@babel/code-frame",
        "debug",
        "rimraf",
        "fsevents",
    }
    assert (found["rimraf"].scope, found["glob"].scope, found["fsevents"].scope, found["ms"].scope) == (
        "dev",
        "dev",
        "optional",
        "",
    )


def test_node_locks_that_do_not_say_what_is_direct_leave_it_unknown() -> None:
    assert packages("npm", "npm/package-lock-v1.json")["debug"].direct is None
    assert packages("yarn", "yarn1/yarn.lock")["debug"].direct is None
    assert packages("yarn", "yarn4/yarn.lock")["debug"].direct is True


def test_npm_locks_state_licences() -> None:
    assert packages("npm", "npm/package-lock-v3.json")["glob"].licences == ("ISC",)


def test_cargo_lock_leaves_the_workspace_out() -> None:
    found = packages("cargo", "cargo/Cargo.lock")
    assert {name for name, package in found.items() if package.direct} == {"memchr", "regex", "itoa"}
    assert "tide" not in found
    assert chain(found, "regex-syntax") == ["regex-syntax", "regex"]


def test_go_mod_tells_direct_from_indirect() -> None:
    found = packages("go_mod", "go/go.mod.txt")
    assert {name: package.direct for name, package in found.items()} == {
        "github.com/spf13/cobra": True,
        "github.com/inconshreveable/mousetrap": False,
        "github.com/spf13/pflag": False,
    }
    assert found["github.com/spf13/cobra"].purl == "pkg:golang/github.com/spf13/cobra@v1.8.0"
    assert line_of("go/go.mod.txt", found["github.com/spf13/cobra"]) == "require github.com/spf13/cobra v1.8.0"


@pytest.mark.slow
def test_go_itself_reads_the_same_requirements(tmp_path: Path) -> None:
    """``go mod edit -json`` is the judge of blocks, comments, quotes, replacements and what is indirect."""
    text = """\
module example.com/tide // the module

go 1.22

require "example.com/quoted" v1.0.0

require (
	example.com/a v1.0.0 // indirect
	example.com/b v1.0.0 // indirect; and more
	example.com/c v1.0.0 // not said to be
	example.com/d/v2 v2.0.0 // see https://example.com/d//indirect
	// example.com/none v1.0.0
)

replace example.com/a v1.0.0 => example.com/fork v1.1.0

replace (
	example.com/b => ../b
	example.com/c v1.9.9 => example.com/never v1.0.0
)

exclude example.com/a v0.9.0

retract [v0.1.0, v0.2.0] // no good
"""
    (tmp_path / "go.mod").write_text(text)
    go = shutil.which("go")
    assert go is not None
    said = subprocess.run(
        [go, "mod", "edit", "-json"], cwd=tmp_path, capture_output=True, check=True, timeout=60
    ).stdout
    value = json.loads(said)
    replaced = {(entry["Old"]["Path"], entry["Old"].get("Version", "")): entry["New"] for entry in value["Replace"]}
    expected = []
    for entry in value["Require"]:
        path, version = entry["Path"], entry["Version"]
        new = replaced.get((path, version)) or replaced.get((path, "")) or {"Path": path, "Version": version}
        name = new["Path"] if new.get("Version") else path
        expected.append((name, new.get("Version", ""), not entry.get("Indirect", False)))
    parsed = read(Kind("lockfiles.go_mod", False), "go.mod", text.encode())
    assert [(package.name, package.version, package.direct) for package in parsed.packages] == expected
