"""The facts that rules may read: what each is about, what it holds, and where it comes from.

A *resource* fact is derived from one resource alone, so it can be judged at admission; where every field can be written
as CEL over the admitted object (`cel`), its rules can be exported as native policies. A *set* fact needs all resources of
the scan. A stage derives only the kinds that its rules declare.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module

import msgspec

from seawall.facts.workloads import POD_TEMPLATE_PATHS
from seawall.model.fact import Fact
from seawall.model.resource import Resource


class FactKind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of fact.

    `function` is ``module:function`` below `seawall.facts`: ``Resource -> Iterator[Fact]`` for `scope` ``resource``,
    ``Sequence[Resource] -> Iterator[Fact]`` for ``set``. `fields` documents the value. `kinds` are the ``group/Kind``s that
    yield it (empty: any). `cel` maps each field to an expression over the admitted ``object``; empty when there is none.
    """

    name: str
    scope: str
    function: str
    about: str
    fields: Mapping[str, str]
    kinds: tuple[str, ...] = ()
    cel: Mapping[str, str] = {}

    def load(self) -> Callable[[Resource | Sequence[Resource]], Iterator[Fact]]:
        """Import and return the deriving function."""
        module, _, function = self.function.partition(":")
        loaded: Callable[[Resource | Sequence[Resource]], Iterator[Fact]] = getattr(
            import_module(f"seawall.facts.{module}"), function
        )
        return loaded


_TEMPLATE = (
    "(object.kind == 'Pod' ? object : object.kind == 'PodTemplate' ? object.template"
    " : object.kind == 'CronJob' ? object.spec.jobTemplate.spec.template : object.spec.template)"
)

FACT_KINDS: Mapping[str, FactKind] = {
    kind.name: kind
    for kind in (
        FactKind(
            name="PodSpec",
            scope="resource",
            function="workloads:derive_pod_specs",
            about="The pod that a Pod or a controller makes.",
            kinds=tuple(POD_TEMPLATE_PATHS),
            fields={
                "kind": "kind of the resource that makes the pod",
                "name": "name of that resource",
                "namespace": "its namespace, empty where none is written",
                "labels": "that resource's own labels",
                "annotations": "that resource's own annotations",
                "metadata": "metadata of the pod (of the template, for a controller)",
                "spec": "the pod spec",
                "allContainers": "containers, then initContainers, then ephemeralContainers",
            },
            cel={
                "kind": "object.kind",
                "name": "object.metadata.?name.orValue('')",
                "namespace": "object.metadata.?namespace.orValue('')",
                "labels": "object.metadata.?labels.orValue({})",
                "annotations": "object.metadata.?annotations.orValue({})",
                "metadata": f"{_TEMPLATE}.?metadata.orValue({{}})",
                "spec": f"{_TEMPLATE}.spec",
                "allContainers": (
                    "variables.spec.?containers.orValue([]) + variables.spec.?initContainers.orValue([])"
                    " + variables.spec.?ephemeralContainers.orValue([])"
                ),
            },
        ),
    )
}


def derive(kinds: Iterable[str], resources: Sequence[Resource]) -> Iterator[Fact]:
    """Yield the facts of the named `kinds` over `resources`, resource facts first in the resources' order."""
    chosen = [FACT_KINDS[kind] for kind in sorted(set(kinds))]
    per_resource = [kind.load() for kind in chosen if kind.scope == "resource"]
    for resource in resources:
        for function in per_resource:
            yield from function(resource)
    for kind in chosen:
        if kind.scope == "set":
            yield from kind.load()(resources)
