"""Which setting of a kustomization made a value: a transformer's (images, replicas, labels, replacements) or a generator's entry.

Pure questions about one kustomization file; `kustomize_places` asks them from the innermost to the outermost.
"""

import re
from collections.abc import Iterator
from typing import Any

from seawall.model.field_path import FieldPath, value_at
from seawall.model.resource import Resource
from seawall.sources.kustomizations import Kustomization

_GENERATORS = {"ConfigMap": "configMapGenerator", "Secret": "secretGenerator"}
_STEP = re.compile(r"\[[^\]]*\]|(?:[^.\\]|\\.)+")


def transformer_path(own: Kustomization, built: Resource, field: FieldPath, value: Any) -> FieldPath | None:
    """Return the path in the kustomization of the setting that made `value`."""
    config = own.value
    if field == ("metadata", "namespace") and config.get("namespace") == value:
        return ("namespace",)
    if field == ("spec", "replicas"):
        for index, item in enumerate(_list(config, "replicas")):
            if isinstance(item, dict) and item.get("count") == value and str(item.get("name")) in built.ref.name:
                return ("replicas", index, "count")
    if field[-1:] == ("image",) and isinstance(value, str):
        for index, item in enumerate(_list(config, "images")):
            if isinstance(item, dict) and value.startswith(str(item.get("newName") or item.get("name"))):
                for key in ("digest", "newTag", "newName"):
                    if str(item.get(key) or "\0") in value:
                        return ("images", index, key)
    if len(field) > 1 and field[-2] in ("labels", "matchLabels", "annotations", "selector"):
        name = field[-1]
        for key in ("commonLabels", "commonAnnotations"):
            if isinstance(config.get(key), dict) and config[key].get(name) == value:
                return (key, name)
        for index, item in enumerate(_list(config, "labels")):
            if isinstance(item, dict) and isinstance(item.get("pairs"), dict) and item["pairs"].get(name) == value:
                return ("labels", index, "pairs", name)
    return _replacement_path(own, built, field)


def _list(config: Any, key: str) -> list[Any]:
    listed = config.get(key)
    return listed if isinstance(listed, list) else []


def _maps(config: Any, key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    yield from ((index, item) for index, item in enumerate(_list(config, key)) if isinstance(item, dict))


def _replacement_path(own: Kustomization, built: Resource, field: FieldPath) -> FieldPath | None:
    """Return the path of the replacement's target that writes `field`, where it is written in the kustomization itself."""
    for index, item in _maps(own.value, "replacements"):
        for number, target in _maps(item, "targets"):
            select = target.get("select")
            kind = select.get("kind") if isinstance(select, dict) else None
            if kind not in (None, built.ref.kind):
                continue
            for position, text in enumerate(_list(target, "fieldPaths")):
                if isinstance(text, str) and _is_path(text, field, built.object):
                    return ("replacements", index, "targets", number, "fieldPaths", position)
    return None


def _is_path(text: str, field: FieldPath, root: Any) -> bool:
    """Tell whether kustomize's ``spec.containers.[name=app].image`` is the path `field` of `root`."""
    steps = _STEP.findall(text)
    if len(steps) != len(field):
        return False
    for depth, (step, own) in enumerate(zip(steps, field, strict=True), 1):
        if isinstance(own, str):
            if step.replace("\\.", ".") != own:
                return False
        elif step.startswith("["):
            key, _, value = step[1:-1].partition("=")
            if str(value_at(root, (*field[:depth], key))) != value:
                return False
        elif step not in ("*", str(own)):
            return False
    return True


def find_generator(own: Kustomization, built: Resource, prefix: str, suffix: str) -> tuple[str, int] | None:
    """Return the path of the generator in `own` whose name became that of `built`, with or without a hash behind it."""
    key = _GENERATORS.get(built.ref.kind, "")
    for index, item in _maps(own.value, key):
        stem = f"{prefix}{item.get('name')}{suffix}"
        if item.get("name") and re.fullmatch(re.escape(stem) + r"(?:-[a-z0-9]{10})?", built.ref.name):
            return key, index
    return None


def entry_paths(own: Kustomization, generator: tuple[str, int], field: FieldPath) -> Iterator[FieldPath]:
    """Yield the path of the literal that gave the data key of `field`."""
    for index, text in enumerate(_list(own.value[generator[0]][generator[1]], "literals")):
        if isinstance(text, str) and _is_data(field) and text.partition("=")[0].strip() == field[1]:
            yield (*generator, "literals", index)


def entry_files(own: Kustomization, generator: tuple[str, int], field: FieldPath) -> Iterator[tuple[str, str]]:
    """Yield the file (as written) that gave the data key of `field`, and the key to look for in it: empty for a whole file."""
    item = own.value[generator[0]][generator[1]]
    if not _is_data(field):
        return
    for text in _list(item, "files"):
        key, equals, path = str(text).partition("=")
        if (key if equals else key.rpartition("/")[2]) == field[1]:
            yield path if equals else key, ""
    env = item.get("env")
    # Which of several files holds the key is not asked: with one file it can be told, with more the generator is named.
    envs = [*_list(item, "envs"), *([env] if isinstance(env, str) else [])]
    if len(envs) == 1:
        yield str(envs[0]), str(field[1])


def find_line(data: bytes, key: str) -> tuple[int, str]:
    """Return number and text of the line of `data` that sets `key`; the first line where none does."""
    lines = data.decode("utf-8", "replace").split("\n")
    for number, line in enumerate(lines, 1):
        if line.partition("=")[0].strip() == key:
            return number, line.rstrip("\r")
    return 1, lines[0].rstrip("\r")


def _is_data(field: FieldPath) -> bool:
    return len(field) > 1 and field[0] in ("data", "binaryData")
