"""Whatever bytes a package database, a lockfile or an executable holds, its parser returns: packages, and what it could not read.

Three kinds of input: arbitrary bytes; real files with bytes changed, cut and repeated; arbitrary values in the right notation.
"""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sample_executables import elf, fat, go_inline, go_pointers, macho, pe
from seawall.formats.package_files import Kind, kinds, read
from seawall.formats.packages.os_release import parse_os_release
from seawall.formats.purl import PurlError, build, parse
from seawall.model.package import ParsedPackages

FILES = Path(__file__).parents[1] / "behaviour" / "inventory" / "files"
KINDS = list({kind.parser: kind for kind in kinds()}.values())
NAMES = [kind.parser for kind in KINDS]
SEEDS = {
    "packages.apk": [b"P:musl\nV:1.2.5-r0\nA:x86_64\no:musl\nL:MIT\n\nP:zlib\nV:1.3\n"],
    "packages.dpkg": [
        b"Package: a\nStatus: install ok installed\nVersion: 1\nSource: b (2)\n\nPackage: c\nVersion: 2\n"
    ],
    "packages.binaries": [
        elf({".go.buildinfo": (0x4000, go_inline())}),
        elf({".go.buildinfo": (0x4000, go_pointers(0x4000))}, stripped=True),
        pe({".data": (0x140004000, go_inline())}),
        fat([macho({"__go_buildinfo": (0x4000, go_inline())})]),
    ],
    "packages.rpm": [(FILES / "rpm" / name).read_bytes() for name in ("rpmdb.sqlite", "Packages")],
    "packages.ruby": [(FILES / "installed/specifications/rake-13.0.6.gemspec").read_bytes()],
    "lockfiles.cargo": [(FILES / "locks/cargo/Cargo.lock").read_bytes()],
    "lockfiles.go_mod": [(FILES / "locks/go/go.mod.txt").read_bytes()],
    "lockfiles.npm": [path.read_bytes() for path in sorted((FILES / "locks/npm").iterdir())],
    "lockfiles.pnpm": [path.read_bytes() for path in sorted((FILES / "locks/pnpm").iterdir())],
    "lockfiles.pylock": [(FILES / "locks/pylock/pylock.toml").read_bytes()],
    "lockfiles.requirements": [(FILES / "locks/pip/requirements.txt").read_bytes()],
    "lockfiles.uv": [(FILES / "locks/uv/uv.lock").read_bytes()],
    "lockfiles.yarn": [(FILES / f"locks/yarn{version}/yarn.lock").read_bytes() for version in (1, 4)],
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
SHAPES = (
    "packages", "packages-dev", "package", "dependencies", "libraries", "targets", "name", "version", "requires", "importers",
    "snapshots", "lockfileVersion", "default", "develop", "", "node_modules/a", "resolved", "type", "license", "source", "groups",
)  # fmt: skip


def _check(kind: Kind, data: bytes) -> None:
    parsed = read(kind, "some/file", data)
    assert isinstance(parsed, ParsedPackages)
    for package in parsed.packages:
        assert str(parse(package.purl)) == package.purl
        assert package.path.startswith("some/file")
    for problem in parsed.unscanned:
        assert problem.path.startswith("some/file")
        assert problem.reason


def _damage(data: bytes, seed: int) -> bytes:
    """Change, cut out, double or put in bytes at a few places."""
    chance = random.Random(seed)
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at, size = chance.randrange(len(changed) + 1), chance.choice((1, 1, 2, 4, 16, 200))
        match chance.randrange(4):
            case 0:
                changed[at : at + size] = chance.randbytes(size)
            case 1:
                del changed[at : at + size]
            case 2:
                changed[at:at] = changed[at : at + size]
            case _:
                changed[at:at] = chance.choice(
                    (b"{", b"[", b'"', b"\n", b": ", b"\xff", b"\0\0\0\xff", b"\x7f\xff\xff\xff", b"@")
                )
    return bytes(changed)


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
@given(data=st.binary(max_size=400))
@settings(max_examples=20, deadline=None)
def test_no_bytes_make_a_parser_raise(kind: Kind, data: bytes) -> None:
    _check(kind, data)


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.parser in SEEDS], ids=[name for name in NAMES if name in SEEDS]
)
def test_no_damage_to_a_real_file_makes_a_parser_raise(kind: Kind) -> None:
    for seed in range(25):
        for data in SEEDS[kind.parser]:
            _check(kind, _damage(data, seed))


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
@given(
    value=st.dictionaries(
        st.sampled_from(SHAPES), st.dictionaries(st.sampled_from(SHAPES), JSON, max_size=4) | JSON, max_size=5
    )
)
@settings(max_examples=15, deadline=None)
def test_no_value_of_the_right_notation_makes_a_parser_raise(kind: Kind, value: dict[str, object]) -> None:
    _check(kind, json.dumps(value, indent=1).encode())  # JSON is YAML too


@given(data=st.binary(max_size=400) | st.text(max_size=200).map(lambda text: f"ID={text}\nVERSION_ID={text}".encode()))
@settings(max_examples=60, deadline=None)
def test_no_os_release_makes_its_parser_raise(data: bytes) -> None:
    parse_os_release(data)


@given(
    type_=st.sampled_from(["npm", "pypi", "golang", "maven", "deb", "generic", "git", "cpan"]),
    namespace=st.text(max_size=10),
    name=st.text(max_size=10),
    version=st.text(max_size=10),
    qualifiers=st.dictionaries(st.sampled_from(["arch", "distro", "x.y"]), st.text(max_size=10)),
    subpath=st.text(max_size=10),
)
@settings(deadline=None)
def test_a_purl_that_could_be_built_is_read_back_as_it_is(
    type_: str, namespace: str, name: str, version: str, qualifiers: dict[str, str], subpath: str
) -> None:
    try:
        text = build(type_, namespace, name, version, qualifiers, subpath)
    except PurlError:
        return
    assert str(parse(text)) == text
