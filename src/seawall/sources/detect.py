"""What a target of ``seawall scan`` is: looked at, never guessed from its name alone."""

import os
import re
from enum import StrEnum

from seawall.model.errors import UsageError
from seawall.sources.kustomizations import FILE_NAMES

_IMAGE = re.compile(
    r"(?:(?:[a-z0-9.-]+(?::\d+)?|\[[0-9a-f:]+\](?::\d+)?)/)?[a-z0-9]+(?:[._/-][a-z0-9]+)*"
    r"(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?\Z"
)
_SBOM = re.compile(rb'"(?:bomFormat|spdxVersion)"\s*:|^SPDXVersion:', re.MULTILINE)
_PEEK_BYTES = 4096
_LATER = "is not supported yet in this version"


class TargetKind(StrEnum):
    """The kinds of targets; the values are those of a report's ``targets[].type``."""

    DIRECTORY = "directory"
    FILE = "file"
    STDIN = "stdin"
    CLUSTER = "cluster"
    HELM = "helm"
    KUSTOMIZE = "kustomize"


def detect(target: str) -> TargetKind:
    """Return the kind of `target`.

    ``-`` is standard input and ``cluster`` the current context, whatever files have these names (write ``./cluster`` for
    a directory). Raises `UsageError` for what does not exist and for kinds that this version does not read.
    """
    if target == "-":
        return TargetKind.STDIN
    if target == "cluster":
        return TargetKind.CLUSTER
    if os.path.isdir(target):
        return _detect_directory(target)
    if not os.path.exists(target):
        if not os.path.lexists(target) and _is_image(target):
            raise UsageError(
                f"{target!r} is no file or directory here; scanning it as an image reference {_LATER}",
                remedy="check the path, or scan the manifests that use the image",
            )
        raise UsageError(f"{target!r} does not exist", remedy="name a file, a directory, - for input, or cluster")
    name = os.path.basename(target)
    if name in FILE_NAMES:
        return TargetKind.KUSTOMIZE
    if name == "Chart.yaml" or name.endswith(".tgz"):
        return TargetKind.HELM
    if name.endswith((".tar", ".tar.gz")):
        raise UsageError(
            f"{target!r} looks like an image archive, which {_LATER}",
            remedy="scan the manifests that use the image; a packaged chart ends in .tgz",
        )
    _refuse_sbom(target)
    return TargetKind.FILE


def _detect_directory(target: str) -> TargetKind:
    if os.path.isfile(os.path.join(target, "Chart.yaml")):
        return TargetKind.HELM
    if any(os.path.isfile(os.path.join(target, name)) for name in FILE_NAMES):
        return TargetKind.KUSTOMIZE
    if os.path.isfile(os.path.join(target, "oci-layout")):
        raise UsageError(
            f"{target!r} is an OCI image layout, which {_LATER}", remedy="scan the manifests that use the image"
        )
    return TargetKind.DIRECTORY


def _is_image(target: str) -> bool:
    """Tell whether a missing path reads as an image: with a tag, a digest or a registry, and no manifest's extension."""
    if target.startswith((".", "/", "~")) or target.endswith((".yaml", ".yml", ".json", ".tgz", ".tar", ".gz")):
        return False
    registry = target.partition("/")[0]
    named = ":" in target or "@" in target or ("/" in target and "." in registry)
    return named and _IMAGE.match(target) is not None


def _refuse_sbom(target: str) -> None:
    if not target.endswith((".json", ".spdx")) or not os.path.isfile(target):
        return
    try:
        with open(target, "rb") as stream:
            start = stream.read(_PEEK_BYTES)
    except OSError:
        return  # reading it will say why
    if _SBOM.search(start):
        raise UsageError(f"{target!r} is an SBOM, which {_LATER}", remedy="scan manifests, charts or a cluster")
