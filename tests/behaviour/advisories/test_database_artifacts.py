"""seawall db push and pull: the database comes back from a registry as it went there, or the old one stays."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from seawall.apps.cli.main import main
from seawall.formats.image_reference import parse_image_reference
from seawall.model.errors import SourceError
from seawall.sources import advisory_package
from seawall.sources.advisory_package import FILE_NAME, pack, unpack
from seawall.stages.advisory_artifacts import ARTIFACT_TYPE
from seawall.stages.artifacts import ArtifactFile, RegistrySettings, push_artifact
from tests.simulators.registry import Registry, serve

RECORDS = Path(__file__).parent / "records"


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Registry]:
    for name in ("REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "DOCKER_CONFIG", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    with serve() as served:
        yield served


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "here" / "advisories.db"
    assert main(["db", "import", "--quiet", "--database", str(path), str(RECORDS)]) == 0
    return path


def test_a_database_goes_through_a_registry_and_is_the_same(
    registry: Registry, database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = f"{registry.host}/team/advisories:latest"
    assert main(["db", "push", name, "--database", str(database)]) == 0
    pushed = capsys.readouterr().out.strip()
    assert pushed.startswith(f"{name}@sha256:")
    there = tmp_path / "there" / "advisories.db"
    for reference in (name, f"{registry.host}/team/advisories@{pushed.partition('@')[2]}"):
        assert main(["db", "pull", reference, "--database", str(there)]) == 0
        assert there.read_bytes() == database.read_bytes()
    assert "27 records from 10 sources" in capsys.readouterr().out
    assert {path.name for path in there.parent.iterdir()} == {"advisories.db", "advisories.db.lock"}
    assert {path.name for path in database.parent.iterdir()} == {"advisories.db", "advisories.db.lock"}


def push(registry: Registry, content: bytes, folder: Path, *, name: str = FILE_NAME, kind: str = ARTIFACT_TYPE) -> str:
    (folder / "pushed").write_bytes(content)
    reference = f"{registry.host}/team/advisories:bad"
    push_artifact(
        parse_image_reference(reference),
        [ArtifactFile(path=folder / "pushed", name=name)],
        kind,
        {},
        RegistrySettings(),
    )
    return reference


@pytest.mark.parametrize(
    ("content", "name", "kind", "why"),
    [
        (b"no zstd", FILE_NAME, ARTIFACT_TYPE, "cannot be unpacked"),
        (zstandard.compress(b"no database"), FILE_NAME, ARTIFACT_TYPE, "no advisory database|not a database"),
        (zstandard.compress(b"x" * 10_000)[:-20], FILE_NAME, ARTIFACT_TYPE, "unpacked|database"),
        (b"", "other.db", ARTIFACT_TYPE, "holds no advisories.db.zst"),
        (b"", FILE_NAME, "application/vnd.example", "holds application/vnd.example and not"),
    ],
)
def test_an_artifact_that_is_no_database_leaves_the_old_one(
    registry: Registry, database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    content: bytes, name: str, kind: str, why: str,
) -> None:  # fmt: skip
    before = database.read_bytes()
    reference = push(registry, content, tmp_path, name=name, kind=kind)
    assert main(["db", "pull", reference, "--database", str(database)]) == 2
    error = capsys.readouterr().err
    assert any(part in error for part in why.split("|")), error
    assert database.read_bytes() == before
    assert {path.name for path in database.parent.iterdir()} == {"advisories.db", "advisories.db.lock"}


def test_what_unpacks_to_more_than_any_database_is_refused(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = pack(database, tmp_path / "packed")
    before = database.read_bytes()
    monkeypatch.setattr(advisory_package, "MAX_DATABASE", 1000)
    with pytest.raises(SourceError, match="unpacks to more than"):
        unpack(packed, database)
    assert database.read_bytes() == before


def test_the_same_database_packs_to_the_same_bytes(database: Path, tmp_path: Path) -> None:
    first, second = (pack(database, tmp_path / name).read_bytes() for name in ("a", "b"))
    assert first == second
    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(first)) as reader:
        assert reader.read() == database.read_bytes()


@pytest.mark.parametrize("reference", ["registry.example/team/advisories@sha256:" + "0" * 64, "UPPER/case", ""])
def test_a_reference_that_cannot_be_pushed_to_is_wrong_usage(
    database: Path, capsys: pytest.CaptureFixture[str], reference: str
) -> None:
    assert main(["db", "push", reference, "--database", str(database)]) == 2
    assert "seawall: error:" in capsys.readouterr().err


def test_what_is_no_database_is_not_pushed(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(json.dumps({}).encode())
    assert main(["db", "push", f"{registry.host}/a:1", "--database", str(tmp_path / "x.db")]) == 2
    assert registry.requests == []
