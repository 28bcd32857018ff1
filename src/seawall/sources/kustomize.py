"""Kustomizations: built with the user's own kustomize or kubectl, offline; findings point at the file that set the field.

Plugins, helm charts and the load restrictor keep kustomize's safe defaults: nothing of the tree is executed and nothing is
read above what kustomize allows. What names something remote is not built, because kustomize would fetch it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from seawall.formats import kubernetes_yaml
from seawall.formats.kubernetes_objects import find_misfits
from seawall.model.errors import SourceError
from seawall.model.resource import Resource, Unscanned
from seawall.sources.kustomizations import Kustomization, Tree, load
from seawall.sources.kustomize_places import BuiltOrigin, Sources
from seawall.sources.programs import Output, find_program, run_program

_MAX_REASON = 600


def read(root: Path | str, show: Callable[[str], str]) -> Iterator[Resource | Unscanned]:
    """Yield what the kustomization in the directory `root` builds; `show` turns a real path into what a report names."""
    known: dict[str, Kustomization | None] = {}
    own = load(root, show(str(root)))
    if own is not None:
        yield from read_tree(Tree(own, known), show)


def find_trees(directories: Collection[str], shown: Mapping[str, str]) -> list[Tree]:
    """Return the trees of those kustomizations in the real `directories` that no other of them builds on.

    `shown` gives the path to report for a directory. Each directory is in at least one tree, even where they form a circle.
    """
    known: dict[str, Kustomization | None] = {}
    for directory in directories:
        known[directory] = load(directory, shown.get(directory, directory))
    trees: dict[str, Tree] = {}
    inner: set[str] = set()
    for directory in sorted(directories):
        own = known[directory]
        if own is not None:
            trees[directory] = Tree(own, known)
            inner |= trees[directory].directories()
    roots = [tree for directory, tree in trees.items() if directory not in inner]
    covered = {tree.root.directory for tree in roots}.union(*(tree.directories() for tree in roots))
    for directory, tree in trees.items():
        if directory not in covered:
            roots.append(tree)
            covered |= {directory} | tree.directories()
    return roots


def read_tree(tree: Tree, show: Callable[[str], str]) -> Iterator[Resource | Unscanned]:
    """Yield what `tree` builds to, or why it was not built."""
    shown = show(tree.root.file)
    if tree.problems:
        yield from (Unscanned(show(file), f"not built: {reason}") for file, reason in tree.problems)
        return
    if tree.remote:
        for place, name in tree.remote:
            file, _, line = place.rpartition(":") if place.rpartition(":")[2].isdigit() else (place, "", "")
            path = f"{show(file)}:{line}" if line else show(file)
            reason = f"{shown} was not built: {name!r} is not on this disk, and nothing is fetched; vendor it into the repository"
            yield Unscanned(path, reason)
        return
    command = _command()
    if command is None:
        yield Unscanned(
            shown,
            f"{shown} was not built: neither kustomize nor kubectl is on PATH; install one or pass built manifests",
        )
        return
    try:
        output = run_program([*command, tree.root.directory])
    except SourceError as error:
        yield Unscanned(shown, f"{shown} was not built: {error.message}")
        return
    if output.status != 0:
        yield Unscanned(shown, f"{shown} was not built: {_explain(output, tree.root.directory)}")
        return
    sources = Sources(tree, show)
    parsed = kubernetes_yaml.parse(shown, output.out)
    for refused in parsed.unscanned:
        yield Unscanned(shown, f"as built: {refused.reason}")
    for document in parsed.documents:
        for misfit in find_misfits(document):
            yield Unscanned(shown, f"as built: {misfit.reason}")
        for resource in kubernetes_yaml.resources(document):
            origin = BuiltOrigin(document, sources)
            origin.built = Resource(resource.ref, resource.object, origin, resource.prefix)
            yield origin.built


def _explain(output: Output, directory: str) -> str:
    said = " ".join(output.errors.replace("Error: ", "", 1).split())[:_MAX_REASON].replace(f"{directory}/", "")
    if "--enable-helm" in said or "external plugins disabled" in said or "enable-alpha-plugins" in said:
        remedy = "charts and plugins of scanned files are never run; build it yourself and scan the output"
    else:
        remedy = "mend it as `kustomize build` says"
    return f"{said or f'status {output.status}'}; {remedy}"


def _command() -> Sequence[str] | None:
    kustomize = find_program("kustomize")
    if kustomize is not None:
        return [kustomize, "build"]
    kubectl = find_program("kubectl")
    return [kubectl, "kustomize"] if kubectl is not None else None
