"""Packages that nothing in the application reaches are named, and none of which that is not certain."""

from collections.abc import Iterable

import pytest

from seawall.facts.application_search import find_application
from seawall.facts.base_advice import Verdict, judge
from seawall.facts.base_advice_values import derive_base_advice
from seawall.facts.image_tree import read_tree
from seawall.facts.images import ImageInventory
from seawall.facts.unneeded_packages import Unneeded, find_unneeded
from seawall.formats.image_layers import LayerReader
from seawall.formats.tar_members import TarReader
from seawall.sources.images.spool import mapped
from seawall.stages.base_images import read_base_images
from tests.sample_executables import dynamic_elf
from tests.sample_images import DEBIAN, layer, member, symlink
from tests.testbed.applications import image_of

_LOADER = "lib64/ld-linux-x86-64.so.2"
_LIBRARIES = "usr/lib/x86_64-linux-gnu"
_RUN = dynamic_elf(("libc.so.6",), interpreter=f"/{_LOADER}")
_STARTS = dynamic_elf(
    ("libc.so.6",), interpreter=f"/{_LOADER}", soname="execve"
)  # its strings have the function's name
_STATIC = dynamic_elf((), kind=2)
_BASES = {base.name: base for base in reversed(read_base_images())}

Package = tuple[str, str, dict[str, bytes]]
"""The name, further lines of its stanza, and its files."""

LIBC: Package = (
    "libc6",
    "",
    {
        _LOADER: dynamic_elf((), soname="ld-linux-x86-64.so.2"),
        f"{_LIBRARIES}/libc.so.6": dynamic_elf((), soname="libc.so.6"),
    },
)
SHELL: Package = ("dash", "Essential: yes\nDepends: libc6, dpkg", {"bin/sh": _STARTS})
DPKG: Package = ("dpkg", "Essential: yes\nDepends: libc6, tar", {"usr/bin/dpkg": _STARTS})
TAR: Package = ("tar", "Essential: yes\nDepends: libc6", {"usr/bin/tar": _STARTS})
CURL: Package = ("curl", "Depends: libcurl4", {"usr/bin/curl": _RUN})
LIBCURL: Package = (
    "libcurl4",
    "Depends: libc6",
    {f"{_LIBRARIES}/libcurl.so.4": dynamic_elf(("libc.so.6",), soname="libcurl.so.4")},
)
ZONES: Package = ("tzdata", "", {"usr/share/zoneinfo/Europe/Berlin": b"TZif"})
MANUAL: Package = ("curl-doc", "Depends: curl", {"usr/share/doc/curl/manual": b"text"})
PYTHON: Package = ("python3.11-minimal", "Depends: libc6", {"usr/bin/python3.11": _STARTS})
YAML: Package = ("python3-yaml", "Depends: libc6", {"usr/lib/python3/dist-packages/yaml/__init__.py": b"x = 1\n"})


def image(
    packages: Iterable[Package], app: dict[str, bytes], *start: str, links: dict[str, str] | None = None
) -> ImageInventory:
    """Return a Debian image of `packages`, with the application's files in a layer of their own."""
    members = [member("etc/os-release", DEBIAN)]
    stanzas = []
    for name, lines, files in packages:
        stanza = f"Package: {name}\nStatus: install ok installed\nInstalled-Size: 1000\nVersion: 1\nArchitecture: amd64\n{lines}"
        stanzas.append(stanza.strip())
        members += [member(path, data, mode=0o755) for path, data in files.items()]
        listed = "".join(
            f"/{path}\n" for path in (*files, *(link for link, owner in (links or {}).items() if owner == name))
        )
        members.append(member(f"var/lib/dpkg/info/{name}.list", listed.encode()))
    members.append(member("var/lib/dpkg/status", "\n\n".join((*stanzas, "")).encode()))
    own = [member(path, data, mode=0o755) for path, data in app.items()]
    layers = tuple(LayerReader("1", mapped).read(TarReader([layer(*found)])) for found in (members, own))
    return image_of(layers, start or ("/app/run",))


