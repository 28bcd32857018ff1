"""All Kubernetes resources of one target, whatever it is: the one entry of the deploy stage.

    for entry in read("examples/shop", ReadOptions()):
        match entry:
            case Resource(): ...
            case Unscanned(path, reason): ...

A directory may mix plain manifests, charts and kustomizations; one walk finds them all. Charts are rendered, kustomizations
that no other one builds on are built, and the files that went into them are not read a second time as they stand:
templates are no YAML, and a patch is no object. The three tools are asked for only where there is something for them.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator

import msgspec

from seawall.formats import kubernetes_yaml
from seawall.formats.kubernetes_objects import find_misfits
from seawall.model.errors import UsageError
from seawall.model.resource import Resource, Unscanned
from seawall.sources import files
from seawall.sources.detect import IMAGES, KUSTOMIZATION_NAMES, TargetKind, detect
from seawall.sources.files import Found, SourceFile, Wanted

PROJECT_FILES = frozenset({"package.json", "pyproject.toml", "requirements.txt", "requirements.in"})
"""Files that declare what a project depends on."""

_OF_A_CHART = frozenset({"templates", "charts", "crds"})
_CHART_FILES = ("Chart.yaml", "Chart.lock", "values.yaml", "values.schema.json")
"""Files in a chart's own directory that helm reads, and that are no manifests whatever they say."""


def _ignore_file(_file: SourceFile) -> None:
    pass


def _ignore_warning(_sentence: str) -> None:
    pass


class TreeFiles(msgspec.Struct, frozen=True, kw_only=True):
    """The files of other kinds that a scan wants, and those that were `found`, unread.

    A file may be a manifest and of another kind too. `counts` tells which are reason enough to call a target well named.
    """

    wanted: Wanted
    counts: Wanted
    found: list[Found] = msgspec.field(default_factory=list)

    def take(self, found: Found) -> bool:
        """Take `found` where it is wanted, and say whether it was."""
        wanted = self.wanted(*os.path.split(found.file))
        if wanted:
            self.found.append(found)
        return wanted


class ReadOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How targets are read.

    `values` and `sets` go to helm as ``--values`` and ``--set``. `context`, `kubeconfig` (empty: the usual one) and
    `namespaces` (empty: all) choose what of a cluster is read, `kinds` which kinds (``Kind`` or ``group/Kind``) beside those that
    facts are made from. `on_file` sees each file that is read, for its comments; `warn` gets sentences that the user should see.
    `lock_files` takes the lock files and SBOMs that are met on the way, unread; where it is None none is looked for. Of an image
    with several platforms `platform` is read (``linux/arm64``; empty: this machine's), and with `exclude_base` without what its
    base image brought, which `base` names (empty: its history tells). With `verify_diff_ids`, and wherever `base` is given,
    layers are held against both of their digests. `insecure_registries` are hosts that may be asked without
    TLS, or with a certificate that nobody checks; `registry_ca` and `registry_mirrors` are as
    `seawall.sources.registry.settings.choose_settings` takes them.
    `vex` are documents that say which vulnerabilities do not matter; `product` is the purl of what the targets are, empty where
    nobody says. `projects` takes the directories that hold a project which declares dependencies; where it is None none is
    looked for. `tree` takes files of other kinds. With `manifests` False no file is read as a manifest: nobody asks for what
    would be in it. `history`: credentials are looked for in every commit too.
    """

    respect_ignores: bool = True
    values: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    context: str = ""
    kubeconfig: str = ""
    namespaces: tuple[str, ...] = ()
    kinds: Collection[str] | None = None
    on_file: Callable[[SourceFile], None] = _ignore_file
    warn: Callable[[str], None] = _ignore_warning
    lock_files: list[Found] | None = None
    projects: list[str] | None = None
    tree: TreeFiles | None = None
    manifests: bool = True
    history: bool = False
    platform: str = ""
    exclude_base: bool = False
    base: str = ""
    verify_diff_ids: bool = False
    insecure_registries: tuple[str, ...] = ()
    registry_ca: str = ""
    registry_mirrors: tuple[str, ...] = ()
    vex: tuple[str, ...] = ()
    product: str = ""


def read(
    target: str,
    options: ReadOptions = ReadOptions(),  # noqa: B008 - frozen
    kind: TargetKind | None = None,
) -> Iterator[Resource | Unscanned]:
    """Yield the resources of `target` and what could not be read, in the order of paths.

    `kind` is that of the target, where it is known already. Raises `UsageError` for a target that does not exist or is not
    supported, and for options that do not fit it; `SourceError` for a cluster that cannot be reached.
    """
    kind = kind or detect(target)
    if kind in IMAGES:
        raise RuntimeError("an image holds no manifests: stages.images reads it")
    taken = False
    if options.tree is not None and kind in (TargetKind.FILE, TargetKind.KUSTOMIZE, TargetKind.HELM):
        taken = os.path.isfile(target) and options.tree.take(
            Found(target, os.path.realpath(target), files.show(target))
        )
    if kind is TargetKind.CLUSTER:
        yield from _read_cluster(options)
    elif kind is TargetKind.SBOM or (
        kind is TargetKind.FILE and options.lock_files is not None and _is_lock_file("", target)
    ):
        if options.lock_files is not None:
            options.lock_files.append(Found(target, os.path.realpath(target), files.show(target)))
    elif not options.manifests and not os.path.isdir(target):
        return
    elif kind is TargetKind.STDIN or kind is TargetKind.FILE:
        if options.values or options.sets:
            raise UsageError(
                f"--values and --set need a chart, and {target} is none", remedy="name the chart's directory"
            )
        if not (taken and kind is TargetKind.FILE) or target.endswith(files.EXTENSIONS):
            for entry in files.read(target):
                yield from _parse(entry, options)
    elif os.path.isdir(target):
        yield from _read_directory(target, options)
    elif target.endswith(".tgz"):
        from pathlib import Path

        from seawall.sources import helm

        shown = files.show(target)
        yield from helm.read(Path(target), shown, values=options.values, sets=options.sets, on_file=options.on_file)
    elif kind is TargetKind.HELM:
        directory = os.path.dirname(target) or "."
        yield from _read_chart(directory, directory, options)
    else:
        directory = os.path.dirname(target) or "."
        yield from _build([directory], directory, [], options)


def _parse(entry: SourceFile | Unscanned, options: ReadOptions) -> Iterator[Resource | Unscanned]:
    if isinstance(entry, Unscanned):
        yield entry
        return
    options.on_file(entry)
    parsed = kubernetes_yaml.parse(entry.path, entry.data)
    yield from parsed.unscanned
    for document in parsed.documents:
        yield from find_misfits(document)
        yield from kubernetes_yaml.resources(document)


def _read_directory(target: str, options: ReadOptions) -> Iterator[Resource | Unscanned]:
    charts: dict[str, None] = {}
    kustomizations: list[str] = []

    claimed: list[str] = []

    def claim(directory: str, names: frozenset[str]) -> bool:
        if (
            charts
            and os.path.basename(directory) in _OF_A_CHART
            and _without_dots(os.path.dirname(directory)) in charts
        ):
            claimed.append(directory)
            return True
        if "Chart.yaml" in names:
            charts[_without_dots(directory)] = None
        if not names.isdisjoint(KUSTOMIZATION_NAMES):
            kustomizations.append(_without_dots(directory))
        if options.projects is not None and target not in options.projects and not names.isdisjoint(PROJECT_FILES):
            options.projects.append(target)
        return False

    # Which files belong to a kustomization is known only at the end of the walk: an overlay may stand after its base. So
    # names come first; bytes are read one file after the other, and only those of manifests stay in memory.
    entries = list(files.walk(target, respect_ignores=options.respect_ignores, claim=claim, wanted=_wanted(options)))
    if options.tree is not None:
        entries = _take_tree_files(entries, options, options.tree)
        for directory in claimed:  # helm reads the templates, and they are files like others too
            walked = files.walk(directory, respect_ignores=options.respect_ignores, wanted=options.tree.wanted)
            options.tree.found.extend(entry for entry in walked if isinstance(entry, Found))
    if options.lock_files is not None:
        entries = _take_lock_files(entries, options.lock_files)
    if not options.manifests:
        yield from (entry for entry in entries if isinstance(entry, Unscanned))
        return
    of_charts = {os.path.join(os.path.realpath(chart), name) for chart in charts for name in _CHART_FILES}
    entries = [entry for entry in entries if isinstance(entry, Unscanned) or entry.real not in of_charts]
    if (options.values or options.sets) and len(charts) != 1:
        raise UsageError(
            f"--values and --set need one chart, but {files.show(target)} holds {len(charts) or 'none'}",
            remedy="name the chart's own directory",
        )
    if kustomizations:
        yield from _build(kustomizations, target, entries, options)
    else:
        yield from _parse_all(entries, options)
    for chart in charts:
        yield from _read_chart(chart, target, options)


def _take_lock_files(entries: list[Found | Unscanned], taken: list[Found]) -> list[Found | Unscanned]:
    """Move the lock files among `entries` to `taken`, and return the rest."""
    rest: list[Found | Unscanned] = []
    for entry in entries:
        if isinstance(entry, Found) and _is_lock_file("", entry.file):
            taken.append(entry)
        else:
            rest.append(entry)
    return rest


def _wanted(options: ReadOptions) -> Wanted:
    """Return what tells whether a file of a directory is wanted at all."""
    kinds: list[Wanted] = [files.is_manifest] if options.manifests else []
    kinds += [_is_lock_file] if options.lock_files is not None else []
    kinds += [options.tree.wanted] if options.tree is not None else []
    return kinds[0] if len(kinds) == 1 else lambda directory, name: any(is_one(directory, name) for is_one in kinds)


def _take_tree_files(
    entries: list[Found | Unscanned], options: ReadOptions, tree: TreeFiles
) -> list[Found | Unscanned]:
    """Take what `tree` wants of `entries`, and return those that are wanted for something else, or could not be read."""
    others = _wanted(msgspec.structs.replace(options, tree=None))
    return [
        entry
        for entry in entries
        if isinstance(entry, Unscanned) or not tree.take(entry) or others(*os.path.split(entry.file))
    ]


def _is_lock_file(directory: str, name: str) -> bool:
    """Tell by its name whether a file is a lock file. Most files of a scan are manifests: they cost no import."""
    if name.endswith((".yaml", ".yml")) and not name.endswith("pnpm-lock.yaml"):
        return False
    from seawall.sources.lock_files import lock_kind

    return lock_kind(f"{directory}/{name}") is not None


def _without_dots(path: str) -> str:
    """Return `path` without what says nothing in it: ``./`` and slashes that are not needed."""
    from pathlib import Path  # only where there is a chart or a kustomization

    return os.fspath(Path(path))


def _parse_all(entries: Iterable[Found | Unscanned], options: ReadOptions) -> Iterator[Resource | Unscanned]:
    for entry in entries:
        outcome = files.load(entry) if isinstance(entry, Found) else entry
        if outcome is not None:
            yield from _parse(outcome, options)


def _read_chart(chart: str, target: str, options: ReadOptions) -> Iterator[Resource | Unscanned]:
    from pathlib import Path

    from seawall.sources import helm
    from seawall.sources.ignore_files import find_repository

    # A chart may link to its neighbours in what was named, or in the repository that holds it.
    boundary = find_repository(os.path.realpath(chart)) or os.path.realpath(target)
    if os.path.join(boundary, "").startswith(os.path.join(os.path.realpath(target), "")):
        boundary = os.path.realpath(target)
    yield from helm.read(
        Path(chart),
        files.show(chart),
        values=options.values,
        sets=options.sets,
        boundary=boundary,
        on_file=options.on_file,
    )


def _build(
    directories: list[str], target: str, entries: list[Found | Unscanned], options: ReadOptions
) -> Iterator[Resource | Unscanned]:
    """Yield what the kustomizations in `directories` build, and the `entries` that none of them reads."""
    from seawall.sources import kustomize

    root = os.path.realpath(target)

    def show(real: str) -> str:
        return files.show(os.path.normpath(os.path.join(target, os.path.relpath(real, root))))

    real_directories = {os.path.realpath(directory): files.show(directory) for directory in directories}
    trees = kustomize.find_trees(list(real_directories), real_directories)
    inner = {file for tree in trees for file in tree.files()}
    yield from _parse_all(
        (entry for entry in entries if isinstance(entry, Unscanned) or entry.real not in inner),
        options,
    )
    for file in sorted(inner):
        if file.endswith(files.EXTENSIONS):
            for source in files.read(file):
                if isinstance(source, SourceFile):
                    options.on_file(SourceFile(show(file), source.data))
    for tree in trees:
        yield from kustomize.read_tree(tree, show)


def _read_cluster(options: ReadOptions) -> Iterator[Resource | Unscanned]:
    from seawall.sources import cluster, kubeconfig

    access = kubeconfig.load(options.context, options.kubeconfig)
    for sentence in access.warnings:
        options.warn(sentence)
    yield from cluster.read(access, {*cluster.KINDS, *(options.kinds or ())}, options.namespaces)
