"""Kustomization files as text: what they name on this disk, what they would fetch, and how they nest.

Nothing is built here. ``kustomize build`` clones and downloads what it does not find on disk, so everything that a
kustomization names is checked first (`Tree.remote`), and a tree that needs the network is never handed to it.
"""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from seawall.formats import kubernetes_yaml
from seawall.formats.kubernetes_yaml import Document
from seawall.sources.detect import KUSTOMIZATION_NAMES

MAX_FILE_BYTES = 16 << 20
_MAX_NODES = 2_000  # a tree with more nodes repeats itself


class Kustomization(msgspec.Struct, frozen=True, eq=False):
    """One kustomization file. `directory` is real and absolute; `document` is None where the file cannot be read."""

    directory: str
    file: str
    data: bytes
    document: Document | None
    problem: str

    @property
    def value(self) -> Mapping[str, Any]:
        """The file's map, empty where there is none."""
        value = self.document.value if self.document else None
        return value if isinstance(value, dict) else {}

    def path(self, relative: str) -> str:
        """Return the real path of what the file calls `relative`."""
        return os.path.realpath(os.path.join(self.directory, relative))


class Node(msgspec.Struct, frozen=True, eq=False):
    """A kustomization within a tree. `prefix` and `suffix` are what names get from here to the root."""

    kustomization: Kustomization
    parent: "Node | None"
    prefix: str
    suffix: str
    component: bool


def load(directory: str | os.PathLike[str], shown: str = "") -> Kustomization | None:
    """Return the kustomization of `directory`, None where it has none. `shown` is how a report names the file's directory."""
    real = os.path.realpath(directory)
    for name in KUSTOMIZATION_NAMES:
        file = os.path.join(real, name)
        if not os.path.isfile(file):
            continue
        path = f"{shown}/{name}" if shown not in ("", ".") else name
        try:
            with open(file, "rb") as stream:
                data = stream.read(MAX_FILE_BYTES)
        except OSError as error:
            return Kustomization(real, file, b"", None, f"cannot be read: {error.strerror}")
        parsed = kubernetes_yaml.parse(path, data)
        problem = parsed.unscanned[0].reason if parsed.unscanned else ""
        document = parsed.documents[0] if parsed.documents else None
        return Kustomization(real, file, data, document, problem)
    return None


def read_file(path: str) -> bytes:
    """Return the bytes of a file that kustomize has read; nothing for what is no regular file or is gone."""
    try:
        if not os.path.isfile(path):
            return b""
        with open(path, "rb") as stream:
            return stream.read(MAX_FILE_BYTES)
    except OSError:
        return b""


def strings(kustomization: Kustomization, *keys: str) -> list[tuple[tuple[str, int], str]]:
    """Return the strings in the lists under `keys`, each with its field path."""
    found = []
    for key in keys:
        listed = kustomization.value.get(key)
        for index, item in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(item, str):
                found.append(((key, index), item))
    return found


def resources(kustomization: Kustomization) -> list[tuple[tuple[str, int], str]]:
    """Return what the kustomization builds on: files and directories, as written, with their field paths."""
    return strings(
        kustomization, "resources", "bases", "components", "generators", "transformers", "validators", "crds"
    )


def inputs(kustomization: Kustomization) -> Iterator[str]:
    """Yield all other files that the kustomization names, as written: patches, generators' files, configurations."""
    yield from (
        item for _, item in strings(kustomization, "patchesStrategicMerge", "configurations") if "\n" not in item
    )
    value = kustomization.value
    for key in ("patches", "patchesJson6902", "replacements"):
        yield from (item["path"] for item in _maps(value.get(key)) if isinstance(item.get("path"), str))
    for key in ("configMapGenerator", "secretGenerator"):
        for item in _maps(value.get(key)):
            files = item.get("files")
            yield from (
                file.rpartition("=")[2] for file in (files if isinstance(files, list) else ()) if isinstance(file, str)
            )
            envs = item.get("envs")
            yield from (file for file in (envs if isinstance(envs, list) else ()) if isinstance(file, str))
            if isinstance(item.get("env"), str):
                yield item["env"]
    openapi = value.get("openapi")
    if isinstance(openapi, dict) and isinstance(openapi.get("path"), str):
        yield openapi["path"]


def _maps(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


class Tree:
    """A root kustomization and everything below it that is on this disk."""

    def __init__(self, root: Kustomization, known: dict[str, Kustomization | None]) -> None:
        self.root = root
        self.nodes: list[Node] = []
        self.remote: list[tuple[str, str]] = []
        """What would have to be fetched: ``file:line`` and the name of it."""
        self.problems: list[tuple[str, str]] = []
        self._known = known
        self._add(root, None, component=False, above=frozenset())

    def files(self) -> set[str]:
        """Return the real paths of all files that the tree reads."""
        found = set()
        for node in self.nodes:
            own = node.kustomization
            found.add(own.file)
            for name in (*(item for _, item in resources(own)), *inputs(own)):
                path = own.path(name)
                if os.path.isfile(path):
                    found.add(path)
        return found

    def directories(self) -> set[str]:
        """Return the real directories of the kustomizations below the root."""
        return {node.kustomization.directory for node in self.nodes if node.parent is not None}

    def _add(self, own: Kustomization, parent: Node | None, *, component: bool, above: frozenset[str]) -> None:
        prefix, suffix = own.value.get("namePrefix"), own.value.get("nameSuffix")
        node = Node(
            own,
            parent,
            (parent.prefix if parent else "") + (prefix if isinstance(prefix, str) else ""),
            (suffix if isinstance(suffix, str) else "") + (parent.suffix if parent else ""),
            component,
        )
        self.nodes.append(node)
        if own.problem and own.document is None:
            self.problems.append((own.file, own.problem))
        if len(self.nodes) > _MAX_NODES:
            self.problems.append((own.file, "its bases nest without end"))
            return
        for field, name in resources(own):
            if "\n" in name:
                continue  # a generator or transformer written in place
            path = own.path(name)
            if os.path.isfile(path):
                continue
            below = self._load(path) if os.path.isdir(path) else None
            if below is None and (field[0] != "crds" or "://" in name):
                self.remote.append((self._place(own, field), name))
            elif below is not None and path not in above:
                self._add(below, node, component=field[0] == "components", above=above | {own.directory})
        for name in inputs(own):
            path = own.path(name)
            if "://" in name:
                self.remote.append((own.file, name))
            elif os.path.lexists(path) and not os.path.isfile(path) and not os.path.isdir(path):
                self.problems.append((path, "no regular file, and kustomize would wait for it: remove it"))

    def _load(self, directory: str) -> Kustomization | None:
        if directory not in self._known:
            self._known[directory] = load(directory, directory)
        return self._known[directory]

    @staticmethod
    def _place(own: Kustomization, field: tuple[str, int]) -> str:
        line = own.document.locate(field).location.line if own.document else 1
        return f"{own.file}:{line}"
