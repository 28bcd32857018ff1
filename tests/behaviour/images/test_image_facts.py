"""What rules see of an image: its configuration, its history, and files that stand out."""

from datetime import UTC, datetime
from typing import Any

import pytest

from seawall.facts.catalogue import FACT_KINDS
from seawall.facts.image_values import derive_image_files, derive_images
from seawall.facts.images import assemble
from seawall.formats.build_steps import instruction_of, keyword_of
from seawall.model.image_contents import ReadImage
from tests.behaviour.images.test_image_stacks import contents, described
from tests.sample_images import DEBIAN, Built, layer, member, symlink

NOW = datetime(2026, 11, 25, tzinfo=UTC)
PASSWD = b"root:x:0:0:root:/root:/bin/sh\napp::1000:1000::/home/app:/bin/false\nbroken\n"


def facts(
    *layers: bytes, name: str = "app.tar", kind: str = "oci-layout", **built: Any
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    image = described(Built(*layers, **built), name)
    found = [assemble(ReadImage(image=image, kind=kind, contents=tuple(map(contents, layers))))]
    (fact,) = derive_images(found, NOW)
    return fact.value, [fact.value for fact in derive_image_files(found)]


def test_the_values_have_the_fields_that_the_catalogue_documents() -> None:
    image, (file,) = facts(layer(member("bin/su", mode=0o4755)))
    assert set(image) == set(FACT_KINDS["Image"].fields)
    assert set(file) == set(FACT_KINDS["ImageFile"].fields)


def test_the_configuration_is_told_as_it_is_written() -> None:
    value, _ = facts(
        layer(member("etc/os-release", DEBIAN), member("etc/passwd", PASSWD)),
        config={
            "User": "app:staff",
            "Env": ["PATH=/bin", "EMPTY", "URL=a=b"],
            "ExposedPorts": {"8080/tcp": {}, "53/udp": {}, "9000-9002": {}, "odd": {}},
            "Healthcheck": {"Test": ["CMD", "true"]},
            "Labels": {"a": "b"},
            "Cmd": ["run"],
        },
    )
    assert value["env"] == [
        {"name": "PATH", "value": "/bin"},
        {"name": "EMPTY", "value": ""},
        {"name": "URL", "value": "a=b"},
    ]
    assert value["exposedPorts"] == [
        {"port": 53, "last": 53, "protocol": "udp"},
        {"port": 8080, "last": 8080, "protocol": "tcp"},
        {"port": 9000, "last": 9002, "protocol": "tcp"},
    ]
    assert (value["healthCheck"], value["command"], value["labels"]) == ("set", ["run"], {"a": "b"})
    assert (value["user"], value["userId"], value["group"], value["runsAsRoot"]) == ("app:staff", 1000, "staff", "no")
    assert [user["passwordless"] for user in value["users"]] == [False, True]
    assert value["distro"]["id"] == "debian"
    assert (value["ageDays"], value["platform"]) == (326, "linux/amd64")


@pytest.mark.parametrize(
    ("user", "root"),
    [
        ("", "yes"),
        ("0", "yes"),
        ("root:app", "yes"),
        ("00", "yes"),
        ("1000", "no"),
        ("app", "no"),
        ("ghost", "unknown"),
    ],
)
def test_whether_it_runs_as_root_is_known_from_the_number_or_from_etc_passwd(user: str, root: str) -> None:
    value, _ = facts(layer(member("etc/passwd", PASSWD)), config={"User": user})
    assert value["runsAsRoot"] == root


@pytest.mark.parametrize(
    ("health", "said"),
    [
        (None, "missing"),
        ({"Test": ["NONE"]}, "disabled"),
        ({"Test": []}, "missing"),
        ({"Test": ["CMD-SHELL", "x"]}, "set"),
    ],
)
def test_a_health_check_is_set_disabled_or_missing(health: object, said: str) -> None:
    value, _ = facts(layer(member("a")), config={"Healthcheck": health})
    assert value["healthCheck"] == said


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("alpine", ("docker.io", "library/alpine", "latest", "")),
        ("grafana/grafana:11", ("docker.io", "grafana/grafana", "11", "")),
        ("localhost:5000/app@sha256:0", ("localhost:5000", "app", "", "sha256:0")),
        ("ghcr.io/a/b/c:1@sha256:0", ("ghcr.io", "a/b/c", "1", "sha256:0")),
    ],
)
def test_a_reference_is_taken_apart_and_a_path_is_none(name: str, parts: tuple[str, ...]) -> None:
    value, _ = facts(layer(member("a")), name=name, kind="image")
    assert tuple(value[key] for key in ("registry", "repository", "tag", "digest")) == parts
    value, _ = facts(layer(member("a")), name="./app.tar", kind="docker-archive")
    assert tuple(value[key] for key in ("registry", "repository", "tag", "digest")) == ("",) * 4


@pytest.mark.parametrize(
    ("written", "instruction", "keyword"),
    [
        ('/bin/sh -c #(nop)  CMD ["bash"]', 'CMD ["bash"]', "CMD"),
        ("/bin/sh -c #(nop) ADD file:0a in / ", "ADD file:0a in /", "ADD"),
        ("/bin/sh -c apt-get update", "RUN apt-get update", "RUN"),
        ("|1 A=b /bin/sh -c make", "RUN make", "RUN"),
        ("RUN |2 A=b C=d /bin/sh -c make # buildkit", "RUN make", "RUN"),
        ("RUN /bin/bash -c set -e; x # buildkit", "RUN set -e; x", "RUN"),
        ("COPY . /app # buildkit", "COPY . /app", "COPY"),
        ("ENV PATH=/bin/sh -c", "ENV PATH=/bin/sh -c", "ENV"),
        ("apko", "apko", ""),
        ("", "", ""),
    ],
)
def test_the_history_reads_as_a_dockerfile(written: str, instruction: str, keyword: str) -> None:
    assert (instruction_of(written), keyword_of(instruction_of(written))) == (instruction, keyword)


def test_layers_and_files_name_the_instruction_and_the_base() -> None:
    history = [{"created_by": "ADD x"}, {"created_by": "CMD y", "empty_layer": True}, {"created_by": "COPY . ."}]
    value, found = facts(
        layer(member("etc/passwd", PASSWD), member("bin/bash", mode=0o755), symlink("bin/sh", "bash")),
        layer(member("app/tool", mode=0o6777, uid=1000)),
        history=history,
    )
    assert [(entry["instruction"], entry["inBase"]) for entry in value["layers"]] == [
        ("ADD x", True),
        ("COPY . .", False),
    ]
    assert [entry["inBase"] for entry in value["history"]] == [True, True, False]
    assert value["roles"] == {"shell": ["/bin/bash", "/bin/sh"]}
    assert value["base"]["knownBy"] == "history"
    assert [(f["path"], f["inBase"], f["setuid"], f["worldWritable"], f["owner"]) for f in found] == [
        ("/bin/bash", True, False, False, "root"),
        ("/bin/sh", True, False, False, "root"),
        ("/app/tool", False, True, True, "app"),
    ]


def test_a_made_up_time_is_no_age() -> None:
    for created in ("1970-01-01T00:00:00Z", "", "yesterday", "0001-01-01T00:00:00Z"):
        assert facts(layer(member("a")), created=created)[0]["ageDays"] == -1
