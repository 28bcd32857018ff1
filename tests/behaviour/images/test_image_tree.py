"""The files of an image are found where a program finds them, through links and layers, with the package that owns them."""

from seawall.facts.image_tree import ImageTree
from seawall.formats.image_layers import LayerReader
from seawall.formats.tar_members import TarReader
from seawall.model.image_contents import LayerContents
from seawall.sources.images.spool import mapped
from tests.sample_images import dpkg, folder, hard_link, layer, member, symlink


def read(*members: object) -> LayerContents:
    return LayerReader("1", mapped).read(TarReader([layer(*members)]))  # type: ignore[arg-type]


def test_links_are_followed_relative_absolute_and_in_folders() -> None:
    tree = ImageTree(
        [
            read(
                folder("usr/bin"),
                member("usr/bin/dash", b"x"),
                symlink("usr/bin/sh", "dash"),
                symlink("bin", "usr/bin"),
                symlink("etc/alternatives/editor", "/bin/dash"),
                symlink("usr/bin/editor", "/etc/alternatives/editor"),
            )
        ]
    )
    assert tree.real("/bin/sh") == "usr/bin/dash"
    assert tree.real("usr/bin/editor") == "usr/bin/dash"
    assert tree.real("bin/none") is None
    assert tree.canonical("bin/sh") == "usr/bin/sh"


def test_links_in_a_circle_lead_nowhere() -> None:
    tree = ImageTree([read(symlink("a", "b"), symlink("b", "a"), symlink("loop", "loop/x"), member("c", b"x"))])
    assert tree.real("a") is None
    assert tree.real("loop/y") is None
    assert tree.real("/c") == "c"


def test_a_file_behind_a_link_of_a_lower_layer_lies_where_the_link_leads() -> None:
    tree = ImageTree(
        [
            read(folder("usr/lib"), symlink("lib", "usr/lib"), member("usr/lib/old", b"x")),
            read(member("lib/new", b"x"), hard_link("lib/other", "lib/new")),
        ]
    )
    assert set(tree.entries) == {"lib", "usr/lib/old", "usr/lib/new", "usr/lib/other"}
    assert tree.real("lib/new") == "usr/lib/new"


def test_a_link_that_comes_behind_what_lies_in_its_place_moves_it_along() -> None:
    tree = ImageTree([read(member("lib/a", b"x"), symlink("lib", "usr/lib"))])
    assert tree.real("lib/a") == "usr/lib/a"


def test_a_folder_in_the_place_of_a_link_ends_it() -> None:
    tree = ImageTree(
        [read(symlink("lib", "usr/lib"), member("usr/lib/a", b"x")), read(folder("lib"), member("lib/b", b"x"))]
    )
    assert tree.real("lib/b") == "lib/b"
    assert tree.real("lib/a") is None


def test_whiteouts_and_opaque_folders_delete_what_is_below_them_only() -> None:
    lower = read(member("a/x", b"x"), member("b/x", b"x"), member("b/y", b"x"), member("c", b"x"))
    upper = read(member("a/.wh.x"), member("b/.wh..wh..opq"), member("b/z", b"x"))
    assert set(ImageTree([lower, upper]).entries) == {"b/z", "c"}


def test_packages_own_what_their_lists_name_through_links_too() -> None:
    tree = ImageTree(
        [
            read(
                symlink("bin", "usr/bin"),
                member("usr/bin/dash", b"x"),
                member("usr/bin/mine", b"x"),
                member("var/lib/dpkg/status", dpkg(("dash", "1"), ("zz", "1"))),
                member("var/lib/dpkg/info/dash.list", b"/.\n/bin/dash\n/bin/gone\n"),
            )
        ]
    )
    assert tree.owners == {"usr/bin/dash": "dash"}
    assert set(tree.relations) == {"dash", "zz"}
    assert tree.listed == {"dash"}


def test_the_last_database_counts_and_a_deleted_one_does_not() -> None:
    status = "var/lib/dpkg/status"
    first = read(member(status, dpkg(("a", "1"), ("b", "1"))))
    assert set(ImageTree([first, read(member(status, dpkg(("b", "2"))))]).relations) == {"b"}
    assert set(ImageTree([first, read(member("var/lib/dpkg/.wh.status"))]).relations) == set()
