"""What ``seawall.yaml`` says, and the cluster's ``Configuration`` object alike: the choices of one team, as data.

Every map refuses keys that it does not know: a misspelt gate must not pass for a gate. Keys that a later version will
know are refused too (``docs/adr/0008-suppressions.md``): a trust policy that is written down and not enforced is worse
than none.
"""

import datetime
from typing import Annotated, Any, Literal

import msgspec

from seawall.model.suppression import ResourceSelector, SuppressionForm
from seawall.model.taxonomy import Severity, Stage
from seawall.model.vex import Justification

API_VERSION = "seawall.dev/v1"
KIND = "Configuration"

Text = Annotated[str, msgspec.Meta(min_length=1)]


def _about(description: str) -> msgspec.Meta:
    """Return what an editor shows for a key: it goes into the JSON Schema."""
    return msgspec.Meta(description=description)


class _Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    pass


class RulesChoice(_Part, frozen=True, kw_only=True):
    """Which rules run.

    `sets` are rule sets, rule folders and files of native policies (relative to the file); `skip` are ids or globs; `params`
    are parameters by rule id.
    """

    sets: Annotated[
        list[Text] | None,
        _about(
            "Rule sets (default, pss-baseline, pss-restricted, cis, nsa, all) and rule folders, relative to this file."
        ),
    ] = None
    skip: Annotated[list[Text], _about("Rules that do not run: ids or globs.")] = []
    params: Annotated[dict[str, dict[str, Any]], _about("Parameters by rule id (`seawall rules explain ID`).")] = {}


class Gate(_Part, frozen=True, kw_only=True):
    """What fails. `failOn` is the lowest severity that does; `baseline` is a file, relative to this one."""

    fail_on: Annotated[Severity | None, _about("The lowest severity that fails (default: high).")] = None
    allow_unscanned: Annotated[bool | None, _about("Accept what could not be scanned (default: false).")] = None
    baseline: Annotated[Text | None, _about("A file of `seawall baseline write`: only what is not in it fails.")] = None


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

    rule: Annotated[Text | list[Text], _about("The rules: ids or globs.")]
    reason: Annotated[Annotated[str, msgspec.Meta(pattern=r"\S")], _about("Why it does not matter.")]
    owner: Annotated[str, _about("Who answers for it.")] = ""
    expires: Annotated[datetime.date | None, _about("The last day on which it holds.")] = None
    resource: ResourceSelector = ResourceSelector()
    package: Annotated[
        Text | list[Text],
        _about("Packages of a finding: globs on the name, or on the purl where they begin with pkg:."),
    ] = []
    vulnerability: Annotated[
        Text | list[Text], _about("Vulnerabilities of a finding, by any of their names (CVE-…, GHSA-…): globs.")
    ] = []
    justification: Annotated[
        Justification | None,
        _about(
            "Why the vulnerabilities, which are named without globs, do not affect this product, in VEX's words: `seawall vex` "
            "says not_affected."
        ),
    ] = None
    container: Annotated[str, _about("A glob on the container's name, of any kind of container.")] = ""
    path: Annotated[Text | list[Text], _about("A file, a directory or a glob, relative to this file.")] = []
    field: Annotated[Text | list[Text], _about("A field path and all that is below it; [*] is any element.")] = []
    stages: Annotated[list[Stage], _about("Only in these stages (default: in every stage).")] = []


class Registries(_Part, frozen=True, kw_only=True):
    """How registries are reached. `mirrors` are asked before the host that they stand under, in their order."""

    mirrors: Annotated[
        dict[str, list[Text]],
        _about("By host (docker.io): mirrors that are asked first, as HOST or HOST/PREFIX."),
    ] = {}
    certificate_authority: Annotated[
        Text | None, _about("A PEM file of authorities to trust for registries too, relative to this file.")
    ] = None
    insecure: Annotated[
        list[Text], _about("Hosts that may be asked without TLS, or with a certificate that nobody checks.")
    ] = []


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """The metadata of the object; the file needs none. Other keys are Kubernetes' own."""

    name: str = ""


class Configuration(_Part, frozen=True, kw_only=True):
    """The whole file.

    `allowedRegistries` are registries, or a registry and the beginning of a repository; where it is given, the rule
    ``untrusted-registry`` runs. `registries` says how they are reached. `rules` and `gate` hold for every stage, `stages` changes
    them for one. `mustNotSuppress` are ids or globs of rules that no suppression of any form may touch; with
    `suppressionForms: [config]` only this file suppresses.
    """

    api_version: Literal["seawall.dev/v1"]
    kind: Literal["Configuration"]
    metadata: Metadata = Metadata()
    allowed_registries: Annotated[
        Annotated[list[Text], msgspec.Meta(min_length=1)] | None,
        _about("Images from elsewhere are findings: registries, or a registry and the beginning of a repository."),
    ] = None
    registries: Registries = Registries()
    rules: RulesChoice = RulesChoice()
    gate: Gate = Gate()
    stages: Stages = Stages()
    suppressions: Annotated[list[SuppressionEntry], _about("Findings that do not count, each with its reason.")] = []
    suppression_forms: Annotated[
        list[SuppressionForm] | None,
        _about("Where suppressions may be written (default: in all three places)."),
    ] = None
    must_not_suppress: Annotated[
        list[Text], _about("Rules that no suppression of any form may touch: ids or globs.")
    ] = []
