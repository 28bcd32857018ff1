"""Every kind of package file is read as its own tool wrote it: real files, each with all of its packages.

`files/README.md` says where each file is from, and which tests read the real files of the other kinds.
"""

from pathlib import Path

import pytest

from seawall.formats.package_files import BINARY, kind_of, kinds, read
from seawall.model.package import Package, ParsedPackages

FILES = Path(__file__).parent / "files"

REAL = {
    # dpkg, and distroless
    "installed/var/lib/dpkg/status": {
        "pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64",
        "pkg:deb/debian/libssl3@3.0.19-1~deb12u2?arch=amd64",
        "pkg:deb/debian/perl-base@5.36.0-7%2Bdeb12u2?arch=amd64",
        "pkg:deb/debian/zlib1g@1:1.2.13.dfsg-1?arch=amd64",
    },
    "installed/var/lib/dpkg/status.d/libsqlite3-0": {"pkg:deb/debian/libsqlite3-0@3.34.1-3?arch=arm64"},
    "installed/lib/apk/db/installed": {
        "pkg:apk/alpine/libcrypto3@3.3.2-r0?arch=x86_64",
        "pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64",
        "pkg:apk/alpine/ssl_client@1.36.1-r29?arch=x86_64",
        "pkg:apk/alpine/zlib@1.3.1-r1?arch=x86_64",
    },
    # Python, Node, Ruby, PHP, .NET, Java
    "installed/site-packages/iniconfig-2.0.0.dist-info/METADATA": {"pkg:pypi/iniconfig@2.0.0"},
    "installed/site-packages/Tide.Egg.egg-info/PKG-INFO": {"pkg:pypi/tide.egg@1.4"},
    "installed/app/node_modules/ms/package.json": {"pkg:npm/ms@2.1.2"},
    "installed/app/node_modules/@babel/helper-validator-identifier/package.json": {
        "pkg:npm/%40babel/helper-validator-identifier@7.22.5"
    },
    "installed/specifications/rake-13.0.6.gemspec": {"pkg:gem/rake@13.0.6"},
    "installed/specifications/webrick-1.8.1.gemspec": {"pkg:gem/webrick@1.8.1"},
    "installed/vendor/composer/installed.json": {
        "pkg:composer/monolog/monolog@3.5.0",
        "pkg:composer/psr/clock@1.0.0",
        "pkg:composer/psr/log@3.0.0",
    },
    "installed/dotnet/TestLibrary.deps.json": {
        "pkg:nuget/AWSSDK.Core@3.7.10.6",
        *(
            f"pkg:nuget/Microsoft.Extensions.{name}@6.0.0"
            for name in (
                *("DependencyInjection", "DependencyInjection.Abstractions", "Logging", "Logging.Abstractions"),
                *("Options", "Primitives"),
            )
        ),
        "pkg:nuget/Newtonsoft.Json@13.0.1",
        "pkg:nuget/Serilog@2.10.0",
        "pkg:nuget/Serilog.Sinks.Console@4.0.1",
    },
    "installed/lib/java/failureaccess-1.0.1.jar": {"pkg:maven/com.google.guava/failureaccess@1.0.1"},
    "installed/lib/java/shop.ear": {"pkg:maven/com.google.guava/failureaccess@1.0.1", "pkg:maven/javax.inject@1"},
    # locked
    "locks/bundler/Gemfile.lock": {"pkg:gem/rake@13.0.6", "pkg:gem/webrick@1.8.1", "pkg:gem/xmlrpc@0.3.2"},
    "locks/composer/composer.lock": {
        "pkg:composer/monolog/monolog@3.5.0",
        "pkg:composer/psr/clock@1.0.0",
        "pkg:composer/psr/log@3.0.0",
    },
    "locks/gradle/gradle.lockfile": {
        "pkg:maven/joda-time/joda-time@2.2",
        "pkg:maven/junit/junit@4.12",
        "pkg:maven/org.apache.commons/commons-text@1.8",
        "pkg:maven/org.hamcrest/hamcrest-core@1.3",
    },
    "locks/maven/pom.xml": {
        "pkg:maven/com.google.jimfs/jimfs@1.2",
        "pkg:maven/org.apache.commons/commons-lang3@3.12.0",
        "pkg:maven/org.junit-pioneer/junit-pioneer@1.4.2",
        "pkg:maven/org.junit.jupiter/junit-jupiter",
        "pkg:maven/org.mockito/mockito-inline@3.11.2",
        "pkg:maven/org.openjdk.jmh/jmh-core@1.32",
        "pkg:maven/org.openjdk.jmh/jmh-generator-annprocess@1.32",
    },
}
"""Where a real file lies below `files`, and all of its packages."""


def real(path: str) -> ParsedPackages:
    kind = kind_of(path)
    assert kind is not None
    return read(kind, path, (FILES / path).read_bytes())


def by_name(path: str) -> dict[str, Package]:
    return {package.name: package for package in real(path).packages}


@pytest.mark.parametrize("path", REAL)
def test_a_real_file_has_all_of_its_packages_and_no_other(path: str) -> None:
    parsed = real(path)
    assert parsed.unscanned == ()
    assert {package.purl for package in parsed.packages} == REAL[path]
    assert all(package.line or "java" in path for package in parsed.packages)


def test_the_checksums_beside_a_distroless_file_are_none_of_it() -> None:
    assert kind_of("installed/var/lib/dpkg/status.d/libsqlite3-0.md5sums") is None


