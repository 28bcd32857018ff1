"""What an SBOM of Seawall says is all kept when it is read: written again, in either format, it is the same to the byte."""

from collections.abc import Sequence
from itertools import product

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sample_inventories import image_inventory
from seawall.formats.package_list import PackageList
from seawall.formats.purl import parse
from seawall.formats.sbom import read_sbom
from seawall.model.inventory import Inventory, Subject
from seawall.model.package import Distro, Package
from seawall.model.resource import Unscanned
from seawall.reports.sbom import render
from seawall.stages.packages import collect_packages

FORMATS = ("cyclonedx", "spdx")
WAYS = list(product(FORMATS, FORMATS))

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
WORD = st.text("abcXYZ019._-", min_size=1, max_size=8).filter(lambda text: text[0].isalpha())
STATED = (
    *(
        "MIT",
        "Apache-2.0",
        "MIT OR X11",
        "(MIT AND Zlib)",
        "MIT AND X11 OR Zlib",
        "(MIT OR X11) AND (Zlib)",
        "GPL-2.0+",
    ),
    *("NONE", "NOASSERTION", "MIT/X11", " MIT ", "MIT\tOR\nX11", "LicenseRef-1", "((MIT))"),
    "GPL-2.0-only WITH Classpath-exception-2.0",
)
LICENCE = st.sampled_from(STATED) | TEXT.filter(bool)
ROOT = "registry.local/app:1!"
LAYER = st.sampled_from(["", f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"])
TYPES = {
    "npm": "@scope",
    "maven": "org.example",
    "golang": "github.com/Owner",
    "pypi": "",
    "cargo": "",
    "nuget": "",
    "gem": "",
}


@st.composite
def packages(draw: st.DrawFn) -> Package:
    type_ = draw(st.sampled_from([*TYPES, "deb", "apk", "rpm"]))
    collected = PackageList(f"{ROOT}/{draw(TEXT)}")
    fields = {
        "licences": draw(st.lists(LICENCE, max_size=3)),
        "line": draw(st.integers(0, 99)),
        "image_layer": draw(LAYER),
        "instruction": draw(TEXT),
        "scope": draw(st.sampled_from(["", "dev", "optional"])),
    }
    name, version = draw(WORD), draw(WORD | st.just(""))
    if type_ in TYPES:
        namespace = draw(st.sampled_from(["", TYPES[type_]]))
        shown = f"{namespace}:{name}" if type_ == "maven" and namespace else ""
        collected.add(type_, name, version, namespace=namespace, shown=shown, **fields)
    else:
        release = draw(st.sampled_from(["", "debian-12", "alpine-3.20"]))
        collected.add(
            type_,
            name.lower(),
            version,
            namespace="debian",
            qualifiers={"arch": "amd64", "distro": release} if release else {},
            shown=name.lower(),
            distro=release.replace("-", ":"),
            source_name=draw(WORD | st.just("")),
            source_version=draw(WORD | st.just("")),
            architecture=draw(st.sampled_from(["", "amd64"])),
            **fields,
        )
    collected.rooted = draw(st.booleans())
    (found,) = collected.finish().packages
    return found


@st.composite
def inventories(draw: st.DrawFn) -> Inventory:
    found = draw(st.lists(packages(), max_size=6, unique_by=lambda one: (one.purl, one.path, one.image_layer)))
    purls = [package.purl for package in found]
    below = [
        msgspec.structs.replace(one, parents=tuple(draw(st.lists(st.sampled_from(purls), max_size=2)))) for one in found
    ]
    return Inventory(
        subject=Subject(
            name=draw(TEXT.filter(bool)),
            kind=draw(st.sampled_from(["image", "directory", "file", "oci-layout", "rootfs"])),
            root=ROOT,
            digest=draw(st.sampled_from(["", f"sha256:{'c' * 64}"])),
            created=draw(st.sampled_from(["", "2024-09-06T22:20:07.123456789Z"])),
        ),
        packages=below,
        unscanned=draw(st.sampled_from([(), (Unscanned("a", "b"), Unscanned("c", "d"))])),
        distro=draw(st.sampled_from([None, Distro("debian", "12", (), "Debian GNU/Linux 12"), Distro("wolfi")])),
    )


def read_again(document: bytes, path: str = "kept/sbom.json") -> Inventory:
    found = read_sbom(path, document)
    assert found.subject is not None
    subject = msgspec.structs.replace(found.subject, root=f"{path}!")
    return Inventory(subject=subject, packages=found.packages, unscanned=found.unscanned, distro=found.distro)


@pytest.mark.parametrize(("first", "second"), WAYS)
@settings(max_examples=60)
@given(inventory=inventories())
def test_what_is_written_read_and_written_in_either_format_is_the_same_to_the_byte(
    first: str, second: str, inventory: Inventory
) -> None:
    once = render(first, inventory, version="1")
    assert render(second, read_again(once), version="1") == render(second, inventory, version="1")


@pytest.mark.parametrize(("first", "second"), WAYS)
def test_an_image_with_everything_goes_there_and_back_through_files(
    tmp_path_factory: pytest.TempPathFactory, first: str, second: str
) -> None:
    path = tmp_path_factory.mktemp("sboms") / "any.json"
    wanted = render(first, image_inventory(), version="1")
    path.write_bytes(wanted)
    path.write_bytes(render(second, collect_packages(str(path)), version="1"))
    assert render(first, collect_packages(str(path)), version="1") == wanted


@pytest.mark.parametrize("first", FORMATS)
@given(inventory=inventories())
@settings(max_examples=30)
def test_packages_licences_layers_and_requirers_are_those_of_the_inventory(first: str, inventory: Inventory) -> None:
    def told(packages: Sequence[Package]) -> list[object]:
        return sorted(
            (
                one.purl,
                one.name,
                one.version,
                one.licences,
                one.image_layer,
                one.scope,
                str(one.direct),
                one.distro,
                one.source_name,
            )
            for one in packages
        )

    read = read_sbom("a.json", render(first, inventory, version="1"))
    assert told(read.packages) == told(inventory.packages)
    assert all(parse(package.purl) for package in read.packages)
