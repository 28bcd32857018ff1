"""Kubernetes manifests: bytes to documents, and documents to resources, as kubectl and the API server read them.

`parse` takes YAML and JSON, one or many documents, and never raises for bad input: what cannot be read is an `Unscanned`
with its line, and the other documents of the file are still read. Every `Document` can say where each of its fields
stands, which is computed only when it is asked for.

    parsed = parse("deploy.yaml", data)
    for document in parsed.documents:
        for resource in resources(document):
            resource.locate(("spec", "replicas")).location.line

Choices, and why, are in ``docs/adr/0003-yaml.md``.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from seawall.formats.kubernetes_yaml_documents import read_documents
from seawall.formats.kubernetes_yaml_places import Places
from seawall.formats.kubernetes_yaml_text import SourceText
from seawall.model.field_path import FieldPath
from seawall.model.resource import Place, Resource, ResourceRef, Unscanned

MAX_PROBLEMS = 100
"""Most problems of one file that are reported: a report of 16 MB of separators helps nobody."""


class Document:
    """One document of a file: its plain `value`, and an `Origin` that says where the fields stand.

    `index` counts the file's documents from 0, empty ones not included; `line` is where the content starts. `may_hold_nulls` is
    False where no field of a map is null.
    """

    __slots__ = ("_places", "index", "may_hold_nulls", "path", "value")

    def __init__(self, path: str, index: int, value: Any, places: Places, *, may_hold_nulls: bool = True) -> None:
        self.path = path
        self.index = index
        self.value = value
        self.may_hold_nulls = may_hold_nulls
        self._places = places

    @property
    def line(self) -> int:
        """The line on which the document's content starts."""
        return self._places.first_line

    @property
    def lines(self) -> tuple[int, int]:
        """The first and the last line of the document's text, comments before its content included."""
        return self._places.lines

    def locate(self, field: FieldPath) -> Place:
        """Return the place of `field`, from its key to the end of a scalar's text.

        A field that is absent has the place of the key of its nearest parent, and no evidence. A value behind an alias
        or a merge key is where it really stands: at the anchor.
        """
        return self._places.locate(field)


class ParsedFile(msgspec.Struct):
    """What a file holds: the documents that could be read, and why others could not."""

    documents: list[Document] = []
    unscanned: list[Unscanned] = []


def parse(path: str, data: bytes) -> ParsedFile:
    """Read all documents of `data`; `path` is how the user would name the file."""
    parsed = ParsedFile()
    text = SourceText(path, data)
    for outcome in read_documents(text):
        if isinstance(outcome, Unscanned):
            parsed.unscanned.append(outcome)
            if len(parsed.unscanned) == MAX_PROBLEMS:
                parsed.unscanned.append(Unscanned(path, f"{MAX_PROBLEMS} problems: the rest of the file is not read"))
                break
        else:
            value, nulls, places = outcome
            parsed.documents.append(Document(path, len(parsed.documents), value, places, may_hold_nulls=nulls))
    return parsed


def resources(document: Document) -> list[Resource]:
    """Return the Kubernetes objects of `document`: one, the items of a List, or none where it is no Kubernetes object."""
    return list(_expand(document, document.value, ()))


def _expand(document: Document, value: Any, prefix: FieldPath) -> Iterator[Resource]:
    if not isinstance(value, dict):
        return
    api_version, kind = value.get("apiVersion"), value.get("kind")
    if not (isinstance(kind, str) and isinstance(api_version, str) and kind and api_version):
        return
    items = value.get("items")
    if kind.endswith("List") and (isinstance(items, list) or (kind == "List" and items is None)):
        for index, item in enumerate(items or ()):
            # A typed list (PodList) may leave kind and version out of its items; they follow from the list's own.
            if kind != "List" and isinstance(item, dict) and "kind" not in item:
                item = {"apiVersion": api_version, "kind": kind.removesuffix("List"), **item}
            yield from _expand(document, item, (*prefix, "items", index))
        return
    clean = drop_nulls(value) if document.may_hold_nulls else value
    yield Resource(_identify(api_version, kind, value.get("metadata")), clean, document, prefix)


def _identify(api_version: str, kind: str, metadata: Any) -> ResourceRef:
    """Return the identity; a name that the API server will generate is written as ``prefix*``."""
    if not isinstance(metadata, dict):
        return ResourceRef(api_version, kind, "", "")
    name, prefix, namespace = metadata.get("name"), metadata.get("generateName"), metadata.get("namespace")
    if not (isinstance(name, str) and name):
        name = f"{prefix}*" if isinstance(prefix, str) and prefix else ""
    return ResourceRef(api_version, kind, namespace if isinstance(namespace, str) else "", name)


def drop_nulls(value: Any) -> Any:
    """Return `value` without the null fields of its maps; nulls in lists stay. What holds none is returned as it is.

    The API server does so for built-in types: a null field of a map is an absent one.
    """
    if isinstance(value, dict):
        changed = {}
        same = True
        for key, inner in value.items():
            if inner is None:
                same = False
            elif isinstance(inner, (dict, list)):
                clean = drop_nulls(inner)
                same = same and clean is inner
                changed[key] = clean
            else:
                changed[key] = inner
        return value if same else changed
    if isinstance(value, list):
        clean_items = [drop_nulls(item) if isinstance(item, (dict, list)) else item for item in value]
        return value if all(map(_is, clean_items, value)) else clean_items
    return value


def _is(left: object, right: object) -> bool:
    return left is right
