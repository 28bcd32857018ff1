"""The files of a Helm chart, from a directory or an archive, as helm sees them: relative paths to bytes.

Nothing is unpacked to disk and no link is followed out of the repository. The limits are helm's own (5 MiB a file, 100 MiB a
chart: ``pkg/chart/loader/archive``).
"""

import gzip
import io
import os
import stat
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

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
        data = _read_regular(os.path.join(chart, "Chart.yaml"), _join(shown, "Chart.yaml"))
    else:
        data = next((file.data for path, file in load_files(chart, shown).items() if path == "Chart.yaml"), b"")
    parsed = kubernetes_yaml.parse(_join(shown, "Chart.yaml"), data)
    for refused in parsed.unscanned:
        raise SourceError(refused.reason, place=refused.path, remedy="mend Chart.yaml")
    value = parsed.documents[0].value if parsed.documents else None
    name = value.get("name") if isinstance(value, dict) else None
    if not isinstance(name, str) or not name or not isinstance(value, dict):
        raise SourceError("Chart.yaml gives the chart no name", place=shown, remedy="check it with `helm lint`")
    return Chart(name, str(value.get("type") or "application"))


def load_files(chart: Path, shown: str, boundary: str = "") -> dict[str, ChartFile]:
    """Return the chart's files by their path in the chart; archives of dependencies in ``charts/`` are opened.

    helm follows links and waits for pipes, so a chart is loaded before helm sees it. Links are followed inside `boundary` (a
    real path; empty: the chart): one to a neighbour of the same repository, such as a shared subchart, is fine. Raises
    `SourceError` for links that lead out, for what is no regular file, for an archive that cannot be read and for a chart
    above helm's limits.
    """
    files: dict[str, ChartFile] = {}
    total = 0
    found = (
        _directory(chart, shown, boundary)
        if chart.is_dir()
        else _archive(_read_regular(os.fspath(chart), shown), shown, 0)
    )
    for path, file in found:
        total += len(file.data)
        if total > MAX_CHART_BYTES:
            raise SourceError("the chart is larger than helm takes (100 MiB)", place=shown)
        files[path] = file
    return files


def _join(shown: str, relative: str) -> str:
    return f"{shown}/{relative}" if shown != "." else relative


def _entries(chart: Path, shown: str, boundary: str) -> Iterator[tuple[str, str]]:
    """Yield the path in the chart and the path on disk of every file, links followed as helm follows them."""
    inside = os.path.join(boundary or os.path.realpath(chart), "")
    pending = [("", os.fspath(chart), frozenset[str]())]
    while pending:
        prefix, directory, above = pending.pop()
        real = os.path.realpath(directory)
        if real in above:
            raise SourceError("a link leads back to a directory that holds it", place=_join(shown, prefix.rstrip("/")))
        try:
            with os.scandir(directory) as found:
                entries = sorted(found, key=_name)
        except OSError as error:
            place = _join(shown, prefix.rstrip("/"))
            raise SourceError(f"cannot be read: {error.strerror}", place=place) from None
        for entry in entries:
            path = prefix + entry.name
            target = os.path.realpath(entry.path) if entry.is_symlink() else ""
            if target and not os.path.join(target, "").startswith(inside):
                raise SourceError(
                    "a link leads out of the repository, and helm would read what it leads to",
                    place=_join(shown, path),
                    remedy="copy the file into the chart",
                )
            if entry.is_dir():
                pending.append((f"{path}/", entry.path, above | {real}))
            elif entry.is_file():
                yield path, entry.path
            elif not target:
                raise SourceError("is no regular file, and helm would wait for it", place=_join(shown, path))


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _read_regular(path: str, shown: str) -> bytes:
    """Return the bytes of a regular file of at most a chart's size."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise SourceError("is no regular file", place=shown)
            data = stream.read(MAX_CHART_BYTES + 1)
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", place=shown) from None
    if len(data) > MAX_CHART_BYTES:
        raise SourceError("is larger than helm takes (100 MiB)", place=shown)
    return data


def _directory(root: Path, shown: str, boundary: str) -> Iterator[tuple[str, ChartFile]]:
    for relative, full in _entries(root, shown, boundary):
        path = _join(shown, relative)
        data = _read_regular(full, path)
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
        # Not tarfile's own "r|gz", which cannot read the extra header field that `helm package` writes.
        with (
            gzip.GzipFile(fileobj=io.BytesIO(data)) as plain,
            tarfile.open(fileobj=plain, mode="r|") as archive,
        ):
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
