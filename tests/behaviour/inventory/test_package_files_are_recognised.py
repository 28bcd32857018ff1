"""The table from file names to parsers: what is taken, what is left, and what asking costs."""

import timeit
from importlib import import_module
from pathlib import Path

import pytest

from seawall.formats.package_files import kind_of, kinds, parser, read


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("var/lib/dpkg/status", "packages.dpkg"),
        ("var/lib/dpkg/status.d/libc6", "packages.dpkg"),
        ("var/lib/dpkg/status.d/libssl1.1", "packages.dpkg"),
        ("lib/apk/db/installed", "packages.apk"),
        ("usr/lib/apk/db/installed", "packages.apk"),
        ("var/lib/rpm/Packages", "packages.rpm"),
        ("usr/lib/sysimage/rpm/Packages.db", "packages.rpm"),
        ("var/lib/rpm/rpmdb.sqlite", "packages.rpm"),
        ("usr/lib/python3/dist-packages/six-1.16.0.dist-info/METADATA", "packages.python"),
        ("usr/lib/python3/dist-packages/six.egg-info/PKG-INFO", "packages.python"),
        ("usr/lib/python3/dist-packages/six-1.16.0.egg-info", "packages.python"),
        ("app/node_modules/left-pad/package.json", "packages.node"),
        ("node_modules/@babel/core/node_modules/ms/package.json", "packages.node"),
        ("node_modules/@babel/core/package.json", "packages.node"),
        ("usr/share/gems/specifications/rake-13.0.6.gemspec", "packages.ruby"),
        ("usr/lib/ruby/gems/3.1.0/specifications/default/json-2.6.1.gemspec", "packages.ruby"),
        ("srv/vendor/composer/installed.json", "packages.php"),
        ("app/Api.deps.json", "packages.dotnet"),
        ("opt/app/server.war", "packages.java"),
        ("requirements.txt", "lockfiles.requirements"),
        ("ci/dev-requirements.txt", "lockfiles.requirements"),
        ("requirements/test.txt", "lockfiles.requirements"),
        ("pylock.prod.toml", "lockfiles.pylock"),
        ("web/package-lock.json", "lockfiles.npm"),
        ("gradle/dependency-locks/compileClasspath.lockfile", "lockfiles.gradle"),
    ],
)
def test_a_file_of_packages_has_its_parser(path: str, module: str) -> None:
    kind = kind_of(path)
    assert kind is not None
    assert kind.parser == module


@pytest.mark.parametrize(
    "path",
    [
        "",
        "status",
        "etc/status",
        "var/lib/dpkg/status.d/libc6.md5sums",
        "usr/share/doc/installed",
        "srv/app/package.json",
        "node_modules/resolve/test/resolver/package.json",
        "node_modules/@babel/package.json",
        "node_modules/package.json",
        "src/mygem.gemspec",
        "usr/share/METADATA",
        "notes.txt",
        "requirements.in",
        "testdata/list-no-requirements-linux.txt",
        "tsconfig.json",
        "pyproject.toml",
        "home/Packages",
        "usr/bin/python3",
        "usr/lib/jvm/java-17-openjdk-amd64/bin/jar",
    ],
)
def test_other_files_have_none(path: str) -> None:
    assert kind_of(path) is None


def test_every_kind_of_the_table_has_a_parser_that_takes_an_empty_file() -> None:
    for kind in kinds():
        assert parser(kind) is import_module(f"seawall.formats.{kind.parser}").parse
        assert read(kind, "some/file", b"").packages == ()


def test_asking_for_every_file_of_an_image_takes_a_fraction_of_a_second() -> None:
    paths = [f"usr/share/doc/package-{number}/changelog.Debian.gz" for number in range(43_500)]
    fastest = min(timeit.repeat(lambda: [kind_of(path) for path in paths], number=1, repeat=3))
    assert fastest < 0.5  # about 0.03 s alone on the machine


def test_the_page_about_packages_names_every_file_that_is_read() -> None:
    page = (Path(__file__).parents[3] / "docs" / "packages.md").read_text()
    for kind in kinds():
        module = import_module(f"seawall.formats.{kind.parser}")
        assert f"`{kind.parser}`" in page, (
            f"docs/packages.md does not name {kind.parser}: {(module.__doc__ or '').splitlines()[0]}"
        )
