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
from seawall.model.resource import Place, Resource, Unscanned
from seawall.model.taxonomy import Verdict
from seawall.policy.compile import At, CompiledValidation, Each
from seawall.policy.evaluate import Failure, Inconclusive

_NO_FIELD: FieldPath = ()


def field_of(fact: Fact, validation: CompiledValidation, indices: tuple[int, ...]) -> FieldPath:
    """Return the path, in the fact's resource, of the field that `validation` points to for the item at `indices`."""
    places = validation.at
    first = _resolve(fact, validation.each, places[0], indices)
    if len(places) == 1:
        return first
    root = fact.resource.object
    for at in places:
        path = _resolve(fact, validation.each, at, indices)
        if value_at(root, path) is not None:
            return path
    return first


def _resolve(fact: Fact, each: Each | None, at: At, indices: tuple[int, ...]) -> FieldPath:
    if at.root == "object" or each is None:
        path = at.path
    elif at.root == "item" and each.inner is not None:
        path = (*each.outer, indices[0], *each.inner, indices[1], *at.path) if indices else each.outer
    else:
        path = (*each.outer, *indices[:1], *at.path)
    return _in_resource(fact, path)


def _in_resource(fact: Fact, path: FieldPath) -> FieldPath:
    """Translate a path in the fact's value to the path in the resource, by the fact's roots."""
    roots = fact.roots
    if not roots:
        return path
    root = roots.get(path[0] if path else "")  # type: ignore[arg-type]  # a path starts with a field's name
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
    twins: dict[str, int] = {}
    resource: Resource | None = None
    who = ""
    # Failures come resource by resource, and many point to the same field (a container without a security context
    # fails ten rules): each field of a resource is found in the file and put into words once.
    fields: dict[FieldPath, tuple[Place, str, str]] = {}
    for failure in failures:
        validation = failure.validation
        fact = failure.fact
        rule = validation.rule
        if fact.resource is not resource:
            resource = fact.resource
            ref = resource.ref
            who = f"\0{ref.api_version}\0{ref.kind}\0{ref.namespace}\0{ref.name}\0"
            fields = {}
        path = field_of(fact, validation, failure.indices)
        known = fields.get(path)
        if known is None:
            known = (resource.locate(path), format_field_path(path), stable_field(resource.object, path))
            fields[path] = known
        place, field, stable = known
        location = place.location
        identity = f"{rule.id}\0{validation.index}\0{location.path}{who}{stable}"
        twin = twins.get(identity, 0)
        twins[identity] = twin + 1
        if twin:
            identity += f"\0{twin}"
        findings.append(
            Finding(
                id=blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest(),
                rule=rule.id,
                title=rule.title,
                severity=rule.severity,
                confidence=rule.confidence,
                layer=rule.layer,
                stages=rule.stages,
                practices=rule.practices,
                resource=resource.ref,
                location=location,
                field=field,
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