def unneeded(inventory: ImageInventory) -> Unneeded:
    tree = read_tree(inventory)
    assert tree is not None
    application = find_application(inventory, tree)
    assert application is not None
    return find_unneeded(tree, application, inventory.programs)


def verdict(inventory: ImageInventory, base: str) -> Verdict:
    tree = read_tree(inventory)
    assert tree is not None
    application = find_application(inventory, tree)
    assert application is not None
    return judge(application, tree, _BASES[base])


def test_what_is_not_reached_is_named_with_what_only_such_packages_need() -> None:
    found = unneeded(image([LIBC, SHELL, DPKG, TAR, CURL, LIBCURL, ZONES, MANUAL], {"app/run": _RUN}))
    assert found.packages == ("curl", "dash", "dpkg", "libcurl4", "tar")  # who reads a manual is not known
    assert found.size == 5 * 1000 * 1024


def test_a_program_that_a_script_names_keeps_what_it_depends_on_and_not_what_installing_it_takes() -> None:
    found = unneeded(image([LIBC, SHELL, DPKG, TAR, CURL, LIBCURL], {"app/run": b"#!/bin/sh\nexec curl example.com\n"}))
    assert "curl" not in found.packages
    assert "libcurl4" not in found.packages
    assert "dash" not in found.packages


def test_where_any_program_may_be_started_none_is_named_nor_what_one_needs() -> None:
    found = unneeded(image([LIBC, SHELL, DPKG, TAR, CURL, LIBCURL], {"app/run": _STARTS}))
    assert found.packages == ()
    assert found.unknown == "/app/run may start programs that it does not name"


def test_data_that_is_read_by_its_path_is_never_named() -> None:
    assert unneeded(image([LIBC, ZONES], {"app/run": _STATIC})).packages == ("libc6",)


def test_plug_ins_stay_with_what_loads_them() -> None:
    modules: Package = (
        "libcurl-modules",
        "Depends: libcurl4",
        {f"{_LIBRARIES}/curl/x.so": dynamic_elf(("libc.so.6",), soname="x.so")},
    )
    app = {"app/run": dynamic_elf(("libc.so.6", "libcurl.so.4"), interpreter=f"/{_LOADER}")}
    assert unneeded(image([LIBC, LIBCURL, modules], app)).packages == ()
    assert unneeded(image([LIBC, LIBCURL, modules], {"app/run": _RUN})).packages == ("libcurl-modules", "libcurl4")


def test_what_a_source_names_is_needed_and_so_is_a_library_that_it_loads() -> None:
    parts = [LIBC, PYTHON, CURL, LIBCURL, TAR]
    start = ("python3.11", "/app/main.py")
    assert unneeded(image(parts, {"app/main.py": b"print('hello')"}, *start)).packages == ("curl", "libcurl4", "tar")
    started = {"app/main.py": b"import subprocess\nsubprocess.run(['curl', 'x'])"}
    assert unneeded(image(parts, started, *start)).packages == ("tar",)
    loaded = {"app/main.py": b"import ctypes\nctypes.CDLL('libcurl.so.4')"}
    assert unneeded(image(parts, loaded, *start)).packages == ("curl", "tar")


def test_modules_that_the_distribution_packages_may_be_imported() -> None:
    found = image([LIBC, PYTHON, YAML, CURL], {"app/main.py": b"import yaml"}, "python3.11", "/app/main.py")
    assert unneeded(found).packages == ("curl",)
    answer = verdict(found, "gcr.io/distroless/python3-debian12")
    assert answer.runs == "unknown"
    assert "it has no python3-yaml, which the application may import" in answer.reasons


