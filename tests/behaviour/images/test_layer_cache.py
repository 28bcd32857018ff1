"""What was read of a layer is kept: a second image with the same base does not even open the base."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

import seawall
from seawall.facts.images import assemble
from seawall.model.errors import SourceError
from seawall.model.image import Descriptor
from seawall.model.image_contents import LayerContents, PackageFile, Program, ReadImage
from seawall.model.package import Package
from seawall.sources.images import layer_cache
from seawall.sources.images.layer_cache import LayerCache
from seawall.sources.images.port import ImageStore
from seawall.sources.images.read import read_image
from seawall.sources.manifests import ReadOptions
from seawall.stages.images import read_images
from tests.sample_images import DEBIAN, Built, digest, dpkg, layer, member, packed, write_layout

BASE = layer(member("etc/os-release", DEBIAN), member("var/lib/dpkg/status", dpkg(("libc6", "2.36-9"))))
APP = layer(member("var/lib/dpkg/status", dpkg(("libc6", "2.36-9"), ("curl", "8"))), member("bin/su", mode=0o4755))


PACKED = digest(packed(BASE, "gzip"))


def described(image: Built) -> dict[str, object]:
    return {**image.descriptor, "digest": digest(image.manifest), "size": len(image.manifest)}


class Store:
    """Implements the port over an image in memory, refuses some blobs, and remembers which were opened."""

    def __init__(self, image: Built, refused: frozenset[str] = frozenset()) -> None:
        self.name, self.kind = "app", "image"
        self.opened: list[str] = []
        self._image, self._refused = image, refused

    def root(self) -> Descriptor:
        return Descriptor(digest=digest(self._image.manifest), size=len(self._image.manifest))

    @contextmanager
    def open(self, descriptor: Descriptor) -> Iterator[Iterator[bytes]]:
        self.opened.append(descriptor.digest)
        if descriptor.digest in self._refused:
            raise SourceError("must not be opened")
        yield iter((self._image.blobs[descriptor.digest],))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@pytest.fixture
def cache(tmp_path: Path) -> LayerCache:
    return LayerCache(tmp_path / "cache" / "layers")


def test_a_second_image_with_the_same_base_does_not_open_the_base(cache: LayerCache) -> None:
    base, child = Built(BASE), Built(BASE, APP)
    first: ImageStore = Store(base)
    read_image(first, cache=cache)
    second = Store(child, refused=frozenset((child.layers and digest(child.packed[0]),)))
    found = read_image(second, cache=cache)
    assert found.unscanned == ()
    assert [package.name for package in assemble(found).packages] == ["libc6", "curl"]
    assert digest(child.packed[0]) not in second.opened
    assert digest(child.packed[1]) in second.opened


def test_what_comes_from_the_cache_is_what_was_read(cache: LayerCache) -> None:
    fresh = read_image(Store(Built(BASE, APP)), cache=cache)
    assert read_image(Store(Built(BASE, APP)), cache=cache) == fresh


def test_nothing_of_a_layer_that_is_not_what_it_should_be_is_kept(cache: LayerCache) -> None:
    image = Built(BASE)
    image.blobs[digest(image.packed[0])] = image.packed[0][:-1] + b"\1"
    assert len(read_image(Store(image), cache=cache).unscanned) == 1
    assert cache.get(PACKED) is None


def claiming(image: Built, *diff_ids: str) -> Built:
    """Return `image` with another configuration, which says that its layers have `diff_ids`."""
    config = json.loads(image.config)
    config["rootfs"]["diff_ids"] = diff_ids
    image.config = json.dumps(config).encode()
    manifest = json.loads(image.manifest)
    manifest["config"] |= {"digest": digest(image.config), "size": len(image.config)}
    image.manifest = json.dumps(manifest).encode()
    image.blobs |= {digest(image.config): image.config, digest(image.manifest): image.manifest}
    return image


def names(read: ReadImage) -> list[str]:
    return [package.name for package in assemble(read).packages]


@pytest.mark.parametrize("first", ["the liar", "the honest one"])
def test_who_claims_the_diff_id_of_anothers_layer_changes_and_borrows_nothing(cache: LayerCache, first: str) -> None:
    """What is said of a layer is what its own blob holds, in whatever order images are scanned."""
    images = {"the liar": claiming(Built(APP), digest(BASE)), "the honest one": Built(BASE)}
    expected = {"the liar": ["libc6", "curl"], "the honest one": ["libc6"]}
    for name in sorted(images, key=lambda name: name != first):
        assert names(read_image(Store(images[name]), cache=cache)) == expected[name]


def test_a_lie_about_a_diff_id_is_told_where_diff_ids_are_verified(cache: LayerCache) -> None:
    """Also where the layer was read before, and nobody asked then; what was verified serves both."""
    lying, honest = claiming(Built(APP), digest(BASE)), Built(APP)
    read_image(Store(lying), cache=cache)
    (problem,) = read_image(Store(lying), cache=cache, verify_diff_ids=True).unscanned
    assert f"the bytes of {digest(BASE)} are those of {digest(APP)}" in problem.reason
    assert read_image(Store(honest), cache=cache, verify_diff_ids=True).unscanned == ()
    again = Store(honest, refused=frozenset((digest(honest.packed[0]),)))
    assert read_image(again, cache=cache, verify_diff_ids=True).unscanned == ()
    assert read_image(again, cache=cache).unscanned == ()
    assert len(read_image(Store(lying), cache=cache, verify_diff_ids=True).unscanned) == 1


@pytest.mark.parametrize("exclude", [False, True])
def test_nobody_hides_packages_behind_the_diff_ids_of_a_base(tmp_path: Path, exclude: bool) -> None:
    """`--base` leaves out what has the base's diff ids, so then they are held against the bytes."""
    write_layout(tmp_path / "base", Built(BASE))
    write_layout(tmp_path / "app", lying := claiming(Built(APP), digest(BASE)), entries=[described(lying)])
    options = ReadOptions(base=f"oci:{tmp_path}/base", exclude_base=exclude)
    read = read_images([f"oci:{tmp_path}/app"], frozenset(), options)
    assert any("are those of" in problem.reason for problem in read.unscanned)


