"""Helm charts: rendered with the user's own helm, offline; findings point at the template and the values key.

A chart that is not rendered is `Unscanned`, with what helm said and where; it is never passed in silence. A warning of helm
changes nothing (checkov#7605: a warning dropped the chart). Library charts hold no resources and yield nothing.
"""

import contextlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from seawall.formats import kubernetes_yaml
from seawall.formats.kubernetes_objects import find_misfits
from seawall.model.errors import SourceError, UsageError
from seawall.model.resource import Resource, Unscanned
from seawall.sources.files import EXTENSIONS, SourceFile
from seawall.sources.helm_chart import ChartFile, load_files, read_metadata
from seawall.sources.helm_places import RenderedChart, TemplateOrigin
from seawall.sources.helm_values import ValuesOrigins
from seawall.sources.programs import find_program, run_program

_AT = re.compile(r"\(?([\w.-]+/(?:[\w.@+ -]+/)*[\w.@+ -]+\.(?:ya?ml|tpl|txt|json)):(\d+)(?::\d+)?\)?")
_ON = re.compile(r"(?:error on|parse error in) \"?([\w.-]+/[\w./@+-]+\.(?:ya?ml|tpl|json))\"?")
_MISSING = re.compile(r"missing in charts/ directory: (.+)")
_MAX_REASON = 600
_WITH_COMMENTS = (*EXTENSIONS, ".tpl")
KUBE_VERSION = "1.36.0"
"""What charts see as the cluster's version: the one whose semantics Seawall has, whatever helm was built with. A helm that was
built without a version takes 1.20 for it, and refuses charts that ask for more."""
_MAX_VALUES_BYTES = 5 << 20


def _ignore_file(_file: SourceFile) -> None:
    pass


def read(
    chart: Path,
    shown: str,
    *,
    values: Sequence[str] = (),
    sets: Sequence[str] = (),
    boundary: str = "",
    on_file: Callable[[SourceFile], None] = _ignore_file,
) -> Iterator[Resource | Unscanned]:
    """Yield the resources that `chart` (a directory or a ``.tgz``) renders to, CRDs and hooks included.

    `shown` is how a report names the chart; `values` are files and `sets` are ``K=V``, as for ``helm template``. Links in the
    chart may lead to what is inside `boundary` (a real path; empty: the chart itself). `on_file` sees the files of a chart
    that was rendered, for their comments. Raises `UsageError` for a values file that does not exist.
    """
    given = [_read_values(path) for path in values]
    helm = find_program("helm")
    if helm is None:
        yield Unscanned(
            shown, f"chart {shown} was not rendered: helm is not on PATH; install helm 3 or pass rendered manifests"
        )
        return
    try:
        metadata = read_metadata(chart, shown)
        if metadata.kind == "library":
            return
        files = load_files(chart, shown, boundary)
        release = re.sub(r"[^a-z0-9-]+", "-", metadata.name.lower()).strip("-")[:53].strip("-") or "release"
        command = [helm, "template", release, "", "--include-crds", f"--kube-version={KUBE_VERSION}"]
        command += [f"--set={item}" for item in sets]
        output = _render(command, given, chart)
    except SourceError as error:
        said = f"{error.message}; {error.remedy}" if error.remedy else error.message
        yield Unscanned(error.place or shown, f"chart {shown} was not rendered: {said}")
        return
    if isinstance(output, Unscanned):
        yield _under(shown, output)
        return

    def render_marked(changed: Mapping[str, bytes]) -> str | None:
        with tempfile.TemporaryDirectory(prefix="seawall-") as directory, contextlib.suppress(SourceError, OSError):
            copy = Path(directory, "chart")
            for path, file in files.items():
                copied = copy / path
                copied.parent.mkdir(parents=True, exist_ok=True)
                copied.write_bytes(changed.get(path, file.data))
            again = _render(command, given, copy)
            return again if isinstance(again, str) else None
        return None

    def explain(files: Mapping[str, ChartFile]) -> ValuesOrigins:
        return ValuesOrigins(files, given, sets)

    for path, file in files.items():
        if path.endswith(_WITH_COMMENTS):
            on_file(SourceFile(file.shown, file.data, optional=path.startswith("charts/")))
    rendered = RenderedChart(
        shown=shown,
        text=output,
        load=lambda: files,
        render_marked=render_marked,
        values=explain,
    )
    parsed = kubernetes_yaml.parse(shown, output.encode())
    for refused in parsed.unscanned:
        line = refused.path.rpartition(":")[2]
        yield Unscanned(rendered.source_of(int(line)) if line.isdigit() else shown, f"as rendered: {refused.reason}")
    for document in parsed.documents:
        for misfit in find_misfits(document):
            yield Unscanned(rendered.source_of(document.line), f"as rendered: {misfit.reason}")
        for resource in kubernetes_yaml.resources(document):
            origin = TemplateOrigin(rendered.source_of(document.line), document, rendered)
            yield Resource(resource.ref, resource.object, origin, resource.prefix)


def _read_values(path: str) -> tuple[str, bytes]:
    try:
        with open(path, "rb") as stream:
            return path, stream.read(_MAX_VALUES_BYTES)
    except OSError as error:
        raise UsageError(f"--values {path}: {error.strerror}", remedy="name a file that exists") from None


def _render(command: Sequence[str], given: Sequence[tuple[str, bytes]], chart: Path) -> str | Unscanned:
    """Return what helm renders, or where and why it refuses, relative to the chart. The chart takes the place of ``""``."""
    with tempfile.TemporaryDirectory(prefix="seawall-") as directory:
        # The bytes that were read, not the files: `--values <(sops -d values.yaml)` can be read only once.
        copies = {os.path.join(directory, f"{number}.yaml"): entry for number, entry in enumerate(given)}
        for copy, (_, data) in copies.items():
            Path(copy).write_bytes(data)
        arguments = [str(chart.resolve()) if part == "" else part for part in command]
        output = run_program([*arguments, *(f"--values={copy}" for copy in copies)])
    for copy, (path, _) in copies.items():
        output = replace(output, errors=output.errors.replace(copy, path))
    if output.status == 0:
        return output.out.decode("utf-8", "replace")
    errors = [line for line in output.errors.splitlines() if line.strip()]
    start = next((index for index, line in enumerate(errors) if line.startswith("Error:")), 0)
    said = " ".join(" ".join(errors[start:]).removeprefix("Error:").split())
    said = said.replace("Use --debug flag to render out invalid YAML", "").strip()[:_MAX_REASON]
    place, remedy = "", "mend it, or give the values that it needs with --values or --set"
    if missing := _MISSING.search(said):
        said = f"dependencies are not in charts/: {missing[1]}"
        remedy = "run `helm dependency build` first; nothing is downloaded here"
    elif found := list(_AT.finditer(said)):
        # helm names the outermost template first and the one at fault last.
        place = f"{found[-1][1].partition('/')[2]}:{found[-1][2]}"
    elif on := _ON.search(said):
        place = on[1].partition("/")[2]
    return Unscanned(place, f"helm: {said or f'ended with status {output.status}'}; {remedy}")


def _under(shown: str, refused: Unscanned) -> Unscanned:
    path = shown if not refused.path else refused.path if shown == "." else f"{shown}/{refused.path}"
    return Unscanned(path, f"chart {shown} was not rendered: {refused.reason}")
