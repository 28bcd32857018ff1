"""Lockfiles at their edges: other tools' forms, what cannot be resolved, and what is broken, with its line."""

import json
import textwrap

import pytest

from seawall.formats.package_files import Kind, read
from seawall.model.package import Package, ParsedPackages


def parse(parser: str, text: str | bytes) -> ParsedPackages:
    data = text if isinstance(text, bytes) else textwrap.dedent(text).encode()
    return read(Kind(f"lockfiles.{parser}", False), "lock", data)


def by_name(parser: str, text: str | bytes) -> dict[str, Package]:
    parsed = parse(parser, text)
    assert parsed.unscanned == ()
    return {package.name: package for package in parsed.packages}


def test_poetry_writes_groups_or_a_category() -> None:
    found = by_name(
        "poetry",
        """\
        [[package]]
        name = "httpx"
        version = "0.25.0"
        optional = false
        groups = ["main"]

        [package.dependencies]
        h11 = ">=0.13"

        [[package]]
        name = "h11"
        version = "0.14.0"
        category = "main"

        [[package]]
        name = "pytest"
        version = "7.0.0"
        groups = ["dev"]

        [[package]]
        name = "socksio"
        version = "1.0.0"
        optional = true
        groups = ["main"]
        """,
    )
    assert {name: package.scope for name, package in found.items()} == {
        "httpx": "",
        "h11": "",
        "pytest": "dev",
        "socksio": "optional",
    }
    assert (found["h11"].parents, found["h11"].line, found["h11"].direct) == (("pkg:pypi/httpx@0.25.0",), 10, None)


def test_pdm_writes_groups_and_requirements_as_text() -> None:
    found = by_name(
        "pdm",
        """\
        [[package]]
        name = "httpx"
        version = "0.25.0"
        groups = ["default"]
        dependencies = ["h11<0.15,>=0.13; python_version >= '3'", "Some_Thing[extra]>1"]

        [[package]]
        name = "h11"
        version = "0.14.0"
        groups = ["default", "test"]

        [[package]]
        name = "some-thing"
        version = "2.0"
        groups = ["test"]
        """,
    )
    assert found["h11"].parents == found["some-thing"].parents == ("pkg:pypi/httpx@0.25.0",)
    assert (found["h11"].scope, found["some-thing"].scope) == ("", "dev")


def test_requirements_are_pins_or_of_unknown_version() -> None:
    parsed = parse(
        "requirements",
        """\
        # a comment
        --index-url https://example.org/simple
        Django==4.2.1  # pinned
        requests[socks] >= 2.0 ; python_version > "3"
        six===1.16.0 \\
            --hash=sha256:aaa \\
            --hash=sha256:bbb
        attrs==22.*
        celery[redis, pytest]==4.4.7#comment
        flask @ https://example.org/flask.whl
        -c constraints.txt
        -r base.txt
        -r requirements-dev.txt
        -e .
        -e git+https://example.org/tide.git
        ./wheels/own-1.0.whl
        !!!
        Words of a text
        """,
    )
    assert [(package.name, package.version, package.line) for package in parsed.packages] == [
        ("Django", "4.2.1", 3),
        ("requests", "", 4),
        ("six", "1.16.0", 5),
        ("attrs", "", 8),
        ("celery", "4.4.7", 9),
        ("flask", "", 10),
    ]
    assert [problem.path for problem in parsed.unscanned] == ["lock:12", "lock:15", "lock:16", "lock:17", "lock:18"]
    assert "'base.txt', which is not scanned" in parsed.unscanned[0].reason


def test_an_npm_alias_is_what_it_stands_for_and_a_workspace_is_no_package() -> None:
    lock = {
        "lockfileVersion": 3,
        "packages": {
            "": {"workspaces": ["packages/*"], "dependencies": {"old": "npm:left-pad@1"}},
            "node_modules/old": {"name": "left-pad", "version": "1.3.0"},
            "node_modules/tool": {"resolved": "packages/tool", "link": True},
            "packages/tool": {"version": "1.0.0", "dependencies": {"ms": "2"}},
            "packages/tool/node_modules/ms": {"version": "2.0.0"},
            "node_modules/ms": {"version": "1.0.0"},
            "node_modules/forked": {"version": "git+ssh://git@example.org/forked.git#abc"},
        },
    }
    packages = parse("npm", json.dumps(lock, indent=2)).packages
    assert [(package.name, package.version, package.direct) for package in packages] == [
        ("left-pad", "1.3.0", True),
        ("ms", "2.0.0", True),
        ("ms", "1.0.0", False),
        ("forked", "", False),
    ]


