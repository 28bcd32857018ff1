"""Manifests and configurations come from strangers: whatever stands in them, there is an image or an `ImageFormatError`."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.formats.oci import ImageFormatError, Index, Manifest, build_image, choose, parse_document, parse_platform
from seawall.model.image import Platform
from tests.sample_images import Built, layer, member

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
GOOD = Built(
    layer(member("a")), config={"User": "a", "Env": ["A=b"], "Healthcheck": {"Test": ["NONE"]}}, annotations={"a": "b"}
)


def _paths(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [above, *(path for key, item in items for path in _paths(item, (*above, key)))]


def _changed(document: bytes, path: tuple[Any, ...], new: Any) -> bytes:
    value = json.loads(document)
    if not path:
        return json.dumps(new).encode()
    target = value
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = new
    return json.dumps(value).encode()


INDEX = json.dumps(
    {"schemaVersion": 2, "manifests": [GOOD.entry("x", platform=True), GOOD.entry(platform=True)]}
).encode()


@given(st.sampled_from(_paths(json.loads(GOOD.config))), ANYTHING)
def test_any_configuration_is_an_image_or_an_error(path: tuple[Any, ...], new: Any) -> None:
    manifest = parse_document(GOOD.manifest)
    assert isinstance(manifest, Manifest)
    try:
        image = build_image("a", "", manifest, _changed(GOOD.config, path, new))
    except ImageFormatError:
        return
    assert len(image.layers) == 1
    assert all(isinstance(text, str) for text in (image.config.user, *image.config.labels.values(), image.created))


PLACES = [(document, path) for document in (GOOD.manifest, INDEX) for path in _paths(json.loads(document))]


@given(st.sampled_from(PLACES), ANYTHING)
def test_any_manifest_or_index_is_one_or_an_error(where: tuple[bytes, tuple[Any, ...]], new: Any) -> None:
    try:
        document = parse_document(_changed(where[0], where[1], new))
        if isinstance(document, Index):
            assert choose(document, None, Platform("linux", "amd64")) in document.entries
    except ImageFormatError:
        return


@given(st.binary(max_size=60))
def test_any_bytes_are_no_document_and_no_other_error(data: bytes) -> None:
    with pytest.raises(ImageFormatError):
        parse_document(data)


@given(st.text(max_size=30))
def test_any_text_is_a_platform_or_an_error(written: str) -> None:
    try:
        found = parse_platform(written)
    except ImageFormatError:
        return
    assert parse_platform(str(found)) == found
