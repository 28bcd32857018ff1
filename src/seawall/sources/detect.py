"""What a target of ``seawall scan`` is: looked at, never guessed from its name alone."""

import os
import re
from enum import StrEnum
from itertools import islice
from typing import NoReturn

from seawall.model.errors import UsageError
from seawall.sources.files import show
from seawall.sources.images.targets import ARCHIVE_ENDINGS, CONTAINERD, DOCKER, split_path, split_scheme

# kustomize recognises these names, in this order (``konfig.RecognizedKustomizationFileNames``).
KUSTOMIZATION_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")

# Compiled where they are needed: a start pays for each.
_IMAGE = (
    r"(?:(?:[a-z0-9.-]+(?::\d+)?|\[[0-9a-f:]+\](?::\d+)?)/)?[a-z0-9]+(?:[._/-][a-z0-9]+)*"
    r"(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?\Z"
)
_SBOM_NAME = r"\.(?:spdx|cdx|cyclonedx)(?:\.(?:json|xml|rdf|rdf\.xml))?\Z|\A(?:.*\.)?bom\.(?:json|xml)\Z"
# SPDX with sorted keys begins with SPDXID and says its version last, Syft says at the end that it is Syft's.
_SBOM = (
    rb'(?m)"(?:bomFormat|spdxVersion|SPDXID)"\s*:|^SPDXVersion:|<spdxVersion>|spdx\.org/rdf/|cyclonedx\.org/schema/bom/'
    rb'|"SchemaVersion"\s*:\s*\d+,\s*"(?:Trivy|CreatedAt|ArtifactName)"|/anchore/syft/[^{}]*schema-'
)
_PEEK_BYTES = 4096
_LATER = "is not supported yet in this version"
_LATER_NAMES = ((r".*\.(?:tf|tfvars|hcl|tf\.json)\Z", "Terraform"),)
"""Files of a later version's kinds, by name: read as manifests they would pass, because they hold none."""
_NEAR_AT_MOST = 2_000


class TargetKind(StrEnum):
    """The kinds of targets; the values are those of a report's ``targets[].type``."""

    DIRECTORY = "directory"
    FILE = "file"
    STDIN = "stdin"
    CLUSTER = "cluster"
    HELM = "helm"
    KUSTOMIZE = "kustomize"
    SBOM = "sbom"
    IMAGE = "image"
    OCI_LAYOUT = "oci-layout"
    OCI_ARCHIVE = "oci-archive"
    DOCKER_ARCHIVE = "docker-archive"
    ROOTFS = "rootfs"


IMAGES = frozenset(
    (TargetKind.IMAGE, TargetKind.OCI_LAYOUT, TargetKind.OCI_ARCHIVE, TargetKind.DOCKER_ARCHIVE, TargetKind.ROOTFS)
)
"""What `seawall.sources.images.open` opens. Of which form an archive is shows when it is open: ``ImageStore.kind``."""

_OF_SCHEMES = {
    "oci:": TargetKind.OCI_LAYOUT,
    "oci-archive:": TargetKind.OCI_ARCHIVE,
    "docker-archive:": TargetKind.DOCKER_ARCHIVE,
    "rootfs:": TargetKind.ROOTFS,
}


def detect(target: str) -> TargetKind:
    """Return the kind of `target`.

    ``-`` is standard input and ``cluster`` the current context, whatever files have these names (write ``./cluster`` for
    a directory). Raises `UsageError` for what does not exist and for kinds that this version does not read.
    """
    if target == "-":
        return TargetKind.STDIN
    if target == "cluster":
        return TargetKind.CLUSTER
    if target.startswith((DOCKER, CONTAINERD)):
        return TargetKind.IMAGE
    scheme, rest = split_scheme(target)
    if scheme and not _exists(split_path(rest, scheme)[0]):
        raise UsageError(f"{show(rest)!r} does not exist", remedy=f"name a path behind {scheme}")
    if scheme:
        return _OF_SCHEMES[scheme]
    if os.path.isdir(target):
        return _detect_directory(target)
    path = target
    if not os.path.isfile(target):
        path = split_path(target, "")[0]
        if not _exists(path):
            if _is_image(target):
                return TargetKind.IMAGE
            _refuse_missing(target)
        if os.path.isdir(path):
            return TargetKind.OCI_LAYOUT
    name = os.path.basename(path)
    if name in KUSTOMIZATION_NAMES:
        return TargetKind.KUSTOMIZE
    if name == "Chart.yaml" or name.endswith(".tgz"):
        return TargetKind.HELM
    if name.lower().endswith(ARCHIVE_ENDINGS):
        return TargetKind.OCI_ARCHIVE
    for pattern, what in () if name.endswith((".yaml", ".yml")) else _LATER_NAMES:
        if re.match(pattern, name):
            raise UsageError(
                f"{show(target)!r} is {what}, which {_LATER}", remedy="scan manifests, charts or a cluster"
            )
    if not name.endswith((".yaml", ".yml")) and _is_sbom(target, name):
        return TargetKind.SBOM
    return TargetKind.FILE


def _exists(target: str) -> bool:
    try:
        return os.path.exists(target)
    except ValueError:  # a NUL byte, which no path has
        return False


def _refuse_missing(target: str) -> NoReturn:
    shown = show(target)
    if "\0" not in target and os.path.islink(target):
        raise UsageError(f"{shown!r} is a link that leads nowhere", remedy="mend the link, or name its target")
    near = _near(target)
    raise UsageError(
        f"{shown!r} does not exist",
        remedy=f"did you mean {' or '.join(near)}?"
        if near
        else "name a file, a directory, an image with its tag, - for input, or cluster",
    )


def _near(target: str) -> list[str]:
    """Return what exists beside the missing `target` under a name like its own, as the user would write it."""
    import difflib

    directory, name = os.path.split(target.rstrip("/"))
    names = ["cluster"] if not directory else []
    try:
        with os.scandir(directory or ".") as found:
            names += [entry.name for entry in islice(found, _NEAR_AT_MOST)]
    except (OSError, ValueError):
        return []
    return [show(os.path.join(directory, near)) for near in difflib.get_close_matches(name, names, n=2)]


def _detect_directory(target: str) -> TargetKind:
    if os.path.isfile(os.path.join(target, "Chart.yaml")):
        return TargetKind.HELM
    if any(os.path.isfile(os.path.join(target, name)) for name in KUSTOMIZATION_NAMES):
        return TargetKind.KUSTOMIZE
    if os.path.isfile(os.path.join(target, "oci-layout")):
        return TargetKind.OCI_LAYOUT
    return TargetKind.DIRECTORY


def _is_image(target: str) -> bool:
    """Tell whether a missing path reads as an image: with a tag, a digest or a registry, and no manifest's extension."""
    if target.startswith((".", "/", "~")) or target.endswith((".yaml", ".yml", ".json", ".tgz", ".tar", ".gz")):
        return False
    registry = target.partition("/")[0]
    named = ":" in target or "@" in target or ("/" in target and "." in registry)
    return named and re.match(_IMAGE, target) is not None


def _is_sbom(target: str, name: str) -> bool:
    """Tell an SBOM by its name, or by how it begins: tools call it anything."""
    if re.search(_SBOM_NAME, name):
        return True
    if not os.path.isfile(target):
        return False
    try:
        with open(target, "rb") as stream:
            ends = [stream.read(_PEEK_BYTES)]
            stream.seek(max(0, os.fstat(stream.fileno()).st_size - _PEEK_BYTES))
            ends.append(stream.read(_PEEK_BYTES))
    except OSError:
        return False  # reading it will say why
    return any(re.search(_SBOM, end) for end in ends)
