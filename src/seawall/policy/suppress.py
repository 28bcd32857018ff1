"""Findings x suppressions -> which findings do not count, and what became of every suppression.

A suppressed finding stays in the report with who suppressed it and why. What is not covered counts: a suppression with a
problem, without a reason or past its last day covers nothing, and a rule that must not be suppressed is not.
"""

import datetime
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from seawall.model.field_path import FieldPath
from seawall.model.finding import Finding, Suppressed
from seawall.model.resource import Resource
from seawall.model.rule import Rule
from seawall.model.suppression import ResourceSelector, Suppression, SuppressionForm, SuppressionUse
from seawall.model.taxonomy import Stage
from seawall.policy.evaluate import Failure
from seawall.policy.places import Places
from seawall.policy.select import is_named

_CONTAINER_LISTS = frozenset({"containers", "initContainers", "ephemeralContainers"})
_GLOB = frozenset("*?[")


def _same(path: str) -> str:
    return path


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What one scan looked at: what decides whether a suppression that covers nothing could have covered something.

    `ran` are the rules of the run, `chosen` the ids of those before the run was narrowed (``--only``, ``--layer`` …), `known`
    every rule that there is. `stage` is the run's stage, `live` says that a cluster was scanned. `whole` says that the scan
    saw all of the tree or cluster that the configuration is for; `files` are the scanned paths and `missed` those of which
    something was not scanned, both relative to the configuration, which `relative` makes a finding's path. `needs_all` are
    ids of rules whose facts need all resources. `forms` are those that may suppress.
    """

    ran: Sequence[Rule]
    chosen: Collection[str]
    known: Sequence[Rule]
    today: datetime.date
    stage: Stage = Stage.DEPLOY
    live: bool = False
    whole: bool = True
    files: Collection[str] = ()
    missed: Collection[str] = ()
    needs_all: Collection[str] = ()
    must_not: Sequence[str] = ()
    forms: Collection[SuppressionForm] = frozenset(SuppressionForm)
    relative: Callable[[str], str] = _same


def suppress(
    failures: Sequence[Failure], findings: Sequence[Finding], suppressions: Sequence[Suppression], view: View
) -> tuple[list[Finding], list[SuppressionUse]]:
    """Return `findings` (one for each of `failures`, in their order) with the suppressed ones marked, and a use each."""
    names = _Names(view.known)
    forbidden = {rule.id for rule in view.known if not rule.suppressible or is_named(rule, view.must_not)}
    uses: list[SuppressionUse] = []
    index = _Index()
    for suppression in suppressions:
        use = SuppressionUse(suppression=suppression)
        uses.append(use)
        use.expired = suppression.expires is not None and suppression.expires < view.today
        covered: set[str] = set()
        for pattern in suppression.rules:
            ids = names.match(pattern)
            covered |= ids
            if not ids:
                use.unknown.append(pattern)
            elif not _GLOB.intersection(pattern):
                use.refused += sorted(ids & forbidden)
        if suppression.form not in view.forms:
            use.allowed_form = False
            use.refused = list(suppression.rules)
            continue
        if suppression.problem or not suppression.reason or use.expired:
            continue
        index.add(use, covered)
    result = index.mark(failures, findings, forbidden, view) if index.used else list(findings)
    for use in uses:
        use.refused = sorted(set(use.refused))
        use.idle = not use.used and not use.refused and not use.expired and _is_idle(use.suppression, names, view)
    return result, uses


class _Names:
    """Ids by id, alias and glob."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._ids = {name: rule.id for rule in rules for name in (rule.id, *rule.aliases)}

    def match(self, pattern: str) -> set[str]:
        if not _GLOB.intersection(pattern):
            return {self._ids[pattern]} if pattern in self._ids else set()
        return {rule for name, rule in self._ids.items() if fnmatchcase(name, pattern)}


