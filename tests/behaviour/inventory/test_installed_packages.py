"""What is installed: package databases of distributions and languages, made by their own tools or by hand."""

import json
import sqlite3
import struct
import zlib
from pathlib import Path

import pytest

from seawall.formats.packages import apk, binaries, dotnet, dpkg, node, php, python, rpm, ruby
from seawall.formats.packages.distributions import place
from seawall.formats.packages.os_release import parse_os_release
from seawall.model.package import Distro, ParsedPackages

FILES = Path(__file__).parent / "files"


def names(parsed: ParsedPackages) -> list[tuple[str, str]]:
    return [(package.name, package.version) for package in parsed.packages]


DPKG = b"""\
Package: libssl3
Status: install ok installed
Architecture: amd64
Source: openssl (3.0.11-1~deb12u2)
Version: 3.0.11-1~deb12u2+b1
Description: Secure Sockets Layer toolkit
 Package: not-a-package
 .
 more text

Package: old
Status: deinstall ok config-files
Version: 1.0

Package: adduser
Status: install ok half-configured
Architecture: all
Version: 3.134

Package: nameless-version
Status: install ok installed
"""


def test_dpkg_names_source_packages_and_leaves_out_what_was_removed() -> None:
    parsed = dpkg.parse("var/lib/dpkg/status", DPKG)
    assert names(parsed) == [("libssl3", "3.0.11-1~deb12u2+b1"), ("adduser", "3.134")]
    openssl, adduser = parsed.packages
    assert (openssl.source_name, openssl.source_version) == ("openssl", "3.0.11-1~deb12u2")
    assert (adduser.source_name, adduser.source_version, adduser.line) == ("adduser", "3.134", 15)
    assert openssl.purl == "pkg:deb/debian/libssl3@3.0.11-1~deb12u2%2Bb1?arch=amd64"
    assert [problem.path for problem in parsed.unscanned] == ["var/lib/dpkg/status:20"]


def test_a_distroless_file_is_one_package_without_a_status() -> None:
    parsed = dpkg.parse("var/lib/dpkg/status.d/base", b"Package: base-files\nVersion: 12.4\nArchitecture: amd64\n")
    assert names(parsed) == [("base-files", "12.4")]


APK = b"""\
C:Q1abc=
P:libcrypto3
V:3.3.2-r1
A:x86_64
L:Apache-2.0
o:openssl
F:usr/lib
R:libcrypto.so.3

P:musl
V:1.2.5-r0

V:1
"""


def test_apk_names_origins_and_licences() -> None:
    parsed = apk.parse("lib/apk/db/installed", APK)
    crypto, musl = parsed.packages
    assert (crypto.purl, crypto.source_name) == ("pkg:apk/alpine/libcrypto3@3.3.2-r1?arch=x86_64", "openssl")
    assert (crypto.licences, musl.source_name, musl.line) == (("Apache-2.0",), "musl", 10)
    assert [problem.path for problem in parsed.unscanned] == ["lib/apk/db/installed:13"]


def test_packages_of_a_distribution_are_told_so_and_others_are_not() -> None:
    debian = parse_os_release(b'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\nVERSION_CODENAME=bookworm\n')
    assert debian == Distro("debian", "12", (), "Debian 12", "bookworm")
    (placed,) = place(dpkg.parse("s", b"Package: a\nVersion: 1\n").packages, debian)
    assert (placed.purl, placed.distro, placed.ecosystem) == (
        "pkg:deb/debian/a@1?distro=debian-12",
        "debian:12",
        "Debian",
    )
    six = python.parse("m", b"Name: six\nVersion: 1\n").packages
    assert place(six, debian) == list(six)
    ubuntu = parse_os_release(b"ID=ubuntu\nID_LIKE=debian\nVERSION_ID='24.04'\n")
    (placed,) = place(dpkg.parse("s", b"Package: a\nVersion: 1\n").packages, ubuntu)
    assert (placed.purl, placed.ecosystem) == ("pkg:deb/ubuntu/a@1?distro=ubuntu-24.04", "Ubuntu")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (b"ID=alpine\nVERSION_ID=3.20.3", "alpine:3.20"),
        (b"ID=alpine\nVERSION_ID=3.21_alpha20240807", "alpine:edge"),
        (b"ID=rocky\nVERSION_ID=9.4", "rocky:9"),
        (b"ID=wolfi\nVERSION_ID=20230201", "wolfi"),
        (b'# comment\nID="sles"\nVERSION_ID="15.6"', "sles:15.6"),
    ],
)
def test_releases_are_those_that_advisories_speak_of(text: bytes, key: str) -> None:
    distro = parse_os_release(text)
    assert distro is not None
    assert distro.key == key


