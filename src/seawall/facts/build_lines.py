"""Which line of a Dockerfile made a layer of an image: the history of the image against the Dockerfiles that are scanned with it.

A history has no name of its Dockerfile. The one whose instructions match most of the image's own steps is taken for it; where
two match equally well, none is, and where a step stands twice, neither line is told.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from seawall.formats.build_steps import hide_secrets
from seawall.formats.dockerfile import ParsedDockerfile
from seawall.model.package import Package

_SPACES: Final = re.compile(r"\s+")


def find_build_lines(dockerfiles: Sequence[ParsedDockerfile], instructions: Iterable[str]) -> Mapping[str, str]:
    """Return the place (``Dockerfile:7``) of each of the `instructions` that stands in the Dockerfile of their image.

    `instructions` are those of the image's layers that are not its base's, credentials hidden.
    """
    wanted = {_key(instruction): instruction for instruction in instructions if instruction}
    found = [lines for parsed in dockerfiles if (lines := _lines(parsed, wanted))]
    found.sort(key=len, reverse=True)
    if not found or (len(found) > 1 and len(found[0]) == len(found[1])):
        return {}
    return found[0]


def with_build_lines(packages: Iterable[Package], lines: Mapping[str, str]) -> list[Package]:
    """Return `packages` with the line that brought each, where `lines` has its instruction."""
    return [
        msgspec.structs.replace(package, build_line=lines[package.instruction])
        if package.instruction in lines
        else package
        for package in packages
    ]


def _lines(parsed: ParsedDockerfile, wanted: Mapping[str, str]) -> dict[str, str]:
    places: dict[str, list[str]] = {}
    if not parsed.stages:
        return {}
    for stage in parsed.lineage(len(parsed.stages) - 1):
        for step in stage.steps:
            instruction = step.instruction
            text = instruction.text
            if step.keyword in ("COPY", "ADD", "WORKDIR"):
                text = " ".join(word.text if word.value is None else word.value for word in step.words)
            key = _key(hide_secrets(f"{step.keyword} {text}"))
            if key in wanted and not step.on_build:
                places.setdefault(wanted[key], []).append(f"{parsed.path}:{instruction.span.line}")
    return {instruction: lines[0] for instruction, lines in places.items() if len(lines) == 1}


def _key(instruction: str) -> str:
    """Return what is compared: builders keep the spaces of continued lines, or fewer of them."""
    return _SPACES.sub(" ", instruction).strip()