def test_a_yarn_alias_is_what_it_stands_for() -> None:
    found = by_name("yarn", '"old@npm:@scope/pad@^1.0", "older@npm:@scope/pad@^1.0":\n  version "1.3.0"\n')
    assert found["@scope/pad"].purl == "pkg:npm/%40scope/pad@1.3.0"


def test_code_of_the_repository_is_no_package_and_an_archive_says_what_is_in_it() -> None:
    assert parse("yarn", '"local@file:./local":\n  version "0.0.1"\n') == ParsedPackages()
    assert parse("yarn", '"local@./local":\n  version "0.0.1"\n') == ParsedPackages()
    found = by_name(
        "pnpm",
        """\
        lockfileVersion: '9.0'
        importers:
          .:
            dependencies:
              debug:
                specifier: https://example.org/debug.tgz
                version: https://example.org/debug.tgz
              own:
                specifier: file:own
                version: file:own
        packages:
          debug@https://example.org/debug.tgz:
            resolution: {tarball: https://example.org/debug.tgz}
            version: 4.3.5
          own@file:own: {resolution: {directory: own, type: directory}}
        """,
    )
    assert [(package.purl, package.direct) for package in found.values()] == [("pkg:npm/debug@4.3.5", True)]


def test_pnpm_peers_do_not_make_another_package() -> None:
    found = by_name(
        "pnpm",
        """\
        lockfileVersion: '9.0'
        importers:
          .:
            dependencies:
              alias:
                specifier: npm:left-pad@1
                version: left-pad@1.3.0
              ui:
                specifier: ^1
                version: 1.0.0(react@18.2.0)
        packages:
          left-pad@1.3.0: {resolution: {integrity: a}}
          react@18.2.0: {resolution: {integrity: b}}
          ui@1.0.0: {resolution: {integrity: c}}
        snapshots:
          left-pad@1.3.0: {}
          react@18.2.0: {}
          ui@1.0.0(react@18.2.0):
            dependencies:
              react: 18.2.0
        """,
    )
    assert {name: package.direct for name, package in found.items()} == {"left-pad": True, "react": False, "ui": True}
    assert found["react"].parents == ("pkg:npm/ui@1.0.0",)


def test_go_mod_replaces_and_names_the_toolchain() -> None:
    found = by_name(
        "go_mod",
        """\
        module example.com/tide // a comment
        go 1.21.0
        toolchain go1.22.3
        require (
            example.com/a v1.0.0
            example.com/b v1.0.0 // indirect
            example.com/d v1.0.0 // waits for https://example.com/d/pull/43
            example.com/c v2.0.0+incompatible
        )
        replace (
            example.com/a => example.com/fork v1.1.0
            example.com/c v2.0.0+incompatible => ../c
        )
        exclude example.com/a v0.9.0
        """,
    )
    assert {name: (package.version, package.direct) for name, package in found.items()} == {
        "example.com/fork": ("v1.1.0", True),
        "example.com/b": ("v1.0.0", False),
        "example.com/d": ("v1.0.0", True),
        "example.com/c": ("", True),
        "stdlib": ("1.22.3", True),
    }
    old = parse("go_mod", "module m\ngo 1.16\nrequire example.com/a v1.0.0\n")
    assert [problem.path for problem in old.unscanned] == ["lock:2"]
    assert parse("go_mod", "module m\ngo 1.16\n") == ParsedPackages()


