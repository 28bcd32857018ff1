"""What a repository holds besides manifests and lock files: who looks at which of its files, and for which facts.

    collectors = wanted_by(plan)              # those whose facts a rule of the plan looks at
    tree = tree_files(collectors)             # handed to the walk, which fills it
    found = examine(collectors, tree.found, request)
    plan.run(found.facts)

A part of Seawall that reads a kind of file of its own (Terraform, Dockerfiles, code…) is one line in `COLLECTORS`. It is imported
only where a rule of the scan looks at its facts and a file of its kind is there.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from importlib import import_module
from typing import Any

import msgspec

from seawall.model.fact import Fact
from seawall.model.resource import Resource, Unscanned
from seawall.policy.evaluate import Plan
from seawall.sources.files import Found, Wanted
from seawall.sources.manifests import ReadOptions, TreeFiles


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What a collector may know besides its files.

    `kinds` are the fact kinds that rules look at, `params` the parameters of the configuration by rule id, `resources` the
    Kubernetes resources of the scan.
    """

    kinds: frozenset[str]
    params: Mapping[str, Mapping[str, Any]] = {}
    reading: ReadOptions = ReadOptions()
    resources: Sequence[Resource] = ()
    progress: Callable[[str, int], None] = lambda _what, _count: None


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the files: `facts`, what could not be read, and the paths of the `files` that were recognised.

    `resources` counts the configured things among what was read; it adds to the report's. `hidden` are texts by the path of their
    file that no report may show.
    """

    facts: Sequence[Fact] = ()
    unscanned: Sequence[Unscanned] = ()
    files: Collection[str] = ()
    resources: int = 0
    hidden: Mapping[str, Collection[str]] = {}


class Collector(msgspec.Struct, frozen=True, kw_only=True):
    """A part that reads files of its own.

    `wanted` tells by directory and name whether a file is one; it is asked for every file of a tree, so it imports nothing.
    `module` names the module of `seawall.stages` whose ``examine(files: Sequence[Found], request: Request) -> Collected`` reads
    them. `about_any_file`: it looks into every file, whatever that is, so that a file is not yet a reason to call a target well
    named. `about_resources`: it compares its files with the Kubernetes resources of the scan, which are read for it.
    """

    name: str
    kinds: frozenset[str]
    wanted: Wanted
    module: str
    about_any_file: bool = False
    about_resources: bool = False

    def examine(self, files: Sequence[Found], request: Request) -> Collected:
        """Read `files`, all of which are wanted."""
        run: Callable[[Sequence[Found], Request], Collected] = import_module(f"seawall.stages.{self.module}").examine
        return run(files, request)


def is_source_text(_directory: str, name: str) -> bool:
    """Tell a source text of a language whose code is judged (`seawall.formats.source_code`)."""
    return name.endswith((".py", ".js", ".ts", ".go", ".java", ".jsx", ".tsx", ".mjs", ".cjs", ".mts", ".cts"))


def _any_file(_directory: str, _name: str) -> bool:
    return True


def is_build_file(_directory: str, name: str) -> bool:
    """Tell a Dockerfile (``Dockerfile.dev``, ``web.dockerfile``), a Containerfile, or the ignore file of one."""
    lower = name.lower()
    if name.startswith(("Dockerfile.", "Containerfile.")):
        return not lower.endswith((".md", ".txt", ".rst", ".html", ".orig", ".rej", ".swp", "~"))
    return lower in ("dockerfile", "containerfile") or lower.endswith(
        (".dockerfile", ".containerfile", ".dockerignore", ".containerignore")
    )


COLLECTORS: tuple[Collector, ...] = (
    Collector(
        name="Dockerfiles",
        kinds=frozenset({"BuildStage", "BuildStep"}),
        wanted=is_build_file,
        module="dockerfiles",
    ),
    Collector(name="source code", kinds=frozenset({"CodePattern"}), wanted=is_source_text, module="code"),
    Collector(
        name="credentials",
        kinds=frozenset({"Credential"}),
        wanted=_any_file,
        module="credentials",
        about_any_file=True,
    ),
    Collector(
        name="routes",
        kinds=frozenset({"Endpoint", "ServedPorts"}),
        wanted=is_source_text,
        module="code_endpoints",
        about_resources=True,
    ),
)


def wanted_by(plan: Plan) -> tuple[Collector, ...]:
    """Return the collectors whose facts rules of `plan` look at."""
    return tuple(collector for collector in COLLECTORS if not collector.kinds.isdisjoint(plan.fact_kinds))


def wants(kinds: Collection[str], file: str) -> bool:
    """Say whether `file` is read for facts of `kinds`."""
    return any(not one.kinds.isdisjoint(kinds) and one.wanted(*split(file)) for one in COLLECTORS)


def tree_files(collectors: Sequence[Collector], *, alone: bool = True, with_images: bool = False) -> TreeFiles | None:
    """Return what a walk needs to know to find the files of `collectors`; None where there are none.

    `alone`: nothing else of the scan reads files, so that any file makes a target well named where all of them look into any.
    `with_images`: images are scanned too, whose packages are told by the line of the Dockerfile that brought them.
    """
    if not collectors and not with_images:
        return None
    named = [collector.wanted for collector in collectors if not collector.about_any_file]
    if alone and all(collector.about_any_file for collector in collectors):
        named = [collector.wanted for collector in collectors]
    wanted = tuple(collector.wanted for collector in collectors)
    if with_images and is_build_file not in wanted:
        wanted = (*wanted, is_build_file)
    return TreeFiles(
        wanted=wanted[0] if len(wanted) == 1 else lambda directory, name: any(w(directory, name) for w in wanted),
        counts=lambda directory, name: any(w(directory, name) for w in named),
    )


def examine(collectors: Sequence[Collector], files: Sequence[Found], request: Request) -> Collected:
    """Hand to each of `collectors` the `files` that it wants, each once, and return all that came of it in that order."""
    once: dict[str, Found] = {}
    for found in files:
        once.setdefault(found.real, found)  # a directory and a file in it may both be named
    facts: list[Fact] = []
    unscanned: list[Unscanned] = []
    recognised: dict[str, None] = {}
    resources = 0
    hidden: dict[str, list[str]] = {}
    for collector in collectors:
        own = [found for found in once.values() if collector.wanted(*split(found.file))]
        if not own:
            continue
        request.progress(f"reading {collector.name}", len(own))
        collected = collector.examine(own, request)
        facts += collected.facts
        unscanned += collected.unscanned
        recognised.update(dict.fromkeys(collected.files))
        resources += collected.resources
        for path, texts in collected.hidden.items():
            hidden.setdefault(path, []).extend(texts)
    return Collected(facts=facts, unscanned=unscanned, files=tuple(recognised), resources=resources, hidden=hidden)


def split(file: str) -> tuple[str, str]:
    """Return directory and name of `file`, as `Collector.wanted` takes them."""
    directory, _, name = file.replace("\\", "/").rpartition("/")
    return directory, name
