"""Which source file set a field of a built kustomization: a patch, a resource, or the kustomization itself.

The built object is compared with the sources that can have made it. The outermost patch that holds the field's value wins, then
the resource's own file, then the kustomization's transformers (images, replicas, namespace, labels). List elements are
found by their merge key, not by their index. Where none of them holds the value, the kustomization is the place, and the
snippet says so.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from seawall.cel.errors import CelError
from seawall.cel.functions.regex import Pattern
from seawall.formats import kubernetes_yaml
from seawall.formats.kubernetes_yaml import Document
from seawall.model.field_path import FieldPath, value_at
from seawall.model.resource import Location, Place, Resource, ResourceRef
from seawall.sources.kustomizations import Kustomization, Node, Tree, read_file, resources
from seawall.sources.kustomize_settings import entry_files, entry_paths, find_generator, find_line, transformer_path

# Merge keys of the built-in types (``patchMergeKey`` in k8s.io/api), the common ones first.
_MERGE_KEYS = ("name", "containerPort", "mountPath", "port", "devicePath", "ip", "topologyKey", "uid", "type", "key")


_IDENTITY = frozenset({"apiVersion", "kind", "name"})


class Source(msgspec.Struct, frozen=True, eq=False):
    """Text that can have set fields of an object. `operations` holds for a JSON 6902 patch, whose value is a list.

    `first_line` and `host` are set for a patch written in place: where it starts in the kustomization.
    """

    document: Document
    value: Any
    prefix: FieldPath = ()
    operations: bool = False
    first_line: int = 0
    host: Kustomization | None = None


class Sources:
    """The sources of one tree, parsed when the first field is asked for."""

    def __init__(self, tree: Tree, show: Callable[[str], str]) -> None:
        self._tree = tree
        self._show = show
        self._documents: dict[str, list[Document]] = {}
        self._resources: list[tuple[Node, Resource]] | None = None

    @property
    def kustomization(self) -> str:
        """The root's kustomization file, as a report shows it."""
        return self._show(self._tree.root.file)

    def resource_of(self, ref: ResourceRef) -> tuple[Node, Resource] | None:
        """Return the resource file's object that became `ref`."""
        if self._resources is None:
            self._resources = [(node, resource) for node in self._tree.nodes for resource in self._own_resources(node)]
        best, best_score = None, 0
        for node, resource in self._resources:
            if resource.ref.kind != ref.kind:
                continue
            score = (
                2
                if node.prefix + resource.ref.name + node.suffix == ref.name
                else 1
                if resource.ref.name == ref.name
                else 0
            )
            if score and resource.ref.namespace in (ref.namespace, ""):
                score += 2
            if score > best_score:
                best, best_score = (node, resource), score
        return best

    def locate(self, built: Resource, field: FieldPath) -> Place:
        """Return the place of `field` of the built object."""
        value = value_at(built.object, field)
        found = self.resource_of(built.ref)
        if found is None:
            return self._generated(built, field, value) or self._fallback(built, field, value)
        node, resource = found
        own = Source(resource.origin, resource.object, resource.prefix)  # type: ignore[arg-type]
        patches = list(self._patches(node, resource.ref.name, built.ref))
        if field == ("metadata", "name"):
            return self._place(own, field)  # prefixes and suffixes are the kustomization's, the name is the resource's
        # A patch repeats names and kinds only to say what it is about.
        leaf = value is not None and not isinstance(value, (dict, list)) and field[-1] not in _IDENTITY
        for source in [*patches, own] if leaf else [own, *patches]:
            path, complete = _translate(field, built.object, source, value)
            if complete and (isinstance(value, (dict, list)) or value_at(source.value, path) == value):
                return self._place(source, path)
        if value is not None and (place := self._transformed(node, built, field, value)) is not None:
            return place
        if value is not None and not isinstance(value, (dict, list)):
            return self._fallback(built, field, value)
        # The field is absent, or a map that several sources made: its nearest parent, in the resource where it can be.
        paths = [(_translate(field, built.object, source, value)[0], source) for source in (own, *patches)]
        path, source = max(paths, key=lambda pair: len(pair[0]))
        return self._place(source, field if source is own and len(path) == len(field) else path, absent=value is None)

    def path_of(self, built: Resource) -> str:
        """Return the file that holds the object: the resource's own, or the kustomization that generates it."""
        found = self.resource_of(built.ref)
        if found is not None:
            return found[1].origin.path
        place = self._generated(built)
        return place.location.path if place else self.kustomization

    def _own_resources(self, node: Node) -> Iterator[Resource]:
        for _, name in resources(node.kustomization):
            for document in self._parse(node.kustomization.path(name)):
                yield from kubernetes_yaml.resources(document)

    def _parse(self, file: str) -> list[Document]:
        if file not in self._documents:
            self._documents[file] = kubernetes_yaml.parse(self._show(file), read_file(file)).documents
        return self._documents[file]

    def _patches(self, node: Node, name: str, built: ResourceRef) -> Iterator[Source]:
        """Yield the patches that can have changed the resource, the last one to be applied first."""
        line: list[Node] = []
        current: Node | None = node
        while current is not None:
            line.insert(0, current)
            current = current.parent
        names = {name, built.name, *(step.prefix + name + step.suffix for step in line)}
        for step in line:
            below = [child for child in self._tree.nodes if child.component and child.parent is step]
            for member in (step, *below):
                yield from reversed(list(self._patches_of(member.kustomization, names, built)))

    def _patches_of(self, own: Kustomization, names: set[str], built: ResourceRef) -> Iterator[Source]:
        for key in ("patchesStrategicMerge", "patchesJson6902", "patches"):
            listed = own.value.get(key)
            for index, item in enumerate(listed if isinstance(listed, list) else ()):
                entry = {"path" if "\n" not in item else "patch": item} if isinstance(item, str) else item
                if not isinstance(entry, dict):
                    continue
                target = entry.get("target")
                if isinstance(target, dict) and not _selects(target, names, built):
                    continue
                inner: FieldPath = (key, index) if isinstance(item, str) else (key, index, "patch")
                for source in self._patch_texts(own, entry, inner):
                    if isinstance(source.value, list):
                        yield Source(source.document, source.value, (), True, source.first_line, source.host)
                    elif isinstance(source.value, dict) and (
                        isinstance(target, dict) or _is_named(source.value, names, built)
                    ):
                        yield source

    def _patch_texts(self, own: Kustomization, entry: dict[str, Any], inner: FieldPath) -> Iterator[Source]:
        if isinstance(entry.get("path"), str):
            yield from (Source(document, document.value) for document in self._parse(own.path(entry["path"])))
        elif isinstance(entry.get("patch"), str) and own.document is not None:
            line = own.document.locate(inner).location.line
            for document in kubernetes_yaml.parse("", entry["patch"].encode()).documents:
                yield Source(document, document.value, (), False, line, own)

    def _place(self, source: Source, path: FieldPath, *, absent: bool = False) -> Place:
        place = source.document.locate(source.prefix + path)
        if source.host is not None:
            place = _in_host(source, place, self._show(source.host.file))
        return Place(place.location, None, place.snippet) if absent else place

    def _transformed(self, node: Node, built: Resource, field: FieldPath, value: Any) -> Place | None:
        current: Node | None = node
        line: list[Node] = []
        while current is not None:
            line.append(current)
            line += [child for child in self._tree.nodes if child.component and child.parent is current]
            current = current.parent
        for step in reversed(line):
            own = step.kustomization
            path = transformer_path(own, built, field, value)
            if path is not None and own.document is not None:
                return self._rename(own, own.document.locate(path))
        return None

    def _generated(self, built: Resource, field: FieldPath = (), value: Any = None) -> Place | None:
        for node in self._tree.nodes:
            own = node.kustomization
            index = find_generator(own, built, node.prefix, node.suffix)
            if index is None or own.document is None:
                continue
            for path in entry_paths(own, index, field):
                return self._rename(own, own.document.locate(path))
            for name, line in entry_files(own, index, field):
                return self._place_in_file(own.path(name), line, built, field, value)
            return self._rename(own, own.document.locate((*index, "name")))
        return None

    def _place_in_file(self, file: str, key: str, built: Resource, field: FieldPath, value: Any) -> Place:
        """Return the place of `key` in a file of ``KEY=value`` lines, or of the whole file for an empty one."""
        number, text = find_line(read_file(file), key) if key else (1, "")
        evidence = None if value is None else _as_built(built, field).evidence
        return Place(Location(self._show(file), number, 1, number, len(text) + 1), evidence, text)

    def _fallback(self, built: Resource, field: FieldPath, value: Any) -> Place:
        built_place = _as_built(built, field)
        note = "set by the kustomization; which of its files set the field cannot be told"
        evidence = built_place.evidence if value is not None else None
        return Place(Location(self.kustomization, 1, 1, 1, 1), evidence, f"{built_place.snippet}\n# {note}")

    def _rename(self, own: Kustomization, place: Place) -> Place:
        location = place.location
        shown = Location(self._show(own.file), location.line, location.column, location.end_line, location.end_column)
        return Place(shown, place.evidence, place.snippet)


