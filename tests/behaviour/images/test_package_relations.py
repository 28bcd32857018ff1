"""What packages need and provide is read as dpkg and apk write it."""

from seawall.formats.packages.relations import relations_of_apk, relations_of_dpkg
from seawall.model.installed import Relation


def test_a_package_of_dpkg_has_alternatives_and_no_versions() -> None:
    status = b"""Package: a
Status: install ok installed
Essential: yes
Installed-Size: 12
Pre-Depends: libc6:any (>= 2.36)
Depends: b | c (= 1), d
Recommends: e, f | g
Provides: virtual (= 1), other

Package: gone
Status: deinstall ok config-files
"""
    assert list(relations_of_dpkg(status)) == [
        Relation(
            "a",
            (("libc6",), ("b", "c"), ("d",)),
            ("virtual", "other"),
            True,
            12 * 1024,
            (("e",), ("f", "g")),
        )
    ]


def test_a_package_of_apk_needs_names_of_libraries_and_programs() -> None:
    installed = b"P:a\nV:1\nI:4096\nD:so:libc.musl-x86_64.so.1 b>=1 !c cmd:sh~1\np:so:liba.so.1=1.0 cmd:a=1\n\nP:b\n"
    assert list(relations_of_apk(installed)) == [
        Relation("a", (("so:libc.musl-x86_64.so.1",), ("b",), ("cmd:sh",)), ("so:liba.so.1", "cmd:a"), False, 4096),
        Relation("b"),
    ]