def test_a_cache_that_others_may_write_or_that_is_damaged_does_not_count(cache: LayerCache, tmp_path: Path) -> None:
    contents = LayerContents(blob=PACKED)
    cache.put(contents)
    assert cache.get(PACKED) == contents
    (file,) = (tmp_path / "cache" / "layers").iterdir()
    file.chmod(0o666)
    assert cache.get(PACKED) is None
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-3])
    assert cache.get(PACKED) is None
    file.unlink()
    file.symlink_to("/etc/passwd")
    assert cache.get(PACKED) is None


def test_the_file_of_one_layer_does_not_pass_for_another(cache: LayerCache, tmp_path: Path) -> None:
    cache.put(LayerContents(blob="sha256:1"))
    (file,) = (tmp_path / "cache" / "layers").iterdir()
    data = file.read_bytes()
    cache.put(LayerContents(blob="sha256:2"))
    for other in (tmp_path / "cache" / "layers").iterdir():
        other.write_bytes(data)
    assert cache.get("sha256:2") is None
    assert cache.get("sha256:1") is not None


def test_the_cache_is_bounded_and_what_was_used_longest_ago_goes(tmp_path: Path) -> None:
    programs = tuple(Program(path=f"bin/{number}" * 20, machine="x86_64") for number in range(100))
    cache = LayerCache(tmp_path / "layers", most=50_000)
    for number in range(5):
        cache.put(LayerContents(blob=f"sha256:{number}", programs=programs))
        for file in (tmp_path / "layers").iterdir():
            status = file.stat()
            os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns - 10**9))
        cache.get("sha256:0")
    assert sum(file.stat().st_size for file in (tmp_path / "layers").iterdir()) <= 50_000
    kept = [number for number in range(5) if cache.get(f"sha256:{number}") is not None]
    assert kept[0] == 0
    assert kept[-1] == 4
    assert len(kept) < 5


def test_a_directory_that_cannot_be_written_means_no_cache_and_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = LayerCache(tmp_path / "file" / "layers")
    assert read_image(Store(Built(BASE)), cache=cache).unscanned == ()
    assert cache.get(PACKED) is None


def test_what_another_version_of_a_parser_found_is_not_served(
    cache: LayerCache, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cache.put(LayerContents(blob="sha256:0"))
    assert cache.get("sha256:0") is not None
    code = tmp_path / "seawall"
    for folder in ("formats", "formats/packages", "model"):
        (code / folder).mkdir(parents=True)
        (code / folder / "parser.py").write_text("changed")
    monkeypatch.setattr(seawall, "__file__", str(code / "__init__.py"))
    layer_cache._readers.cache_clear()
    assert cache.get("sha256:0") is None
    monkeypatch.undo()
    layer_cache._readers.cache_clear()
    assert cache.get("sha256:0") is not None


def test_every_field_survives(cache: LayerCache) -> None:
    package = Package(purl="pkg:npm/a@1", name="a", version="1", ecosystem="npm", direct=True, parents=("x",))
    contents = LayerContents(
        blob="sha256:0",
        diff_id="sha256:1",
        packages=(PackageFile(path="p", parser="packages.node", packages=(package,)),),
        texts={"a": b"\xff"},
    )
    cache.put(contents)
    assert cache.get("sha256:0") == contents