@pytest.mark.parametrize("start", [("python3.11",), ("/entry.sh", "python3.11")])
def test_a_base_for_a_language_is_no_application(start: tuple[str, ...]) -> None:
    found = image([LIBC, SHELL, PYTHON, CURL], {"entry.sh": b'#!/bin/sh\nexec "$@"\n'}, *start)
    assert list(derive_base_advice([found], read_base_images())) == []


@pytest.mark.parametrize(
    ("path", "start"), [("app/a.jar", "java"), ("app/a.rb", "ruby"), ("app/a.php", "php"), ("app/a.pyz", "python3.11")]
)
def test_where_the_code_is_not_read_nothing_is_certain(path: str, start: str) -> None:
    language: Package = (start, "Depends: libc6", {f"usr/bin/{start}": _STARTS})
    found = image([LIBC, language, CURL], {path: b"PK\3\4 and more"}, start, f"/{path}")
    assert unneeded(found).packages == ()
    assert all(verdict(found, base).runs != "yes" for base in _BASES)


def test_a_base_that_was_not_verified_is_never_a_yes() -> None:
    found = image([LIBC, CURL], {"app/run": _STATIC})
    answers = {name: verdict(found, name).runs for name in _BASES}
    assert {name for name, base in _BASES.items() if not base.verified} == {
        name for name, runs in answers.items() if runs == "unknown"
    }


def test_a_module_for_another_machine_or_c_library_is_not_held_against_a_base() -> None:
    modules = {
        "app/run": _RUN,
        "app/prebuilds/musl.node": dynamic_elf(("libc.musl-x86_64.so.1",)),
        "app/prebuilds/arm.node": dynamic_elf(("libsomething.so.1",), machine=183),
    }
    assert verdict(image([LIBC, CURL], modules), "gcr.io/distroless/base-debian12").runs == "yes"


def test_the_savings_are_counted_by_flaw_and_not_known_without_a_database() -> None:
    found = image([LIBC, SHELL, DPKG, TAR, CURL, LIBCURL, ZONES], {"app/run": _RUN})
    flaws = {"curl": frozenset(("CVE-1", "CVE-2")), "libcurl4": frozenset(("CVE-1",)), "libc6": frozenset(("CVE-3",))}
    advice, names = derive_base_advice([found], read_base_images(), {"app": flaws})
    assert (advice.value["base"], advice.value["packages"], advice.value["sizeMB"]) == (
        "gcr.io/distroless/base-debian12",
        7,
        7,
    )
    assert (advice.value["advisories"], advice.value["advisoriesGone"], names.value["advisories"]) == (3, 2, 2)
    advice, names = derive_base_advice([found], read_base_images())
    assert (advice.value["advisories"], advice.value["advisoriesGone"], names.value["advisories"]) == (-1, -1, -1)


def test_links_of_other_packages_that_lead_to_a_program_are_needed() -> None:
    link: Package = ("python3-minimal", "Depends: python3.11-minimal", {"usr/share/python3/x": b"x"})
    base = image(
        [LIBC, PYTHON, link, CURL],
        {"app/main.py": b"x = 1"},
        "python3",
        "/app/main.py",
        links={"usr/bin/python3": "python3-minimal"},
    )
    linked = LayerReader("1", mapped).read(TarReader([layer(symlink("usr/bin/python3", "python3.11"))]))
    contents = tuple(one for one in base.contents if one is not None)
    found = image_of((contents[0], linked, contents[1]), ("python3", "/app/main.py"))
    tree = read_tree(found)
    assert tree is not None
    application = find_application(found, tree)
    assert application is not None
    assert "usr/bin/python3" in {need.path for need in application.needs}


def test_the_words_of_a_script_whose_interpreter_is_missing_are_no_commands_of_a_shell() -> None:
    packages = [LIBC, ("bsdutils", "Depends: libc6", {"usr/bin/script": _STARTS})]
    found = image(packages, {"app/run": _RUN, "app/bin/tool": b"#!/opt/gone/python3\n# script\n"})
    assert unneeded(found).packages == ("bsdutils",)
