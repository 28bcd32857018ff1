"""Files that are no manifests reach the parts that read them, each once, wherever in the tree they lie."""

import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

from seawall.model.resource import Resource, Unscanned
from seawall.sources import manifests
from seawall.sources.files import Found
from seawall.sources.manifests import ReadOptions, TreeFiles
from seawall.stages import repository
from seawall.stages.repository import Collected, Collector, Request

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: []}\n"


def is_note(_directory: str, name: str) -> bool:
    return name.endswith(".note")


def is_anything(_directory: str, _name: str) -> bool:
    return True


NOTES = Collector(name="notes", kinds=frozenset({"Note"}), wanted=is_note, module="sample_notes")
EVERYTHING = Collector(
    name="everything", kinds=frozenset({"Word"}), wanted=is_anything, module="sample_notes", about_any_file=True
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "pod.yaml").write_text(POD)
    (tmp_path / "a.note").write_text("first")
    chart = tmp_path / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: c\nversion: 1.0.0\n")
    (chart / "templates" / "b.note").write_text("second")
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "c.note").write_text("ignored")
    (tmp_path / ".seawallignore").write_text("vendor/\n")
    return tmp_path


def found_by(tree: TreeFiles, target: Path, options: ReadOptions) -> tuple[list[str], list[Resource]]:
    read = list(manifests.read(str(target), options))
    base = target if target.is_dir() else target.parent
    return sorted(Path(entry.real).relative_to(base.resolve()).as_posix() for entry in tree.found), [
        entry for entry in read if isinstance(entry, Resource)
    ]


def test_a_walk_hands_over_what_is_wanted_also_from_a_charts_templates(tree: Path) -> None:
    wanted = repository.tree_files([NOTES])
    assert wanted is not None
    names, resources = found_by(wanted, tree, ReadOptions(tree=wanted, manifests=False))
    assert names == ["a.note", "chart/templates/b.note"]
    assert resources == []


def test_a_manifest_may_be_of_another_kind_too(tree: Path) -> None:
    (tree / "chart" / "Chart.yaml").unlink()
    wanted = repository.tree_files([EVERYTHING])
    assert wanted is not None
    names, resources = found_by(wanted, tree, ReadOptions(tree=wanted))
    assert "pod.yaml" in names
    assert [resource.ref.name for resource in resources] == ["web"]


def test_a_file_that_is_named_is_taken_and_is_no_manifest(tree: Path) -> None:
    wanted = repository.tree_files([NOTES])
    assert wanted is not None
    assert list(manifests.read(str(tree / "a.note"), ReadOptions(tree=wanted))) == []
    assert [entry.path for entry in wanted.found] == [str(tree / "a.note")]


def test_a_file_that_everybody_looks_into_is_no_reason_to_call_a_target_well_named() -> None:
    both = repository.tree_files([NOTES, EVERYTHING])
    alone = repository.tree_files([EVERYTHING])
    assert both is not None
    assert alone is not None
    assert both.wanted(".", "README.md")
    assert not both.counts(".", "README.md")
    assert both.counts(".", "a.note")
    assert alone.counts(".", "README.md")
    assert repository.tree_files([]) is None


def test_each_collector_gets_its_own_files_once(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []

    def examine(files: Sequence[Found], request: Request) -> Collected:
        seen.append([found.path for found in files])
        return Collected(files=[found.path for found in files], unscanned=[Unscanned("a.note", "torn")], resources=2)

    module = ModuleType("seawall.stages.sample_notes")
    module.examine = examine  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    note = Found(str(tree / "a.note"), str(tree / "a.note"), "a.note")
    pod = Found(str(tree / "pod.yaml"), str(tree / "pod.yaml"), "pod.yaml")
    told: list[str] = []
    request = Request(kinds=frozenset({"Note", "Word"}), progress=lambda what, _count: told.append(what))
    found = repository.examine([NOTES, EVERYTHING], [note, pod, note], request)
    assert seen == [["a.note"], ["a.note", "pod.yaml"]]
    assert found.files == ("a.note", "pod.yaml")
    assert found.unscanned == [Unscanned("a.note", "torn")] * 2
    assert found.resources == 4
    assert told == ["reading notes", "reading everything"]


def test_a_collector_without_files_is_not_imported() -> None:
    assert "seawall.stages.sample_notes" not in sys.modules
    assert not repository.examine([NOTES], [], Request(kinds=frozenset({"Note"}))).facts