def test_a_pom_resolves_what_its_own_file_says_and_no_more() -> None:
    text = """\
        <project xmlns="http://maven.apache.org/POM/4.0.0">
          <parent><groupId>com.example</groupId><artifactId>parent</artifactId><version>7</version></parent>
          <artifactId>tide</artifactId>
          <properties><log.version>2.${minor}</log.version><minor>14.1</minor><loop>${loop}</loop></properties>
          <dependencyManagement><dependencies>
            <dependency><groupId>com.google.guava</groupId><artifactId>guava</artifactId><version>31.1-jre</version></dependency>
          </dependencies></dependencyManagement>
          <dependencies>
            <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId>
              <version>${log.version}</version></dependency>
            <dependency><groupId>com.google.guava</groupId><artifactId>guava</artifactId></dependency>
            <dependency><groupId>${project.groupId}</groupId><artifactId>sister</artifactId><version>${project.version}</version></dependency>
            <dependency><groupId>a</groupId><artifactId>managed-elsewhere</artifactId></dependency>
            <dependency><groupId>a</groupId><artifactId>range</artifactId><version>[1,2)</version></dependency>
            <dependency><groupId>a</groupId><artifactId>loop</artifactId><version>${loop}</version></dependency>
            <dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4.12</version><scope>test</scope></dependency>
            <dependency><groupId>a</groupId><artifactId>opt</artifactId><version>1</version><optional>true</optional></dependency>
            <dependency><groupId>${unknown}</groupId><artifactId>x</artifactId><version>1</version></dependency>
          </dependencies>
        </project>
        """
    parsed = parse("maven", text)
    assert {package.name: package.version for package in parsed.packages} == {
        "org.apache.logging.log4j:log4j-core": "2.14.1",
        "com.google.guava:guava": "31.1-jre",
        "com.example:sister": "7",
        "a:managed-elsewhere": "",
        "a:range": "",
        "a:loop": "",
        "junit:junit": "4.12",
        "a:opt": "1",
    }
    assert [(package.scope, package.line) for package in parsed.packages if package.scope] == [
        ("dev", 16),
        ("optional", 17),
    ]
    assert [problem.path for problem in parsed.unscanned] == ["lock:18"]


def test_gradle_names_configurations() -> None:
    parsed = parse(
        "gradle",
        """\
        # This is a Gradle generated file for dependency locking.
        com.google.guava:guava:31.1-jre=compileClasspath,runtimeClasspath
        junit:junit:4.12=testCompileClasspath,testRuntimeClasspath
        nonsense
        empty=annotationProcessor
        """,
    )
    assert [(package.purl, package.scope, package.line) for package in parsed.packages] == [
        ("pkg:maven/com.google.guava/guava@31.1-jre", "", 2),
        ("pkg:maven/junit/junit@4.12", "dev", 3),
    ]
    assert [problem.path for problem in parsed.unscanned] == ["lock:4"]


def test_bundler_names_platforms_and_what_the_gemfile_asks_for() -> None:
    parsed = parse(
        "gemfile",
        """\
        PATH
          remote: .
          specs:
            tide (0.1.0)
              rake (>= 12)

        GEM
          remote: https://rubygems.example/
          specs:
            nokogiri (1.15.4-x86_64-linux)
              racc (~> 1.4)
            racc (1.7.1)
            rake (13.0.6)

        DEPENDENCIES
          nokogiri (~> 1.15)
          tide!
        """,
    )
    assert [(package.purl, package.direct, package.parents) for package in parsed.packages] == [
        ("pkg:gem/nokogiri@1.15.4?platform=x86_64-linux", True, ()),
        ("pkg:gem/racc@1.7.1", False, ("pkg:gem/nokogiri@1.15.4?platform=x86_64-linux",)),
        ("pkg:gem/rake@13.0.6", True, ()),
    ]


def test_composer_lock_has_a_section_for_development() -> None:
    lock = {
        "packages": [
            {"name": "monolog/monolog", "version": "2.9.1", "require": {"psr/log": "^1"}},
            {"name": "psr/log", "version": "1.1.4"},
        ],
        "packages-dev": [{"name": "phpunit/phpunit", "version": "9.6.0", "license": ["BSD-3-Clause"]}],
    }
    found = by_name("composer", json.dumps(lock, indent=4))
    assert (found["psr/log"].parents, found["phpunit/phpunit"].scope) == (
        ("pkg:composer/monolog/monolog@2.9.1",),
        "dev",
    )
    assert (found["phpunit/phpunit"].licences, found["monolog/monolog"].line) == (("BSD-3-Clause",), 4)


