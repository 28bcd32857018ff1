"""Examples of rules describe images in a document, and what a rule sees of one is what a scan would see."""

from pathlib import Path

import pytest

from seawall.formats import kubernetes_yaml
from seawall.model.errors import RuleError
from seawall.model.fact import Fact
from seawall.stages.example_inventories import derive_facts

HEAD = "apiVersion: seawall.dev/example/v1\n"


def facts(text: str, *kinds: str) -> list[Fact]:
    (document,) = kubernetes_yaml.parse("bad.yaml", (HEAD + text).encode()).documents
    (resource,) = kubernetes_yaml.resources(document)
    return list(derive_facts(resource, frozenset(kinds)))


def test_layers_are_put_together_and_files_name_their_instruction() -> None:
    text = """\
kind: Image
metadata: {name: "registry.example/shop/api:1.0"}
created: "2025-12-01T00:00:00Z"
config: {User: "1000", ExposedPorts: {"80/tcp": {}}}
layers:
  - instruction: ADD rootfs.tar /
    files: {usr/bin/sudo: {mode: "4755"}, usr/bin/su: {mode: "4755", size: 9}}
  - {instruction: 'CMD ["sh"]', empty: true}
  - {instruction: RUN rm /usr/bin/sudo, deletes: [usr/bin/sudo]}
"""
    image, file = facts(text, "Image", "ImageFile")
    assert {name: image.value[name] for name in ("tag", "user", "ageDays", "runsAsRoot")} == {
        "tag": "1.0",
        "user": "1000",
        "ageDays": 31,
        "runsAsRoot": "no",
    }
    assert [layer["instruction"] for layer in image.value["layers"]] == ["ADD rootfs.tar /", "RUN rm /usr/bin/sudo"]
    assert {name: file.value[name] for name in ("path", "setuid", "size", "instruction")} == {
        "path": "/usr/bin/su",
        "setuid": True,
        "size": 9,
        "instruction": "ADD rootfs.tar /",
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("kind: Disk\n", "there is no example of kind 'Disk'"),
        ("kind: Image\n", "missing required field `layers`"),
        ("kind: Image\nlayers: [{instruction: RUN, file: {}}]\n", "unknown field `file`"),
        ("kind: Repository\nfiles: {README.md: hello}\n", "'README.md' is the name of no file"),
        ("kind: Repository\nfiles: {Cargo.lock: '['}\n", "Cargo.lock"),
    ],
)
def test_an_example_that_is_not_what_it_says_is_an_error_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(RuleError, match=problem) as raised:
        facts(text, "Package", "Image")
    assert raised.value.place.startswith(Path("bad.yaml").name)