class BuiltOrigin:
    """The origin of a resource that kustomize built."""

    __slots__ = ("_path", "_sources", "built", "document")

    def __init__(self, document: Document, sources: Sources) -> None:
        self.document = document
        self.built: Resource | None = None
        self._sources = sources
        self._path = ""

    @property
    def path(self) -> str:
        """The resource's own file, or the kustomization where it is generated."""
        if not self._path:
            self._path = self._sources.path_of(self.built) if self.built else self._sources.kustomization
        return self._path

    def locate(self, field: FieldPath) -> Place:
        """Return the place in the source file that set `field`."""
        if self.built is None:
            return self.document.locate(field)
        return self._sources.locate(self.built, field[len(self.built.prefix) :])


def _as_built(built: Resource, field: FieldPath) -> Place:
    place: Place = built.origin.document.locate(built.prefix + field)  # type: ignore[attr-defined]
    return place


def _selects(target: dict[str, Any], names: set[str], built: ResourceRef) -> bool:
    """Tell whether a patch's target can be the resource: kind and name are anchored regular expressions."""
    kind, name = target.get("kind"), target.get("name")
    return _full(kind, {built.kind}) and _full(name, names)


def _full(pattern: Any, texts: set[str]) -> bool:
    if not isinstance(pattern, str) or not pattern:
        return True
    if re.fullmatch(r"[\w.-]+", pattern):
        return any(text == pattern for text in texts) or ("." in pattern and _matches(pattern, texts))
    return _matches(pattern, texts)