def test_nuget_locks_each_framework() -> None:
    lock = {
        "version": 1,
        "dependencies": {
            "net6.0": {
                "Serilog": {"type": "Direct", "resolved": "3.0.1", "dependencies": {"System.Text.Json": "7.0.0"}},
                "System.Text.Json": {"type": "Transitive", "resolved": "7.0.0"},
                "mine": {"type": "Project", "dependencies": {"Other": "1.0.0"}},
                "Other": {"type": "Transitive", "resolved": "1.0.0"},
            },
            "net8.0": {"Serilog": {"type": "Direct", "resolved": "3.0.1"}},
        },
    }
    packages = parse("nuget", json.dumps(lock, indent=2)).packages
    assert [(package.name, package.direct, package.parents) for package in packages] == [
        ("Serilog", True, ()),
        ("System.Text.Json", False, ("pkg:nuget/Serilog@3.0.1",)),
        ("Other", True, ()),
    ]


@pytest.mark.parametrize(
    ("parser", "text", "path", "reason"),
    [
        ("npm", '{\n "packages": {\n  oops\n', "lock:3", "is no JSON"),
        ("npm", "[]", "lock:1", "the top is no object"),
        ("npm", b"\xff\xfe\x00", "lock:1", "is no JSON"),
        ("composer", '{"packages": [{"name": "x"}]}', "lock", "no name or no version"),
        ("nuget", "[1]", "lock:1", "the top is no object"),
        ("pipfile", "3", "lock:1", "the top is no object"),
        ("poetry", '[[package]]\nname = "a"\nversion = \n', "lock:3", "is no TOML"),
        ("poetry", '[[package]]\nname = "a"\n', "lock:1", "no name or no version"),
        ("uv", b"\n\xff\n", "lock:2", "not UTF-8"),
        ("pylock", 'lock-version = "2.0"\n', "lock:1", "version 2.0, which is not known"),
        ("cargo", '[[package]]\nversion = "1"\n', "lock:1", "no name or no version"),
        ("yarn", b"  version: 1\n", "lock:1", "before the first entry"),
        ("yarn", '"a@^1":\n  resolved "x"\n', "lock:1", "no name or no version"),
        ("pnpm", "lockfileVersion: '12.0'\n", "lock:1", "version 12, which is not known"),
        ("pnpm", "packages: {a: [\n", "lock:1", ""),
        ("go_mod", "module m\nrequire example.com/a\n", "lock:2", "not a module and a version"),
        ("maven", "<project>\n<dependencies>\n</project>\n", "lock:3", "is no XML"),
        ("maven", "<settings/>", "lock:1", "root is not <project>"),
        ("gemfile", "GEM\n  specs:\n    rails\n", "lock:3", "is no gem with a version"),
    ],
)
def test_what_is_broken_is_said_with_its_line(parser: str, text: str | bytes, path: str, reason: str) -> None:
    problems = parse(parser, text).unscanned
    assert problems[0].path == path
    assert reason in problems[0].reason


def test_entities_of_a_pom_are_refused_before_they_expand() -> None:
    bomb = '<?xml version="1.0"?>\n<!DOCTYPE project [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>\n<project>&b;</project>'
    (problem,) = parse("maven", bomb).unscanned
    assert problem.path == "lock:2"
    assert "declares a document type" in problem.reason


@pytest.mark.parametrize(
    ("parser", "text"),
    [
        ("npm", '{"packages": ' + "[" * 100_000),
        ("poetry", "a = " + "[" * 100_000),
        ("pnpm", "a: " + "[" * 100_000),
        ("maven", "<project>" + "<a>" * 100_000),
    ],
)
def test_nesting_without_end_is_refused(parser: str, text: str) -> None:
    assert len(parse(parser, text).unscanned) == 1


def test_a_file_with_more_packages_than_any_has_ends_with_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seawall.formats.package_list.MAX_PACKAGES", 10)
    parsed = parse("gradle", "".join(f"g:a{number}:1=c\n" for number in range(20)))
    assert len(parsed.packages) == 10
    assert parsed.unscanned[0].path == "lock:11"


def test_a_file_with_many_problems_names_a_hundred() -> None:
    assert len(parse("gradle", "x\n" * 1000).unscanned) == 101
