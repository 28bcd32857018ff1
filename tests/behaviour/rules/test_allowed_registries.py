"""A list of registries holds whole path segments, and reads image names as the container runtime does."""

import pytest

from rule_runs import messages_of

ALLOWED = {"allowed": ["registry.example.com", "docker.io/library", "ghcr.io/shop/"]}


def pod(image: str) -> str:
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{{name: c, image: '{image}'}}]}}\n"


@pytest.mark.parametrize(
    "image",
    [
        "registry.example.com/shop/web:2.1.0",
        "registry.example.com/web@sha256:4bcff63911fcb4448bd4fdacec207030997caf25e9bea4045fa6c8c44de311d1",
        "nginx:1.27.1",
        "docker.io/library/nginx:1.27.1",
        "ghcr.io/shop/web:1.0.0",
    ],
)
def test_an_image_of_an_allowed_registry_passes(image: str) -> None:
    assert messages_of("untrusted-registry", pod(image), ALLOWED) == []


@pytest.mark.parametrize(
    "image",
    [
        "somebody/nginx:1.27.1",
        "registry.example.com.evil.test/shop/web:2.1.0",
        "registry.example.com:5000/shop/web:2.1.0",
        "docker.io/libraryx/nginx:1.27.1",
        "localhost/web:2.1.0",
        "ghcr.io/shopping/web:1.0.0",
    ],
)
def test_a_name_that_only_looks_like_an_allowed_one_fails(image: str) -> None:
    [message] = messages_of("untrusted-registry", pod(image), ALLOWED)
    assert message == f"container c runs {image}, and its registry is not allowed"


def test_without_a_list_only_a_registry_that_takes_images_from_anybody_is_reported() -> None:
    [message] = messages_of("untrusted-registry", pod("ttl.sh/web:1h"))
    assert message == "container c runs ttl.sh/web:1h, and anybody may push to its registry"
    assert messages_of("untrusted-registry", pod("somebody/nginx:1.27.1")) == []
