"""Standard input: manifests from a pipe. An empty pipe passes no gate."""

import io
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from seawall.model.resource import Resource, Unscanned
from seawall.sources import manifests

ReadStdin = Callable[[bytes], list[Resource | Unscanned]]
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n"


@pytest.fixture
def read_stdin(monkeypatch: pytest.MonkeyPatch) -> ReadStdin:
    def read(data: bytes) -> list[Resource | Unscanned]:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data)))
        return list(manifests.read("-"))

    return read


def names(entries: list[Resource | Unscanned]) -> list[str]:
    return [entry.ref.name if isinstance(entry, Resource) else entry.reason for entry in entries]


def test_yaml_is_told_by_its_content(read_stdin: ReadStdin) -> None:
    text = "---\n".join(NAMESPACE % name for name in ("a", "b"))
    assert names(read_stdin(text.encode())) == ["a", "b"]


def test_json_is_told_by_its_content_one_object_after_the_other(read_stdin: ReadStdin) -> None:
    one = '{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "%s"}}'
    assert names(read_stdin((one % "a" + "\n" + one % "b").encode())) == ["a", "b"]


def test_lists_are_opened_and_so_are_lists_within_them(read_stdin: ReadStdin) -> None:
    text = """
        apiVersion: v1
        kind: List
        items:
        - {apiVersion: v1, kind: Namespace, metadata: {name: a}}
        - apiVersion: v1
          kind: List
          items:
          - {apiVersion: v1, kind: Namespace, metadata: {name: b}}
          - {apiVersion: v1, kind: NamespaceList, items: [{metadata: {name: c}}]}
    """
    found = read_stdin(text.encode())
    assert names(found) == ["a", "b", "c"]
    assert [entry.locate(("metadata", "name")).location.line for entry in found] == [5, 9, 10]
    assert {entry.origin.path for entry in found} == {"-"}


@pytest.mark.parametrize("data", [b"", b"\n \n"])
def test_an_empty_pipe_is_not_scanned_because_the_command_in_front_may_have_failed(
    read_stdin: ReadStdin, data: bytes
) -> None:
    assert read_stdin(data) == [Unscanned("-", "standard input was empty: check the command in front of the pipe")]


def test_a_list_of_nothing_is_an_answer(read_stdin: ReadStdin) -> None:
    assert read_stdin(b"apiVersion: v1\nkind: List\nitems: []\n") == []


def test_a_closed_standard_input_is_not_scanned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert list(manifests.read("-")) == [Unscanned("-", "standard input is closed: pipe manifests into it")]
