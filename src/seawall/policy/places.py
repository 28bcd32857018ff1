"""Where a failure points to: the field in the resource, its text, and its place in the file.

Failures come resource by resource and item by item, and many point next to one another: a container without a security
context fails ten rules at ten fields that are all absent. So what they have in common, the item that a rule walks or the
field that a fact's value starts from, is an *anchor*, worked out once; and absent fields share the place of the nearest
parent that exists.
"""

from typing import Any

import msgspec

from seawall.model.digests import blake2b
from seawall.model.fact import Fact
from seawall.model.field_path import FieldPath, format_field_path
from seawall.model.resource import Place, Resource
from seawall.policy.compiled import At, CompiledValidation, Each

# By what an element of a list is known: the merge keys of the built-in types (``patchMergeKey`` in k8s.io/api). `key` and `type`
# are among them, but tolerations and conditions share theirs.
_ITEM_KEYS = ("name", "mountPath", "devicePath", "containerPort", "port", "ip", "topologyKey", "uid", "host")


class Anchor:
    """A field of a resource from which others are reached: its path, the texts of it, and its value (None: absent).

    `places` are those of fields below it that were found, by the text that leads there.
    """

    __slots__ = ("path", "places", "stable", "text", "value")

    def __init__(self, root: Any, path: FieldPath, text: str) -> None:
        stable = ""
        value = root
        for step in path:
            if step.__class__ is str:
                value = value.get(step) if value.__class__ is dict else None
                stable += f"/{step}"
            else:
                value = value[step] if type(value) is list and step < len(value) else None  # type: ignore[operator, index]
                stable += f"/{_name_item(value, step)}"  # type: ignore[arg-type]
        self.path = path
        self.text = text
        self.stable = stable
        self.value = value
        self.places: dict[str, Place] = {}


class Pointed(msgspec.Struct, frozen=True, eq=False):
    """What a failure points to: the steps of `at` from `start` on, below `anchor`, and where that stands."""

    anchor: Anchor
    at: At
    start: int
    place: Place

    @property
    def path(self) -> FieldPath:
        """The path of the field in the resource."""
        return self.anchor.path + self.at.path[self.start :]

    @property
    def field(self) -> str:
        """The text of `path`."""
        text, suffix = self.anchor.text, self.at.texts[self.start]
        return text + suffix if text else suffix.removeprefix(".")

    @property
    def stable(self) -> str:
        """What a fingerprint knows the field by."""
        return self.anchor.stable + self.at.stable[self.start]


_NO_INDICES: tuple[int, ...] = (-1,)


