"""The application code of a repository as facts for rules. One of the collectors of `stages.repository`.

Judged is the product's own code: neither tests nor vendored nor generated files (`formats.code_places`). What the user names is
judged whatever lies above it: the paths are taken from the directory that all files have in common.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import seawall
from seawall.facts.code_patterns import by_language, derive_code_patterns
from seawall.formats import kubernetes_yaml
from seawall.formats.code_detectors import Detector, Form, read_detectors
from seawall.formats.code_places import is_generated, reason_to_pass_by
from seawall.formats.source_code import SourceCode, read
from seawall.model.errors import RuleError
from seawall.model.fact import Fact
from seawall.model.resource import Unscanned
from seawall.sources.files import Found, load_whole
from seawall.sources.rule_folders import read_file
from seawall.stages.repository import Collected, Request

SHIPPED = Path(seawall.__file__).parent / "detectors" / "code"

MAX_BYTES = 4 << 20
"""Largest source text that is read: four times the largest that people keep by hand. Its tree takes ten times as much."""


def examine(files: Sequence[Found], request: Request) -> Collected:
    """Return the facts about the source texts among `files`, and what could not be read."""
    forms = read_forms()
    facts: list[Fact] = []
    unscanned: list[Unscanned] = []
    judged: list[str] = []
    for found in own_files(files):
        file = load_whole(found.file, found.path, most=MAX_BYTES)
        if isinstance(file, Unscanned):
            unscanned.append(file)
            continue
        source = read(file.path, file.data)
        if isinstance(source, Unscanned):
            unscanned.append(source)
            continue
        if is_generated(source.text, source.language):
            continue
        judged.append(source.path)
        request.reading.on_file(file)
        facts += _facts(source, forms, request)
    return Collected(facts=facts, unscanned=unscanned, files=judged, resources=len(judged))


def own_files(files: Sequence[Found]) -> Iterator[Found]:
    """Yield those of `files` that are the product's own code, by their names."""
    names = [found.file.replace(os.sep, "/") for found in files]
    above = os.path.commonpath([os.path.dirname(name) for name in names]) if names else ""
    for found, name in zip(files, names, strict=True):
        if not reason_to_pass_by(os.path.relpath(name, above or ".").replace(os.sep, "/")):
            yield found


@cache
def read_detectors_shipped() -> tuple[Detector, ...]:
    """Return the detectors that Seawall ships. Raises `RuleError` where one is wrong."""
    detectors: dict[str, Detector] = {}
    for path in sorted(SHIPPED.glob("*.yaml")):
        parsed = kubernetes_yaml.parse(path.name, read_file(path))
        try:
            for detector in read_detectors(path.name, [document.value for document in parsed.documents]):
                if detectors.setdefault(detector.id, detector) is not detector:
                    raise ValueError(f"{path.name}: there is a detector {detector.id} already")
        except ValueError as error:
            raise RuleError(str(error), place=str(path)) from None
    return tuple(detectors.values())


@cache
def read_forms() -> Mapping[str, list[tuple[Detector, Form, Mapping[str, Any]]]]:
    """Return what is searched for in each language."""
    return by_language(read_detectors_shipped())


def _facts(
    source: SourceCode, forms: Mapping[str, list[tuple[Detector, Form, Mapping[str, Any]]]], request: Request
) -> Iterator[Fact]:
    if "CodePattern" in request.kinds:
        yield from derive_code_patterns(source, forms.get(source.language, []))
