"""Failures -> findings: the place, the words and the fingerprint.

The fingerprint is a hash of what a finding is about and not of where it stands: rule, file, resource, and the field path
in which a list item that has a name goes by it (``containers[name=app]``). Lines may move and containers change
places; the finding stays the same. Exact twins are told apart by their order.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from seawall.cel.errors import CelError
from seawall.model.fact import Fact
from seawall.model.field_path import FieldPath, format_field_path, value_at
from seawall.model.finding import Finding
from seawall.model.resource import Unscanned
from seawall.model.taxonomy import Verdict
from seawall.policy.compile import At, CompiledValidation
from seawall.policy.evaluate import Failure, Inconclusive

_NO_FIELD: FieldPath = ()


def field_of(fact: Fact, validation: CompiledValidation, indices: tuple[int, ...]) -> FieldPath:
    """Return the path, in the fact's resource, of the field that `validation` points to for the item at `indices`."""
    chosen: FieldPath | None = None
    for at in validation.at:
        path = _resolve(fact, validation, at, indices)
        if chosen is None:
            chosen = path
        if len(validation.at) == 1 or value_at(fact.resource.object, path) is not None:
            return path
    return chosen if chosen is not None else _NO_FIELD


def _resolve(fact: Fact, validation: CompiledValidation, at: At, indices: tuple[int, ...]) -> FieldPath:
    each = validation.each
    if at.root == "object" or each is None:
        path = at.path
    elif at.root == "parent" and each.inner is not None:
        path = (*each.outer, indices[0], *at.path) if indices else each.outer
    elif each.inner is not None and len(indices) == 2:
        path = (*each.outer, indices[0], *each.inner, indices[1], *at.path)
    else:
        path = (*each.outer, *indices[:1], *at.path)
    return _in_resource(fact, path)


def _in_resource(fact: Fact, path: FieldPath) -> FieldPath:
    """Translate a path in the fact's value to the path in the resource, by the fact's roots."""
    if not path:
        return fact.roots.get("", _NO_FIELD)  # type: ignore[return-value]  # the entry "" is always one path
    root = fact.roots.get(path[0]) if isinstance(path[0], str) else None
    if root is None:
        return path
    if isinstance(root, tuple):
        return root + path[1:]
    index = path[1] if len(path) > 1 else None
    if isinstance(index, int) and index < len(root):
        return root[index] + path[2:]
    return root[0][:-1] if root else _NO_FIELD


def stable_field(root: Any, path: FieldPath) -> str:
    """Return the text of `path` with named list items by name: what the fingerprint uses in place of indices."""
    parts: list[str] = []
    value = root
    for step in path:
        if isinstance(step, str):
            value = value.get(step) if type(value) is dict else None
            parts.append(step)
        else:
            value = value[step] if type(value) is list and step < len(value) else None
            name = value.get("name") if type(value) is dict else None
            parts.append(f"[name={name}]" if type(name) is str else f"[{step}]")
    return "/".join(parts)


def build_findings(failures: Iterable[Failure]) -> list[Finding]:
    """Return the findings for `failures`, in the same order.

    A message expression that fails falls back to the rule's title, as the API server falls back to ``message``.
    """
    findings: list[Finding] = []
    twins: dict[bytes, int] = {}
    for failure in failures:
        validation = failure.validation
        fact = failure.fact
        rule = validation.rule
        resource = fact.resource
        ref = resource.ref
        path = field_of(fact, validation, failure.indices)
        place = resource.locate(path)
        identity = "\0".join(
            (
                rule.id,
                str(validation.index),
                place.location.path,
                ref.api_version,
                ref.kind,
                ref.namespace,
                ref.name,
                stable_field(resource.object, path),
            )
        ).encode()
        twin = twins.get(identity, 0)
        twins[identity] = twin + 1
        if twin:
            identity += b"\0%d" % twin
        findings.append(
            Finding(
                id=blake2b(identity, digest_size=16).hexdigest(),
                rule=rule.id,
                title=rule.title,
                severity=rule.severity,
                confidence=rule.confidence,
                layer=rule.layer,
                stages=rule.stages,
                practices=rule.practices,
                resource=ref,
                location=place.location,
                field=format_field_path(path),
                evidence=place.evidence,
                message=message_of(failure),
                remediation=rule.remediation,
                frameworks=rule.maps,
                references=rule.references,
                snippet=place.snippet,
            )
        )
    return findings


def message_of(failure: Failure) -> str:
    """Return what `failure` says: the message expression's text, or the fixed message, or the rule's title."""
    message = failure.validation.message
    if isinstance(message, str):
        return message
    try:
        text = message(failure.fact.value, failure.item, failure.parent)
    except CelError:
        return failure.validation.rule.title
    return text if isinstance(text, str) and text.strip() else failure.validation.rule.title


def explain_inconclusive(inconclusive: Iterable[Inconclusive]) -> list[Unscanned]:
    """Return what the gate must hear of verdicts that are neither pass nor fail, one entry a place and reason."""
    entries: set[Unscanned] = set()
    for one in inconclusive:
        rule = one.validation.rule
        ref = one.fact.resource.ref
        place = one.fact.resource.locate(field_of(one.fact, one.validation, one.indices)).location
        state = "is unknown for" if one.verdict is Verdict.UNKNOWN else "could not be evaluated on"
        entries.add(
            Unscanned(
                path=f"{place.path}:{place.line}", reason=f"rule {rule.id} {state} {ref.kind}/{ref.name}: {one.reason}"
            )
        )
    return sorted(entries)


def urgency(finding: Finding) -> tuple[object, ...]:
    """Return the sort key of a report: most urgent first, then by place, then by rule."""
    location = finding.location
    return (
        -finding.severity.rank,
        location.path,
        location.line,
        location.column,
        finding.rule,
        finding.field,
        finding.message,
        finding.id,
    )