class Places:
    """Answers for one fact at a time; asking for the next one forgets the last.

    What they point to is remembered as long as the resource stays the same: several facts are about one.
    """

    def __init__(self) -> None:
        self._fact: Fact | None = None
        self._resource: Resource | None = None
        self._by_path: dict[FieldPath, Anchor] = {}  # in the resource
        self._anchors: dict[Any, Anchor] = {}
        self._texts: dict[FieldPath, str] = {}
        # The item that was asked for last, for its failures come one after the other.
        self._each: Each | None = None
        self._indices = _NO_INDICES
        self._item = Anchor({}, (), "")

    def find(self, fact: Fact, validation: CompiledValidation, indices: tuple[int, ...]) -> Pointed:
        """Return what `validation` points to in the resource of `fact`, for the item at `indices`.

        Of several fields that it names it is the first that exists, or the first.
        """
        if fact is not self._fact:
            self._fact = fact
            self._anchors = {}
            self._indices = _NO_INDICES
            if fact.resource is not self._resource:
                self._resource = fact.resource
                self._by_path = {}
        each, places = validation.each, validation.at
        at = places[0]
        if indices == self._indices and each is self._each and at.is_plain_item:
            anchor, start = self._item, 0
        else:
            anchor, start = self._anchor(fact, each, at, indices)
        missing: int | None = None
        value = anchor.value
        for step in at.path[start:] if start else at.path:
            value = value.get(step) if value.__class__ is dict else None
            if value is None:
                missing = _steps(anchor.value, at.path, start)
                break
        if value is None and len(places) > 1:
            for other in places[1:]:
                other_anchor, other_start = self._anchor(fact, each, other, indices)
                if _steps(other_anchor.value, other.path, other_start) is None:
                    anchor, at, start, missing = other_anchor, other, other_start, None
                    break
        suffix = at.texts[start]
        # What is absent is placed where its nearest parent is, and so are its absent brothers.
        parent = suffix if missing is None else suffix[: len(suffix) - len(at.texts[missing])] + "?"
        place = anchor.places.get(parent)
        if place is None:
            place = anchor.places[parent] = fact.resource.locate(anchor.path + at.path[start:])
        return Pointed(anchor, at, start, place)

    def _anchor(self, fact: Fact, each: Each | None, at: At, indices: tuple[int, ...]) -> tuple[Anchor, int]:
        """Return the anchor of `at`, and how many steps of its path lead to it already."""
        if at.has_index:  # an item by its position goes by its name in a fingerprint, like those that are walked
            base = self._base(each, at, indices) + at.path
            return self._make(fact, (at, indices), base), len(at.path)
        if at.root == "item" and each is not None:
            if each is self._each and indices == self._indices:
                return self._item, 0
            anchor = self._make(fact, (each, indices), self._base(each, at, indices))
            self._each, self._indices, self._item = each, indices, anchor
            return anchor, 0
        if at.root == "object" or each is None:
            if at.path and fact.roots:  # the first field says where in the resource the rest stands
                return self._make(fact, at.path[0], at.path[:1]), 1
            return self._make(fact, "", ()), 0
        return self._make(fact, (each.outer, indices[:1]), self._base(each, at, indices)), 0

    @staticmethod
    def _base(each: Each | None, at: At, indices: tuple[int, ...]) -> FieldPath:
        """Return the path, in the fact's value, of the thing that `at` starts from."""
        if at.root == "object" or each is None:
            return ()
        if at.root == "item" and each.inner is not None:
            return (*each.outer, indices[0], *each.inner, indices[1]) if indices else each.outer
        return (*each.outer, *indices[:1])

    def _make(self, fact: Fact, key: Any, base: FieldPath) -> Anchor:
        anchor = self._anchors.get(key)
        if anchor is None:
            path = _in_resource(fact, base)
            anchor = self._by_path.get(path)
            if anchor is None:
                text = self._texts.get(path)
                if text is None:
                    text = self._texts[path] = format_field_path(path)
                anchor = self._by_path[path] = Anchor(fact.resource.object, path, text)
            self._anchors[key] = anchor
        return anchor


def _steps(value: Any, path: FieldPath, start: int) -> int | None:
    """Return how many steps of `path`, from `start` on, lead from `value` to something that exists; None if all do."""
    for at in range(start, len(path)):
        if value.__class__ is not dict:
            return at
        value = value.get(path[at])
        if value is None:
            return at
    return None if value is not None else len(path)


def _in_resource(fact: Fact, path: FieldPath) -> FieldPath:
    """Translate a path in the fact's value to the path in the resource, by the fact's roots."""
    roots = fact.roots
    if not roots:
        return path
    root = roots.get(path[0] if path else "")  # type: ignore[arg-type]  # a path starts with a field's name
    if root is None:
        return path
    if isinstance(root, tuple):
        return root + path[1:]
    index = path[1] if len(path) > 1 else None
    if isinstance(index, int) and index < len(root):
        return root[index] + path[2:]
    return root[0][:-1] if root else ()


def _name_item(item: Any, index: int) -> str:
    """Return what tells a list's element from its neighbours wherever it stands: a key, or else its content.

    An element that is known by its content alone (a rule of a role, an argument) is another one when it is edited.
    """
    if type(item) is dict:
        for key in _ITEM_KEYS:
            name = item.get(key)
            if type(name) is str or type(name) is int:
                return f"[{key}={name}]"
    if item is None:
        return f"[{index}]"
    try:
        content = msgspec.json.encode(item, order="sorted")
    except UnicodeEncodeError:  # a lone surrogate out of a JSON file
        content = repr(item).encode()
    return f"[{blake2b(content, digest_size=8).hexdigest()}]"
