"""Secrets in the history of an image are found, and not handed on; its base and its distribution have an age."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from seawall.cel.unknown import UNKNOWN
from seawall.facts.distribution_ends import end_of, ended
from seawall.facts.image_base import find_base
from seawall.facts.image_values import derive_images
from seawall.facts.images import assemble
from seawall.formats.build_steps import arguments_of, environment_of, hide_secrets, instruction_of
from seawall.model.image_contents import ReadImage
from seawall.model.package import Distro
from seawall.stages.distribution_ends import read_distribution_ends
from tests.behaviour.images.test_image_stacks import contents, described
from tests.sample_images import Built, dpkg, layer, member

NOW = datetime(2026, 11, 25, tzinfo=UTC)
TOKEN = "ghp_" + "aB3dE5gH7j" * 3 + "K9mN1p"


def value_of(*layers: bytes, **built: Any) -> dict[str, Any]:
    read = ReadImage(
        image=described(Built(*layers, **built), "app.tar"), kind="oci-layout", contents=tuple(map(contents, layers))
    )
    (fact,) = derive_images([assemble(read)], NOW, read_distribution_ends())
    value: dict[str, Any] = fact.value
    return value


@pytest.mark.parametrize(
    ("written", "arguments"),
    [
        ("|2 A=b C=d e /bin/sh -c make", (("A", "b"), ("C", "d e"))),
        ("RUN |1 TOKEN= /bin/sh -c make # buildkit", (("TOKEN", ""),)),
        ("RUN |1 A=b /bin/bash -o pipefail -c make # buildkit", (("A", "b"),)),
        ("RUN |1 A=b /usr/bin/bash -euo pipefail -c make", (("A", "b"),)),
        ("/bin/sh -c #(nop)  ARG VERSION=1.0", (("VERSION", "1.0"),)),
        ("ARG VERSION", (("VERSION", ""),)),
        ("RUN A=b make | tee log", ()),
        ("COPY a=b c", ()),
    ],
)
def test_build_arguments_are_read_from_what_every_builder_writes(
    written: str, arguments: tuple[tuple[str, str], ...]
) -> None:
    assert arguments_of(written) == arguments


def test_an_argument_is_named_once_with_all_of_its_values() -> None:
    history = [
        {"created_by": "ARG VERSION=1", "empty_layer": True},
        {"created_by": "RUN |1 VERSION=2 /bin/sh -c a"},
        {"created_by": "RUN |1 VERSION=2 /bin/sh -c b"},
    ]
    value = value_of(layer(member("a")), layer(member("b")), history=history)
    assert value["buildArguments"] == [{"name": "VERSION", "values": ["1", "2"]}]


def test_a_variable_that_a_later_step_sets_anew_is_marked() -> None:
    assert environment_of("ENV A=b c D=") == (("A", "b c"), ("D", ""))
    history = [
        {"created_by": f"/bin/sh -c #(nop)  ENV TOKEN={TOKEN} PORT=80", "empty_layer": True},
        {"created_by": "ENV TOKEN=", "empty_layer": True},
        {"created_by": "COPY a /"},
    ]
    value = value_of(layer(member("a")), history=history, config={"Env": ["TOKEN=", "PORT=80"]})
    assert [[entry["overridden"] for entry in step["env"]] for step in value["history"]] == [[True, False], [False], []]


@pytest.mark.parametrize(
    ("instruction", "shown"),
    [
        (f"RUN curl -H 'Authorization: Bearer {TOKEN}' x", "RUN curl -H 'Authorization: Bearer ***' x"),
        ("RUN git clone https://me:hunter2@github.com/a/b", "RUN git clone https://me:***@github.com/a/b"),
        ("RUN DB_PASSWORD='a b' API_TOKEN=x make", "RUN DB_PASSWORD=*** API_TOKEN=*** make"),
        (f"RUN login {TOKEN}", "RUN login ***"),
        ("RUN login --registry-password hunter2 --user me", "RUN login --registry-password *** --user me"),
        ("COPY file:" + "0a1b" * 16 + " in /app", "COPY file:" + "0a1b" * 16 + " in /app"),
        (
            "RUN apt-get install -y libpam-modules=1.5.2-6+deb12u1",
            "RUN apt-get install -y libpam-modules=1.5.2-6+deb12u1",
        ),
        ("RUN pip install --no-cache-dir tokenizers==0.21.0", "RUN pip install --no-cache-dir tokenizers==0.21.0"),
    ],
)
def test_what_is_shown_of_an_instruction_has_no_secret_in_it(instruction: str, shown: str) -> None:
    assert hide_secrets(instruction) == shown


def test_packages_and_files_are_handed_on_without_the_secrets_of_their_step() -> None:
    history = [{"created_by": f"RUN |1 TOKEN={TOKEN} /bin/sh -c fetch --token {TOKEN} # buildkit"}]
    built = Built(layer(member("var/lib/dpkg/status", dpkg(("a", "1")))), history=history)
    read = ReadImage(image=described(built, "app.tar"), kind="image", contents=tuple(map(contents, built.layers)))
    inventory = assemble(read)
    assert [package.instruction for package in inventory.packages] == ["RUN fetch --token ***"]
    assert [use.instruction for use in inventory.layers] == ["RUN fetch --token ***"]
    assert instruction_of(history[0]["created_by"]) == f"RUN fetch --token {TOKEN}"


def test_the_base_is_as_old_as_its_last_step_or_as_itself_says() -> None:
    history = [
        {"created_by": "ADD x", "created": "2026-01-01T00:00:00Z"},
        {"created_by": "CMD y", "empty_layer": True, "created": "2026-01-02T00:00:00Z"},
        {"created_by": "COPY . .", "created": "2026-11-20T00:00:00Z"},
    ]
    lowest, upper = layer(member("a")), layer(member("b"))
    value = value_of(lowest, upper, history=history, created="2026-11-20T00:00:00Z")
    assert (value["base"]["knownBy"], value["base"]["ageDays"], value["ageDays"]) == ("history", 327, 5)
    image = described(Built(lowest, upper, history=history), "app.tar")
    told = find_base(image, described(Built(lowest, created="2025-11-25T00:00:00Z"), "base.tar"))
    assert (told.known_by, told.created) == ("told", "2025-11-25T00:00:00Z")
    alone = value_of(lowest, history=[{"created_by": "ADD x", "created": "2020-01-01T00:00:00Z"}])
    assert alone["base"]["ageDays"] == -1


@pytest.mark.parametrize(
    ("distro", "today", "over"),
    [
        (Distro("alpine", "3.20"), "2026-04-01", False),
        (Distro("alpine", "3.20"), "2026-04-02", True),
        (Distro("debian", "11"), "2026-11-25", True),
        (Distro("debian", ""), "2026-11-25", False),
        (Distro("wolfi", ""), "2026-11-25", False),
        (Distro("alpine", "3.99"), "2026-11-25", False),
        (Distro("alpine", "3.99"), "2031-01-01", None),
        (Distro("alpine", "1.0"), "2026-11-25", None),
        (Distro("ubuntu", "98.10"), "2026-11-25", None),
        (Distro("amzn", "2"), "2026-11-25", True),
        (Distro("amzn", "2023"), "2026-11-25", False),
        (Distro("altlinux", "11"), "2026-11-25", None),
    ],
)
def test_a_release_has_ended_or_not_or_nobody_knows(distro: Distro, today: str, over: bool | None) -> None:
    assert ended(distro, today, read_distribution_ends()) is over


def test_what_the_data_do_not_list_is_unknown_to_rules_and_no_distribution_has_no_end() -> None:
    listed = value_of(layer(member("etc/os-release", b"ID=alpine\nVERSION_ID=3.20.3\n")))["distro"]
    assert (listed["end"], listed["ended"]) == ("2026-04-01", True)
    other = value_of(layer(member("etc/os-release", b"ID=altlinux\nVERSION_ID=11\n")))["distro"]
    assert (other["end"], other["ended"] is UNKNOWN) == ("", True)
    assert value_of(layer(member("a")))["distro"]["ended"] is False


def test_every_listed_end_is_a_day_and_every_distribution_has_a_source() -> None:
    for known in read_distribution_ends().values():
        assert known.source.startswith("https://")
        for release, end in known.releases.items():
            assert end == "" or date.fromisoformat(end).year >= 2014, (known.id, release)
            assert end_of(Distro(known.id, release), read_distribution_ends()) == end
