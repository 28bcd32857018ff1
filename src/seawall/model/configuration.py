"""What ``seawall.yaml`` says, and the cluster's ``Configuration`` object alike: the choices of one team, as data.

Every map refuses keys that it does not know: a misspelt gate must not pass for a gate. Keys that a later version will
know are refused too (``docs/adr/0008-suppressions.md``): a trust policy that is written down and not enforced is worse
than none.
"""

import datetime
from typing import Annotated, Any, Literal

import msgspec

from seawall.model.suppression import ResourceSelector
from seawall.model.taxonomy import Severity, Stage

API_VERSION = "seawall.dev/v1"
KIND = "Configuration"

Text = Annotated[str, msgspec.Meta(min_length=1)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    pass


class RulesChoice(_Part, frozen=True, kw_only=True):
    """Which rules run. `sets` are rule sets and rule folders (relative to the file); `skip` are ids or globs; `params` are
    parameters by rule id."""

    sets: list[Text] | None = None
    skip: list[Text] = []
    params: dict[str, dict[str, Any]] = {}


class Gate(_Part, frozen=True, kw_only=True):
    """What fails. `failOn` is the lowest severity that does; `baseline` is a file, relative to this one."""

    fail_on: Severity | None = None
    allow_unscanned: bool | None = None
    baseline: Text | None = None


class StageChoice(_Part, frozen=True, kw_only=True):
    """What one stage does differently: `rules.sets` and the keys of `gate` replace, `rules.skip` and `rules.params` add."""

    rules: RulesChoice = RulesChoice()
    gate: Gate = Gate()


class Stages(_Part, frozen=True, kw_only=True):
    """The stages, each with what it does differently."""

    build: StageChoice = StageChoice()
    deploy: StageChoice = StageChoice()
    runtime: StageChoice = StageChoice()

    def of(self, stage: Stage) -> StageChoice:
        """Return the choice of `stage`."""
        choice: StageChoice = getattr(self, stage.value)
        return choice


class SuppressionEntry(_Part, frozen=True, kw_only=True):
    """A suppression. `rule` is an id or a glob, or a list of them; what else is given narrows it. `expires` is its last day."""

    rule: Text | list[Text]
    reason: Annotated[str, msgspec.Meta(pattern=r"\S")]
    owner: str = ""
    expires: datetime.date | None = None
    resource: ResourceSelector = ResourceSelector()
    container: str = ""
    path: Text | list[Text] = []
    field: Text | list[Text] = []
    stages: list[Stage] = []


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """The metadata of the object; the file needs none. Other keys are Kubernetes' own."""

    name: str = ""


class Configuration(_Part, frozen=True, kw_only=True):
    """The whole file.

    `allowedRegistries` are registries, or a registry and the beginning of a repository; where it is given, the rule
    ``untrusted-registry`` runs. `rules` and `gate` hold for every stage, `stages` changes them for one. `mustNotSuppress` are
    ids or globs of rules that no suppression of any form may touch.
    """

    api_version: Literal["seawall.dev/v1"]
    kind: Literal["Configuration"]
    metadata: Metadata = Metadata()
    allowed_registries: Annotated[list[Text], msgspec.Meta(min_length=1)] | None = None
    rules: RulesChoice = RulesChoice()
    gate: Gate = Gate()
    stages: Stages = Stages()
    suppressions: list[SuppressionEntry] = []
    must_not_suppress: list[Text] = []