def _matches(pattern: str, texts: set[str]) -> bool:
    # The pattern is scanned text: RE2, which kustomize uses too, takes linear time where Python's engine may take forever.
    # One that it does not know counts as matching: the value decides.
    try:
        expression = Pattern(f"^(?:{pattern})$")
    except (CelError, UnicodeEncodeError):
        return True
    return any(expression.test(text) for text in texts)


def _is_named(patch: dict[str, Any], names: set[str], built: ResourceRef) -> bool:
    metadata = patch.get("metadata")
    return patch.get("kind") == built.kind and isinstance(metadata, dict) and metadata.get("name") in names


def _translate(field: FieldPath, built: Any, source: Source, value: Any) -> tuple[FieldPath, bool]:
    """Return the path of the built object's `field` in the source, as far as it exists, and whether it is all there."""
    if source.operations:
        return _in_operations(field, source.value, value)
    path: list[str | int] = []
    here, there = built, source.value
    for step in field:
        here = value_at(here, (step,))
        if isinstance(step, int):
            index = _index_of(here, there, step)
            if index is None:
                return tuple(path), False
            path.append(index)
            there = there[index]
        elif isinstance(there, dict) and there.get(step) is not None:
            path.append(step)
            there = there[step]
        else:
            return tuple(path), False
    return tuple(path), True


def _index_of(element: Any, items: Any, step: int) -> int | None:
    if not isinstance(items, list):
        return None
    if not isinstance(element, dict):
        return items.index(element) if element in items else None
    for key in _MERGE_KEYS:
        if key in element and any(isinstance(item, dict) and key in item for item in items):
            for index, item in enumerate(items):
                if isinstance(item, dict) and item.get(key) == element[key]:
                    return index
            return None
    return step if step < len(items) and isinstance(items[step], dict) else None


def _in_operations(field: FieldPath, operations: list[Any], value: Any) -> tuple[FieldPath, bool]:
    """Find the last operation that wrote `field` with `value`: the path is (operation, "value", rest…)."""
    for index in range(len(operations) - 1, -1, -1):
        operation = operations[index]
        if not isinstance(operation, dict) or operation.get("op") not in ("add", "replace"):
            continue
        steps = [step.replace("~1", "/").replace("~0", "~") for step in str(operation.get("path", "")).split("/")[1:]]
        if len(steps) > len(field) or not all(
            step == str(own) or (step == "-" and isinstance(own, int)) for step, own in zip(steps, field, strict=False)
        ):
            continue
        path: FieldPath = (index, "value", *field[len(steps) :])
        if value_at(operations, path) == value and value is not None:
            return path, True
    return (), False


def _in_host(source: Source, place: Place, shown: str) -> Place:
    """Return the place in the kustomization of a place in a patch that is written there as a block."""
    host = source.host
    lines = host.data.decode("utf-8", "replace").split("\n") if host else []
    line = min(source.first_line + place.location.line, len(lines))
    text = lines[line - 1] if line else ""
    inner = place.snippet.partition("\n")[0].strip()
    if inner not in text:  # not a literal block: the patch's own key is the place
        line = source.first_line
        text = lines[line - 1] if line <= len(lines) else ""
        start = len(text) - len(text.lstrip()) + 1
        return Place(Location(shown, line, start, line, len(text.rstrip()) + 1), place.evidence, text.rstrip())
    indent = text.index(inner) - (len(place.snippet) - len(place.snippet.lstrip()))
    location = place.location
    last = line + location.end_line - location.line
    return Place(
        Location(shown, line, location.column + indent, last, location.end_column + indent),
        place.evidence,
        text.rstrip(),
    )
