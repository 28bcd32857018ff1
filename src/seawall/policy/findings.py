"""Failures -> findings: the place, the words and the fingerprint.

The fingerprint has two parts. The first `WHAT_DIGITS` digits are a hash of what a finding is about: rule, resource, and the
field path in which a list item goes by its name, its merge key or its content (``containers[name=app]``); the rest is a hash
of the file. Lines may move and list items change places; the finding stays the same, and a file that is
renamed changes the second part alone. Exact twins are told apart by their order, in the second part.
"""

from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Any

import msgspec

from seawall.cel.errors import CelError
from seawall.model.fact import Fact
from seawall.model.field_path import FieldPath, format_field_path, value_at
from seawall.model.finding import Finding
from seawall.model.resource import Place, Resource, Unscanned
from seawall.model.taxonomy import Verdict
from seawall.policy.compile import At, CompiledValidation, Each
from seawall.policy.evaluate import Failure, Inconclusive

WHAT_DIGITS = 20
"""80 bits: among the findings of one resource, kind and name there is no second hash by chance."""

_WHERE_DIGITS = 12

_NO_FIELD: FieldPath = ()

# By what an element of a list is known: the merge keys of the built-in types (``patchMergeKey`` in k8s.io/api). `key` and `type`
# are among them, but tolerations and conditions share theirs.
_ITEM_KEYS = ("name", "mountPath", "devicePath", "containerPort", "port", "ip", "topologyKey", "uid", "host")


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
    """Return the text of `path` with list items by what they are: what the fingerprint uses in place of indices."""
    parts: list[str] = []
    value = root
    for step in path:
        if isinstance(step, str):
            value = value.get(step) if type(value) is dict else None
            parts.append(step)
        else:
            value = value[step] if type(value) is list and step < len(value) else None
            parts.append(_identify_item(value, step))
    return "/".join(parts)


def _identify_item(item: Any, index: int) -> str:
    """Return what tells a list's element from its neighbours wherever it stands: a key, or else its content.

    An element that is known by its content alone (a rule of a role, an argument) is another one when it is edited.
    """
    if type(item) is dict:
        for key in _ITEM_KEYS:
            name = item.get(key)
            if type(name) is str or type(name) is int:
                return f"[{key}={name}]"
    if item is None:
        return f"[{index}]"
    try:
        content = msgspec.json.encode(item, order="sorted")
    except UnicodeEncodeError:  # a lone surrogate out of a JSON file
        content = repr(item).encode()
    return f"[{blake2b(content, digest_size=8).hexdigest()}]"


def _same_path(path: str) -> str:
    return path


def build_findings(failures: Iterable[Failure], relative: Callable[[str], str] = _same_path) -> list[Finding]:
    """Return the findings for `failures`, in the same order.

    `relative` turns a shown path into the one that the fingerprint uses, which must not depend on where the scan was
    started (``deploy/api.yaml`` for ``../shop/deploy/api.yaml``). A message expression that fails falls back
    to the rule's title, as the API server falls back to ``message``.
    """
    findings: list[Finding] = []
    twins: dict[str, int] = {}
    wheres: dict[str, str] = {}
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
            # Without the version: a manifest that moves from v1beta1 to v1 is about the same thing.
            group = ref.api_version.rpartition("/")[0]
            who = f"\0{group}\0{ref.kind}\0{ref.namespace}\0{ref.name}\0"
            fields = {}
        path = field_of(fact, validation, failure.indices)
        known = fields.get(path)
        if known is None:
            known = (resource.locate(path), format_field_path(path), stable_field(resource.object, path))
            fields[path] = known
        place, field, stable = known
        location = place.location
        what = _digest(f"{rule.id}\0{validation.index}{who}{stable}", WHAT_DIGITS)
        where = wheres.get(location.path)
        if where is None:
            where = wheres[location.path] = _digest(relative(location.path), _WHERE_DIGITS)
        fingerprint = what + where
        twin = twins.get(fingerprint, 0)
        twins[fingerprint] = twin + 1
        if twin:
            fingerprint = what + _digest(f"{where}\0{twin}", _WHERE_DIGITS)
        findings.append(
            Finding(
                id=fingerprint,
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


def _digest(text: str, digits: int) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=digits // 2).hexdigest()


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