class _Index:
    """Suppressions by what can be looked up: the rule, and for annotations the object, for comments the file."""

    def __init__(self) -> None:
        self.used = False
        self._said: dict[int, Suppressed] = {}
        self._config: dict[str, list[SuppressionUse]] = {}
        self._objects: dict[tuple[str, int], list[SuppressionUse]] = {}
        self._files: dict[str, dict[str, list[tuple[int, int, SuppressionUse]]]] = {}
        # Findings come resource by resource: whether an entry selects one is asked once, whatever the number of its findings.
        self._resource: Resource | None = None
        self._selected: dict[int, bool] = {}
        self._places = Places()

    def add(self, use: SuppressionUse, rules: Iterable[str]) -> None:
        suppression = use.suppression
        self.used = True
        for rule in rules:
            if suppression.target is not None:
                self._objects.setdefault((rule, id(suppression.target)), []).append(use)
            elif suppression.lines is not None:
                path, first, last = suppression.lines
                self._files.setdefault(rule, {}).setdefault(path, []).append((first, last, use))
            else:
                self._config.setdefault(rule, []).append(use)

    def mark(
        self, failures: Sequence[Failure], findings: Sequence[Finding], forbidden: Collection[str], view: View
    ) -> list[Finding]:
        result: list[Finding] = []
        for failure, finding in zip(failures, findings, strict=True):
            covering = self._covering(failure, finding, view)
            if not covering:
                result.append(finding)
            elif finding.rule in forbidden:
                for use in covering:
                    use.refused.append(finding.rule)
                result.append(finding)
            else:
                for use in covering:
                    use.used += 1
                closest = covering[0]
                said = self._said.get(id(closest))
                if said is None:
                    said = self._said[id(closest)] = _say(closest.suppression)
                result.append(msgspec.structs.replace(finding, suppressed=said))
        return result

    def _covering(self, failure: Failure, finding: Finding, view: View) -> list[SuppressionUse]:
        """Return the uses that cover the finding, the closest to it first: comment, annotation, configuration."""
        rule = finding.rule
        resource = failure.fact.resource
        files = self._files.get(rule)
        near = self._objects.get((rule, id(resource)), [])
        far = self._config.get(rule, [])
        if far:
            far = [use for use in far if self._is_selected(use, resource) and _in_scope(use.suppression, finding, view)]
        if not (files or near or far):
            return []
        path = self._places.find(failure.fact, failure.validation, failure.indices).path
        found = _commented(files, finding, resource, path) if files else []
        found += [*near, *far]
        return [use for use in found if _covers_field(use.suppression, resource.object, path)]

    def _is_selected(self, use: SuppressionUse, resource: Resource) -> bool:
        if resource is not self._resource:
            self._resource = resource
            self._selected = {}
        selected = self._selected.get(id(use))
        if selected is None:
            selected = self._selected[id(use)] = _selects(use.suppression.resource, resource)
        return selected


def _say(suppression: Suppression) -> Suppressed:
    location = suppression.written.locate(suppression.place).location
    return Suppressed(
        by=suppression.form.value,
        reason=suppression.reason,
        owner=suppression.owner,
        expires=suppression.expires.isoformat() if suppression.expires else "",
        at=f"{location.path}:{location.line}",
        justification=suppression.justification.value if suppression.justification else "",
    )


def _commented(
    files: Mapping[str, list[tuple[int, int, SuppressionUse]]], finding: Finding, resource: Resource, path: FieldPath
) -> list[SuppressionUse]:
    """Return the uses of comments on the finding: in whose lines it stands, or on whose line something starts that holds it.

    The second is not the same as the first: the object starts with its first key, a list may stand no deeper than its key,
    and in a kustomization the container may stand in another file than the field.
    """
    own = finding.location
    covering = {(first, id(use)): use for first, last, use in files.get(own.path, ()) if first <= own.line <= last}
    for length in range(len(path), -1, -1):
        start = resource.locate(path[:length]).location
        covering |= {(first, id(use)): use for first, _last, use in files.get(start.path, ()) if first == start.line}
    return [covering[key] for key in sorted(covering, reverse=True)]


