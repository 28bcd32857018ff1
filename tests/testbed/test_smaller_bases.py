"""What is advised of an image's base is done, and the application runs as before: on real bases, with real parts.

Each application is put on a full Debian 12 and judged. It runs there, on every base that it is said to run on, and on the full
one without the packages that are said to be unneeded, and must say the same each time. Where the answer is no, it must not.
"""

from pathlib import Path

import pytest

from seawall.facts.application_search import find_application
from seawall.facts.base_advice import Verdict, judge
from seawall.facts.image_tree import read_tree
from seawall.facts.images import ImageInventory
from seawall.facts.unneeded_packages import Unneeded, find_unneeded
from seawall.model.image_contents import LayerContents
from seawall.stages.base_images import read_base_images
from tests.testbed.applications import APPLICATIONS, Application, build, image_of, read_folder, read_layer
from tests.testbed.base_contents import contents
from tests.testbed.base_roots import archive_of, debian_root, root_of, unpack, unpacked
from tests.testbed.system_programs import needs

pytestmark = [pytest.mark.slow, needs("gcc", "g++", "mmdebstrap", "npm", root=True)]

_BASES = {f"{base.name}+{base.adds[-1]}" if base.adds else base.name: base for base in read_base_images()}
_VERIFIED = {name: base for name, base in _BASES.items() if base.verified}

_STATIC, _BASE, _CC, _PYTHON = (f"gcr.io/distroless/{name}-debian12" for name in ("static", "base", "cc", "python3"))
_SLIM, _SLIM_PYTHON, _SLIM_NODE = "debian:12-slim", "debian:12-slim+python3", "debian:12-slim+nodejs"

_RUNS = {
    "go-static": {_STATIC, _BASE, _CC, _PYTHON, _SLIM, _SLIM_PYTHON, _SLIM_NODE},
    "go-cgo": {_BASE, _CC, _PYTHON, _SLIM, _SLIM_PYTHON, _SLIM_NODE},
    "go-exec": set[str](),
    "c-static": {_STATIC, "alpine:3.20", _BASE, _CC, _PYTHON, _SLIM, _SLIM_PYTHON, _SLIM_NODE},
    "c-dynamic": {_BASE, _CC, _PYTHON, _SLIM, _SLIM_PYTHON, _SLIM_NODE},
    "c-system": set[str](),
    "c++": {_CC, _PYTHON, _SLIM, _SLIM_PYTHON, _SLIM_NODE},
    "python-pure": {_PYTHON, _SLIM_PYTHON},
    "python-native": {_PYTHON, _SLIM_PYTHON},
    "python-shell": set[str](),
    "node-pure": {_SLIM_NODE},
    "node-own": {_CC, _PYTHON, _SLIM, _SLIM_PYTHON, _SLIM_NODE},
    "node-addon": {_CC, _PYTHON, _SLIM, _SLIM_PYTHON, _SLIM_NODE},
    "node-addon-by-platform": set[str](),  # it starts ldd to find out which C library there is
    "node-shell": set[str](),
    "script": set[str](),
}
"""Where each application is said to run. The bases that were not verified are never among them."""


@pytest.fixture(scope="module")
def full() -> Path:
    return debian_root("ca-certificates", "curl", "git", "netbase", "nodejs", "python3", "tzdata", "vim-tiny", "wget")


@pytest.fixture(scope="module")
def full_layer(full: Path) -> LayerContents:
    return read_layer(full)


def judge_all(inventory: ImageInventory) -> tuple[dict[str, Verdict], Unneeded]:
    tree = read_tree(inventory)
    assert tree is not None
    application = find_application(inventory, tree)
    assert application is not None
    verdicts = {name: judge(application, tree, base) for name, base in _BASES.items()}
    return verdicts, find_unneeded(tree, application, inventory.programs)


def unpack_without(packages: tuple[str, ...], inventory: ImageInventory, full: Path, folder: Path) -> Path:
    """Unpack what is in `full` but for the files of `packages`."""
    tree = read_tree(inventory)
    assert tree is not None
    left_out = folder.with_name("left-out")
    # Each package lists the folders that it needs, which are links by now.
    files = [
        path for path, owner in tree.owners.items() if owner in packages and path not in ("bin", "lib", "lib64", "sbin")
    ]
    left_out.write_text("".join(f"./{path}\n" for path in files))
    folder.mkdir()
    unpack(full, folder, "--no-wildcards", f"--exclude-from={left_out}")
    return folder


@pytest.mark.parametrize("name", [name for name in APPLICATIONS if name != "alpine-script"])
def test_an_application_runs_where_it_is_said_to_and_not_where_it_is_said_not_to(
    name: str, tmp_path: Path, full: Path, full_layer: LayerContents
) -> None:
    application: Application = build(name, tmp_path)
    inventory = image_of((full_layer, read_folder(application.folder)), application.start)
    verdicts, unneeded = judge_all(inventory)
    assert {base for base, verdict in verdicts.items() if verdict.runs == "yes"} == _RUNS[name]

    expected = application.run(unpacked(full))
    assert expected[0] == 0
    assert "nswer" in expected[1]
    for base, verdict in verdicts.items():
        if verdict.runs == "yes":
            assert application.run(root_of(_VERIFIED[base])) == expected, base
        elif verdict.runs == "no":
            assert verdict.reasons
            if base in _VERIFIED:
                assert application.run(root_of(_VERIFIED[base])) != expected, (base, verdict.reasons)

    stripped = unpack_without(unneeded.packages, inventory, full, tmp_path / "stripped")
    assert application.run(stripped) == expected


@pytest.mark.parametrize(
    ("name", "kept", "runs"),
    [
        ("c-static", set[str](), {_STATIC, "alpine:3.20", _BASE, _CC, _PYTHON, _SLIM, _SLIM_PYTHON, _SLIM_NODE}),
        ("alpine-script", {"busybox", "busybox-binsh", "musl"}, {"alpine:3.20"}),
    ],
)
def test_on_alpine_too_what_is_kept_is_enough(name: str, kept: set[str], runs: set[str], tmp_path: Path) -> None:
    archive = archive_of(_VERIFIED["alpine:3.20"])
    application = build(name, tmp_path)
    inventory = application.inventory(archive)
    verdicts, unneeded = judge_all(inventory)
    assert kept.isdisjoint(unneeded.packages)
    assert {"apk-tools", "libcrypto3", "scanelf", "ssl_client"} <= set(unneeded.packages)
    assert {base for base, verdict in verdicts.items() if verdict.runs == "yes"} == runs
    expected = application.run(unpacked(archive))
    assert expected[0] == 0
    assert application.run(unpack_without(unneeded.packages, inventory, archive, tmp_path / "stripped")) == expected


@pytest.mark.parametrize("name", _VERIFIED)
def test_what_is_written_of_a_base_is_what_the_real_one_has(name: str, tmp_path: Path) -> None:
    base = _VERIFIED[name]
    unpack(archive_of(base), tmp_path)  # nothing that ran in it left anything
    found = contents(base, tmp_path)
    assert found.packages == base.packages
    assert found.libraries == base.libraries
    assert (found.libc, found.shell) == (base.libc, base.shell)
    assert found.glibc == base.glibc
    assert found.glibcxx == base.glibcxx
    assert abs(found.size_mb - base.size_mb) <= max(2, base.size_mb // 20)
