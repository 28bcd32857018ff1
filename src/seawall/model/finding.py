"""Findings and the report, in the shape of the contract ``seawall.dev/report/v1``. Changes are additive only."""

import msgspec

from seawall.model.resource import Location, ResourceRef, Unscanned
from seawall.model.taxonomy import Confidence, Layer, Severity, Stage

REPORT_SCHEMA = "seawall.dev/report/v1"


class Suppressed(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Why a finding does not count: a suppression (`by` is ``config``, ``annotation`` or ``comment``), a ``vex`` statement or the
    ``baseline``.

    `at` is where the suppression or the statement is written; empty for a baseline. `justification` is one of VEX's, where
    somebody says that the product is not affected.
    """

    by: str
    reason: str
    owner: str = ""
    expires: str = ""
    at: str = ""
    justification: str = ""


class Package(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The package that a finding is about. `purl` identifies it; `path` is the file that names it.

    `build_line` is the line of the Dockerfile that brought it (``Dockerfile:7``), where the image was scanned with it.
    """

    purl: str
    name: str
    version: str
    fixed_version: str | None
    direct: bool | None
    image_layer: str | None
    path: str
    build_line: str | msgspec.UnsetType = msgspec.UNSET


class Vulnerability(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The advisory's facts. CVSS (0 to 10), EPSS (0 to 1) and KEV stay three facts."""

    id: str
    aliases: list[str]
    cvss: float | None
    epss: float | None
    kev: bool


class Finding(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A fail of one rule on one item, with its place.

    `id` is a fingerprint that is stable across line moves. `field` is the text form of the field path in the resource.
    `evidence` is the offending value as it stands in the file, None where the field is absent. `snippet` is the source
    line. `suppressed` is None for a finding that counts.
    """

    id: str
    rule: str
    title: str
    severity: Severity
    confidence: Confidence
    layer: Layer
    stages: list[Stage]
    practices: list[str]
    resource: ResourceRef
    location: Location
    field: str
    evidence: str | None
    message: str
    remediation: str
    frameworks: dict[str, str | list[str]]
    references: list[str]
    snippet: str = ""
    suppressed: Suppressed | None = None
    package: Package | msgspec.UnsetType = msgspec.UNSET
    vulnerability: Vulnerability | msgspec.UnsetType = msgspec.UNSET


class Tool(msgspec.Struct, frozen=True):
    """Who made the report."""

    name: str
    version: str


class Target(msgspec.Struct, frozen=True):
    """What was scanned. `type` is the detected kind (``directory``, ``file``, ``stdin``, ``helm``, ``kustomize``, ``cluster`` …);
    `digest` is empty where the target has none."""

    name: str
    type: str
    digest: str = ""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """Counts: resources, packages and rules that took part, findings that count, suppressed ones, unscanned inputs."""

    resources: int
    rules: int
    findings: dict[str, int]
    suppressed: int
    unscanned: int
    packages: int = 0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The whole result of a scan. `findings` are sorted by urgency, then place, then rule: the same on every run."""

    schema: str = REPORT_SCHEMA
    tool: Tool
    targets: list[Target]
    summary: Summary
    findings: list[Finding]
    unscanned: list[Unscanned]