def _selects(selector: ResourceSelector, resource: Resource) -> bool:
    ref = resource.ref
    if selector.kind:
        group, slash, _ = ref.api_version.partition("/")
        full = f"{group}/{ref.kind}" if slash else ref.kind
        if not fnmatchcase(full if "/" in selector.kind else ref.kind, selector.kind):
            return False
    if selector.namespace and not fnmatchcase(ref.namespace, selector.namespace):
        return False
    if selector.name and not fnmatchcase(ref.name, selector.name):
        return False
    if selector.labels:
        metadata = resource.object.get("metadata")
        labels = metadata.get("labels") if type(metadata) is dict else None
        have: Mapping[str, Any] = labels if type(labels) is dict else {}
        return all(
            isinstance(have.get(key), str) and fnmatchcase(have[key], glob) for key, glob in selector.labels.items()
        )
    return True


def _in_scope(suppression: Suppression, finding: Finding, view: View) -> bool:
    if suppression.stages and view.stage not in suppression.stages:
        return False
    if suppression.packages and not _is_about_package(finding, suppression.packages):
        return False
    if suppression.vulnerabilities and not _is_about_flaw(finding, suppression.vulnerabilities):
        return False
    return not suppression.paths or _path_matches(view.relative(finding.location.path), suppression.paths)


def _is_about_package(finding: Finding, globs: Iterable[str]) -> bool:
    package = finding.package
    return package is not msgspec.UNSET and any(
        fnmatchcase(package.purl if glob.startswith("pkg:") else package.name, glob) for glob in globs
    )


def _is_about_flaw(finding: Finding, globs: Sequence[str]) -> bool:
    flaw = finding.vulnerability
    return flaw is not msgspec.UNSET and any(
        fnmatchcase(name, glob) for name in (flaw.id, *flaw.aliases) for glob in globs
    )


def _path_matches(path: str, globs: Iterable[str]) -> bool:
    """A glob's ``*`` crosses directories, and a name covers what is below it."""
    return any(fnmatchcase(path, glob) or fnmatchcase(path, f"{glob.rstrip('/')}/*") for glob in globs)


def _covers_field(suppression: Suppression, root: dict[str, Any], path: FieldPath) -> bool:
    if suppression.container:
        name = container_of(root, path)
        if name is None or not fnmatchcase(name, suppression.container):
            return False
    return not suppression.fields or any(_starts_with(path, glob) for glob in suppression.fields)


def _starts_with(path: FieldPath, glob: FieldPath) -> bool:
    return len(path) >= len(glob) and all(step in ("*", at) for at, step in zip(path, glob, strict=False))


def container_of(root: Any, path: FieldPath) -> str | None:
    """Return the name of the container in which the field at `path` stands, of any kind; None where it is in none."""
    value = root
    inside = False
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
        if inside and isinstance(step, int):
            name = value.get("name") if isinstance(value, dict) else None
            return name if isinstance(name, str) else None
        inside = step in _CONTAINER_LISTS
    return None


def _is_idle(suppression: Suppression, names: _Names, view: View) -> bool:
    """Tell whether this scan saw all that `suppression` could cover. In doubt it did not."""
    if suppression.problem or not suppression.reason or suppression.conditional:
        return False
    ids = set[str]().union(*(names.match(pattern) for pattern in suppression.rules))
    expected = ids & set(view.chosen)
    ran = {rule.id for rule in view.ran}
    if not expected or not expected <= ran:
        return False
    if suppression.stages not in ((), (view.stage,)):
        return False
    if not view.whole and not expected.isdisjoint(view.needs_all):
        return False
    if suppression.form is not SuppressionForm.CONFIG:
        path = view.relative(suppression.written.origin.path)
        # A file out of which nothing came may belong to what was missed: a base of a kustomization that was not built.
        return path not in view.missed and (not view.missed or path in view.files)
    if view.live:
        # One configuration serves the repository and the cluster; only what names the stage is meant for the cluster.
        return view.whole and bool(suppression.stages) and not suppression.paths and not view.missed
    if view.whole:
        return not view.missed
    # One file may be scanned alone (an editor, a pre-commit hook): what is said of that very file can be judged.
    return bool(suppression.paths) and all(path in view.files and path not in view.missed for path in suppression.paths)
