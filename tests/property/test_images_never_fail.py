"""Archives, layouts and layers come from strangers: whatever they hold is read or said, and nothing else happens."""

import json
import string
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from seawall.formats.image_layers import LayerReader
from seawall.formats.tar_members import TarReader
from seawall.model.errors import SourceError
from seawall.sources.images.layer_cache import LayerCache
from seawall.sources.images.local import open_container
from seawall.sources.images.read import read_image
from tests.sample_executables import dynamic_elf
from tests.sample_images import Built, docker_files, dpkg, hard_link, layer, layout_files, member, symlink

IMAGE = Built(layer(member("var/lib/dpkg/status", dpkg(("libc6", "1")))))
LAYOUT = layout_files(IMAGE)
DOCKER, _ = docker_files(a__1=IMAGE)
SCALARS = st.none() | st.booleans() | st.integers() | st.sampled_from(("", "a", "../x", "sha256:" + "0" * 64))
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


class Memory:
    """A container in memory."""

    def __init__(self, contents: dict[str, bytes]) -> None:
        self._contents = contents

    def size(self, path: str) -> int | None:
        data = self._contents.get(path)
        return None if data is None else len(data)

    def chunks(self, path: str) -> Iterator[bytes]:
        yield self._contents[path]

    def close(self) -> None: ...


class NoCache(LayerCache):
    """Keeps nothing."""

    def get(self, blob: str, diff_id: str = "") -> None: ...

    def put(self, contents: object) -> None: ...


def _places(contents: dict[str, bytes], name: str) -> list[tuple[dict[str, bytes], str, tuple[Any, ...]]]:
    return [(contents, name, path) for path in _paths(json.loads(contents[name]))]


def _paths(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield above
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _paths(item, (*above, key))


PLACES = [*_places(LAYOUT, "index.json"), *_places(DOCKER, "manifest.json")]


@given(st.sampled_from(PLACES), ANYTHING, st.sampled_from(("", "a:1", "b")))
def test_any_index_is_an_image_or_an_error(
    place: tuple[dict[str, bytes], str, tuple[Any, ...]], new: Any, chosen: str
) -> None:
    contents, name, path = place
    value: Any = {"top": json.loads(contents[name])}
    target = value
    for key in ("top", *path)[:-1]:
        target = target[key]
    target[("top", *path)[-1]] = new
    try:
        with open_container(
            Memory({**contents, name: json.dumps(value["top"]).encode()}), "x", chosen, prefix="x#"
        ) as store:
            read = read_image(store, cache=NoCache())
    except SourceError as error:
        said = str(error)
        assert said.startswith("x: ")
        return
    assert len(read.contents) == len(read.image.layers)


HEADS = (
    b"",
    b"\x7fELF\2\1\1",
    b"\x7fELF\1\2",
    b"MZ",
    b"\xca\xfe\xba\xbe\0\0\0\2",
    b"\xcf\xfa\xed\xfe",
    b"#!",
    b"PK\3\4",
    b"{",
    b"SQLite format 3\0",
)
NAMES = (
    "bin/sh", "x.jar", "var/lib/dpkg/status", "var/lib/rpm/Packages", "var/lib/rpm/rpmdb.sqlite", "lib/apk/db/installed",
    "node_modules/a/package.json", "a.dist-info/METADATA", "app.deps.json", "etc/passwd", "etc/os-release", "root/.ssh/id_rsa",
    "specifications/a.gemspec", "composer/installed.json", ".wh.a", ".wh..wh..opq", "var/lib/dpkg/.wh.status", "..", "/", "a//b/",
)  # fmt: skip
PROGRAM = dynamic_elf(("libc.so.6",), interpreter="/lib/ld.so")
CONTENT = st.builds(lambda head, rest: head + rest, st.sampled_from((*HEADS, PROGRAM[:200])), st.binary(max_size=400))
MEMBERS = st.one_of(
    st.builds(member, st.sampled_from(NAMES), CONTENT, mode=st.integers(0, 0o7777)),
    st.builds(hard_link, st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.builds(symlink, st.sampled_from(NAMES), st.text(string.printable, min_size=1, max_size=10)),
)


@contextmanager
def refused(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    raise RuntimeError("nothing here is large")
    yield b""


@given(st.lists(MEMBERS, max_size=6))
def test_any_files_are_a_layer(members: list[Any]) -> None:
    data = layer(*members)
    reader = LayerReader("sha256:0", refused)
    contents = reader.read(TarReader([data]))
    if reader.linked:
        contents = reader.complete(contents, TarReader([data]))
    assert all(problem.reason for file in contents.packages for problem in file.unscanned)
    assert len(list(contents.table.entries())) == contents.table.count
