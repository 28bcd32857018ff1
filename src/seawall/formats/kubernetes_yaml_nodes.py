"""The exact reader of one YAML document: libyaml's events, goyaml's meaning, a mark on every node.

goyaml v2, which Kubernetes uses, is a port of libyaml; so libyaml (through PyYAML's event parser, which constructs no
objects) accepts and refuses the same text. Anchors, aliases, merge keys, tags and duplicate keys are resolved here as goyaml
resolves them, with its guard against alias bombs. It costs about a second for 2.5 MB; documents in the plain subset of YAML
that nearly all manifests keep to take the faster way of ``kubernetes_yaml_fast``.
"""

import re
from typing import Any

import msgspec

from seawall.formats.kubernetes_yaml_scalars import (
    MERGE_TAG,
    Scalar,
    ScalarError,
    resolve_key,
    resolve_plain,
    resolve_tagged,
)

MAX_DEPTH = 250
"""Deepest nesting that is read. Kubernetes' own types and schemas stay below 100; Python's stack ends at about 1,000."""

MAX_NODES = 500_000
"""Most keys and values of a document that is read here, about 110 MB. An object in etcd, of at most 1.5 MB, has a tenth of it."""

# goyaml's guard against alias bombs (decode.go): the share of nodes that may come from aliases falls with the size.
_ALIAS_RATIO_LOW, _ALIAS_RATIO_HIGH = 400_000, 4_000_000


_ESCAPE = re.compile(r"\\.", re.DOTALL)


