"""Large scans are shared out: every processor judges a part of the resources, and the findings are put together here.

Facts about one resource need only that resource, so they and what follows from them, up to the place in the file, are judged by
whoever has the resource. Facts about all resources are judged here. Documents of one file stay together, for exact twins are
told apart by their order in it. What comes back is what differs from finding to finding; the rest stands in the rules.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING

import msgspec

from seawall.facts import catalogue
from seawall.model.fact import Fact
from seawall.model.finding import Finding
from seawall.model.resource import Location, Place, Resource, Unscanned
from seawall.policy.evaluate import Failure, Plan
from seawall.policy.findings import build_finding, describe, explain_inconclusive

if TYPE_CHECKING:
    from seawall.sources.processes import Forked

FEWEST = 1500
"""Fewer resources stay in one process. 500 are judged in 60 ms, and a fifth of that would go to the second process."""

MOST_PROCESSES = 4
"""In all. More have less and less to do beside what only one can do."""

OWN_PART = 0.85
"""What this process takes for each part that another takes, since it also judges what needs all resources."""

_Row = tuple[int, str, str, str, int, int, int, int, str, str | None, str, str]
"""The number of the resource; rule, id, path, line, column, end line and column, field, evidence, message and snippet."""

Relative = Callable[[str], str]


class Shares:
    """The parts of one scan: this process's own, and those that others judge meanwhile.

    A context, which leaves no process behind.
    """

    def __init__(self, plan: Plan, resources: Sequence[Resource], relative: Relative, cuts: Sequence[int]) -> None:
        self._plan = plan
        self._resources = resources
        self._relative = relative
        self._own_end = cuts[0] if cuts else len(resources)
        self._parts = list(zip(cuts, [*cuts[1:], len(resources)], strict=True)) if cuts else []
        self._running: list[Forked | None] = []

    def __enter__(self) -> "Shares":
        if self._parts:
            self._plan.fuse()  # once, and not once in every process
            from seawall.sources import processes  # what few scans need, few pay for

            for part in self._parts:
                self._running.append(processes.fork(partial(self._answer, *part)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._running:
            if process is not None:
                process.abandon()

    def own_facts(self) -> Iterator[Fact]:
        """Yield the facts that this process judges: about each resource of its part, and about all resources together."""
        return _facts(self._plan, self._resources[: self._own_end], self._resources)

    def others(self) -> Iterator[tuple[list[Finding], list[Unscanned]]]:
        """Yield what came of each other part, in order. What its process could not answer is judged here."""
        for start, end in self._parts:
            process = self._running.pop(0)
            data = process.result() if process is not None else None
            yield self._read(self._answer(start, end) if data is None else data)

    def _answer(self, start: int, end: int) -> bytes:
        """Judge one part, and write down what came of it."""
        failures, inconclusive = self._plan.run(_facts(self._plan, self._resources[start:end], None))
        order = put_in_order(failures, self._resources)
        rows: list[_Row] = []
        for failure, fingerprint, place, field, message in describe(failures, self._relative):
            at = place.location
            rows.append(
                (
                    order[id(failure.fact.resource)],
                    failure.validation.rule.id,
                    fingerprint,
                    at.path,
                    at.line,
                    at.column,
                    at.end_line,
                    at.end_column,
                    field,
                    place.evidence,
                    message,
                    place.snippet,
                )
            )
        return msgspec.msgpack.encode((rows, explain_inconclusive(inconclusive)))

    def _read(self, data: bytes) -> tuple[list[Finding], list[Unscanned]]:
        rows, unscanned = msgspec.msgpack.decode(data, type=tuple[list[_Row], list[Unscanned]])
        rules = {compiled.rule.id: compiled.rule for compiled in self._plan.rules}
        findings = []
        for number, name, fingerprint, path, line, column, end_line, end_column, field, evidence, message, text in rows:
            place = Place(Location(path, line, column, end_line, end_column), evidence, text)
            findings.append(build_finding(rules[name], self._resources[number].ref, fingerprint, place, field, message))
        return findings, unscanned


def share_out(plan: Plan, resources: Sequence[Resource], relative: Relative, *, alone: bool) -> Shares:
    """Return how `resources` are shared; all are this process's own where it works `alone` or where sharing does not pay."""
    cuts: list[int] = []
    if not alone and len(resources) >= FEWEST and not _mixes_scopes(plan):
        from seawall.sources.processes import spare_processors

        cuts = _cuts(resources, spare_processors(MOST_PROCESSES - 1))
    return Shares(plan, resources, relative, cuts)


def put_in_order(failures: list[Failure], resources: Sequence[Resource]) -> dict[int, int]:
    """Sort `failures` document by document, so that what is known of one is asked for while it is kept.

    Returns the position of each resource, by its identity.
    """
    order = {id(resource): position for position, resource in enumerate(resources)}
    failures.sort(key=lambda failure: order.get(id(failure.fact.resource), -1))
    return order


def _facts(plan: Plan, resources: Sequence[Resource], together: Sequence[Resource] | None) -> Iterator[Fact]:
    """Yield the facts about each of `resources`, and those about resources `together` where they are given."""
    about_one = [kind for kind in plan.fact_kinds if catalogue.FACT_KINDS[kind].scope != "set"]
    yield from catalogue.derive(about_one, resources)
    if together is not None:
        yield from catalogue.derive(plan.fact_kinds.difference(about_one), together)
    yield from plan.resource_facts(resources)


def _mixes_scopes(plan: Plan) -> bool:
    """Whether a rule looks at facts of one resource and of all: its twins could not be told apart in parts."""
    for compiled in plan.rules:
        match = compiled.rule.match
        scopes = {catalogue.FACT_KINDS[kind].scope == "set" for kind in match.facts} | {False for _ in match.kinds}
        if len(scopes) > 1:
            return True
    return False


def _cuts(resources: Sequence[Resource], spare: int) -> list[int]:
    """Where each other process's part begins: at the first document of a file."""
    size = len(resources) / (OWN_PART + spare)
    cuts: list[int] = []
    for number in range(spare):
        cut = max(int(size * (OWN_PART + number)), cuts[-1] if cuts else 0)
        while 0 < cut < len(resources) and resources[cut].origin.path == resources[cut - 1].origin.path:
            cut += 1
        cuts.append(cut)
    return cuts
