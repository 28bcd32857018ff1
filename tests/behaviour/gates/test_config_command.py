"""``seawall config``: the schema for editors, and a check that scans nothing."""

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from sample_repository import HEAD, configure
from seawall.apps.cli.main import main
from seawall.formats import kubernetes_yaml
from seawall.formats.configuration_schema import json_schema

SHIPPED = files("seawall") / "formats/schema/configuration-v1.schema.json"


def value_of(text: str) -> object:
    (document,) = kubernetes_yaml.parse("seawall.yaml", (HEAD + text).encode()).documents
    return document.value


def test_the_shipped_schema_is_that_of_the_types() -> None:
    """To mend it: seawall config schema > src/seawall/formats/schema/configuration-v1.schema.json"""
    assert SHIPPED.read_bytes() == json_schema()


def test_the_command_prints_the_schema(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["config", "schema"]) == 0
    assert capfdbinary.readouterr().out == json_schema()


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("", True),
        ("allowedRegistries: [a]\ngate: {failOn: low, allowUnscanned: true}\n", True),
        ("suppressions: [{rule: [a, b], reason: x, expires: 2026-12-31, resource: {labels: {a: b}}}]\n", True),
        ("stages: {runtime: {rules: {sets: [cis], params: {a: {b: [1]}}}}}\n", True),
        ("allowedRegistries: []\n", False),
        ("trustPolicies: []\n", False),
        ("gate: {failOn: worst}\n", False),
        ("suppressions: [{rule: a}]\n", False),
        ("suppressions: [{rule: a, reason: ' '}]\n", False),
        ("suppressions: [{rule: a, reason: x, resource: {knd: Pod}}]\n", False),
    ],
)
def test_the_schema_takes_what_the_reader_takes(text: str, right: bool) -> None:
    schema = json.loads(json_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    assert jsonschema.Draft202012Validator(schema).is_valid(value_of(text)) is right


def test_a_right_file_is_said_to_be_and_what_it_decides(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = configure(
        tmp_path,
        """
        stages: {runtime: {gate: {failOn: critical}}}
        suppressions: [{rule: host-network, reason: x}]
        """,
    )
    assert main(["config", "check", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{path}: as it should be\n")
    assert "fails at critical, fails for what was not scanned" in out
    assert "  1 suppression\n" in out


def test_expired_and_misspelt_suppressions_are_named_with_their_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = configure(
        tmp_path,
        "suppressions:\n  - {rule: hostnetwork, reason: x}\n  - {rule: host-network, reason: x, expires: 2020-01-01}\n",
    )
    assert main(["config", "check", "--config", str(path)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        f"{path}:4: 'hostnetwork' is the name of no rule",
        f"{path}:5: expired on 2020-01-01",
    ]


def test_a_wrong_file_is_refused_and_none_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "check", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "There is no seawall.yaml: the defaults hold.\n"
    configure(tmp_path, "gates: {}\n")
    assert main(["config", "check", str(tmp_path)]) == 2
    assert "there is no key 'gates' here (did you mean gate?)" in capsys.readouterr().err
