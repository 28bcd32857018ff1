"""Which suppressions are there, and what became of them? (fact ``Suppression``)

Suppressions are read from annotations (of the object, or of the pod template), from comments and from the configuration.
Whether one is used is known only when every other rule has spoken, so this fact's scope is *outcome*: it is derived last.

    metadata:
      annotations:
        seawall.dev/suppress: privileged-container container=cni reason="manages the node's network" until=2026-12-31

An annotation whose key goes on after ``suppress`` (``seawall.dev/suppress.cni``) says the same, so that overlays can add
their own.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from seawall.facts.workloads import POD_TEMPLATE_PATHS, group_kind
from seawall.formats.suppression_text import (
    MAX_LINES,
    IgnoreComment,
    SuppressionText,
    parse_field_glob,
    read_suppression,
)
from seawall.model.fact import Fact
from seawall.model.field_path import FieldPath, value_at
from seawall.model.resource import Location, Place, Resource, ResourceRef
from seawall.model.suppression import Suppression, SuppressionForm, SuppressionUse

if TYPE_CHECKING:
    from seawall.model.configuration import SuppressionEntry

ANNOTATION = "seawall.dev/suppress"
KIND = "Suppression"


def read_annotations(resource: Resource) -> Iterator[Suppression]:
    """Yield the suppressions that the annotations of `resource` and of its pod template write."""
    ref = resource.ref
    template = POD_TEMPLATE_PATHS.get(group_kind(ref.api_version, ref.kind))
    paths: list[FieldPath] = [("metadata", "annotations")]
    if template:
        paths.append((*template, "metadata", "annotations"))
    if ref.kind == "CronJob":
        paths.append(("spec", "jobTemplate", "metadata", "annotations"))  # of the Job between the two (kube-linter#445)
    for path in paths:
        annotations = value_at(resource.object, path)
        if type(annotations) is not dict:
            continue
        for key, value in annotations.items():
            if not key.startswith(ANNOTATION):
                continue
            lines = [line for line in value.splitlines() if line.strip()] if isinstance(value, str) else []
            for number, line in enumerate(lines or [""]):
                text = read_suppression(line)
                if number == MAX_LINES:
                    text = SuppressionText(problem=f"is one of more than {MAX_LINES} lines, and the rest is not read")
                yield _from_text(text, SuppressionForm.ANNOTATION, resource, (*path, key), target=resource)
                if number == MAX_LINES:
                    break


def read_comment(path: str, comment: IgnoreComment, *, conditional: bool = False) -> Suppression:
    """Return the suppression that a comment in the file `path` writes; `conditional` as in `Suppression`."""
    written = Resource(
        ResourceRef("", "Comment", "", ""), {}, _CommentOrigin(path, comment.line, comment.column, comment.snippet)
    )
    text = SuppressionText(problem=comment.problem) if comment.problem else read_suppression(comment.text)
    return _from_text(
        text, SuppressionForm.COMMENT, written, (), lines=(path, comment.covers, comment.last), conditional=conditional
    )


def read_entry(entry: "SuppressionEntry", configuration: Resource, index: int) -> Suppression:
    """Return the suppression that ``suppressions[index]`` of the `configuration` writes."""
    return Suppression(
        rules=_tuple(entry.rule),
        reason=entry.reason.strip(),
        owner=entry.owner,
        expires=entry.expires,
        form=SuppressionForm.CONFIG,
        written=configuration,
        place=("suppressions", index),
        resource=entry.resource,
        packages=_tuple(entry.package),
        vulnerabilities=_tuple(entry.vulnerability),
        justification=entry.justification,
        paths=_tuple(entry.path),
        stages=tuple(entry.stages),
        container=entry.container,
        fields=tuple(parse_field_glob(text) for text in _tuple(entry.field)),
    )


def derive_suppressions(uses: Iterable[SuppressionUse]) -> Iterator[Fact]:
    """Yield one fact a suppression, with the value that `catalogue` documents."""
    for use in uses:
        suppression = use.suppression
        rules = ", ".join(suppression.rules)
        yield Fact(
            kind=KIND,
            resource=suppression.written,
            value={
                "form": suppression.form.value,
                "rules": list(suppression.rules),
                "title": f"the suppression of {rules}" if rules else "the suppression",
                "reason": suppression.reason,
                "owner": suppression.owner,
                "expires": suppression.expires.isoformat() if suppression.expires else "",
                "problem": suppression.problem,
                "expired": use.expired,
                "unknown": use.unknown,
                "refused": use.refused,
                "allowedForm": use.allowed_form,
                "used": use.used,
                "idle": use.idle,
            },
            roots={"rules": suppression.place},
        )


def _from_text(
    text: SuppressionText,
    form: SuppressionForm,
    written: Resource,
    place: FieldPath,
    *,
    target: Resource | None = None,
    lines: tuple[str, int, int] | None = None,
    conditional: bool = False,
) -> Suppression:
    return Suppression(
        rules=text.rules,
        reason=text.reason,
        owner=text.owner,
        expires=text.expires,
        form=form,
        written=written,
        place=place,
        problem=text.problem,
        target=target,
        lines=lines,
        conditional=conditional,
        container=text.container,
        fields=text.fields,
    )


def _tuple(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


class _CommentOrigin:
    """A comment as the origin of what it writes: every field of it stands at the comment itself."""

    def __init__(self, path: str, line: int, column: int, snippet: str) -> None:
        self.path = path
        self._line, self._column, self._snippet = line, column, snippet

    def locate(self, _field: FieldPath) -> Place:
        """Return the comment's place."""
        end = len(self._snippet) + 1
        text = self._snippet[self._column - 1 :]
        return Place(Location(self.path, self._line, self._column, self._line, end), text, self._snippet)
