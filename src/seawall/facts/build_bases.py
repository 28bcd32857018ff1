"""What a stage of a Dockerfile is built on: an image, and the release of a distribution that its tag names."""

import re
from collections.abc import Callable
from typing import Any, Final

from seawall.cel.unknown import UNKNOWN
from seawall.formats.dockerfile import BuildStage, ParsedDockerfile
from seawall.formats.image_reference import ImageReferenceError, parse_image_reference

Ended = Callable[[str, str], bool | None]
"""Tells of a distribution's id and version whether its updates have ended; None where that is not known."""


def reference_of(stage: BuildStage) -> dict[str, str]:
    empty = {"registry": "", "repository": "", "tag": "", "digest": "", "tagWritten": ""}
    if stage.base is None or stage.parent is not None or stage.base.lower() == "scratch":
        return empty
    try:
        reference = parse_image_reference(stage.base)
    except ImageReferenceError:
        return empty
    behind = stage.base.partition("@")[0].rpartition("/")[2]
    return {
        "registry": reference.host,
        "repository": reference.repository,
        "tag": reference.tag,
        "digest": reference.digest,
        "tagWritten": behind.partition(":")[2],
    }


def may_name_stage(parsed: ParsedDockerfile, stage: BuildStage) -> bool:
    """Say whether a base with variables can be a stage above: ``FROM tool-${TARGETOS}``."""
    pattern = re.sub(r"\\\$(?:\\\{.*?\\\}|\w+)", "[^/]*", re.escape(stage.written.lower()))
    fixed = re.sub(r"\$\{[^}]*\}|\$\w+", "", stage.written)
    by_platform = "TARGET" in stage.written  # arguments that the builder sets: FROM ${TARGETOS}
    return (bool(fixed) or by_platform) and any(
        re.fullmatch(pattern, other.name) for other in parsed.stages[: stage.index] if other.name
    )


def age_of(root: BuildStage, ended: Ended) -> dict[str, Any]:
    """Return the distribution that the base names, and whether it is past its end; nothing of a tag that names no release."""
    name, version = _release(root)
    if not version[:1].isdigit():
        return {"distro": "", "ended": False}
    over = ended(name, version)
    return {"distro": f"{name} {version}", "ended": UNKNOWN if over is None else over}


_CODENAMES: Final = {
    "jessie": "8",
    "stretch": "9",
    "buster": "10",
    "bullseye": "11",
    "bookworm": "12",
    "trixie": "13",
    "xenial": "16.04",
    "bionic": "18.04",
    "focal": "20.04",
    "jammy": "22.04",
    "noble": "24.04",
}
_DEBIAN: Final = frozenset(("jessie", "stretch", "buster", "bullseye", "bookworm", "trixie"))


def _release(stage: BuildStage) -> tuple[str, str]:
    """Return id and version of the distribution that the base names: its own image, or a tag such as ``3.12-slim-bookworm``."""
    reference = reference_of(stage)
    tag = reference["tagWritten"]
    name = reference["repository"].removeprefix("library/")
    if name in ("alpine", "debian", "ubuntu", "centos", "fedora", "rockylinux", "almalinux"):
        word = tag.partition("-")[0]
        known = _CODENAMES.get(word, word)
        parts = known.split(".")[: 2 if name in ("alpine", "ubuntu") else 1]
        return {"rockylinux": "rocky"}.get(name, name), ".".join(parts)
    for word in tag.split("-"):
        if word in _CODENAMES:
            return ("debian" if word in _DEBIAN else "ubuntu"), _CODENAMES[word]
        if found := re.fullmatch(r"alpine(\d+\.\d+)", word):
            return "alpine", found[1]
    return "", ""