def test_the_licences_are_those_that_the_files_state() -> None:
    assert by_name("installed/specifications/webrick-1.8.1.gemspec")["webrick"].licences == ("Ruby", "BSD-2-Clause")
    assert by_name("installed/site-packages/Tide.Egg.egg-info/PKG-INFO")["Tide.Egg"].licences == ("MIT",)
    assert by_name("installed/app/node_modules/ms/package.json")["ms"].licences == ("MIT",)
    assert by_name("installed/lib/apk/db/installed")["zlib"].licences == ("Zlib",)
    assert by_name("locks/composer/composer.lock")["psr/log"].licences == ("MIT",)
    assert by_name("installed/vendor/composer/installed.json")["psr/log"].licences == ("MIT",)
    assert by_name("installed/lib/java/failureaccess-1.0.1.jar")["com.google.guava:failureaccess"].licences == (
        "http://www.apache.org/licenses/LICENSE-2.0.txt",
    )


def test_source_packages_are_those_that_the_files_state() -> None:
    status = by_name("installed/var/lib/dpkg/status")
    assert {name: package.source_name for name, package in status.items()} == {
        "libc6": "glibc",
        "libssl3": "openssl",
        "perl-base": "perl",
        "zlib1g": "zlib",
    }
    assert by_name("installed/lib/apk/db/installed")["ssl_client"].source_name == "busybox"


def test_an_archive_in_an_archive_in_an_archive_names_its_place() -> None:
    nested = by_name("installed/lib/java/shop.ear")["com.google.guava:failureaccess"]
    assert nested.path == "installed/lib/java/shop.ear!/shop.war!/WEB-INF/lib/failureaccess-1.0.1.jar"


def test_a_stripped_executable_of_cargo_auditable_lists_its_crates() -> None:
    """Go's own executables, stripped too, are built and read in `test_executables.py`."""
    parsed = read(BINARY, "usr/bin/tide", (FILES / "installed/usr/bin/tide").read_bytes())
    assert {(package.purl, package.parents) for package in parsed.packages} == {
        ("pkg:cargo/tide@0.1.0", ()),
        ("pkg:cargo/itoa@1.0.9", ("pkg:cargo/tide@0.1.0",)),
        ("pkg:cargo/memchr@2.6.4", ("pkg:cargo/tide@0.1.0",)),
    }


def test_chains_are_those_of_the_tools() -> None:
    assert by_name("locks/bundler/Gemfile.lock")["webrick"].parents == ("pkg:gem/xmlrpc@0.3.2",)
    assert by_name("locks/bundler/Gemfile.lock")["webrick"].direct is False
    for path in ("locks/composer/composer.lock", "installed/vendor/composer/installed.json"):
        found = by_name(path)
        assert found["psr/log"].parents == ("pkg:composer/monolog/monolog@3.5.0",)
        assert found["psr/clock"].scope == "dev"
    net = by_name("installed/dotnet/TestLibrary.deps.json")
    assert net["Serilog.Sinks.Console"].direct is True
    assert net["Microsoft.Extensions.Primitives"].parents == ("pkg:nuget/Microsoft.Extensions.Options@6.0.0",)


def test_poetry_and_pdm_agree_with_the_other_locks_of_python() -> None:
    found = by_name("locks/poetry/poetry.lock")
    assert (found["httpx"].version, found["h2"].scope, found["iniconfig"].scope) == ("0.25.0", "optional", "dev")
    assert found["h11"].parents == ("pkg:pypi/httpcore@0.18.0",)
    names = {package.name for package in real("locks/uv/uv.lock").packages}
    assert found.keys() == names
    pdm = by_name("locks/pdm/pdm.lock")
    assert (len(pdm), pdm["requests"].version, pdm["pytest"].scope) == (10, "2.27.1", "dev")
    assert "pkg:pypi/pytest@3.2.5" in pdm["colorama"].parents


def test_nuget_locks_tell_direct_from_transitive_in_each_framework() -> None:
    found = real("locks/nuget/packages.lock.json").packages
    assert len(found) == 9
    assert {(one.name, one.version) for one in found if one.name == "log4net"} == {
        ("log4net", "2.0.5"),
        ("log4net", "1.2.15"),
    }
    assert {one.name for one in found if one.direct is False} >= {"Microsoft.Extensions.Options"}


ELSEWHERE = {
    "packages.binaries": "test_executables.py",
    "packages.rpm": "test_installed_packages.py",
    "lockfiles.cargo": "test_lockfiles.py",
    "lockfiles.go_mod": "test_lockfiles.py, test_go_sums.py",
    "lockfiles.npm": "test_lockfiles.py",
    "lockfiles.pipfile": "test_lockfiles.py",
    "lockfiles.pnpm": "test_lockfiles.py",
    "lockfiles.pylock": "test_lockfiles.py",
    "lockfiles.requirements": "test_lockfiles.py",
    "lockfiles.uv": "test_lockfiles.py",
    "lockfiles.yarn": "test_lockfiles.py",
}
"""Parsers whose real files other tests read."""


def test_every_parser_reads_a_real_file_in_some_test() -> None:
    here = {kind.parser for path in REAL if (kind := kind_of(path)) is not None}
    here |= {"lockfiles.poetry", "lockfiles.pdm", "lockfiles.nuget"}
    assert here.isdisjoint(ELSEWHERE)
    assert here | ELSEWHERE.keys() == {kind.parser for kind in kinds()}
