"""A scan of an image finds the flaws of what is in it, and says which layer and instruction brought the package."""

import json
from pathlib import Path

import msgspec
import pytest

from sample_images import DEBIAN, Built, dpkg, files, layer, member, write_layout
from sample_vulnerabilities import CRITICAL, build_database, record
from seawall.model.errors import UsageError
from seawall.sources.manifests import ReadOptions
from seawall.stages import deploy
from seawall.stages.deploy import DeployScan, Scanned
from seawall.stages.rule_sets import RuleChoice
from tests.simulators.registry import serve

LIBC = ("libc6", "2.36-9")
BASE = layer(member("etc/os-release", DEBIAN), member("var/lib/dpkg/status", dpkg(LIBC)))
APP = files(var__lib__dpkg__status=dpkg(LIBC, ("curl", "7.88.1-10")))
HISTORY = [
    {"created_by": "ADD rootfs.tar /"},
    {"created_by": 'CMD ["bash"]', "empty_layer": True},
    {"created_by": "RUN apt-get install curl"},
]
CURL = record("DEBIAN-CVE-2023-38545", "Debian:12", "curl", "7.88.1-10+deb12u4", vector=CRITICAL)
LIBC_FLAW = record("DEBIAN-CVE-2023-4911", "Debian:12", "libc6", "2.36-9+deb12u3")


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "advisories.db"
    monkeypatch.setenv("SEAWALL_DATABASE", str(path))
    monkeypatch.setenv("SEAWALL_CACHE_DIR", str(tmp_path / "cache"))
    return path


@pytest.fixture
def image(tmp_path: Path) -> Built:
    return Built(BASE, APP, history=HISTORY)


def scan(target: Path | str, only: tuple[str, ...] = ("vulnerability-*",), **reading: object) -> Scanned:
    options = DeployScan(targets=(str(target),), choice=RuleChoice(only=only), reading=ReadOptions(**reading))  # type: ignore[arg-type]
    return deploy.scan(options)


def test_a_finding_names_the_layer_that_brought_the_package(tmp_path: Path, database: Path, image: Built) -> None:
    build_database(database, CURL)
    layout = write_layout(tmp_path / "layout", image)
    scanned = scan(layout)
    (finding,) = scanned.report.findings
    assert finding.rule == "vulnerability-critical"
    assert finding.location.path == f"{layout}!/var/lib/dpkg/status"
    package = msgspec.to_builtins(finding.package)
    assert (package["name"], package["version"], package["fixedVersion"]) == ("curl", "7.88.1-10", "7.88.1-10+deb12u4")
    assert package["imageLayer"].startswith("sha256:")
    assert "brought by RUN apt-get install curl" in finding.message
    (target,) = scanned.report.targets
    assert (target.type, target.digest) == ("oci-layout", image.descriptor["digest"])
    assert scanned.report.summary.packages == 2


def test_an_image_is_pulled_by_its_reference(
    tmp_path: Path, database: Path, image: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "DOCKER_CONFIG", "XDG_CONFIG_HOME"):  # no credentials of whoever runs the tests
        monkeypatch.setenv(name, str(tmp_path))
    build_database(database, CURL)
    with serve() as registry:
        for blob in image.blobs.values():
            registry.add_blob(blob)
        digest = registry.add_manifest("shop/api", "1.0", image.descriptor["mediaType"], image.manifest)
        scanned = scan(f"{registry.host}/shop/api:1.0")
        (finding,) = scanned.report.findings
        assert finding.location.path == f"{registry.host}/shop/api:1.0!/var/lib/dpkg/status"
        (target,) = scanned.report.targets
        assert (target.type, target.digest) == ("image", digest)
        (entry,) = scan(f"{registry.host}/shop/api:2.0").report.unscanned
        assert entry.path == f"{registry.host}/shop/api:2.0"


