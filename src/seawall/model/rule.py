"""Rules as values: one requirement, written as data in ``rules/<layer>/<id>/rule.yaml``.

The fields have the names of the file (camelCase there). Names and polarity of `Validation` are those of
ValidatingAdmissionPolicy (admissionregistration.k8s.io/v1): an expression that is true means compliant.
"""

from typing import Any

import msgspec

from seawall.model.taxonomy import Confidence, Layer, RuleStatus, Severity, Stage


class Validation(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """One CEL expression that must be true.

    `message` or `message_expression` (CEL, a string) says what is wrong; `at` is the field to point to, a path that starts
    with ``object``, ``item`` or ``parent``. A list of paths points to the first that exists.
    """

    expression: str
    message: str = ""
    message_expression: str = ""
    at: str | list[str] = ""


class Variable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named CEL expression, evaluated at most once an item and only where it is used, as ``variables.<name>``."""

    name: str
    expression: str


class Match(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a rule looks at: facts by kind, or resources by ``group/Kind`` (``Pod`` and ``v1/Pod`` are not written: core
    kinds are ``Kind``, all others ``group/Kind``, of any version)."""

    facts: list[str] = []
    kinds: list[str] = []


class Fix(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """An edit that a machine can make: set or remove the field `at`. `safe` means that no working system breaks by it."""

    at: str
    safe: bool = False
    set: Any = msgspec.UNSET
    remove: bool = False


class Rule(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """One requirement. `id` is the folder, the documentation anchor, the suppression key and the SARIF ruleId.

    `each` is one path, ``object.<list>`` or ``object.<list>[*].<list>``: one verdict an element, which the expressions
    see as ``item`` (and the element of the outer list as ``parent``). `params` are defaults that a policy may vary.
    `sets` are the rule sets that it belongs to besides those that its `maps` imply; a rule outside ``default`` runs
    only when asked for. `maps` names the same requirement elsewhere (``pss``, ``cis-kubernetes-1.11``,
    ``cis-kubernetes-1.12``, ``nsa``, ``attack``, and peers' ids).
    """

    id: str
    title: str
    layer: Layer
    status: RuleStatus = RuleStatus.STABLE
    stages: list[Stage]
    practices: list[str]
    severity: Severity
    confidence: Confidence
    why: str
    remediation: str
    false_positives: str = ""
    references: list[str] = []
    aliases: list[str] = []
    sets: list[str] = msgspec.field(default_factory=lambda: ["default"])
    suppressible: bool = True
    maps: dict[str, str | list[str]] = {}
    params: dict[str, Any] = {}
    match: Match
    each: str = ""
    variables: list[Variable] = []
    match_conditions: list[Variable] = []
    validations: list[Validation]
    fix: Fix | None = None
