"""A rule's own examples are its test: everything bad fires, everything good is silent.

In a bad file of a rule over single resources, every document that yields what the rule looks at fires. A bad file of a rule
over the whole scan (a set fact), or over files of other kinds, is one scan, and at least one finding comes of it. In a good file,
nothing fires. What a repository or an image holds is described in a document of its own (`example_inventories`); a file of
another kind is an example as it stands (`example_files`). ``seawall rules test`` and Seawall's own tests run this for shipped
rules and for a user's.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from seawall.facts import catalogue
from seawall.facts.suppressions import KIND as SUPPRESSION
from seawall.formats import kubernetes_yaml
from seawall.model.errors import RuleError
from seawall.model.fact import Fact
from seawall.model.resource import Resource
from seawall.model.rule import Rule
from seawall.model.suppression import Suppression
from seawall.policy.compiled import CompiledRule
from seawall.policy.evaluate import Failure, Plan
from seawall.policy.findings import explain_inconclusive, message_of
from seawall.policy.load import RuleFolder, parse_rules
from seawall.policy.places import Places
from seawall.sources import rule_folders
from seawall.sources.files import SourceFile
from seawall.stages import rule_sets, suppressions

EXAMPLE = "seawall.dev/example/v1"
"""The ``apiVersion`` of documents that describe what a repository or an image holds."""

READABLE = (".yaml", ".yml", ".json")
"""The endings of example files that are manifests."""


class ExampleResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one example file. `problems` are sentences with their place, none when the file is as it should be;
    `judged` counts what the rule looked at, `messages` are the words of what fired."""

    rule: str
    name: str
    kind: str
    judged: int
    messages: tuple[str, ...]
    problems: tuple[str, ...]


class RuleUnderTest(msgspec.Struct, frozen=True, kw_only=True):
    """A rule with its folder, ready to run."""

    folder: RuleFolder
    compiled: CompiledRule

    @property
    def rule(self) -> Rule:
        """The rule itself."""
        return self.compiled.rule


def load(root: Path, params: Mapping[str, Mapping[str, Any]] | None = None) -> list[RuleUnderTest]:
    """Return the rules below `root` with their folders, sorted by id.

    Raises `UsageError` where there is none, `RuleError` at the first that does not load or compile.
    """
    folders = {folder.id: folder for folder in rule_folders.read(root)}
    rules = parse_rules(folders.values())
    return [
        RuleUnderTest(folder=folders[compiled.rule.id], compiled=compiled)
        for compiled in rule_sets.plan(rules, params or {}).rules
    ]


def check(tested: RuleUnderTest) -> Iterator[ExampleResult]:
    """Yield the result of each example file, bad ones first. Raises `RuleError` where a file cannot be read."""
    plan = Plan([tested.compiled])
    for kind in ("bad", "good"):
        for name in tested.folder.example_names(kind):
            yield _check_file(tested, plan, kind, name)


def read_example(folder: RuleFolder, name: str) -> list[Resource]:
    """Return the resources in the example file `name`. Raises `RuleError` where it is not a whole, readable manifest."""
    path = Path(folder.place) / name
    if path.suffix not in READABLE:
        raise RuleError(f"examples end in {' or '.join(READABLE)}", place=str(path))
    parsed = kubernetes_yaml.parse(str(path), rule_folders.read_file(path))
    if parsed.unscanned:
        raise RuleError(parsed.unscanned[0].reason, place=parsed.unscanned[0].path)
    return [resource for document in parsed.documents for resource in kubernetes_yaml.resources(document)]


def example_facts(folder: RuleFolder, plan: Plan, name: str) -> list[Fact]:
    """Return all that the rules of `plan` look at in the example file `name` of `folder`.

    Raises `RuleError` where the file cannot be read as what it is by its name.
    """
    path = Path(folder.place) / name
    kinds = frozenset(plan.fact_kinds)
    facts: list[Fact] = []
    described = False
    if path.suffix in READABLE:
        resources = read_example(folder, name)
        described = any(resource.ref.api_version == EXAMPLE for resource in resources)
        facts = derive_facts(plan, resources, _read_comments(folder, name))
    if not described and not kinds.isdisjoint(catalogue.FILE_FACTS):
        from seawall.stages import example_files, repository

        if path.suffix not in READABLE or repository.wants(kinds, str(path)):
            facts += example_files.read_file(path, kinds)
    elif path.suffix not in READABLE:
        raise RuleError(f"examples end in {' or '.join(READABLE)}", place=str(path))
    return facts


def derive_facts(plan: Plan, resources: Sequence[Resource], comments: Sequence[Suppression] = ()) -> list[Fact]:
    """Return all that the rules of `plan` look at in `resources`, and in the `comments` of their file."""
    facts = [*catalogue.derive(plan.fact_kinds, resources), *plan.resource_facts(resources)]
    if any(
        catalogue.FACT_KINDS[kind].scope in ("project", "package", "image", "file", "tree") for kind in plan.fact_kinds
    ):
        from seawall.stages import example_inventories

        kinds = frozenset(plan.fact_kinds)
        facts += [fact for resource in resources for fact in example_inventories.derive_facts(resource, kinds)]
    if not catalogue.SYSTEM_FACTS.isdisjoint(plan.fact_kinds):
        from seawall.stages import example_inventories

        facts += example_inventories.derive_system_facts(resources, frozenset(plan.fact_kinds))
    if SUPPRESSION in plan.fact_kinds:
        facts += suppressions.example_facts(resources, comments)
    return facts


def _read_comments(folder: RuleFolder, name: str) -> list[Suppression]:
    path = Path(folder.place) / name
    comments = suppressions.CommentCollector()
    comments.add(SourceFile(str(path), rule_folders.read_file(path)))
    return comments.suppressions


def is_over_the_whole_scan(rule: Rule) -> bool:
    """Say whether `rule` looks at facts about several resources together, or at what a file holds beside other things."""
    return any(catalogue.FACT_KINDS[kind].scope in ("set", "system", "file", "tree") for kind in rule.match.facts)


def _check_file(tested: RuleUnderTest, plan: Plan, kind: str, name: str) -> ExampleResult:
    facts = example_facts(tested.folder, plan, name)
    failures, inconclusive = plan.run(facts)
    whole = is_over_the_whole_scan(tested.rule)
    problems = [f"{entry.path}: {entry.reason}" for entry in explain_inconclusive(inconclusive)]
    if not facts and not (whole and kind == "good"):
        problems.append(f"{Path(tested.folder.place) / name}: no document yields what the rule looks at")
    if kind == "good":
        problems += [f"{_place(failure)} fires, and should not: {message_of(failure)}" for failure in failures]
    elif whole:
        problems += [] if failures else [f"{Path(tested.folder.place) / name}: nothing in it fires"]
    else:
        fired = {id(failure.fact) for failure in failures}
        problems += [f"{_start(fact)} does not fire" for fact in facts if id(fact) not in fired]
    return ExampleResult(
        rule=tested.rule.id,
        name=name,
        kind=kind,
        judged=len(facts),
        messages=tuple(message_of(failure) for failure in failures),
        problems=tuple(problems),
    )


def _place(failure: Failure) -> str:
    resource = failure.fact.resource
    location = Places().find(failure.fact, failure.validation, failure.indices).place.location
    return f"{location.path}:{location.line}:{location.column}: {resource.ref.kind} {resource.ref.name}"


def _start(fact: Fact) -> str:
    location = fact.resource.locate(()).location
    return f"{location.path}:{location.line}: {fact.resource.ref.kind} {fact.resource.ref.name}"