def test_a_vex_statement_about_an_image_holds_for_that_image_alone(
    tmp_path: Path, database: Path, image: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "DOCKER_CONFIG", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    build_database(database, CURL)
    document = tmp_path / "vex.json"
    with serve() as registry:
        names = [f"{registry.host}/shop/{name}:1.0" for name in ("web", "api")]
        for name, built in (("web", Built(BASE, APP)), ("api", image)):
            for blob in built.blobs.values():
                registry.add_blob(blob)
            digest = registry.add_manifest(f"shop/{name}", "1.0", built.descriptor["mediaType"], built.manifest)
        document.write_text(
            json.dumps(
                {
                    "@context": "https://openvex.dev/ns/v0.2.0",
                    "@id": "https://shop.example/vex/1",
                    "author": "shop",
                    "timestamp": "2026-01-01T00:00:00Z",
                    "version": 1,
                    "statements": [
                        {
                            "vulnerability": {"name": "CVE-2023-38545"},
                            "products": [
                                {
                                    "@id": f"pkg:oci/api@{digest.replace(':', '%3A')}",
                                    "subcomponents": [{"@id": "pkg:deb/debian/curl"}],
                                }
                            ],
                            "status": "not_affected",
                            "justification": "vulnerable_code_not_present",
                        }
                    ],
                }
            )
        )
        choice = RuleChoice(only=("vulnerability-*",))
        options = DeployScan(targets=tuple(names), choice=choice, reading=ReadOptions(vex=(str(document),)))
        findings = deploy.scan(options).report.findings
    assert {finding.location.path.partition("!")[0]: finding.suppressed is None for finding in findings} == {
        names[0]: True,
        names[1]: False,
    }


def test_what_the_base_image_brought_can_be_left_out_and_the_guess_is_told(
    tmp_path: Path, database: Path, image: Built
) -> None:
    build_database(database, CURL, LIBC_FLAW)
    layout = write_layout(tmp_path / "layout", image)
    warnings: list[str] = []
    names = [
        {
            f.package.name
            for f in scan(layout, exclude_base=leave_out, warn=warnings.append).report.findings
            if f.package
        }
        for leave_out in (False, True)
    ]
    assert names == [{"curl", "libc6"}, {"curl"}]
    assert warnings == [f"{layout}: its lowest layer is left out as the base image, as its history suggests"]


def test_the_base_image_can_be_named_and_must_be_the_base(tmp_path: Path, database: Path, image: Built) -> None:
    build_database(database, CURL, LIBC_FLAW)
    layout = write_layout(tmp_path / "layout", image)
    base = write_layout(tmp_path / "base", Built(image.layers[0]))
    warnings: list[str] = []
    scanned = scan(layout, exclude_base=True, base=str(base), warn=warnings.append)
    assert {f.package.name for f in scanned.report.findings if f.package} == {"curl"}
    assert warnings == [f"{layout}: its lowest layer is left out as the base image"]
    other = write_layout(tmp_path / "other", Built(image.layers[1]))
    with pytest.raises(UsageError, match=r"other is not the base of .*layout: its layers are not the lowest ones"):
        scan(layout, exclude_base=True, base=str(other))
    with pytest.raises(UsageError, match="is a root file system, which has no layers"):
        scan(layout, base=f"rootfs:{tmp_path}")


def test_a_release_that_the_database_knows_nothing_of_is_not_scanned(
    tmp_path: Path, database: Path, image: Built
) -> None:
    build_database(database, record("DEBIAN-CVE-2023-38545", "Debian:11", "curl", "8.0"))
    scanned = scan(write_layout(tmp_path / "layout", image))
    (entry,) = scanned.report.unscanned
    assert "the advisory database has nothing about Debian:12" in entry.reason


def test_an_image_that_says_nothing_of_its_packages_is_no_clean_image(tmp_path: Path, database: Path) -> None:
    build_database(database)
    scanned = scan(write_layout(tmp_path / "layout", Built(files(app=b"binary"))))
    (entry,) = scanned.report.unscanned
    assert "nothing in the image says which packages it is made of" in entry.reason


def test_an_image_that_no_chosen_rule_looks_at_is_not_scanned(tmp_path: Path, image: Built) -> None:
    layout = write_layout(tmp_path / "layout", image)
    (entry,) = scan(layout, only=("privileged-container",)).report.unscanned
    assert (entry.path, entry.reason) == (str(layout), "no chosen rule looks at images")


def test_an_image_that_cannot_be_read_is_not_scanned_and_the_rest_is(tmp_path: Path, database: Path) -> None:
    build_database(database)
    (tmp_path / "image.tar").write_bytes(b"\0" * 1024)
    (entry,) = scan(tmp_path / "image.tar").report.unscanned
    assert entry.path == str(tmp_path / "image.tar")


def test_a_platform_that_is_none_is_wrong_usage(tmp_path: Path, database: Path, image: Built) -> None:
    build_database(database)
    with pytest.raises(UsageError, match="--platform"):
        scan(write_layout(tmp_path / "layout", image), platform="amiga")
