"""The Dockerfiles of a repository as facts for rules. One of the collectors of `stages.repository`."""

import datetime
import os
import re
from collections.abc import Sequence
from functools import cache

from seawall.facts.build_files import derive_build_facts
from seawall.facts.distribution_ends import ended
from seawall.formats.dockerfile import ParsedDockerfile, parse
from seawall.model.fact import Fact
from seawall.model.package import Distro
from seawall.model.resource import Unscanned
from seawall.sources.files import Found, load_whole
from seawall.stages.distribution_ends import read_distribution_ends
from seawall.stages.repository import Collected, Request, is_build_file

SURE = frozenset(("Dockerfile", "Containerfile", "dockerfile", "containerfile"))
"""Names that nothing else has. What is named otherwise is a Dockerfile where it has a FROM."""

_FROM = re.compile(rb"(?im)^[ \t]*FROM[ \t]+\S")

MAX_BYTES = 1 << 20
"""Largest Dockerfile that is read; a builder sends it whole, and people write a hundredth of it."""


def is_ignore_file(name: str) -> bool:
    """Tell by its name whether a file says what is kept out of a build."""
    return name.endswith(".dockerignore") or name == ".containerignore"


def examine(files: Sequence[Found], request: Request) -> Collected:
    """Return the facts about the Dockerfiles among `files`, and what could not be read."""
    ignoring = {file.file for file in files if is_ignore_file(os.path.basename(file.file))}
    facts: list[Fact] = []
    unscanned: list[Unscanned] = []
    read: list[str] = []
    for found in files:
        if found.file in ignoring:
            continue
        file = load_whole(found.file, found.path, most=MAX_BYTES)
        if isinstance(file, Unscanned):
            unscanned.append(file)
            continue
        if os.path.basename(found.file) not in SURE and not _FROM.search(file.data):
            continue  # Dockerfile.tmLanguage, Dockerfile.json: named after one
        request.reading.on_file(file)
        parsed = parse(file.path, file.data)
        if parsed.unscanned and b"{{" in file.data:
            unscanned.append(
                Unscanned(file.path, "a template ('{{'), no Dockerfile: render it first, and scan what comes of it")
            )
            continue
        unscanned += parsed.unscanned
        read.append(file.path)
        facts += derive_build_facts(parsed, ignore_file=_is_guarded(found.file, ignoring), ended=_ended)
    return Collected(facts=facts, unscanned=unscanned, files=read, resources=len(read))


def read_all(files: Sequence[Found]) -> list[ParsedDockerfile]:
    """Return the Dockerfiles among `files` that can be read; `examine` tells of the others."""
    parsed = []
    for found in files:
        name = os.path.basename(found.file)
        if is_build_file("", name) and not is_ignore_file(name):
            file = load_whole(found.file, found.path, most=MAX_BYTES)
            if not isinstance(file, Unscanned):
                parsed.append(parse(file.path, file.data))
    return parsed


def _is_guarded(file: str, ignoring: set[str]) -> bool:
    """Say whether an ignore file belongs to the Dockerfile: beside it, for it alone, or in a directory above it."""
    if f"{file}.dockerignore" in ignoring:
        return True
    directory = os.path.dirname(file)
    while True:
        if any(os.path.join(directory, name) in ignoring for name in (".dockerignore", ".containerignore")):
            return True
        parent = os.path.dirname(directory)
        if parent == directory:
            return False
        directory = parent


def _ended(name: str, version: str) -> bool | None:
    return ended(Distro(name, version), _today(), read_distribution_ends())


@cache
def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()
