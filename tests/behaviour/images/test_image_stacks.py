"""Layers put together: what is still there, which layer brought it, what is wasted, and what is the base's."""

import struct
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.facts.image_base import NotTheBaseError, find_base
from seawall.facts.images import ImageInventory, assemble
from seawall.facts.layer_stack import Cover, resolvers
from seawall.formats.image_layers import LayerReader
from seawall.formats.oci import Manifest, build_image, parse_document
from seawall.formats.packages.rpm_headers import installed_files
from seawall.formats.tar_members import TarReader
from seawall.model.image import Image
from seawall.model.image_contents import LayerContents, ReadImage
from tests.sample_images import DEBIAN, Built, dpkg, folder, layer, member, symlink

STATUS = "var/lib/dpkg/status"


@contextmanager
def refused(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    raise RuntimeError("nothing here is large")
    yield b""


def contents(data: bytes) -> LayerContents:
    return LayerReader("sha256:x", refused).read(TarReader([data]))


def described(built: Built, name: str = "app.tar") -> Image:
    manifest = parse_document(built.manifest)
    assert isinstance(manifest, Manifest)
    return build_image(name, "", manifest, built.config)


def inventory(*layers: bytes, base: Image | None = None, **config: object) -> ImageInventory:
    built = Built(*layers, **config)  # type: ignore[arg-type]
    read = ReadImage(image=described(built), kind="oci-layout", contents=tuple(map(contents, layers)))
    return assemble(read, base)


def told(found: ImageInventory) -> list[tuple[str, str]]:
    return [(package.name, package.instruction) for package in found.packages]


def test_a_package_belongs_to_the_first_layer_whose_database_lists_it() -> None:
    found = inventory(
        layer(member("etc/os-release", DEBIAN), member(STATUS, dpkg(("libc6", "1"), ("bash", "5")))),
        layer(member(STATUS, dpkg(("libc6", "1"), ("bash", "5"), ("curl", "8")))),
        layer(member(STATUS, dpkg(("libc6", "2"), ("bash", "5"), ("curl", "8")))),
    )
    assert told(found) == [("libc6", "step 2"), ("bash", "step 0"), ("curl", "step 1")]
    assert [package.distro for package in found.packages] == ["debian:12"] * 3
    assert found.packages[0].path == f"app.tar!/{STATUS}"
    assert found.packages[1].image_layer == found.image.layers[0].diff_id


def test_a_package_that_was_removed_and_came_back_belongs_to_the_layer_that_brought_it_back() -> None:
    with_it, without = dpkg(("libc6", "1"), ("curl", "8")), dpkg(("libc6", "1"))
    found = inventory(*(layer(member(STATUS, data)) for data in (with_it, without, with_it)))
    assert told(found) == [("libc6", "step 0"), ("curl", "step 2")]
    found = inventory(layer(member(STATUS, with_it)), layer(member("var/lib/.wh.dpkg")), layer(member(STATUS, with_it)))
    assert told(found) == [("libc6", "step 2"), ("curl", "step 2")]


@pytest.mark.parametrize(
    "above",
    [
        member("opt/app/node_modules/a/.wh.package.json"),
        member("opt/app/.wh.node_modules"),
        member(".wh.opt"),
        member("opt/.wh..wh..opq"),
        member(".wh..wh..opq"),
        member("opt/app", b"a file in place of the folder"),
        symlink("opt/app/node_modules", "/elsewhere"),
        member("opt/app/node_modules/a/package.json", b"{}"),
    ],
)
def test_what_a_layer_above_deletes_or_replaces_is_not_there(above: object) -> None:
    package = member("opt/app/node_modules/a/package.json", b'{"name": "a", "version": "1.0.0"}')
    assert told(inventory(layer(package))) == [("a", "step 0")]
    found = inventory(layer(package, member("bin/su", mode=0o4755)), layer(above))  # type: ignore[arg-type]
    assert told(found) == []
    assert found.layers[0].wasted >= len(package[1])
    assert [placed.file.path for placed in found.files] == ([] if above[0].name == ".wh..wh..opq" else ["bin/su"])  # type: ignore[index]


def test_a_folder_above_is_merged_and_what_it_adds_itself_stays() -> None:
    package = member("opt/node_modules/a/package.json", b'{"name": "a", "version": "1.0.0"}')
    other = member("opt/node_modules/b/package.json", b'{"name": "b", "version": "1.0.0"}')
    assert told(inventory(layer(package), layer(folder("opt"), folder("opt/node_modules"), other))) == [
        ("a", "step 0"),
        ("b", "step 1"),
    ]
    # A whiteout hides what is below, not what its own layer has, in whatever order they come.
    assert told(inventory(layer(package), layer(other, member("opt/.wh..wh..opq")))) == [("b", "step 1")]


def test_a_path_behind_a_link_of_a_lower_layer_leads_where_the_link_does() -> None:
    lower = layer(symlink("lib", "usr/lib"), member("usr/lib/apk/db/installed", b"P:musl\nV:1\n\n"))
    upper = layer(member("lib/apk/db/installed", b"P:musl\nV:1\n\nP:zlib\nV:2\n\n"))
    found = inventory(lower, upper)
    assert told(found) == [("musl", "step 0"), ("zlib", "step 1")]
    assert found.layers[0].wasted == len(b"P:musl\nV:1\n\n")
    # Where the layer brings a folder of its own in the link's place, it stands on its own.
    found = inventory(lower, layer(folder("lib"), member("lib/apk/db/installed", b"P:zlib\nV:2\n\n")))
    assert sorted(told(found)) == [("musl", "step 0"), ("zlib", "step 1")]


def test_links_in_a_circle_lead_nowhere_and_end() -> None:
    lower = layer(symlink("a", "b"), symlink("b", "a"), symlink("up", "../../../x"))
    upper = contents(layer(member("a/f"), member("up/f")))
    resolve = resolvers([contents(lower), upper])[1]
    assert resolve is not None
    assert (resolve(b"a/f"), resolve(b"up/f")) == (b"a/f", b"x/f")


def test_problems_of_files_that_are_deleted_above_are_not_told() -> None:
    broken = member("opt/broken", b"\x7fELF\2\1\1" + bytes(40))
    assert [problem.path for problem in inventory(layer(broken)).unscanned] == ["app.tar!/opt/broken"]
    assert inventory(layer(broken), layer(member("opt/.wh.broken"))).unscanned == ()


def test_bytes_that_layers_waste_are_counted_with_the_largest_files() -> None:
    found = inventory(
        layer(
            member("a", b"x" * 1000),
            member("b", b"y" * 10),
            member("c", b"z"),
            member("d", b"zz"),
            member("keep", b"k"),
        ),
        layer(member(".wh.a"), member("b", b"new"), member(".wh.c"), member(".wh.d")),
        layer(member("b", b"newer")),
    )
    assert [(use.content, use.wasted, use.wasted_files) for use in found.layers] == [
        (1014, 1013, 4),
        (3, 3, 1),
        (5, 0, 0),
    ]
    assert found.layers[0].largest == ("a", "b", "d")


def test_the_base_is_what_was_told_or_ends_at_its_command_or_is_not_known() -> None:
    base = Built(layer(member("a")))
    command = {"created_by": '/bin/sh -c #(nop)  CMD ["bash"]', "empty_layer": True}
    history = [
        {"created_by": "ADD rootfs"},
        command,
        {"created_by": "COPY . ."},
        {"created_by": "CMD x", "empty_layer": True},
    ]
    image = described(Built(layer(member("a")), layer(member("b")), history=history))
    assert find_base(image) == msgspec.structs.replace(find_base(image), layers=1, known_by="history", steps=2)
    assert find_base(image, described(base)).known_by == "told"
    assert find_base(described(Built(layer(member("a")), layer(member("b"))))).layers == 0
    with pytest.raises(NotTheBaseError, match="is not the base of"):
        find_base(image, described(Built(layer(member("other")))))
    found = inventory(
        layer(member(STATUS, dpkg(("libc6", "1")))),
        layer(member(STATUS, dpkg(("libc6", "1"), ("curl", "8")))),
        history=history,
    )
    assert [(package.name, found.is_base(package)) for package in found.packages] == [("libc6", True), ("curl", False)]


def test_a_history_that_leaves_steps_out_names_no_instruction() -> None:
    found = inventory(
        layer(member(STATUS, dpkg(("libc6", "1")))), layer(member("a")), history=[{"created_by": "ADD x"}]
    )
    assert told(found) == [("libc6", "")]


PATHS = st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map("/".join)
ENTRIES = st.dictionaries(PATHS, st.sampled_from(("file", "folder", "whiteout", "opaque")), max_size=5)


@given(st.lists(ENTRIES, min_size=1, max_size=4))
def test_hidden_is_what_is_gone_when_layers_are_unpacked_one_upon_the_other(written: list[dict[str, str]]) -> None:
    """The model: a map of paths, changed as a runtime changes the file system."""
    layers = []
    for entries in written:
        # Builders write the folders above an entry too; a file with something below it no runtime would take.
        above = {p[:at]: "folder" for p in entries for at, letter in enumerate(p) if letter == "/"}
        layers.append({**{p: k for p, k in entries.items() if p not in above or k in ("folder", "opaque")}, **above})
    there: dict[str, tuple[int, str]] = {}
    for number, entries in enumerate(layers):
        for path, kind in entries.items():
            if kind in ("whiteout", "opaque"):
                for known in [k for k in there if k.startswith(f"{path}/") or (kind == "whiteout" and k == path)]:
                    del there[known]
        for path, kind in entries.items():
            if kind == "file":
                for known in [k for k in there if k.startswith(f"{path}/")]:
                    del there[known]
            if kind in ("file", "folder"):
                there[path] = number, kind
    cover = Cover()
    for number in range(len(layers) - 1, -1, -1):
        entries = layers[number]
        for path, kind in entries.items():
            if kind == "file":
                assert cover.hides(path.encode()) == (there.get(path) != (number, "file"))
        cover.add(contents(layer(*(_entry(path, kind) for path, kind in entries.items()))), None)


def _entry(path: str, kind: str) -> object:
    head, _, name = path.rpartition("/")
    if kind == "whiteout":
        return member(f"{head}/.wh.{name}" if head else f".wh.{name}")
    if kind == "opaque":
        return member(f"{path}/.wh..wh..opq")
    return folder(path) if kind == "folder" else member(path)


def _module(folder: str, version: str) -> tuple[tarfile.TarInfo, bytes]:
    text = f"Metadata-Version: 2.1\nName: PyYAML\nVersion: {version}\n"
    return member(f"{folder}/yaml-{version}.dist-info/METADATA", text.encode())


MODULE = _module("usr/lib/python3/dist-packages", "6.0")
LISTED = member("var/lib/dpkg/info/python3-yaml.list", f"/{MODULE[0].name}\n".encode())
OWN = _module("usr/local/lib/python3/site-packages", "5.4")


@pytest.mark.parametrize(
    ("system", "lists"),
    [
        (
            [member("etc/os-release", DEBIAN), member(STATUS, dpkg(("python3-yaml", "6.0-3")))],
            [member("var/lib/dpkg/info/python3-yaml:amd64.list", f"/.\n/usr\n/{MODULE[0].name}\n".encode())],
        ),
        (
            [
                member("etc/os-release", DEBIAN),
                member("var/lib/dpkg/status.d/python3-yaml", dpkg(("python3-yaml", "6.0-3"))),
            ],
            [member("var/lib/dpkg/status.d/python3-yaml.md5sums", f"{'0' * 32}  {MODULE[0].name}\n".encode())],
        ),
        (
            [member("etc/os-release", b"ID=alpine\nVERSION_ID=3.20.3\n")],
            [
                member(
                    "lib/apk/db/installed",
                    f"P:py3-yaml\nV:6.0-r3\nF:usr\nF:{MODULE[0].name.rpartition('/')[0]}\nR:METADATA\n\n".encode(),
                )
            ],
        ),
    ],
)
def test_what_the_distribution_installed_is_a_part_of_its_package_and_not_matched_by_its_upstream_version(
    system: list[object], lists: list[object]
) -> None:
    """LESSONS: synapse-ce#321, grype#1349: upstream versions do not tell what a distribution has fixed."""
    found = inventory(layer(*system, MODULE, OWN, *lists))  # type: ignore[arg-type]
    assert [package.name.lower() for package in found.packages if package.ecosystem == "PyPI"] == ["pyyaml"]
    assert [(package.version, package.path) for package in found.parts] == [("6.0", f"app.tar!/{MODULE[0].name}")]
    assert {package.version for package in found.packages} >= {"5.4"}


@pytest.mark.parametrize(("vendor", "parts"), [(b"Rocky Enterprise Software Foundation\0", 1), (b"Docker\0", 0)])
def test_rpm_tells_its_files_in_each_header_and_whose_package_it_is(vendor: bytes, parts: int) -> None:
    """trivy#1594, #9916: what others publish for a distribution is not in the distribution's advisories."""
    folder, _, name = f"/{MODULE[0].name}".rpartition("/")
    fields = [
        (1000, 6, b"python3-yaml\0", 1),
        (1001, 6, b"6.0\0\0\0\0\0", 1),
        (1011, 6, vendor, 1),
        (1116, 4, struct.pack(">II", 1, 0), 2),
        (1117, 8, b"METADATA\0passwd\0", 2),
        (1118, 8, f"/etc/\0{folder}/\0".encode(), 2),
    ]
    entries, data = b"", b""
    for tag, kind, content, count in fields:
        data += bytes(-len(data) % 4)
        entries += struct.pack(">IIII", tag, kind, len(data), count)
        data += content
    blob = struct.pack(">II", len(fields), len(data)) + entries + data
    told = [("python3-yaml", f"{folder}/{name}".encode()), ("python3-yaml", b"/etc/passwd")]
    assert list(installed_files(blob)) == told
    assert not any(list(installed_files(blob[:cut])) for cut in range(len(blob)))
    slot = struct.pack("<4sIII", b"Slot", 1, 256, 0)
    head = b"RpmP" + struct.pack("<III", 0, 1, 1) + bytes(16)
    database = (head + slot).ljust(4096, b"\0") + struct.pack("<4sIII", b"BlbS", 1, 0, len(blob)) + blob
    found = inventory(
        layer(
            member("etc/os-release", b'ID=rocky\nVERSION_ID="9.4"\n'),
            MODULE,
            OWN,
            member("var/lib/rpm/Packages.db", database),
        )
    )
    assert [package.version for package in found.parts] == ["6.0"][:parts]
    assert sorted(package.version for package in found.packages) == ["5.4", "6.0", "6.0"][: 3 - parts]


def test_a_file_that_a_later_layer_puts_in_the_distributions_place_is_its_own() -> None:
    status = member(STATUS, dpkg(("python3-yaml", "6.0-3")))
    lower = layer(member("etc/os-release", DEBIAN), status, MODULE, LISTED)
    assert [package.ecosystem for package in inventory(lower).parts] == ["PyPI"]
    found = inventory(lower, layer(MODULE))
    assert ([package.ecosystem for package in found.packages], found.parts) == (["Debian", "PyPI"], ())


@pytest.mark.parametrize(
    ("maintainer", "parts"),
    [
        ("Debian JavaScript Maintainers <pkg-javascript-devel@alioth-lists.debian.net>", 1),
        ("Ubuntu Developers <ubuntu-devel-discuss@lists.ubuntu.com>", 1),
        ("Docker <support@docker.com>", 0),
        ("Somebody <notdebian.org@example.org>", 0),
        ("Somebody <a@fakedebian.org>", 0),
    ],
)
def test_what_others_publish_for_a_distribution_counts_for_itself(maintainer: str, parts: int) -> None:
    """trivy#9916: no advisory of Debian speaks of the modules in Docker's or NodeSource's packages."""
    status = member(STATUS, dpkg(("python3-yaml", "6.0-3"), maintainer=maintainer))
    found = inventory(layer(member("etc/os-release", DEBIAN), status, MODULE, LISTED))
    assert (len(found.parts), len(found.packages)) == (parts, 2 - parts)


def test_packages_of_a_distribution_that_nothing_names_are_said_to_be_out_of_reach() -> None:
    (problem,) = inventory(layer(member(STATUS, dpkg(("libc6", "1"), ("bash", "5"))))).unscanned
    assert (problem.path, "has 2 packages of a distribution, and no etc/os-release" in problem.reason) == (
        "app.tar",
        True,
    )
    named = layer(member("usr/lib/os-release", DEBIAN), symlink("etc/os-release", "../usr/lib/os-release"))
    assert inventory(named, layer(member(STATUS, dpkg(("libc6", "1"))))).unscanned == ()


def test_where_nobody_publishes_advisories_for_the_distribution_its_parts_count() -> None:
    for release in ([], [member("etc/os-release", b"ID=nobody\n")]):
        found = inventory(layer(*release, member(STATUS, dpkg(("python3-yaml", "6.0-3"))), MODULE, LISTED))
        assert (len(found.packages), found.parts) == (2, ())
