"""The files of a Helm chart, from a directory or an archive, as helm sees them: relative paths to bytes.

Nothing is unpacked to disk and no link is followed out of the chart. The limits are helm's own (5 MiB a file, 100 MiB a
chart: ``pkg/chart/loader/archive``).
"""

import io
import os
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from seawall.formats import kubernetes_yaml
from seawall.model.errors import SourceError

MAX_FILE_BYTES = 5 << 20
MAX_CHART_BYTES = 100 << 20
_MAX_DEPTH = 8  # archives within archives; helm's own dependencies nest two or three deep


class ChartFile(msgspec.Struct, frozen=True):
    """A file of a chart: how a report names it, and its bytes."""

    shown: str
    data: bytes


class Chart(msgspec.Struct, frozen=True):
    """What ``Chart.yaml`` says. `kind` is ``application`` or ``library``."""

    name: str
    kind: str


def read_metadata(chart: Path, shown: str) -> Chart:
    """Return the chart's name and type. Raises `SourceError` when ``Chart.yaml`` cannot be read."""
    if chart.is_dir():
        try:
            with (chart / "Chart.yaml").open("rb") as stream:
                data = stream.read(MAX_FILE_BYTES)
        except OSError as error:
            raise SourceError(f"Chart.yaml cannot be read: {error.strerror}", place=shown) from None
    else:
        data = next((file.data for path, file in load_files(chart, shown).items() if path == "Chart.yaml"), b"")
    value = parse_values(data)
    name = value.get("name")
    if not isinstance(name, str) or not name:
        raise SourceError("Chart.yaml gives the chart no name", place=shown, remedy="check it with `helm lint`")
    return Chart(name, str(value.get("type") or "application"))


def parse_values(data: bytes) -> Mapping[str, Any]:
    """Return the map that the YAML `data` holds, empty when it holds none."""
    documents = kubernetes_yaml.parse("", data).documents
    value = documents[0].value if documents else None
    return value if isinstance(value, dict) else {}


def load_files(chart: Path, shown: str) -> dict[str, ChartFile]:
    """Return the chart's files by their path in the chart; archives of dependencies in ``charts/`` are opened.

    Raises `SourceError` for an archive that cannot be read and for a chart above helm's limits.
    """
    files: dict[str, ChartFile] = {}
    total = 0
    for path, file in _directory(chart, shown) if chart.is_dir() else _archive(chart.read_bytes(), shown, 0):
        total += len(file.data)
        if total > MAX_CHART_BYTES:
            raise SourceError("the chart is larger than helm takes (100 MiB)", place=shown)
        files[path] = file
    return files


def _directory(root: Path, shown: str) -> Iterator[tuple[str, ChartFile]]:
    real_root = os.path.join(os.path.realpath(root), "")
    for directory, _below, names in os.walk(root):
        for name in sorted(names):
            full = os.path.join(directory, name)
            relative = os.path.relpath(full, root).replace(os.sep, "/")
            if not os.path.realpath(full).startswith(real_root) or not os.path.isfile(full):
                continue
            with open(full, "rb") as stream:
                data = stream.read(MAX_CHART_BYTES + 1)
            path = f"{shown}/{relative}" if shown != "." else relative
            if _is_dependency(relative):
                prefix = relative.rpartition("/")[0]
                yield from ((f"{prefix}/{inner}", file) for inner, file in _nested(data, path, 0))
            else:
                yield relative, ChartFile(path, data)


def _nested(data: bytes, shown: str, depth: int) -> Iterator[tuple[str, ChartFile]]:
    """Yield the files of an archive in ``charts/``, below the name of its own top directory."""
    for path, file in _archive(data, shown, depth + 1):
        yield f"{file.shown[len(shown) + 1 :].partition('/')[0]}/{path}", file


def _archive(data: bytes, shown: str, depth: int) -> Iterator[tuple[str, ChartFile]]:
    if depth > _MAX_DEPTH:
        raise SourceError("archives are nested too deep", place=shown)
    total = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r|gz") as archive:
            for member in archive:
                top, _, relative = member.name.replace("\\", "/").removeprefix("./").partition("/")
                if not member.isfile() or not relative or ".." in relative.split("/"):
                    continue
                total += member.size
                if member.size > MAX_FILE_BYTES or total > MAX_CHART_BYTES:
                    raise SourceError("the archive is larger than helm takes", place=shown)
                stream = archive.extractfile(member)
                content = stream.read() if stream is not None else b""
                path = f"{shown}/{top}/{relative}"
                if _is_dependency(relative):
                    prefix = relative.rpartition("/")[0]
                    yield from ((f"{prefix}/{inner}", file) for inner, file in _nested(content, path, depth))
                else:
                    yield relative, ChartFile(path, content)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise SourceError(f"not a chart archive: {error}", place=shown, remedy="pack it with `helm package`") from None


def _is_dependency(path: str) -> bool:
    return path.endswith(".tgz") and path.split("/")[-2:-1] == ["charts"]