def test_an_os_release_without_an_id_names_no_distribution() -> None:
    assert parse_os_release(b"NAME=Nothing\n") is None
    assert parse_os_release(bytes(range(256))) is None


RPMS = {
    ("tide", "1.2.3-4.el9"),
    ("tide-libs", "1.2.3-4.el9"),
    ("harbour", "3:2.0-1.fc40"),
    ("harbour-libs", "3:2.0-1.fc40"),
}


def _ndb(blobs: list[bytes]) -> bytes:
    """Write a database as rpm's lib/backend/ndb/rpmpkg.c lays it out: header, slots, blobs in blocks of 16 bytes."""
    slots, body = [], b""
    for index, blob in enumerate(blobs, 1):
        head = struct.pack("<4sIII", b"BlbS", index, 1, len(blob))
        blocks = -(-(len(head) + len(blob) + 12) // 16)
        tail = struct.pack("<II4s", zlib.adler32(blob), len(blob), b"BlbE")
        slots.append(struct.pack("<4sIII", b"Slot", index, (4096 + len(body)) // 16, blocks))
        body += head + blob + b"\0" * (blocks * 16 - len(head) - len(blob) - 12) + tail
    slots += [struct.pack("<4sIII", b"Slot", 0, 0, 0)] * (4096 // 16 - 2 - len(slots))
    return struct.pack("<4sIIII12x", b"RpmP", 0, 1, 1, len(blobs) + 1) + b"".join(slots) + body


def _blobs() -> list[bytes]:
    connection = sqlite3.connect(":memory:")
    connection.deserialize((FILES / "rpm" / "rpmdb.sqlite").read_bytes())
    found = [blob for (blob,) in connection.execute("select blob from Packages")]
    connection.close()
    return found


@pytest.mark.parametrize("form", ["sqlite", "Berkeley DB", "ndb"])
def test_an_rpm_database_is_read_in_each_of_its_forms(form: str) -> None:
    file = {"sqlite": "rpmdb.sqlite", "Berkeley DB": "Packages"}.get(form)
    data = (FILES / "rpm" / file).read_bytes() if file else _ndb(_blobs())
    parsed = rpm.parse("var/lib/rpm/Packages", data)
    assert set(names(parsed)) == RPMS
    assert parsed.unscanned == ()
    by_name = {package.name: package for package in parsed.packages}
    assert by_name["harbour-libs"].purl == "pkg:rpm/harbour-libs@2.0-1.fc40?arch=noarch&epoch=3"
    assert (by_name["harbour-libs"].source_name, by_name["tide"].licences) == ("harbour", ("MIT AND BSD-3-Clause",))
    assert by_name["harbour-libs"].source_version == "3:2.0-1.fc40"


def test_rows_longer_than_a_page_and_trees_of_pages_are_read() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("create table Packages (hnum integer primary key, blob blob)")
    blobs = _blobs()
    for number in range(600):  # an index of pages; every second header has a long tail of data
        blob = blobs[number % 4]
        entries, size = struct.unpack_from(">II", blob)
        padding = b"\0" * (20_000 if number % 2 else 0)
        connection.execute(
            "insert into Packages values (?, ?)",
            (
                number + 1,
                struct.pack(">II", entries, size + len(padding)) + blob[8 : 8 + 16 * entries + size] + padding,
            ),
        )
    connection.commit()
    data = connection.serialize()
    connection.close()
    parsed = rpm.parse("rpmdb.sqlite", data)
    assert set(names(parsed)) == RPMS
    assert parsed.unscanned == ()


@pytest.mark.parametrize("file", ["rpmdb.sqlite", "Packages", "ndb"])
def test_an_rpm_database_that_is_cut_off_is_said_to_be(file: str) -> None:
    whole = _ndb(_blobs()) if file == "ndb" else (FILES / "rpm" / file).read_bytes()
    parsed = rpm.parse("db", whole[:5000])
    assert parsed.unscanned[0].path == "db"
    assert "broken RPM database" in parsed.unscanned[0].reason


def test_python_metadata_ends_where_the_description_begins() -> None:
    text = b"Metadata-Version: 2.1\nName: Zope.Interface\nVersion: 5.4\nLicense-Expression: MIT\n\nName: other\nVersion: 9\n"
    (package,) = python.parse("x.dist-info/METADATA", text).packages
    assert (package.purl, package.name, package.licences) == ("pkg:pypi/zope.interface@5.4", "Zope.Interface", ("MIT",))
    assert python.parse("x/METADATA", b"").unscanned[0].path == "x/METADATA:1"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("License: BSD", ("BSD",)),
        ("License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License", ("MIT License",)),
        (
            "License: " + "Permission is hereby granted " * 9 + "\nClassifier: License :: OSI Approved :: Zope",
            ("Zope",),
        ),
        ("Summary: x", ()),
    ],
)
def test_python_metadata_states_a_licence_in_one_of_three_places(fields: str, expected: tuple[str, ...]) -> None:
    (package,) = python.parse("m", f"Name: a\nVersion: 1\n{fields}\n\nClassifier: License :: Other\n".encode()).packages
    assert package.licences == expected


def test_a_package_json_states_its_licence_in_one_of_three_forms() -> None:
    for stated, expected in (
        ({"license": "MIT"}, ("MIT",)),
        ({"license": {"type": "ISC"}}, ("ISC",)),
        ({"licenses": [{"type": "MIT"}, {"type": "BSD"}]}, ("MIT", "BSD")),
    ):
        data = json.dumps({"name": "@scope/tool", "version": "1.0.0", **stated}, indent=2).encode()
        (package,) = node.parse("node_modules/@scope/tool/package.json", data).packages
        assert (package.purl, package.licences, package.line) == ("pkg:npm/%40scope/tool@1.0.0", expected, 2)
    assert node.parse("p", b'{"type": "module"}') == ParsedPackages()
    assert node.parse("p", b'{"name":\n oops}').unscanned[0].path == "p:2"


def test_gems_state_their_names_as_text_and_no_ruby_is_run() -> None:
    text = (FILES / "installed/specifications/rake-13.0.6.gemspec").read_bytes()
    (package,) = ruby.parse("g", text).packages
    assert (package.purl, package.licences, package.line) == ("pkg:gem/rake@13.0.6", ("MIT",), 5)
    assert ruby.parse("g", b"Gem::Specification.new do |s|\n s.name = NAME\n").unscanned[0].path == "g:2"


def test_composer_s_list_says_what_is_for_development_and_what_requires_what() -> None:
    value = {
        "packages": [
            {
                "name": "monolog/monolog",
                "version": "v2.9.1",
                "license": ["MIT"],
                "require": {"php": ">=7", "psr/log": "^1"},
            },
            {"name": "psr/log", "version": "1.1.4"},
            {"name": "phpunit/phpunit", "version": "9.6.0"},
            {"version": "1"},
        ],
        "dev-package-names": ["phpunit/phpunit"],
    }
    for top in (value, value["packages"]):
        parsed = php.parse("installed.json", json.dumps(top, indent=1).encode())
        monolog, log, unit = parsed.packages
        assert (monolog.purl, monolog.version) == ("pkg:composer/monolog/monolog@v2.9.1", "v2.9.1")
        assert log.parents == (monolog.purl,)
        assert unit.scope == ("dev" if isinstance(top, dict) else "")
        assert len(parsed.unscanned) == 1


def test_a_published_dotnet_application_tells_direct_from_transitive() -> None:
    value = {
        "targets": {
            "net8.0": {
                "App/1.0.0": {"dependencies": {"Serilog": "3.0.1"}},
                "Serilog/3.0.1": {
                    "dependencies": {"System.Text.Json": "8.0.0", "NETStandard.Library": "1.6.0"},
                    "runtime": {"lib/Serilog.dll": {}},
                },
                "System.Text.Json/8.0.0": {"runtime": {"lib/System.Text.Json.dll": {}}},
                "NETStandard.Library/1.6.0": {"dependencies": {}},
            }
        },
        "libraries": {
            "App/1.0.0": {"type": "project"},
            "Serilog/3.0.1": {"type": "package"},
            "System.Text.Json/8.0.0": {"type": "package"},
            "NETStandard.Library/1.6.0": {"type": "package"},
        },
    }
    serilog, text = dotnet.parse("App.deps.json", json.dumps(value, indent=2).encode()).packages
    assert (serilog.direct, text.direct, text.parents) == (True, False, ("pkg:nuget/Serilog@3.0.1",))


def test_a_file_that_is_no_executable_holds_no_packages_and_is_no_problem() -> None:
    assert binaries.parse("bin/sh", b"#!/bin/sh\n") == ParsedPackages()
    assert binaries.parse("A.class", b"\xca\xfe\xba\xbe\0\0\0\x41" + bytes(100)) == ParsedPackages()