class YamlError(ValueError):
    """The text is no YAML that Kubernetes takes.

    `offset` is where, in characters from the start of the text; `began` is where what is broken there begins.
    """

    def __init__(self, problem: str, offset: int, began: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.offset = offset
        self.began = offset if began is None else began


class DuplicateKeyError(YamlError):
    """The same key stands twice in a map: at `first` and at `offset`, in characters."""

    def __init__(self, key: str, first: int, offset: int) -> None:
        super().__init__(f"key {key!r} is set twice in the same map", offset)
        self.first = first


class Node(msgspec.Struct, eq=False):
    """One node of the text from `start` to `end` (characters, end exclusive).

    Exactly one of `text`, `items`, `pairs` and `alias_of` is used.
    """

    start: int
    end: int
    tag: str | None = None
    plain: bool = False  # written without quotes
    text: str | None = None
    items: "list[Node] | None" = None
    pairs: "list[tuple[Node, Node]] | None" = None
    alias_of: "Node | None" = None
    flow: bool = False  # a collection in brackets


def compose(text: str) -> Node | None:
    """Return the root node of the first document in `text`, or None when there is none. Raises `YamlError`."""
    return _Composer(text).compose()


class _Composer:
    """Builds the node tree from events without recursion, and stops at `MAX_DEPTH`, before libyaml's time grows squared."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._anchors: dict[str, Node] = {}
        self._root: Node | None = None
        self._count = 0
        self._open: list[tuple[Node, list[Node]]] = []  # open collections and what they hold so far

    def compose(self) -> Node | None:
        import yaml

        try:
            for event in yaml.parse(self._text, Loader=yaml.CSafeLoader):
                if isinstance(event, yaml.DocumentEndEvent):
                    break  # goyaml reads the first document and no further
                if event.start_mark is None or event.end_mark is None:
                    raise RuntimeError("libyaml gave an event without marks")
                start, end = event.start_mark.index, event.end_mark.index
                if isinstance(event, yaml.ScalarEvent):
                    if event.style == '"' and "\\/" in self._text[start:end]:
                        self._refuse_slash(start, end)
                    if not event.style and "?" in event.value and self._open and self._open[-1][0].flow:
                        raise YamlError("a '?' in brackets: put the text into quotes", start)  # goyaml sees a key there
                    # The tag "!" says no more than quotes do: it is a string.
                    tag, plain = (event.tag, event.implicit[0]) if event.tag != "!" else (None, False)
                    self._add(Node(start, end, tag, plain, event.value), event.anchor)
                elif isinstance(event, yaml.MappingStartEvent):
                    self._begin(Node(start, end, flow=bool(event.flow_style), pairs=[]), event.anchor)
                elif isinstance(event, yaml.SequenceStartEvent):
                    self._begin(Node(start, end, flow=bool(event.flow_style), items=[]), event.anchor)
                elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
                    self._finish(end)
                elif isinstance(event, yaml.AliasEvent):
                    self._refer(event.anchor or "", start, end)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            began = error.context_mark or mark
            problem = ", ".join(part for part in (error.context, error.problem) if part)
            raise YamlError(problem or "not YAML", mark.index if mark else 0, began.index if began else None) from None
        except yaml.reader.ReaderError as error:
            code = error.character if isinstance(error.character, int) else ord(str(error.character)[:1] or "\0")
            raise YamlError(f"{error.reason} (character U+{code:04X})", error.position) from None
        return self._root

    def _refuse_slash(self, start: int, end: int) -> None:
        r"""Refuse the escape ``\/``, which libyaml knows and goyaml does not."""
        for escape in _ESCAPE.finditer(self._text, start, end):
            if escape[0] == "\\/":
                raise YamlError("found unknown escape character", escape.start())

    def _begin(self, node: Node, anchor: str | None) -> None:
        self._add(node, anchor)
        self._open.append((node, []))
        if len(self._open) > MAX_DEPTH:
            raise YamlError(f"nested deeper than {MAX_DEPTH} levels", node.start)

    def _finish(self, end: int) -> None:
        node, content = self._open.pop()
        node.end = end
        if node.pairs is None:
            node.items = content
        else:
            node.pairs = list(zip(content[::2], content[1::2], strict=True))

    def _add(self, node: Node, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = node
        self._place(node)

    def _refer(self, anchor: str, start: int, end: int) -> None:
        target = self._anchors.get(anchor)
        if target is None:
            raise YamlError(f"unknown anchor {anchor!r} referenced", start)
        if any(node is target for node, _ in self._open):
            raise YamlError(f"anchor {anchor!r} value contains itself", start)
        self._place(Node(start, end, alias_of=target))

    def _place(self, node: Node) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            raise YamlError(f"more than {MAX_NODES:,} keys and values in one document: split it", node.start)
        if self._open:
            self._open[-1][1].append(node)
        else:
            self._root = node


class _Construction:
    """Turns nodes into values and counts as goyaml counts, so that the same documents are refused for their aliases."""

    def __init__(self) -> None:
        self._count = 1  # the document itself
        self._from_aliases = 0
        self._deepest = 0
        self._known: dict[int, tuple[Any, int, int]] = {}  # id(anchored node) -> value, number of nodes, height

    def value_of(self, node: Node, depth: int = 1) -> Any:
        self._count += 1
        if depth > self._deepest:
            self._deepest = depth
            if depth > MAX_DEPTH:
                raise YamlError(f"nested deeper than {MAX_DEPTH} levels", node.start)
        if node.alias_of is not None:
            return self._value_of_alias(node, node.alias_of, depth)
        if node.pairs is not None:
            result: dict[str, Any] = {}
            self._fill(node, result, depth)
            return result
        if node.items is not None:
            return [self.value_of(item, depth + 1) for item in node.items]
        try:
            return _scalar_value(node)
        except ScalarError as error:
            raise YamlError(str(error), node.start) from None

    def _value_of_alias(self, node: Node, target: Node, depth: int) -> Any:
        known = self._known.get(id(target))
        if known is None:
            before, aliased, deepest = self._count, self._from_aliases, self._deepest
            self._deepest = depth
            value = self.value_of(target, depth)
            size, height = self._count - before, self._deepest - depth
            self._from_aliases = aliased + size  # a node below an alias counts once, also one of an inner alias
            self._deepest = max(deepest, self._deepest)
            self._known[id(target)] = value, size, height
        else:  # the value is shared, not copied: objects are never changed
            value, size, height = known
            self._count += size
            self._from_aliases += size
            self._deepest = max(self._deepest, depth + height)
            if self._deepest > MAX_DEPTH:
                raise YamlError(f"nested deeper than {MAX_DEPTH} levels", node.start)
        self._refuse_bomb(node)
        return value

    def _refuse_bomb(self, node: Node) -> None:
        if self._from_aliases <= 100 or self._count <= 1000:
            return
        span = _ALIAS_RATIO_HIGH - _ALIAS_RATIO_LOW
        excess = min(max(self._count - _ALIAS_RATIO_LOW, 0), span)
        if self._from_aliases / self._count > 0.99 - 0.89 * excess / span:
            raise YamlError("document contains excessive aliasing", node.start)

    def _fill(self, node: Node, result: dict[str, Any], depth: int) -> None:
        written: dict[str, Node] = {}
        for key_node, value_node in node.pairs or ():
            if is_merge(key_node):
                self._merge(value_node, result, depth)
                continue
            self._count += 1
            key = key_of(key_node)
            if key in written:
                raise DuplicateKeyError(key, written[key].start, key_node.start)
            written[key] = key_node
            result[key] = self.value_of(value_node, depth + 1)

    def _merge(self, node: Node, result: dict[str, Any], depth: int) -> None:
        """Merge as goyaml does: in the order of the text, so that a merge after a key replaces the key's value."""
        for source in merge_sources(node):
            result.update(self.value_of(source, depth))


def merge_sources(node: Node) -> list[Node]:
    """Return the mappings that a merge key with the value `node` merges, in the order in which later ones win."""
    target = node.alias_of or node
    if target.pairs is not None:
        return [node]
    if target.items is not None and node.alias_of is None:
        sources = list(reversed(target.items))
        if all((source.alias_of or source).pairs is not None for source in sources):
            return sources
    raise YamlError("map merge requires map or sequence of maps as the value", node.start)


def is_merge(node: Node) -> bool:
    """Tell whether `node` is the merge key ``<<``."""
    return node.text == "<<" and (node.plain or node.tag == MERGE_TAG)


def key_of(node: Node) -> str:
    """Return the key that `node` is. Raises `YamlError` for what Kubernetes does not take as a key."""
    target = node.alias_of or node
    if target.text is None:
        raise YamlError("a map key must be a string, not a collection", node.start)
    try:
        if target.tag is None and target.plain:
            return resolve_key(target.text)
        value = _scalar_value(target)
        return value if isinstance(value, str) else resolve_key(target.text)
    except ScalarError as error:
        raise YamlError(str(error), node.start) from None


def _scalar_value(node: Node) -> Scalar:
    text = node.text or ""
    if node.tag is not None:
        return resolve_tagged(node.tag, text)
    return resolve_plain(text) if node.plain else text


def construct(root: Node) -> Any:
    """Return the plain value of `root`, as the API server reads it. Raises `YamlError` or `DuplicateKeyError`."""
    return _Construction().value_of(root)


def child_of(node: Node, step: str | int) -> tuple[Node | None, Node] | None:
    """Return the key node (None in a list) and the value node of `step` below `node`, or None where it does not exist.

    Aliases and merge keys are followed: the nodes are where the value really stands.
    """
    node = node.alias_of or node
    if isinstance(step, int):
        if node.items is None or step >= len(node.items):
            return None
        return None, node.items[step]
    found: tuple[Node | None, Node] | None = None
    for key_node, value_node in node.pairs or ():
        if is_merge(key_node):
            for source in merge_sources(value_node):
                found = child_of(source, step) or found
        elif key_of(key_node) == step:
            found = key_node, value_node
    return found
