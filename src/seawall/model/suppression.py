"""Suppressions: who said that a finding does not count, why, until when, and what it covers."""

import datetime
from enum import StrEnum

import msgspec

from seawall.model.field_path import FieldPath
from seawall.model.resource import Resource
from seawall.model.taxonomy import Stage
from seawall.model.vex import Justification


class SuppressionForm(StrEnum):
    """Where a suppression is written. The values are those of a finding's ``suppressed.by``."""

    CONFIG = "config"
    ANNOTATION = "annotation"
    COMMENT = "comment"


class ResourceSelector(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Resources by identity; what is left out matches any.

    `kind` is ``Kind`` or ``group/Kind``. `kind`, `namespace`, `name` and the values of `labels` are globs. `labels` are those of
    the resource itself, and all of them must match.
    """

    kind: str = ""
    namespace: str = ""
    name: str = ""
    labels: dict[str, str] = {}


class Suppression(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One suppression, whatever its form.

    `rules` are ids or globs. `expires` is the last day on which it holds. `written` and `field` say where it is written: a
    configuration and the path in it, the annotated resource and the annotation's path, or the comment's own place.
    `problem` is a sentence where it cannot be used; then it suppresses nothing.

    What it covers is an *and* of all that is given. `target`: that resource alone (annotation). `lines`: what starts on the first
    of these lines of that file, or stands on one (comment). `resource`, `packages` (globs on a package's name, or on its
    purl), `vulnerabilities` (globs on any name of a flaw), `paths` (globs, relative to the configuration) and `stages`: config
    only. `container` is a glob on the name of a container of any kind: an init container is covered where it has that name, not
    because it is in the same pod. `fields` globs name a field and everything below it; ``*`` is any one step.
    `justification` says, in VEX's words, why what is found is not affected; config only.
    `conditional` marks a comment in a template, which other values may render where these did not.
    """

    rules: tuple[str, ...]
    reason: str
    owner: str = ""
    expires: datetime.date | None = None
    form: SuppressionForm
    written: Resource
    place: FieldPath = ()
    problem: str = ""
    target: Resource | None = None
    lines: tuple[str, int, int] | None = None
    conditional: bool = False
    resource: ResourceSelector = ResourceSelector()
    packages: tuple[str, ...] = ()
    vulnerabilities: tuple[str, ...] = ()
    justification: Justification | None = None
    paths: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    container: str = ""
    fields: tuple[FieldPath, ...] = ()


class SuppressionUse(msgspec.Struct, kw_only=True, eq=False):
    """What became of a suppression in one scan: the value behind the fact ``Suppression``.

    `used` counts the findings that it covers. `expired`: its last day is past. `allowed_form` is false where the configuration
    allows none of its form. `refused` are rules that it names or covers and that may not be suppressed; `unknown` are names
    that no rule has. `idle` says that it covers nothing although this scan saw everything that it could cover.
    """

    suppression: Suppression
    used: int = 0
    expired: bool = False
    allowed_form: bool = True
    refused: list[str] = []
    unknown: list[str] = []
    idle: bool = False
