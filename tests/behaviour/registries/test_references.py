"""Image references mean what Docker, containerd and Kubernetes take them to mean, and errors say what is wrong."""

import pytest

from seawall.formats.image_reference import ImageReferenceError, parse_image_reference

SHA = "sha256:" + "0a" * 32


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("alpine", "docker.io/library/alpine:latest"),
        ("alpine:3.20", "docker.io/library/alpine:3.20"),
        ("grafana/grafana", "docker.io/grafana/grafana:latest"),
        ("index.docker.io/alpine", "docker.io/library/alpine:latest"),
        ("docker.io/library/alpine", "docker.io/library/alpine:latest"),
        (f"alpine@{SHA}", f"docker.io/library/alpine@{SHA}"),
        ("localhost/app", "localhost/app:latest"),
        ("host:5000/app", "host:5000/app:latest"),
        ("Host/app", "Host/app:latest"),
        ("[::1]:5000/app:1", "[::1]:5000/app:1"),
        (f"registry.example:5000/team/app:1.2@{SHA}", f"registry.example:5000/team/app:1.2@{SHA}"),
        ("ghcr.io/a/b-c__d.e:V_1.0-x", "ghcr.io/a/b-c__d.e:V_1.0-x"),
        ("app:5000", "docker.io/library/app:5000"),
    ],
)
def test_a_short_form_is_read_in_full(text: str, full: str) -> None:
    assert str(parse_image_reference(text)) == full


def test_a_digest_is_wanted_before_a_tag() -> None:
    assert parse_image_reference(f"alpine:3.20@{SHA}").wanted == SHA
    assert parse_image_reference("alpine").wanted == "latest"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("al pine", "spaces"),
        ("https://ghcr.io/a/b", "leave out the https://"),
        ("docker://alpine", "leave out the docker://"),
        ("0a" * 32, "id of an image"),
        ("team/App", "lower case"),
        ("alpine:", "the tag ''"),
        ("alpine:-x", "the tag '-x'"),
        ("alpine:" + "x" * 129, "1 to 128"),
        ("alpine@sha256:0a", "64 lower case hex digits"),
        ("alpine@sha256:" + "0A" * 32, "64 lower case hex digits"),
        ("alpine@md5:" + "0a" * 16, "starts with sha256: or sha512:"),
        ("a//b", "no repository name"),
        ("host.example/", "no repository name"),
        ("-host.example/a", "is no host"),
        ("-a", "no repository name"),
        ("host.example/" + "a" * 250, "longer than 255"),
    ],
)
def test_what_is_no_reference_is_told_why(text: str, said: str) -> None:
    with pytest.raises(ImageReferenceError) as caught:
        parse_image_reference(text)
    assert said in str(caught.value)
