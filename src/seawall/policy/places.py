"""Where a failure points to: the field in the resource, its text, and its place in the file.

Failures come resource by resource and item by item, and many point next to one another: a container without a security
context fails ten rules at ten fields that are all absent. So what they have in common, the item that a rule walks or the
field that a fact's value starts from, is an *anchor*, worked out once; and absent fields share the place of the nearest
parent that exists.
"""

from hashlib import blake2b
from typing import Any

import msgspec

from seawall.model.fact import Fact
from seawall.model.field_path import FieldPath, format_field_path
from seawall.model.resource import Place, Resource
from seawall.policy.compile import At, CompiledValidation, Each

# By what an element of a list is known: the merge keys of the built-in types (``patchMergeKey`` in k8s.io/api). `key` and `type`
# are among them, but tolerations and conditions share theirs.
_ITEM_KEYS = ("name", "mountPath", "devicePath", "containerPort", "port", "ip", "topologyKey", "uid", "host")


class Anchor:
    """A field of a resource from which others are reached: its path, the texts of it, and its value (None: absent)."""

    __slots__ = ("path", "stable", "text", "value")

    def __init__(self, root: Any, path: FieldPath) -> None:
        stable: list[str] = []
        value = root
        for step in path:
            if isinstance(step, str):
                value = value.get(step) if type(value) is dict else None
                stable.append(f"/{step}")
            else:
                value = value[step] if type(value) is list and step < len(value) else None
                stable.append(f"/{_name_item(value, step)}")
        self.path = path
        self.text = format_field_path(path)
        self.stable = "".join(stable)
        self.value = value


class Pointed(msgspec.Struct, frozen=True, eq=False):
    """What a failure points to: the field's path and text, the text with list items by name (for fingerprints), its place."""

    path: FieldPath
    field: str
    stable: str
    place: Place


class Places:
    """Answers for one fact at a time; asking for the next resource forgets the last."""

    def __init__(self) -> None:
        self._fact: Fact | None = None
        self._resource: Resource | None = None
        self._anchors: dict[Any, Anchor] = {}
        self._pointed: dict[tuple[Anchor, str], Pointed] = {}
        self._absent: dict[FieldPath, Place] = {}

    def find(self, fact: Fact, validation: CompiledValidation, indices: tuple[int, ...]) -> Pointed:
        """Return what `validation` points to in the resource of `fact`, for the item at `indices`.

        Of several fields that it names it is the first that exists, or the first.
        """
        if fact is not self._fact:
            self._fact = fact
            self._anchors, self._pointed = {}, {}
            if fact.resource is not self._resource:
                self._resource, self._absent = fact.resource, {}
        places = validation.at
        anchor, start = self._anchor(fact, validation.each, places[0], indices)
        at = places[0]
        if len(places) > 1 and _steps(anchor.value, at.path, start) is not None:
            for other in places[1:]:
                other_anchor, other_start = self._anchor(fact, validation.each, other, indices)
                if _steps(other_anchor.value, other.path, other_start) is None:
                    anchor, at, start = other_anchor, other, other_start
                    break
        key = (anchor, at.texts[start])
        return self._pointed.get(key) or self._point(key, fact.resource, at, start)

    def _anchor(self, fact: Fact, each: Each | None, at: At, indices: tuple[int, ...]) -> tuple[Anchor, int]:
        """Return the anchor of `at`, and how many steps of its path lead to it already."""
        key: Any
        base: FieldPath
        start = 0
        if at.root == "object" or each is None:
            key, base = "", ()
            if at.path and fact.roots:  # the first field says where in the resource the rest stands
                start, key, base = 1, at.path[0], at.path[:1]
        elif at.root == "item" and each.inner is not None:
            key = indices
            base = (*each.outer, indices[0], *each.inner, indices[1]) if indices else each.outer
        else:
            key, base = indices[:1], (*each.outer, *indices[:1])
        key = (key, each) if key.__class__ is tuple else key
        for step in at.path:
            if (
                step.__class__ is int
            ):  # an item by its position goes by its name in a fingerprint, like those that are walked
                start, base = len(at.path), base + at.path[start:]
                key = (key, at.path)
                break
        anchor = self._anchors.get(key)
        if anchor is None:
            anchor = self._anchors[key] = Anchor(fact.resource.object, _in_resource(fact, base))
        return anchor, start

    def _point(self, key: tuple[Anchor, str], resource: Resource, at: At, start: int) -> Pointed:
        anchor, suffix = key
        path = anchor.path + at.path[start:]
        absent = _steps(anchor.value, at.path, start)
        place: Place | None
        if absent is None:
            place = resource.locate(path)
        else:
            parent = anchor.path + at.path[start:absent]
            place = self._absent.get(parent)
            if place is None:
                place = self._absent[parent] = resource.locate(path)
        field = anchor.text + suffix if anchor.text else suffix.removeprefix(".")
        pointed = Pointed(path, field, (anchor.stable + at.stable[start])[1:], place)
        self._pointed[key] = pointed
        return pointed


def _steps(value: Any, path: FieldPath, start: int) -> int | None:
    """Return how many steps of `path`, from `start` on, lead from `value` to something that exists; None if all do."""
    for at in range(start, len(path)):
        if type(value) is not dict:
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
